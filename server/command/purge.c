/*
 * cixd purge: deletes what is over now, or only tells how much it is; never about whom.
 */
#include <stdio.h>

#include "base/clock.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "store/purge.h"

enum { SUBJECTS = 1000, REASON_MAX = 5, TOTALS_MAX = PURGE_COUNTS_MAX };

static bool is_dry;

const struct config_flag purge_flags[] = {{"dry-run", NULL, &is_dry}, {NULL, NULL, NULL}};

struct totals {
    struct purge_count counts[TOTALS_MAX];
    int count;
};

static void add(struct totals *totals, const struct purge_count *count)
{
    for (int i = 0; i < totals->count; i++) {
        struct purge_count *total = &totals->counts[i];
        if (total->kind == count->kind && total->reason == count->reason) {
            total->items += count->items;
            return;
        }
    }
    CHECK(totals->count < TOTALS_MAX);
    totals->counts[totals->count++] = *count;
}

static const char *kind_name(int kind)
{
    static const char *const names[] = {"",
                                        "",
                                        "",
                                        "accounts",
                                        "accounts with months",
                                        "listings",
                                        "account events",
                                        "parties of accounts",
                                        "public records",
                                        "fraud cases",
                                        "",
                                        "",
                                        "",
                                        "collections"};

    switch (kind) {
    case PURGE_KIND_RATING:
        return "ratings";
    case PURGE_KIND_NAME:
        return "names and identifiers";
    case PURGE_KIND_DOUBT:
        return "names in doubt";
    default:
        break;
    }
    return kind > 0 && (size_t)kind < ARRAY_LENGTH(names) ? names[kind] : "?";
}

static void print_totals(const struct totals *totals)
{
    static const char *const reasons[] = {"",
                                          "adverse, ended over five years ago",
                                          "closed over five years ago",
                                          "taken back over five years ago",
                                          "kept for over five years",
                                          "of persons of whom something is purged"};

    for (int i = 0; i < totals->count; i++) {
        const struct purge_count *count = &totals->counts[i];
        printf("%s: %lld, %s\n", kind_name(count->kind), (long long)count->items,
               count->reason > 0 && count->reason <= REASON_MAX ? reasons[count->reason] : "?");
    }
    if (totals->count == 0)
        printf("nothing is over\n");
    else
        printf(is_dry ? "nothing was deleted: a dry run\n"
                      : "deleted; tombstones say so, of names none\n");
}

static bool pass(struct ctx *ctx, struct db *db, struct totals *totals)
{
    struct purge_slice slice = {0};
    int64_t after_id = 0;

    while (!slice.is_last) {
        if (!purge_step(ctx, db, after_id, SUBJECTS, is_dry, clock_now_us(), &slice))
            return false;
        for (int i = 0; i < slice.count; i++)
            add(totals, &slice.counts[i]);
        after_id = slice.next_id;
    }
    return true;
}

int command_purge(struct ctx *ctx, const struct command_call *call)
{
    struct totals totals = {.count = 0};
    struct cluster *cluster = NULL;
    struct db *db = NULL;

    if (call->word_count)
        return command_usage(call, "purge [--dry-run]");
    bool is_done = command_open(ctx, call->config, &cluster, &db) && pass(ctx, db, &totals);
    if (is_done || totals.count > 0)
        print_totals(&totals);
    command_close(cluster, db);
    return is_done ? 0 : 1;
}
