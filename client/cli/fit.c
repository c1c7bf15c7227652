#include "cli/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fit_logit.h"

static const double factor = STANDARD_DOUBLE_POINTS / 0.69314718055994530942; /* 40 / ln 2 */
static const double weak = 1e-9;

/* One card while it is fitted. */
struct card_fit {
    const struct standard *draft;
    const struct standard_card *card;
    struct fit_rows rows;
    int candidate_count;
    struct fit_bins *candidates;
    float *columns;
    uint8_t *bad;
    bool *chosen;
    double *coefficients;
    double *strengths; /* coefficient times the deviation of its column: what it moves */
    double intercept;
};

static void card_fit_done(struct card_fit *fit)
{
    free((void *)fit->rows.rows);
    free(fit->candidates);
    free(fit->columns);
    free(fit->bad);
    free(fit->chosen);
    free(fit->coefficients);
    free(fit->strengths);
}

/* The rows that the card is for. */
static void find_rows(const struct fit_rows *all, int card, struct card_fit *fit)
{
    int *rows = malloc((size_t)(all->count + 1) * sizeof(*rows));

    CHECK(rows);
    fit->rows = (struct fit_rows){.table = all->table, .rows = rows};
    for (int i = 0; i < all->count; i++) {
        if (rating_card(fit->draft, fit_row(all->table, all->rows[i])) == card)
            rows[fit->rows.count++] = all->rows[i];
    }
}

static int count_bad(const struct fit_rows *rows)
{
    int bad = 0;

    for (int i = 0; i < rows->count; i++)
        bad += rows->table->outcomes[rows->rows[i]];
    return bad;
}

/* The lines of the draft's card; without any, every attribute in the direction that fits. */
static void bin_candidates(struct card_fit *fit)
{
    const struct standard_card *card = fit->card;
    const struct fit_binning binning = {card->fitting.bins, card->fitting.prior};
    bool is_open = card->characteristic_count == 0;

    fit->candidate_count = is_open ? fit->draft->attribute_count : card->characteristic_count;
    fit->candidates = calloc((size_t)fit->candidate_count + 1, sizeof(*fit->candidates));
    CHECK(fit->candidates);
    for (int i = 0; i < fit->candidate_count; i++) {
        struct standard_characteristic open = {
            .attribute = i, .by = -1, .direction = fit->draft->attributes[i].expected};

        if (open.direction == STANDARD_FREE)
            open.direction = STANDARD_AUTO;

        fit_bin(&fit->rows, is_open ? &open : &card->characteristics[i], &binning,
                &fit->candidates[i]);
    }
}

static void fill_columns(struct card_fit *fit)
{
    size_t rows = (size_t)fit->rows.count, count = (size_t)fit->candidate_count;

    fit->columns = malloc((rows * count + 1) * sizeof(*fit->columns));
    fit->bad = malloc(rows + 1);
    fit->chosen = calloc(count + 1, sizeof(*fit->chosen));
    fit->coefficients = calloc(count + 1, sizeof(*fit->coefficients));
    fit->strengths = calloc(count + 1, sizeof(*fit->strengths));
    CHECK(fit->columns && fit->bad && fit->chosen && fit->coefficients && fit->strengths);
    for (size_t row = 0; row < rows; row++)
        fit->bad[row] = fit->rows.table->outcomes[fit->rows.rows[row]];
    for (size_t i = 0; i < count; i++) {
        const struct fit_bins *bins = &fit->candidates[i];

        for (size_t row = 0; row < rows; row++) {
            int cell = fit_cell(&bins->line, fit_row(fit->rows.table, fit->rows.rows[row]));
            fit->columns[i * rows + row] = (float)bins->weights[cell];
        }
    }
}

static double deviation(const float *column, int count)
{
    double sum = 0, squares = 0;

    for (int i = 0; i < count; i++) {
        sum += (double)column[i];
        squares += (double)column[i] * (double)column[i];
    }
    double mean = sum / count, variance = squares / count - mean * mean;

    return variance > 0 ? sqrt(variance) : 0;
}

static bool regress(struct ctx *ctx, struct card_fit *fit)
{
    const struct fit_problem problem = {
        .row_count = fit->rows.count,
        .column_count = fit->candidate_count,
        .columns = fit->columns,
        .bad = fit->bad,
        .ridge = fit->card->fitting.ridge,
    };

    if (!fit_logit(&problem, fit->chosen, &fit->intercept, fit->coefficients))
        return fail(ctx, ERR_INVALID, "FIT_SINGULAR", "card %s: the regression has no end",
                    fit->card->name);
    for (int i = 0; i < fit->candidate_count; i++) {
        fit->strengths[i] =
            fit->coefficients[i] *
            deviation(fit->columns + (size_t)i * (size_t)fit->rows.count, fit->rows.count);
        fit->chosen[i] = fit->strengths[i] > weak;
    }
    return true;
}

/* How many of the chosen are stronger than this one; equal ones in the order of the draft. */
static int rank_of(const struct card_fit *fit, int at)
{
    int rank = 0;

    for (int i = 0; i < fit->candidate_count; i++) {
        if (i != at && fit->chosen[i] &&
            (fit->strengths[i] > fit->strengths[at] ||
             (fit->strengths[i] == fit->strengths[at] && i < at)))
            rank++;
    }
    return rank;
}

static int count_chosen(const struct card_fit *fit)
{
    int count = 0;

    for (int i = 0; i < fit->candidate_count; i++)
        count += fit->chosen[i];
    return count;
}

/* Regression with all; then, while too many are left, without the weakest three tenths. */
static bool choose(struct ctx *ctx, struct card_fit *fit)
{
    for (int i = 0; i < fit->candidate_count; i++)
        fit->chosen[i] = true;
    if (!regress(ctx, fit))
        return false;
    for (int count = count_chosen(fit); count > fit->card->fitting.keep;
         count = count_chosen(fit)) {
        int left = count * 7 / 10;
        bool stays[STANDARD_ATTRIBUTES_MAX];

        left = left > fit->card->fitting.keep ? left : fit->card->fitting.keep;
        for (int i = 0; i < fit->candidate_count; i++)
            stays[i] = fit->chosen[i] && rank_of(fit, i) < left;
        memcpy(fit->chosen, stays, (size_t)fit->candidate_count * sizeof(stays[0]));
        if (!regress(ctx, fit))
            return false;
    }
    return true;
}

/* ---- Whole points ---- */

static int points_of(const struct card_fit *fit, int candidate, int cell)
{
    const struct fit_bins *bins = &fit->candidates[candidate];

    return (int)lround(factor * fit->coefficients[candidate] * bins->weights[cell]);
}

static bool rows_are_equal(const struct card_fit *fit, int candidate, int row)
{
    int columns = fit->candidates[candidate].line.column_count;

    for (int i = 0; i < columns; i++) {
        if (points_of(fit, candidate, row * columns + i) !=
            points_of(fit, candidate, (row + 1) * columns + i))
            return false;
    }
    return true;
}

static void put_row(const struct card_fit *fit, int candidate, int row, struct standard *standard)
{
    int columns = fit->candidates[candidate].line.column_count;

    CHECK(standard->point_count + columns <= STANDARD_POINTS_MAX);
    for (int i = 0; i < columns; i++)
        standard->points[standard->point_count++] =
            (int16_t)points_of(fit, candidate, row * columns + i);
}

/* Writes a line with its points; neighbours of equal points become one row. Answers the spread. */
static int put_line(const struct card_fit *fit, int candidate, struct standard *standard,
                    struct standard_characteristic *line)
{
    const struct standard_characteristic *from = &fit->candidates[candidate].line;
    int least = INT16_MAX, most = INT16_MIN;

    *line = *from;
    line->points_at = standard->point_count;
    line->row_count = 0;
    for (int row = 0; row < from->row_count; row++) {
        if (row + 1 < from->row_count && rows_are_equal(fit, candidate, row))
            continue;
        if (row + 1 < from->row_count)
            line->edges[line->row_count] = from->edges[row];
        line->row_count++;
        put_row(fit, candidate, row, standard);
    }
    for (int i = line->points_at; i < standard->point_count; i++) {
        least = standard->points[i] < least ? standard->points[i] : least;
        most = standard->points[i] > most ? standard->points[i] : most;
    }
    put_row(fit, candidate, from->row_count, standard);
    return most - least;
}

/* The strongest first. A line whose points are all the same is left out. */
static void put_card(const struct card_fit *fit, struct standard *standard,
                     struct standard_card *card, struct fit_card_told *told)
{
    double offset = STANDARD_SCORE_BASE - factor * log(STANDARD_ODDS_BASE);
    int count = count_chosen(fit);

    card->characteristic_count = 0;
    card->base = (int32_t)lround(offset + factor * fit->intercept);
    for (int rank = 0; rank < count; rank++) {
        int candidate = 0, at = card->characteristic_count, points = standard->point_count;

        while (!fit->chosen[candidate] || rank_of(fit, candidate) != rank)
            candidate++;
        int spread = put_line(fit, candidate, standard, &card->characteristics[at]);

        if (spread == 0) {
            standard->point_count = points;
            continue;
        }
        card->characteristic_count++;
        told->lines[at] = (struct fit_told){.bins = fit->candidates[candidate],
                                            .coefficient = fit->coefficients[candidate],
                                            .spread = spread};
    }
}

static void tell_candidates(const struct card_fit *fit, struct fit_card_told *told)
{
    CHECK(fit->candidate_count <= STANDARD_ATTRIBUTES_MAX);
    told->candidates = fit->candidate_count;
    for (int i = 0; i < fit->candidate_count; i++)
        told->weighed[i] = (struct fit_candidate){.attribute = fit->candidates[i].line.attribute,
                                                  .by = fit->candidates[i].line.by,
                                                  .information = fit->candidates[i].value};
}

static bool fit_card(struct ctx *ctx, const struct fit_rows *all, int at, struct standard *standard,
                     struct fit_card_told *told)
{
    struct card_fit fit = {.draft = standard, .card = &standard->cards[at]};
    struct standard_card card = standard->cards[at];

    if (!card.fitting.is_given)
        return fail(ctx, ERR_INVALID, "FIT_DRAFT", "card %s has no line fit", card.name);
    find_rows(all, at, &fit);
    int bad = count_bad(&fit.rows);
    bool is_fit = bad > 0 && bad < fit.rows.count;

    if (is_fit) {
        bin_candidates(&fit);
        fill_columns(&fit);
        is_fit = choose(ctx, &fit);
    } else {
        (void)fail(ctx, ERR_INVALID, "FIT_ROWS", "card %s: no rows of both outcomes", card.name);
    }
    if (is_fit) {
        told->count = fit.rows.count;
        told->bad = bad;
        tell_candidates(&fit, told);
        told->intercept = fit.intercept;
        put_card(&fit, standard, &card, told);
        standard->cards[at] = card;
    }
    card_fit_done(&fit);
    return is_fit;
}

bool fit_standard(struct ctx *ctx, const struct standard *draft, const struct fit_rows *rows,
                  struct standard *standard, struct fit_card_told *told)
{
    struct fit_card_told *unheard = calloc(1, sizeof(*unheard));
    bool is_fit = true;

    CHECK(unheard);
    *standard = *draft;
    standard->point_count = 0;
    for (int i = 0; i < standard->card_count && is_fit; i++)
        is_fit = fit_card(ctx, rows, i, standard, told ? &told[i] : unheard);
    free(unheard);
    return is_fit;
}

/* Calls visit for every place of the cards where an attribute's number stands. */
static void each_number(struct standard *standard, void (*visit)(int *number, int *numbers),
                        int *numbers)
{
    for (int i = 0; i < standard->card_count; i++) {
        struct standard_card *card = &standard->cards[i];

        for (int j = 0; j < card->condition_count; j++)
            visit(&card->conditions[j].attribute, numbers);
        for (int j = 0; j < card->characteristic_count; j++) {
            visit(&card->characteristics[j].attribute, numbers);
            if (card->characteristics[j].by >= 0)
                visit(&card->characteristics[j].by, numbers);
        }
    }
}

static void mark_number(int *number, int *numbers)
{
    numbers[*number] = 1;
}

static void replace_number(int *number, int *numbers)
{
    *number = numbers[*number];
}

void fit_prune(struct standard *standard)
{
    int numbers[STANDARD_ATTRIBUTES_MAX] = {0}, kept = 0;

    each_number(standard, mark_number, numbers);
    for (int i = 0; i < standard->attribute_count; i++) {
        bool is_used = numbers[i] != 0;

        numbers[i] = kept;
        if (is_used)
            standard->attributes[kept++] = standard->attributes[i];
    }
    standard->attribute_count = kept;
    each_number(standard, replace_number, numbers);
}

/* ---- Cross-validation ---- */

static uint64_t scramble(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

struct draw {
    uint64_t lot;
    int row;
};

static int by_lot(const void *a, const void *b)
{
    const struct draw *x = a, *y = b;

    if (x->lot != y->lot)
        return x->lot < y->lot ? -1 : 1;
    return x->row - y->row;
}

/* Deals the rows of each outcome round, in the order of their lots. */
static void deal(const struct fit_table *table, const struct fit_folding *folding, int *folds)
{
    struct draw *draws = malloc((size_t)table->row_count * sizeof(*draws));

    CHECK(draws);
    for (int i = 0; i < table->row_count; i++)
        draws[i] = (struct draw){scramble(folding->seed ^ scramble((uint64_t)i)), i};
    qsort(draws, (size_t)table->row_count, sizeof(*draws), by_lot);
    for (int outcome = 0, dealt = 0; outcome <= 1; outcome++) {
        for (int i = 0; i < table->row_count; i++) {
            if (table->outcomes[draws[i].row] == outcome)
                folds[draws[i].row] = dealt++ % folding->folds;
        }
    }
    free(draws);
}

static bool score_fold(struct ctx *ctx, const struct standard *draft, const struct fit_table *table,
                       const int *folds, int fold, int *scores)
{
    struct standard *standard = malloc(sizeof(*standard));
    int *rows = malloc((size_t)table->row_count * sizeof(*rows));
    struct fit_rows others = {.table = table, .rows = rows};

    CHECK(standard && rows);
    for (int i = 0; i < table->row_count; i++) {
        if (folds[i] != fold)
            rows[others.count++] = i;
    }
    bool is_fit = fit_standard(ctx, draft, &others, standard, NULL);

    for (int i = 0; i < table->row_count && is_fit; i++) {
        if (folds[i] == fold)
            scores[i] = rating_score(standard, fit_row(table, i));
    }
    free(rows);
    free(standard);
    return is_fit;
}

bool fit_cross_validate(struct ctx *ctx, const struct standard *draft,
                        const struct fit_table *table, const struct fit_folding *folding,
                        int *scores, int *folds)
{
    int *dealt = malloc((size_t)table->row_count * sizeof(*dealt));
    bool is_done = true;

    CHECK(dealt);
    deal(table, folding, dealt);
    for (int fold = 0; fold < folding->folds && is_done; fold++)
        is_done = score_fold(ctx, draft, table, dealt, fold, scores);
    if (folds)
        memcpy(folds, dealt, (size_t)table->row_count * sizeof(*folds));
    free(dealt);
    return is_done;
}
