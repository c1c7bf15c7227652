#include "cli/standard_rate.h"

#include <stdio.h>

#include "cli/csv.h"
#include "cli/portfolio.h"
#include "cli/standard_run.h"

static void print_score(const struct standard *standard, const struct rating *rating)
{
    printf(",%d,%s,%s,%d,,", rating->score, standard->grades[rating->grade].name,
           standard->grades[rating->scored_grade].name, rating->pd_ppm);
    for (int i = 0; i < rating->reason_count; i++)
        printf("%s%s", i ? ";" : "", standard->reasons[rating->reasons[i].reason].code);
    printf(",%s,", standard->cards[rating->card].name);
    for (int i = 0; i < rating->point_count; i++)
        printf("%s%s:%d", i ? ";" : "", standard->attributes[rating->points[i].attribute].name,
               rating->points[i].points);
    putchar('\n');
}

static void print_ratings(const struct standard *standard, struct portfolio *portfolio,
                          struct day as_of)
{
    puts("key,score,grade,scored_grade,pd_ppm,exclusion,reasons,card,points");
    for (int i = 0; i < portfolio_count(portfolio); i++) {
        struct portfolio_subject subject;
        struct rating rating;

        portfolio_subject(portfolio, i, as_of, &subject);
        rating_of(standard, &subject.input, &rating);
        csv_write_cell(stdout, subject.account_no);
        if (rating.is_rated)
            print_score(standard, &rating);
        else
            printf(",,,,,%s,,,\n", standard->reasons[rating.exclusion].code);
    }
}

static bool rate(struct standard_run *run)
{
    const struct cli_args *args = run->args;
    const char *given = cli_value(args, "as-of");
    struct portfolio *portfolio;
    struct day as_of;

    if (given && !day_parse(given, &as_of))
        return fail(&run->ctx, ERR_INVALID, "USAGE", "--as-of is a day, YYYY-MM-DD");
    if (!portfolio_open(&run->ctx, args->operands + 1, args->operand_count - 1, &portfolio))
        return false;
    print_ratings(run->standard, portfolio, given ? as_of : portfolio_day(portfolio));
    portfolio_close(portfolio);
    return true;
}

static enum cli_exit run_rate(const struct cli_args *args)
{
    struct standard_run run;

    return standard_end(&run, standard_begin(&run, args, false) && rate(&run));
}

static const struct cli_option rate_options[] = {
    {"as-of", "DAY", "day of the rating (default: the first after the latest month)"},
    {NULL, NULL, NULL},
};

const struct cli_command standard_rate_command = {
    "rate",
    "STANDARD RECORDS ...",
    "Rate the subjects of files of records, as CSV",
    "Records are JSON lines of one member a file; subjects are joined by identifier. A row a "
    "subject\n"
    "by its first account: score and grades, or the exclusion; the card, and the points of its\n"
    "characteristics, as `cix rating batch --points` tells them. Needs no exchange.",
    2,
    64,
    false,
    rate_options,
    NULL,
    run_rate};
