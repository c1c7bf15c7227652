/*
 * The rows that a standard is fitted to or measured on: values of attributes and what came of them.
 *
 * A CSV file with the columns key, outcome (1 bad, 0 good) and one an attribute, by name; other
 * columns are passed over, an empty cell is a missing value. `cix standard attributes` writes it.
 */
#pragma once

#include "base/ctx.h"
#include "domain/rating.h"

enum { FIT_ROWS_MAX = 5000000, FIT_KEY_MAX = 64 };

struct fit_table {
    int row_count;
    int attribute_count;         /* as in the standard */
    struct rating_value *values; /* row by row */
    uint8_t *outcomes;           /* 1 bad */
    char (*keys)[FIT_KEY_MAX + 1];
};

/*
 * Reads a file for the attributes of a standard. fit_table_done releases the table, also after a
 * failure. Errors: FILE, FIT_COLUMN (an attribute or the outcome has no column), FIT_VALUE,
 * FIT_ROWS (none, too many, or of one outcome only).
 */
MUST_USE bool fit_table_read(struct ctx *ctx, const char *path, const struct standard *standard,
                             struct fit_table *table);
void fit_table_done(struct fit_table *table);

/* The values of one row, as many as attributes. */
static inline const struct rating_value *fit_row(const struct fit_table *table, int row)
{
    return &table->values[(size_t)row * (size_t)table->attribute_count];
}
