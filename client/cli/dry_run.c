#include "cli/dry_run.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/judge.h"
#include "cli/rejects.h"

/* F006: the share of refused records that holds a file, unless the exchange is set otherwise. */
enum { REJECT_BPS = 500, BPS = 10000 };

/* The rule that keeps back a file of mode FILE as a whole, or NULL. */
static const struct rule *holding_rule(const struct dry_run *run, const struct judge *judge)
{
    int64_t records = judge->accepted + judge->rejected + judge->quarantined;

    if (!run->is_whole)
        return NULL;
    if (judge->file_rule)
        return judge->file_rule;
    return judge->rejected * BPS > records * REJECT_BPS ? rule_find("F006") : NULL;
}

static void print_totals(const struct dry_run *run, const struct records_input *input,
                         const struct judge *judge, const struct rejects *rejects)
{
    const struct rule *rule = holding_rule(run, judge);

    if (run->count > 1)
        printf("file        %s\n", input->path);
    printf("accepted    %lld\nrejected    %lld\nquarantined %lld\nwith remark %lld\n",
           (long long)judge->accepted, (long long)(judge->rejected + rejects->unreadable),
           (long long)judge->quarantined, (long long)judge->warned);
    if (rejects->count)
        printf("%lld record%s, each with its reason, in %s\n", (long long)rejects->count,
               rejects->count == 1 ? "" : "s", rejects->path);
    if (rule)
        cli_complain(CLI_REFUSED, "%s: the file is not taken: %s (%s)", input->path, rule->sentence,
                     rule->id);
}

/* The counts are of one file; what is remembered is of all. */
static void begin_file(struct judge *judge)
{
    judge->accepted = judge->rejected = judge->quarantined = judge->warned = 0;
    judge->file_rule = NULL;
}

static bool judge_file(struct ctx *ctx, const struct dry_run *run,
                       const struct records_input *input, struct judge *judge, enum cli_exit *code)
{
    const struct rejects_source source = {.input = *input,
                                          .judge = judge,
                                          .chunk_max = run->chunk_max,
                                          .has_warnings = run->has_warnings};
    struct cix_error error;
    struct rejects rejects;

    begin_file(judge);
    if (!rejects_write(ctx, NULL, &source, &rejects, &error))
        return false;
    print_totals(run, input, judge, &rejects);
    if (holding_rule(run, judge))
        *code = CLI_REFUSED;
    else if (*code == CLI_OK && judge->rejected + judge->quarantined + rejects.unreadable)
        *code = CLI_REJECTED;
    return true;
}

bool dry_run(struct ctx *ctx, const struct dry_run *run, enum cli_exit *code)
{
    struct judge judge;
    bool is_read = true;

    *code = CLI_OK;
    judge_init(&judge, clock_day_of(clock_now_us()), run->history_months);
    for (int i = 0; i < run->count && is_read && *code != CLI_REFUSED; i++)
        is_read = judge_file(ctx, run, &run->inputs[i], &judge, code);
    if (is_read)
        puts("dry run: nothing was sent; what the exchange knows was not asked");
    if (judge_is_full(&judge))
        fputs("cix: the files have more accounts and keys than are remembered; later ones were "
              "judged without them\n",
              stderr);
    judge_done(&judge);
    return is_read;
}
