/*
 * cixd subject: identities in doubt, by ids and distances; never a name.
 */
#include <stdio.h>

#include "command/commands.h"
#include "db/cluster.h"
#include "domain/code.h"
#include "store/subject.h"

enum { PAGE = 500, OPEN = 1 };

static bool is_all;

const struct config_flag subject_conflicts_flags[] = {{"all", NULL, &is_all}, {NULL, NULL, NULL}};

static void print_conflict(const struct doubt *conflict)
{
    static const char *const states[] = {"", "open", "one subject", "two subjects", "dismissed"};
    const struct code *type = code_find(&code_identifier_types, conflict->identifier_type);
    char submission[37];

    uuid_format(&conflict->submission_id, submission);
    printf("%s subject %lld", conflict->kind == 2 ? "S017" : "S016",
           (long long)conflict->subject_id);
    if (conflict->other_subject_id)
        printf(" and %lld", (long long)conflict->other_subject_id);
    else
        printf(" distance %d of 1000", conflict->distance);
    printf(" %s from %s, submission %s chunk %d line %d: %s\n", type ? type->name : "-",
           conflict->member_code, submission, conflict->chunk, conflict->line,
           conflict->state >= 1 && conflict->state <= 4 ? states[conflict->state] : "?");
}

static bool print_all(struct ctx *ctx, struct db *db)
{
    const struct doubt *last = NULL;
    struct doubt *list;
    int count;

    do {
        if (!doubt_list(ctx, db, is_all ? 0 : OPEN, last, PAGE, &list, &count))
            return false;
        for (int i = 0; i < count; i++)
            print_conflict(&list[i]);
        last = count > 0 ? &list[count - 1] : NULL;
    } while (count == PAGE);
    return true;
}

int command_subject_conflicts(struct ctx *ctx, const struct command_call *call)
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;

    if (call->word_count)
        return command_usage(call, "subject conflicts");
    bool is_done = command_open(ctx, call->config, &cluster, &db) && print_all(ctx, db);
    command_close(cluster, db);
    return is_done ? 0 : 1;
}
