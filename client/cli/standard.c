/* cix standard: reading, fitting and measuring rating standards, offline; the rest is
 * standard_online.c. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/csv.h"
#include "cli/portfolio.h"
#include "cli/fit_report.h"
#include "cli/standard_file.h"
#include "cli/standard_online.h"
#include "cli/table.h"

enum { FOLDS_MAX = 50, FOLDS = 10 };

/* What every command of the family has. */
struct run {
    const struct cli_args *args;
    struct arena arena;
    struct ctx ctx;
    struct standard *standard;
    bool is_json;
};

static bool begin(struct run *run, const struct cli_args *args, bool is_draft)
{
    *run = (struct run){.args = args};
    ctx_init(&run->ctx, &run->arena);
    return standard_file_read(&run->ctx, args->operands[0], is_draft, &run->standard);
}

static enum cli_exit end(struct run *run, bool is_done)
{
    enum cli_exit code = CLI_OK;

    if (!is_done)
        code = cli_complain(strcmp(run->ctx.error.reason, "USAGE") == 0 ? CLI_USAGE : CLI_DATA,
                            "%s", run->ctx.error.message);
    arena_done(&run->arena);
    return code;
}

/* ---- check, show ---- */

static bool check(struct run *run)
{
    const struct standard *standard = run->standard;

    printf("%s %d: %d attributes, %d cards, %d grades, %d points\n", standard->id,
           standard->version, standard->attribute_count, standard->card_count,
           standard->grade_count, standard->point_count);
    return true;
}

static enum cli_exit run_check(const struct cli_args *args)
{
    struct run run;

    return end(&run, begin(&run, args, cli_has(args, "draft")) && check(&run));
}

static void show_attributes(struct run *run)
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
static const char *rows_in_words(struct run *run, const struct standard_characteristic *line)
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

static void show_card(struct run *run, const struct standard_card *card)
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

static bool show(struct run *run)
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
    struct run run;

    return end(&run, begin(&run, args, cli_has(args, "draft")) && show(&run));
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

static bool read_outcome(struct run *run, const struct csv_row *row, struct outcomes *outcomes)
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

static bool read_outcomes(struct run *run, const char *path, struct outcomes *outcomes)
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

static void print_attributes(struct run *run, struct portfolio *portfolio,
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

static bool attributes(struct run *run)
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
    struct run run;

    return end(&run, begin(&run, args, true) && attributes(&run));
}

/* ---- fit, measure ---- */

static bool choose_form(struct run *run)
{
    const char *form = cli_value(run->args, "output");

    run->is_json = form && strcmp(form, "json") == 0;
    return !form || run->is_json || strcmp(form, "table") == 0 ||
           fail(&run->ctx, ERR_INVALID, "USAGE", "--output is table or json");
}

static void score_all(const struct standard *standard, const struct fit_table *table, int *scores)
{
    for (int i = 0; i < table->row_count; i++)
        scores[i] = rating_score(standard, fit_row(table, i));
}

static void report(const struct run *run, const struct fit_report *report)
{
    if (run->is_json)
        fit_report_json(report);
    else
        fit_report_text(report);
}

static bool write_predictions(struct run *run, const struct fit_table *table, const int *scores,
                              const int *folds)
{
    const char *path = cli_value(run->args, "predictions");
    FILE *file = path ? fopen(path, "we") : NULL;

    if (!path)
        return true;
    if (!file)
        return fail(&run->ctx, ERR_INVALID, "FILE", "%s cannot be written", path);
    fputs("key,fold,outcome,score\n", file);
    for (int i = 0; i < table->row_count; i++)
        fprintf(file, "%s,%d,%d,%d\n", table->keys[i], folds[i], table->outcomes[i], scores[i]);
    return fclose(file) == 0 || fail(&run->ctx, ERR_INVALID, "FILE", "%s cannot be written", path);
}

/* Scores every row by folds, if that is wanted, and adds the measures as a second result. */
static bool cross_validate(struct run *run, const struct standard *draft,
                           const struct fit_table *table, struct fit_report *made)
{
    static const int64_t fold_bounds[2] = {0, FOLDS_MAX}, seed_bounds[2] = {0, INT32_MAX};
    int64_t folds = FOLDS, seed = 1;
    struct arena *arena = &run->arena;

    if (!cli_integer(run->args, "folds", fold_bounds, &folds) ||
        !cli_integer(run->args, "seed", seed_bounds, &seed) || folds == 1)
        return fail(&run->ctx, ERR_INVALID, "USAGE", "--folds is 0 or 2 to 50, --seed a number");
    if (folds == 0)
        return true;
    const struct fit_folding folding = {(int)folds, (uint64_t)seed};
    int *scores = arena_array(arena, (size_t)table->row_count, sizeof(*scores));
    int *dealt = arena_array(arena, (size_t)table->row_count, sizeof(*dealt));
    struct fit_measures *measures = arena_alloc(arena, sizeof(*measures));

    if (!fit_cross_validate(&run->ctx, draft, table, &folding, scores, dealt))
        return false;
    fit_measure(draft, scores, table->outcomes, table->row_count, measures);
    made->results[made->result_count++] = (struct fit_result){
        "cross-validated", measures, fit_stability(made->results[0].measures, measures)};
    return write_predictions(run, table, scores, dealt);
}

static bool fit_rows_of(struct run *run, struct fit_table *table)
{
    const struct standard *draft = run->standard;
    struct standard *standard = arena_alloc(&run->arena, sizeof(*standard));
    struct fit_card_told *told = arena_array(&run->arena, STANDARD_CARDS_MAX, sizeof(*told));
    struct fit_measures *measures = arena_alloc(&run->arena, sizeof(*measures));
    int *all = arena_array(&run->arena, (size_t)table->row_count, sizeof(*all));
    int *scores = arena_array(&run->arena, (size_t)table->row_count, sizeof(*scores));
    const char *to = cli_value(run->args, "to");

    for (int i = 0; i < table->row_count; i++)
        all[i] = i;
    const struct fit_rows rows = {table, all, table->row_count};

    if (!fit_standard(&run->ctx, draft, &rows, standard, told))
        return false;
    score_all(standard, table, scores);
    fit_measure(standard, scores, table->outcomes, table->row_count, measures);
    struct fit_report made = {.standard = standard,
                              .told = told,
                              .results = {{"fitted", measures, NAN}},
                              .result_count = 1};

    if (!cross_validate(run, draft, table, &made))
        return false;
    report(run, &made);
    fit_prune(standard);
    return !to || standard_file_write(&run->ctx, to, standard);
}

static bool fit(struct run *run)
{
    struct fit_table table = {0};
    bool is_done = choose_form(run) &&
                   fit_table_read(&run->ctx, run->args->operands[1], run->standard, &table) &&
                   fit_rows_of(run, &table);

    fit_table_done(&table);
    return is_done;
}

static enum cli_exit run_fit(const struct cli_args *args)
{
    struct run run;

    return end(&run, begin(&run, args, true) && fit(&run));
}

/* A file of scores is one of the single attribute score. */
static void read_as_scores(struct standard *scores)
{
    *scores = (struct standard){.attribute_count = 1};
    snprintf(scores->attributes[0].name, sizeof(scores->attributes[0].name), "score");
}

/* Scores as they were given, each of the scale. */
static bool take_scores(struct run *run, const struct fit_table *table, int *scores)
{
    for (int i = 0; i < table->row_count; i++) {
        const struct rating_value *value = fit_row(table, i);
        if (!value->is_present || value->number < STANDARD_SCORE_MIN ||
            value->number > STANDARD_SCORE_MAX)
            return fail(&run->ctx, ERR_INVALID, "FIT_VALUE", "row %d: a score is 300 to 900",
                        i + 1);
        scores[i] = (int)value->number;
    }
    return true;
}

static bool measure_table(struct run *run, const struct fit_table *table, bool is_scored)
{
    struct fit_measures *measures = arena_alloc(&run->arena, sizeof(*measures));
    int *scores = arena_array(&run->arena, (size_t)table->row_count, sizeof(*scores));
    const struct fit_report made = {
        .standard = run->standard, .results = {{"measured", measures, NAN}}, .result_count = 1};

    if (!is_scored)
        score_all(run->standard, table, scores);
    else if (!take_scores(run, table, scores))
        return false;
    fit_measure(run->standard, scores, table->outcomes, table->row_count, measures);
    report(run, &made);
    return true;
}

static bool measure(struct run *run)
{
    bool is_scored = cli_has(run->args, "scores");
    struct standard *columns = run->standard;
    struct fit_table table = {0};

    if (is_scored) {
        columns = arena_alloc(&run->arena, sizeof(*columns));
        read_as_scores(columns);
    }
    bool is_read = choose_form(run) &&
                   fit_table_read(&run->ctx, run->args->operands[1], columns, &table) &&
                   measure_table(run, &table, is_scored);

    fit_table_done(&table);
    return is_read;
}

static enum cli_exit run_measure(const struct cli_args *args)
{
    struct run run;

    return end(&run, begin(&run, args, false) && measure(&run));
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
static const struct cli_option fit_options[] = {
    {"to", "FILE", "write the standard there"},
    {"folds", "NUMBER", "of the cross-validation (default 10; 0 for none)"},
    {"seed", "NUMBER", "which rows go together in it (default 1)"},
    {"predictions", "FILE", "write key, fold, outcome and cross-validated score there"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};
static const struct cli_option measure_options[] = {
    {"scores", NULL, "the CSV has the columns key, outcome and score: measure these"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

static const struct cli_command check_command = {
    "check", "STANDARD", "Check the text of a standard", NULL, 1, 1, false, check_options,
    NULL,    run_check};
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
static const struct cli_command fit_command = {
    "fit",
    "DRAFT CSV",
    "Fit the points of a draft to attributes and outcomes",
    "The CSV has the columns key, outcome and one an attribute. The same input gives the same\n"
    "standard. Prints what was fitted and how good it is, on the rows and cross-validated.",
    2,
    2,
    false,
    fit_options,
    NULL,
    run_fit};
static const struct cli_command measure_command = {"measure",
                                                   "STANDARD CSV",
                                                   "Measure a standard on attributes and outcomes",
                                                   NULL,
                                                   2,
                                                   2,
                                                   false,
                                                   measure_options,
                                                   NULL,
                                                   run_measure};

static const struct cli_command *const children[] = {&check_command,
                                                     &show_command,
                                                     &attributes_command,
                                                     &fit_command,
                                                     &measure_command,
                                                     &standard_list_command,
                                                     &standard_get_command,
                                                     &standard_load_command,
                                                     &standard_publish_command,
                                                     &standard_retire_command,
                                                     NULL};

const struct cli_command cli_standard_command = {
    "standard", "",   "Check, show, fit and measure rating standards, and publish them",
    NULL,       0,    0,
    false,      NULL, children,
    NULL};
