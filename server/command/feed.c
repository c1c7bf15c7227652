/*
 * cixd feed: numbers that feeds of courts lack, and that the operator accepts as missing for good.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "store/flag_feed.h"

enum { PAGE = 500 };

static const char *flag_reason = "";
static const char *flag_through = "";

const struct config_flag feed_accept_flags[] = {
    {"reason", &flag_reason, NULL},
    {"through", &flag_through, NULL},
    {NULL, NULL, NULL},
};

/* Numbers as in cix.flag_feed_act. No free text: it might say who. */
static const char *const reasons[] = {"", "unused", "elsewhere", "given-up", "other"};

static void print_feed(const struct flag_feed_gaps *feed)
{
    char day[11];

    day_format(clock_day_of(feed->since_us), day);
    printf("%s %s: %lld missing below %lld, since %s:", feed->code, feed->source,
           (long long)feed->missing, (long long)feed->highest, day);
    for (int i = 0; i < feed->shown; i++)
        if (feed->first_seqs[i] == feed->last_seqs[i])
            printf(" %lld", (long long)feed->first_seqs[i]);
        else
            printf(" %lld-%lld", (long long)feed->first_seqs[i], (long long)feed->last_seqs[i]);
    printf("%s\n", feed->ranges > feed->shown ? " ..." : "");
}

static bool print_all(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    const struct flag_feed_gaps *last = NULL;
    struct flag_feed_gaps *list;
    int count;

    do {
        if (!flag_feed_list(ctx, db, call->word_count ? call->words[0] : "", last, PAGE, &list,
                            &count))
            return false;
        for (int i = 0; i < count; i++)
            print_feed(&list[i]);
        last = count ? &list[count - 1] : NULL;
    } while (count == PAGE);
    return true;
}

static bool read_line(struct ctx *ctx, int16_t *reason, int64_t *through)
{
    *through = 0;
    if (*flag_through && (!text_to_int64(flag_through, through) || *through <= 0))
        return fail(ctx, ERR_INVALID, "NUMBER", "--through: expected a number of the feed");
    for (size_t i = 1; i < ARRAY_LENGTH(reasons); i++)
        if (!strcmp(flag_reason, reasons[i])) {
            *reason = (int16_t)i;
            return true;
        }
    return fail(ctx, ERR_INVALID, "REASON",
                "--reason: expected unused, elsewhere, given-up or other");
}

static bool accept_gap(struct ctx *ctx, const struct command_call *call, struct db *db)
{
    int64_t through, accepted;
    int16_t reason = 0;

    if (!read_line(ctx, &reason, &through) ||
        !flag_feed_accept(ctx, db, call->words[0], call->words[1], through, reason, clock_now_us(),
                          &accepted))
        return false;
    printf("accepted that %lld numbers of %s %s will not come\n", (long long)accepted,
           call->words[0], call->words[1]);
    return true;
}

int command_feed_list(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count > 1)
        return command_usage(call, "feed list [CODE]");
    return command_run(ctx, call, print_all);
}

int command_feed_accept(struct ctx *ctx, const struct command_call *call)
{
    if (call->word_count != 2)
        return command_usage(call, "feed accept CODE FEED --reason WORD [--through NUMBER]");
    return command_run(ctx, call, accept_gap);
}
