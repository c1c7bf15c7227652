#include "cli/fit_bin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Goods and bads of one cell. */
struct tally {
    double count, bad;
};

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The values that are there, sorted. Answers how many; the caller frees them. */
static int sorted_values(const struct fit_rows *rows, int attribute, int64_t **sorted)
{
    int count = 0;

    *sorted = malloc((size_t)(rows->count + 1) * sizeof(**sorted));
    CHECK(*sorted);
    for (int i = 0; i < rows->count; i++) {
        struct rating_value value = fit_row(rows->table, rows->rows[i])[attribute];

        if (value.is_present)
            (*sorted)[count++] = value.number;
    }
    qsort(*sorted, (size_t)count, sizeof(**sorted), by_number);
    return count;
}

/*
 * Lower ends of bins: every value when there are few, else quantiles. The lowest value is no edge.
 * Answers how many edges.
 */
static int find_edges(const struct fit_rows *rows, int attribute, int bins, int64_t *edges)
{
    int64_t *sorted;
    int count = sorted_values(rows, attribute, &sorted), distinct = count > 0, found = 0;

    for (int i = 1; i < count; i++)
        distinct += sorted[i] != sorted[i - 1];
    for (int i = 1; distinct <= bins && i < count; i++) {
        if (sorted[i] != sorted[i - 1])
            edges[found++] = sorted[i];
    }
    for (int i = 1; distinct > bins && i < bins; i++) {
        int64_t edge = sorted[(int64_t)count * i / bins];

        if (edge > (found ? edges[found - 1] : sorted[0]))
            edges[found++] = edge;
    }
    free(sorted);
    return found;
}

int fit_cell(const struct standard_characteristic *line, const struct rating_value *values)
{
    int row = rating_row(line, values[line->attribute]);

    return line->by < 0 ? row : row * line->column_count + rating_column(line, values[line->by]);
}

static void count_cells(const struct fit_rows *rows, const struct fit_bins *bins,
                        struct tally *cells)
{
    memset(cells, 0, (size_t)bins->cell_count * sizeof(*cells));
    for (int i = 0; i < rows->count; i++) {
        int cell = fit_cell(&bins->line, fit_row(rows->table, rows->rows[i]));

        cells[cell].count++;
        cells[cell].bad += rows->table->outcomes[rows->rows[i]];
    }
}

static double rate_of(const struct tally *cell, double share, double prior)
{
    return (cell->bad + prior * share) / (cell->count + prior);
}

/*
 * Pool adjacent violators: joins neighbours until the rates do not fall (sign 1) or rise (-1).
 * joined[i] is the bin that bin i went to. Answers the squared error, weighted by subjects.
 */
static double pool(const struct tally *cells, const double *rates, int count, int sign, int *joined)
{
    double means[STANDARD_ROWS_MAX], weights[STANDARD_ROWS_MAX], error = 0;
    int starts[STANDARD_ROWS_MAX], blocks = 0;

    for (int i = 0; i < count; i++) {
        means[blocks] = rates[i];
        weights[blocks] = cells[i].count + 1e-6;
        starts[blocks++] = i;
        while (blocks > 1 && sign * (means[blocks - 1] - means[blocks - 2]) <= 0) {
            double weight = weights[blocks - 1] + weights[blocks - 2];

            means[blocks - 2] = (means[blocks - 1] * weights[blocks - 1] +
                                 means[blocks - 2] * weights[blocks - 2]) /
                                weight;
            weights[--blocks - 1] = weight;
        }
    }
    for (int i = 0, block = 0; i < count; i++) {
        block += block + 1 < blocks && i >= starts[block + 1];
        joined[i] = block;
        error += cells[i].count * (rates[i] - means[block]) * (rates[i] - means[block]);
    }
    return error;
}

/* Joins the bins of one attribute so that the direction holds; AUTO takes the one that fits. */
static void join(const struct tally *cells, double share, double prior, struct fit_bins *bins)
{
    struct standard_characteristic *line = &bins->line;
    double rates[STANDARD_ROWS_MAX];
    int rising[STANDARD_ROWS_MAX], falling[STANDARD_ROWS_MAX], edges = 0;

    for (int i = 0; i < line->row_count; i++)
        rates[i] = rate_of(&cells[i], share, prior);
    /* Points rise where the rate of bads falls. */
    double rising_error = pool(cells, rates, line->row_count, -1, rising);
    double falling_error = pool(cells, rates, line->row_count, 1, falling);

    if (line->direction == STANDARD_AUTO)
        line->direction = rising_error < falling_error ? STANDARD_RISING : STANDARD_FALLING;
    const int *joined = line->direction == STANDARD_RISING ? rising : falling;

    for (int i = 1; i < line->row_count; i++) {
        if (joined[i] != joined[i - 1])
            line->edges[edges++] = line->edges[i - 1];
    }
    line->row_count = edges + 1;
    bins->cell_count = line->row_count + 1;
}

static void weigh(const struct tally *cells, double good, double bad, double prior,
                  struct fit_bins *bins)
{
    double share = bad / (good + bad);

    bins->value = 0;
    for (int i = 0; i < bins->cell_count; i++) {
        double rate = rate_of(&cells[i], share, prior);

        bins->weights[i] = log((1 - rate) / rate) - log((1 - share) / share);
        bins->value +=
            ((cells[i].count - cells[i].bad) / good - cells[i].bad / bad) * bins->weights[i];
    }
}

static int isqrt(int number)
{
    int root = 1;

    while ((root + 1) * (root + 1) <= number)
        root++;
    return root;
}

void fit_bin(const struct fit_rows *rows, const struct standard_characteristic *line,
             const struct fit_binning *binning, struct fit_bins *bins)
{
    struct tally cells[(STANDARD_ROWS_MAX + 1) * STANDARD_COLUMNS_MAX];
    bool is_cross = line->by >= 0;
    int most = is_cross ? isqrt(binning->bins) + 1 : binning->bins;
    double bad = 0;

    *bins = (struct fit_bins){.line = *line};
    for (int i = 0; i < rows->count; i++)
        bad += rows->table->outcomes[rows->rows[i]];
    bins->line.row_count = 1 + find_edges(rows, line->attribute, most, bins->line.edges);
    bins->line.column_count = 1;
    if (is_cross)
        bins->line.column_count = 2 + find_edges(rows, line->by, most, bins->line.column_edges);
    bins->cell_count = (bins->line.row_count + 1) * bins->line.column_count;
    count_cells(rows, bins, cells);
    if (!is_cross && line->direction != STANDARD_FREE) {
        join(cells, bad / rows->count, binning->prior, bins);
        count_cells(rows, bins, cells);
    }
    weigh(cells, rows->count - bad, bad, binning->prior, bins);
}
