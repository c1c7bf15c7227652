#include "cli/fit_report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/table.h"

enum { CELL_MAX = 32 };

/* ---- Text ---- */

static void print_bands(const char *heading, const struct fit_band *bands, int count)
{
    const char *headings[] = {heading, ">COUNT", ">SHARE", ">BAD",
                              ">RATE", ">FROM",  ">TO",    ">EXPECTED"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));
    int total = 0;

    for (int i = 0; i < count; i++)
        total += bands[i].count;
    for (int i = 0; i < count; i++) {
        const struct fit_band *band = &bands[i];
        char cells[7][CELL_MAX];
        const double shares[] = {band->rate, band->rate_low, band->rate_high, band->expected};

        snprintf(cells[0], CELL_MAX, "%d", band->count);
        snprintf(cells[1], CELL_MAX, "%.2f%%", 100.0 * band->count / total);
        snprintf(cells[2], CELL_MAX, "%d", band->bad);
        for (int j = 0; j < 4; j++) {
            snprintf(cells[3 + j], CELL_MAX, "%.2f%%", 100 * shares[j]);
            if (band->count == 0)
                snprintf(cells[3 + j], CELL_MAX, "empty");
        }
        table_add(table, (const char *[]){band->name, cells[0], cells[1], cells[2], cells[3],
                                          cells[4], cells[5], cells[6]});
    }
    table_print(table);
}

static void print_result(const struct fit_result *result)
{
    const struct fit_measures *m = result->measures;

    printf("\n%s: AUC %.4f KS %.4f AREA %.4f BRIER %.4f ", result->name, m->auc, m->ks, m->area,
           m->brier);
    if (isnan(m->slope))
        printf("SLOPE none INTERCEPT none N %d\n", m->count);
    else
        printf("SLOPE %.3f INTERCEPT %.4f N %d\n", m->slope, m->intercept, m->count);
    printf("AUC 95%% interval %.4f to %.4f; bad %d (%.2f%%); shift that levels %d\n", m->auc_low,
           m->auc_high, m->bad, 100.0 * m->bad / m->count, m->shift);
    if (!isnan(result->stability))
        printf("PSI against the scores above: %.4f\n", result->stability);
    print_bands("SCORE", m->bands, m->band_count);
    print_bands("GRADE", m->grades, m->grade_count);
}

static void print_card(const struct standard *standard, const struct standard_card *card,
                       const struct fit_card_told *told)
{
    static const char *const headings[] = {"CHARACTERISTIC", "BY", ">INFORMATION", ">COEFFICIENT",
                                           ">SPREAD"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    printf("\ncard %s: %d subjects, %d bad, %d candidates, %d characteristics, base %d\n",
           card->name, told->count, told->bad, told->candidates, card->characteristic_count,
           card->base);
    for (int i = 0; i < card->characteristic_count; i++) {
        const struct fit_told *line = &told->lines[i];
        char value[CELL_MAX], coefficient[CELL_MAX], spread[CELL_MAX];

        snprintf(value, sizeof(value), "%.4f", line->bins.value);
        snprintf(coefficient, sizeof(coefficient), "%.4f", line->coefficient);
        snprintf(spread, sizeof(spread), "%d", line->spread);
        table_add(table, (const char *[]){standard->attributes[line->bins.line.attribute].name,
                                          line->bins.line.by < 0
                                              ? ""
                                              : standard->attributes[line->bins.line.by].name,
                                          value, coefficient, spread});
    }
    table_print(table);
}

void fit_report_text(const struct fit_report *report)
{
    printf("standard %s %d\n", report->standard->id, report->standard->version);
    for (int i = 0; report->told && i < report->standard->card_count; i++)
        print_card(report->standard, &report->standard->cards[i], &report->told[i]);
    for (int i = 0; i < report->result_count; i++)
        print_result(&report->results[i]);
}

/* ---- JSON ---- */

static json_t *bands_json(const struct fit_band *bands, int count)
{
    json_t *list = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:i, s:i, s:i, s:f, s:f, s:f, s:f}", "name",
                                        bands[i].name, "low", bands[i].low, "high", bands[i].high,
                                        "count", bands[i].count, "bad", bands[i].bad, "rate",
                                        bands[i].rate, "rate_low", bands[i].rate_low, "rate_high",
                                        bands[i].rate_high, "expected", bands[i].expected));
    return list;
}

/* NAN is no JSON number. */
static json_t *real(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *result_json(const struct fit_result *result)
{
    const struct fit_measures *m = result->measures;

    return json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:i, s:o, s:o, s:o}",
                     "name", result->name, "count", m->count, "bad", m->bad, "auc", m->auc,
                     "auc_low", m->auc_low, "auc_high", m->auc_high, "ks", m->ks, "area", m->area,
                     "brier", m->brier, "slope", real(m->slope), "intercept", real(m->intercept),
                     "shift", m->shift, "psi", real(result->stability), "bands",
                     bands_json(m->bands, m->band_count), "grades",
                     bands_json(m->grades, m->grade_count));
}

/* Edges and weights of the bins, the last weight that of missing values. A cross: row by row. */
static json_t *bins_json(const struct fit_bins *bins)
{
    json_t *edges = json_array(), *columns = json_array(), *weights = json_array();

    for (int i = 0; i + 1 < bins->line.row_count; i++)
        json_array_append_new(edges, json_integer(bins->line.edges[i]));
    for (int i = 0; i + 2 < bins->line.column_count; i++)
        json_array_append_new(columns, json_integer(bins->line.column_edges[i]));
    for (int i = 0; i < bins->cell_count; i++)
        json_array_append_new(weights, json_real(bins->weights[i]));
    return json_pack("{s:s, s:o, s:o, s:o}", "direction",
                     standard_direction_word(bins->line.direction), "edges", edges, "columns",
                     columns, "weights", weights);
}

/* A value of every candidate, also of those that were dropped. */
static json_t *weighed_json(const struct standard *standard, const struct fit_card_told *told)
{
    json_t *list = json_array();

    for (int i = 0; i < told->candidates; i++) {
        const struct fit_candidate *candidate = &told->weighed[i];
        const char *by = candidate->by < 0 ? NULL : standard->attributes[candidate->by].name;

        json_array_append_new(list, json_pack("{s:s, s:s?, s:f}", "attribute",
                                              standard->attributes[candidate->attribute].name, "by",
                                              by, "information", candidate->information));
    }
    return list;
}

static json_t *card_json(const struct standard *standard, const struct standard_card *card,
                         const struct fit_card_told *told)
{
    json_t *lines = json_array();

    for (int i = 0; i < card->characteristic_count; i++) {
        const struct fit_told *line = &told->lines[i];

        json_array_append_new(
            lines,
            json_pack("{s:s, s:s?, s:f, s:f, s:i, s:o}", "attribute",
                      standard->attributes[line->bins.line.attribute].name, "by",
                      line->bins.line.by < 0 ? NULL : standard->attributes[line->bins.line.by].name,
                      "information", line->bins.value, "coefficient", line->coefficient, "spread",
                      line->spread, "bins", bins_json(&line->bins)));
    }
    return json_pack("{s:s, s:i, s:i, s:i, s:f, s:i, s:o, s:o}", "card", card->name, "count",
                     told->count, "bad", told->bad, "candidates", told->candidates, "intercept",
                     told->intercept, "base", (int)card->base, "characteristics", lines, "weighed",
                     weighed_json(standard, told));
}

void fit_report_json(const struct fit_report *report)
{
    json_t *cards = json_array(), *results = json_array();

    for (int i = 0; report->told && i < report->standard->card_count; i++)
        json_array_append_new(
            cards, card_json(report->standard, &report->standard->cards[i], &report->told[i]));
    for (int i = 0; i < report->result_count; i++)
        json_array_append_new(results, result_json(&report->results[i]));
    json_t *all = json_pack("{s:s, s:i, s:o, s:o}", "standard", report->standard->id, "version",
                            report->standard->version, "cards", cards, "results", results);
    CHECK(all);
    char *text = json_dumps(all, JSON_INDENT(2));

    CHECK(text);
    puts(text);
    free(text);
    json_decref(all);
}
