/*
 * Bins of one attribute, or of two crossed, and the weight of evidence of each.
 *
 * The weight of evidence of a bin is ln(odds of good in the bin) - ln(odds of good of all), with
 * `prior` subjects of average risk added to the bin. Bins are first quantiles; then neighbours are
 * joined until the weights rise or fall throughout (pool adjacent violators). Missing values have a
 * bin of their own, outside that order.
 */
#pragma once

#include "cli/fit_table.h"

/* Which rows of a table, in rising order. */
struct fit_rows {
    const struct fit_table *table;
    const int *rows;
    int count;
};

struct fit_bins {
    struct standard_characteristic line; /* its edges; points_at means nothing */
    int cell_count;                      /* (row_count + 1) * column_count */
    double weights[(STANDARD_ROWS_MAX + 1) * STANDARD_COLUMNS_MAX];
    double value; /* information value */
};

struct fit_binning {
    int bins;
    int prior;
};

/* Makes the bins of the characteristic that line names: attribute, by and direction. */
void fit_bin(const struct fit_rows *rows, const struct standard_characteristic *line,
             const struct fit_binning *binning, struct fit_bins *bins);

/* The cell of a row of values. */
int fit_cell(const struct standard_characteristic *line, const struct rating_value *values);
