/* cix standard: reading rating standards, and the attributes that they define, offline; the rest is
 * standard_fit.c and standard_online.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/csv.h"
#include "cli/portfolio.h"
#include "cli/fit_table.h"
#include "cli/standard_fit.h"
#include "cli/standard_online.h"
#include "cli/standard_rate.h"
#include "cli/standard_run.h"
#include "cli/table.h"

/* ---- check, show ---- */

static bool check(struct standard_run *run)
{
    const struct standard *standard = run->standard;

    printf("%s %d: %d attributes, %d cards, %d grades, %d points\n", standard->id,
           standard->version, standard->attribute_count, standard->card_count,
           standard->grade_count, standard->point_count);
    for (int i = 0; standard_silent_fact(standard, i); i++)
        printf("remark: %s neither excludes nor caps\n", standard_silent_fact(standard, i));
    return true;
}

static enum cli_exit run_check(const struct cli_args *args)
{
    struct standard_run run;

    return standard_end(&run, standard_begin(&run, args, cli_has(args, "draft")) && check(&run));
}

static void show_attributes(struct standard_run *run)
{
    static const char *const headings[] = {"ATTRIBUTE", "DEFINITION", "REASON", "IN WORDS", "原因"};
    const struct standard *standard = run->standard;
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    for (int i = 0; i < standard->attribute_count; i++) {
        const struct standard_attribute *attribute = &standard->attributes[i];
        const struct standard_reason *reason = &standard->reasons[attribute->reason];
        struct builder words = {.arena = &run->arena};

        standard_write_definition(attribute, &words);
        table_add(table, (const char *[]){attribute->name, words.data, reason->code,
                                          reason->english, reason->chinese});
    }
    table_print(table);
}

/* "below 1000: 30, below 5000: 10, rest: -25, missing: -5" */
static const char *rows_in_words(struct standard_run *run,
                                 const struct standard_characteristic *line)
{
    struct builder text = {.arena = &run->arena};

    for (int row = 0; row <= line->row_count; row++) {
        if (row)
            builder_text(&text, ", ");
        if (row < line->row_count - 1)
            builder_format(&text, "below %" PRId64 ":", line->edges[row]);
        else
            builder_text(&text, row < line->row_count ? "rest:" : "missing:");
        for (int column = 0; column < line->column_count; column++)
            builder_format(&text, " %d", standard_points(run->standard, line, row, column));
    }
    return text.data;
}

static void show_card(struct standard_run *run, const struct standard_card *card)
{
    static const char *const headings[] = {"CHARACTERISTIC", "POINTS"};
    const struct standard *standard = run->standard;
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    printf("\ncard %s, base %d", card->name, card->base + standard->shift);
    for (int i = 0; i < card->condition_count; i++)
        printf("%s %s %" PRId64 " to %" PRId64, i ? " and" : ", when",
               standard->attributes[card->conditions[i].attribute].name, card->conditions[i].low,
               card->conditions[i].high);
    puts("");
    for (int i = 0; i < card->characteristic_count; i++)
        table_add(table,
                  (const char *[]){standard->attributes[card->characteristics[i].attribute].name,
                                   rows_in_words(run, &card->characteristics[i])});
    table_print(table);
}

static bool show(struct standard_run *run)
{
    const struct standard *standard = run->standard;
    struct builder text = {.arena = &run->arena};

    if (cli_has(run->args, "canonical")) {
        standard_write(standard, &text);
        fputs(text.data, stdout);
        return true;
    }
    printf("%s %d: %s (%s)\nbad: %s (%s), within %d months\nfitted on: %s\n\n", standard->id,
           standard->version, standard->title[0], standard->title[1], standard->outcome[0],
           standard->outcome[1], standard->horizon_months, standard->fitted);
    show_attributes(run);
    for (int i = 0; i < standard->card_count; i++)
        show_card(run, &standard->cards[i]);
    return true;
}

static enum cli_exit run_show(const struct cli_args *args)
{
    struct standard_run run;

    return standard_end(&run, standard_begin(&run, args, cli_has(args, "draft")) && show(&run));
}

/* ---- attributes ---- */

/* Outcomes by account number, sorted; a file of two columns, account_no and outcome. */
struct outcome {
    char account_no[FIT_KEY_MAX + 1];
    int outcome;
};

struct outcomes {
    struct outcome *items;
    int count;
};

static int by_account(const void *a, const void *b)
{
    return strcmp(((const struct outcome *)a)->account_no, ((const struct outcome *)b)->account_no);
}

static bool read_outcome(struct standard_run *run, const struct csv_row *row,
                         struct outcomes *outcomes)
{
    if (row->count != 2 || row->cells[0].size > FIT_KEY_MAX ||
        (strcmp(row->cells[1].text, "0") != 0 && strcmp(row->cells[1].text, "1") != 0))
        return fail(&run->ctx, ERR_INVALID, "FIT_VALUE",
                    "line %lld of the outcomes: an account number, and 0 or 1 were expected",
                    (long long)row->line);
    if ((outcomes->count & (outcomes->count - 1)) == 0) {
        size_t room = outcomes->count ? 2 * (size_t)outcomes->count : 1;
        outcomes->items = realloc(outcomes->items, room * sizeof(*outcomes->items));
        CHECK(outcomes->items);
    }
    struct outcome *outcome = &outcomes->items[outcomes->count++];

    memcpy(outcome->account_no, row->cells[0].text, row->cells[0].size + 1);
    outcome->outcome = row->cells[1].text[0] - '0';
    return true;
}

static bool read_outcomes(struct standard_run *run, const char *path, struct outcomes *outcomes)
{
    struct csv_reader reader;
    FILE *file = fopen(path, "re");
    enum csv_result result;
    bool is_read = true;

    if (!file)
        return fail(&run->ctx, ERR_INVALID, "FILE", "%s cannot be read", path);
    csv_init(&reader, csv_from_file, file);
    result = csv_read(&reader); /* the heading */
    while (is_read && result == CSV_ROW && (result = csv_read(&reader)) == CSV_ROW)
        is_read = read_outcome(run, &reader.row, outcomes);
    if (result == CSV_BROKEN)
        is_read = fail(&run->ctx, ERR_INVALID, "FILE", "%s: %s", path, reader.error.message);
    csv_done(&reader);
    fclose(file);
    if (is_read && outcomes->count)
        qsort(outcomes->items, (size_t)outcomes->count, sizeof(*outcomes->items), by_account);
    for (int i = 1; is_read && i < outcomes->count; i++)
        is_read = by_account(&outcomes->items[i - 1], &outcomes->items[i]) != 0 ||
                  fail(&run->ctx, ERR_INVALID, "FIT_VALUE", "%s: account %s has two outcomes", path,
                       outcomes->items[i].account_no);
    return is_read;
}

/* The outcome of a subject: bad when any of its accounts is; -1 when none has one. */
static int outcome_of(const struct outcomes *outcomes, const struct portfolio_subject *subject)
{
    int worst = -1;

    for (int i = 0; i < subject->input.account_count; i++) {
        struct outcome wanted = {.outcome = 0};
        const struct outcome *found;

        snprintf(wanted.account_no, sizeof(wanted.account_no), "%s", subject->account_numbers[i]);
        found = outcomes->count ? bsearch(&wanted, outcomes->items, (size_t)outcomes->count,
                                          sizeof(wanted), by_account)
                                : NULL;
        if (found && found->outcome > worst)
            worst = found->outcome;
    }
    return worst;
}

static void print_values(const struct standard *standard, const struct portfolio_subject *subject,
                         int outcome)
{
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];

    rating_values(standard, &subject->input, values);
    csv_write_cell(stdout, subject->account_no);
    if (outcome >= 0)
        printf(",%d", outcome);
    for (int i = 0; i < standard->attribute_count; i++) {
        if (values[i].is_present)
            printf(",%" PRId64, values[i].number);
        else
            putchar(',');
    }
    putchar('\n');
}

static void print_attributes(struct standard_run *run, struct portfolio *portfolio,
                             const struct outcomes *outcomes, struct day as_of)
{
    const struct standard *standard = run->standard;
    bool has_outcomes = cli_has(run->args, "outcome");
    int passed = 0;

    fputs(has_outcomes ? "key,outcome" : "key", stdout);
    for (int i = 0; i < standard->attribute_count; i++)
        printf(",%s", standard->attributes[i].name);
    putchar('\n');
    for (int i = 0; i < portfolio_count(portfolio); i++) {
        struct portfolio_subject subject;
        struct rating rating;

        portfolio_subject(portfolio, i, as_of, &subject);
        rating_of(standard, &subject.input, &rating);
        int outcome = has_outcomes ? outcome_of(outcomes, &subject) : 0;

        if (rating.is_rated && outcome >= 0)
            print_values(standard, &subject, has_outcomes ? outcome : -1);
        else
            passed++;
    }
    if (passed)
        fprintf(stderr, "cix: %d subjects passed over: excluded, or without an outcome\n", passed);
}

static bool attributes(struct standard_run *run)
{
    const struct cli_args *args = run->args;
    const char *given = cli_value(args, "as-of"), *path = cli_value(args, "outcome");
    struct outcomes outcomes = {0};
    struct portfolio *portfolio = NULL;
    struct day as_of;

    if (given && !day_parse(given, &as_of))
        return fail(&run->ctx, ERR_INVALID, "USAGE", "--as-of is a day, YYYY-MM-DD");
    bool is_read =
        (!path || read_outcomes(run, path, &outcomes)) &&
        portfolio_open(&run->ctx, args->operands + 1, args->operand_count - 1, &portfolio);

    if (is_read)
        print_attributes(run, portfolio, &outcomes, given ? as_of : portfolio_day(portfolio));
    portfolio_close(portfolio);
    free(outcomes.items);
    return is_read;
}

static enum cli_exit run_attributes(const struct cli_args *args)
{
    struct standard_run run;

    return standard_end(&run, standard_begin(&run, args, true) && attributes(&run));
}

/* ---- The table ---- */

static const struct cli_option check_options[] = {
    {"draft", NULL, "the file is a draft: bins and points may be missing"},
    {NULL, NULL, NULL},
};
static const struct cli_option show_options[] = {
    {"draft", NULL, "the file is a draft: bins and points may be missing"},
    {"canonical", NULL, "the canonical text, instead of tables"},
    {NULL, NULL, NULL},
};
static const struct cli_option attribute_options[] = {
    {"as-of", "DAY", "day of the rating (default: the first after the latest month)"},
    {"outcome", "FILE", "CSV of account_no and outcome (1 bad), joined to the subjects"},
    {NULL, NULL, NULL},
};
static const struct cli_command check_command = {
    "check",
    "STANDARD",
    "Check the text of a standard",
    "Remarks name the facts that most standards exclude or cap and this one does not.",
    1,
    1,
    false,
    check_options,
    NULL,
    run_check};
static const struct cli_command show_command = {
    "show", "STANDARD", "Show attributes and points of a standard", NULL, 1, 1, false, show_options,
    NULL,   run_show};
static const struct cli_command attributes_command = {
    "attributes",
    "STANDARD RECORDS ...",
    "Compute attributes from files of records, as CSV",
    "Records are JSON lines of one member a file; subjects are joined by identifier. The standard\n"
    "may be a draft. Subjects that it excludes are passed over.",
    2,
    64,
    false,
    attribute_options,
    NULL,
    run_attributes};
static const struct cli_command *const children[] = {
    &check_command,           &show_command,
    &attributes_command,      &standard_rate_command,
    &standard_fit_command,    &standard_measure_command,
    &standard_list_command,   &standard_get_command,
    &standard_load_command,   &standard_publish_command,
    &standard_retire_command, NULL};

const struct cli_command cli_standard_command = {
    "standard", "",   "Check, show, fit and measure rating standards, and publish them",
    NULL,       0,    0,
    false,      NULL, children,
    NULL};
