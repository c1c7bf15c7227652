/*
 * Rows in C, columns on the wire: one table says which member of a struct goes into which array
 * parameter, so that a put function with thirty parameters needs no code of its own.
 */
#pragma once

#include <stddef.h>

#include "db/db.h"

/* What a member of the struct is, and so which array it makes. */
enum column_type {
    COLUMN_BOOL,
    COLUMN_INT2,
    COLUMN_INT4,
    COLUMN_INT8,
    COLUMN_TEXT,      /* const char * */
    COLUMN_BYTES,     /* struct bytes; data NULL: NULL */
    COLUMN_DIGEST,    /* struct digest */
    COLUMN_UUID,      /* struct uuid */
    COLUMN_DAY,       /* struct day */
    COLUMN_DAY_FIELD, /* struct day_field: date, NULL when absent */
    COLUMN_MONEY,     /* struct money_field: int8, NULL when absent */
    COLUMN_COUNT,     /* struct count_field: int4, NULL when absent */
    COLUMN_COUNT2,    /* struct count_field: int2, NULL when absent */
    COLUMN_INT4_OR_0, /* int32_t: int4, NULL for 0 */
};

struct column {
    enum column_type type;
    size_t offset;
};

/* Rows of one struct. */
struct column_rows {
    const void *rows;
    size_t size; /* of one */
    int count;
};

/* Adds an array parameter for each column, in order. */
void columns_put(struct params *params, const struct column *columns, size_t count,
                 const struct column_rows *rows);

/*
 * The same for columns that are mostly absent: one that no row has becomes an empty array, which
 * unnest() fills up with NULL. For MONEY, COUNT, DAY_FIELD and TEXT ("" is absent).
 */
void columns_put_sparse(struct params *params, const struct column *columns, size_t count,
                        const struct column_rows *rows);
