#include "cli/fit_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "message.h"

/* Where the columns of the file go. */
struct fit_columns {
    int key, outcome;
    int attributes[STANDARD_ATTRIBUTES_MAX]; /* cell of each attribute */
};

static int find_column(const struct csv_row *row, const char *name)
{
    for (int i = 0; i < row->count; i++) {
        if (strcmp(row->cells[i].text, name) == 0)
            return i;
    }
    return -1;
}

static bool read_heading(struct ctx *ctx, const struct csv_row *row,
                         const struct standard *standard, struct fit_columns *columns)
{
    columns->key = find_column(row, "key");
    columns->outcome = find_column(row, "outcome");
    if (columns->key < 0 || columns->outcome < 0)
        return fail(ctx, ERR_INVALID, "FIT_COLUMN", "the columns key and outcome are needed");
    for (int i = 0; i < standard->attribute_count; i++) {
        columns->attributes[i] = find_column(row, standard->attributes[i].name);
        if (columns->attributes[i] < 0)
            return fail(ctx, ERR_INVALID, "FIT_COLUMN", "no column %s",
                        standard->attributes[i].name);
    }
    return true;
}

/* Room for one row more; doubles. */
static void grow(struct fit_table *table, int *room)
{
    if (table->row_count < *room)
        return;
    *room = *room ? 2 * *room : 4096;
    size_t count = (size_t)*room;

    table->values =
        realloc(table->values, count * (size_t)table->attribute_count * sizeof(*table->values));
    table->outcomes = realloc(table->outcomes, count);
    table->keys = realloc(table->keys, count * sizeof(*table->keys));
    CHECK(table->values && table->outcomes && table->keys);
}

static bool read_value(const char *text, struct rating_value *value)
{
    *value = (struct rating_value){0};
    value->is_present = *text != '\0';
    return !value->is_present || cix_message_integer(text, INT64_MIN, INT64_MAX, &value->number);
}

static bool read_row(struct ctx *ctx, const struct csv_row *row, const struct fit_columns *columns,
                     struct fit_table *table)
{
    size_t at = (size_t)table->row_count;
    const char *outcome = row->cells[columns->outcome].text;
    const char *key = row->cells[columns->key].text;

    if (strcmp(outcome, "0") != 0 && strcmp(outcome, "1") != 0)
        return fail(ctx, ERR_INVALID, "FIT_VALUE", "line %lld: the outcome is 0 or 1",
                    (long long)row->line);
    if (strlen(key) > FIT_KEY_MAX)
        return fail(ctx, ERR_INVALID, "FIT_VALUE", "line %lld: a key has at most 64 bytes",
                    (long long)row->line);
    table->outcomes[at] = (uint8_t)(*outcome - '0');
    memcpy(table->keys[at], key, strlen(key) + 1);
    for (int i = 0; i < table->attribute_count; i++) {
        struct rating_value *value =
            &table->values[at * (size_t)table->attribute_count + (size_t)i];

        if (!read_value(row->cells[columns->attributes[i]].text, value))
            return fail(ctx, ERR_INVALID, "FIT_VALUE", "line %lld, column %d: no whole number",
                        (long long)row->line, columns->attributes[i] + 1);
    }
    table->row_count++;
    return true;
}

static bool read_rows(struct ctx *ctx, struct csv_reader *reader, const struct standard *standard,
                      struct fit_table *table)
{
    struct fit_columns columns;
    enum csv_result result = csv_read(reader);
    int width = reader->row.count, room = 0;

    if (result == CSV_ROW && !read_heading(ctx, &reader->row, standard, &columns))
        return false;
    while (result == CSV_ROW && (result = csv_read(reader)) == CSV_ROW) {
        if (reader->row.count != width)
            return fail(ctx, ERR_INVALID, "FIT_VALUE", "line %lld: not as many cells as columns",
                        (long long)reader->row.line);
        if (table->row_count == FIT_ROWS_MAX)
            return fail(ctx, ERR_INVALID, "FIT_ROWS", "more than 5,000,000 rows");
        grow(table, &room);
        if (!read_row(ctx, &reader->row, &columns, table))
            return false;
    }
    return result != CSV_BROKEN || fail(ctx, ERR_INVALID, "FILE", "line %lld: %s",
                                        (long long)reader->error.line, reader->error.message);
}

static bool has_both_outcomes(const struct fit_table *table)
{
    int bad = 0;

    for (int i = 0; i < table->row_count; i++)
        bad += table->outcomes[i];
    return bad > 0 && bad < table->row_count;
}

bool fit_table_read(struct ctx *ctx, const char *path, const struct standard *standard,
                    struct fit_table *table)
{
    struct csv_reader reader;
    FILE *file = fopen(path, "r");

    *table = (struct fit_table){.attribute_count = standard->attribute_count};
    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    csv_init(&reader, csv_from_file, file);
    bool is_read =
        read_rows(ctx, &reader, standard, table) &&
        (table->row_count > 0 || fail(ctx, ERR_INVALID, "FIT_ROWS", "%s holds no rows", path));
    csv_done(&reader);
    fclose(file);
    return is_read &&
           (has_both_outcomes(table) ||
            fail(ctx, ERR_INVALID, "FIT_ROWS", "%s: rows of both outcomes are needed", path));
}

void fit_table_done(struct fit_table *table)
{
    free(table->values);
    free(table->outcomes);
    free(table->keys);
    *table = (struct fit_table){0};
}
