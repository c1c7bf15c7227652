#include "cli/dry_run.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/judge.h"
#include "cli/rejects.h"

static bool refuses(const struct dry_run *run, const struct judge *judge)
{
    return run->is_whole && judge->is_file_refused;
}

static void print_totals(const struct dry_run *run, const struct records_input *input,
                         const struct judge *judge, const struct rejects *rejects)
{
    if (run->count > 1)
        printf("file        %s\n", input->path);
    printf("accepted    %lld\nrejected    %lld\nquarantined %lld\nwith remark %lld\n",
           (long long)judge->accepted, (long long)(judge->rejected + rejects->unreadable),
           (long long)judge->quarantined, (long long)judge->warned);
    if (rejects->count)
        printf("%lld record%s, each with its reason, in %s\n", (long long)rejects->count,
               rejects->count == 1 ? "" : "s", rejects->path);
    if (refuses(run, judge))
        cli_complain(CLI_REFUSED, "%s: a rule of severity FILE refuses the file", input->path);
}

/* The counts are of one file; what is remembered is of all. */
static void begin_file(struct judge *judge)
{
    judge->accepted = judge->rejected = judge->quarantined = judge->warned = 0;
    judge->is_file_refused = false;
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
    if (refuses(run, judge))
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
    judge_init(&judge, clock_day_of(clock_now_us()));
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
