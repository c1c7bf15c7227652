#include "cli/standard_fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/fit_report.h"
#include "cli/standard_file.h"
#include "cli/standard_run.h"

enum { FOLDS_MAX = 50, FOLDS = 10 };

static bool choose_form(struct standard_run *run)
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

static void report(const struct standard_run *run, const struct fit_report *report)
{
    if (run->is_json)
        fit_report_json(report);
    else
        fit_report_text(report);
}

static bool write_predictions(struct standard_run *run, const struct fit_table *table,
                              const int *scores, const int *folds)
{
    const char *path = cli_value(run->args, "predictions");
    FILE *file = path ? fopen(path, "we") : NULL;

    if (!path)
        return true;
    if (!file)
        return fail(&run->ctx, ERR_INVALID, "FILE", "%s cannot be written", path);
    fputs("key,fold,outcome,score\n", file);
    for (int i = 0; i < table->row_count; i++) {
        csv_write_cell(file, table->keys[i]);
        fprintf(file, ",%d,%d,%d\n", folds[i], table->outcomes[i], scores[i]);
    }
    return fclose(file) == 0 || fail(&run->ctx, ERR_INVALID, "FILE", "%s cannot be written", path);
}

/* Scores every row by folds, if that is wanted, and adds the measures as a second result. */
static bool cross_validate(struct standard_run *run, const struct standard *draft,
                           const struct fit_table *table, struct fit_report *made)
{
    static const int64_t fold_bounds[2] = {0, FOLDS_MAX}, seed_bounds[2] = {0, INT32_MAX};
    int64_t folds = FOLDS, seed = 1;
    struct arena *arena = &run->arena;

    if (!cli_integer(run->args, "folds", fold_bounds, &folds) ||
        !cli_integer(run->args, "seed", seed_bounds, &seed) || folds == 1)
        return fail(&run->ctx, ERR_INVALID, "USAGE", "--folds is 0 or 2 to 50, --seed a number");
    if (folds == 0)
        return !cli_has(run->args, "predictions") ||
               fail(&run->ctx, ERR_INVALID, "USAGE",
                    "--predictions are those of the cross-validation: --folds 2 to 50");
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

static bool fit_rows_of(struct standard_run *run, struct fit_table *table)
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

static bool fit(struct standard_run *run)
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
    struct standard_run run;

    return standard_end(&run, standard_begin(&run, args, true) && fit(&run));
}

/* A file of scores is one of the single attribute score. */
static void read_as_scores(struct standard *scores)
{
    *scores = (struct standard){.attribute_count = 1};
    snprintf(scores->attributes[0].name, sizeof(scores->attributes[0].name), "score");
}

/* Scores as they were given, each of the scale. */
static bool take_scores(struct standard_run *run, const struct fit_table *table, int *scores)
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

static bool measure_table(struct standard_run *run, const char *path, struct fit_measures *measures)
{
    bool is_scored = cli_has(run->args, "scores");
    struct standard scored, *columns = is_scored ? &scored : run->standard;
    struct fit_table table = {0};

    if (is_scored)
        read_as_scores(columns);
    bool is_read = fit_table_read(&run->ctx, path, columns, &table);
    int *scores = arena_array(&run->arena, (size_t)table.row_count, sizeof(*scores));

    if (is_read && !is_scored)
        score_all(run->standard, &table, scores);
    else if (is_read)
        is_read = take_scores(run, &table, scores);
    if (is_read)
        fit_measure(run->standard, scores, table.outcomes, table.row_count, measures);
    fit_table_done(&table);
    return is_read;
}

static bool measure(struct standard_run *run)
{
    const char *against = cli_value(run->args, "against");
    struct fit_measures *measures = arena_array(&run->arena, 2, sizeof(*measures));
    struct fit_report made = {.standard = run->standard};

    if (!choose_form(run) || (against && !measure_table(run, against, &measures[0])) ||
        !measure_table(run, run->args->operands[1], &measures[1]))
        return false;
    if (against)
        made.results[made.result_count++] = (struct fit_result){"against", &measures[0], NAN};
    made.results[made.result_count++] = (struct fit_result){
        "measured", &measures[1], against ? fit_stability(&measures[0], &measures[1]) : NAN};
    report(run, &made);
    return true;
}

static enum cli_exit run_measure(const struct cli_args *args)
{
    struct standard_run run;

    return standard_end(&run, standard_begin(&run, args, false) && measure(&run));
}

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
    {"against", "CSV",
     "earlier rows of the same form: how far the scores have moved from them (PSI)"},
    {"output", "table|json", "form (default table)"},
    {NULL, NULL, NULL},
};

const struct cli_command standard_fit_command = {
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
const struct cli_command standard_measure_command = {
    "measure",
    "STANDARD CSV",
    "Measure a standard on attributes and outcomes",
    NULL,
    2,
    2,
    false,
    measure_options,
    NULL,
    run_measure};
