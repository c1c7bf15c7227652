#include "cli/table.h"

#include <libsmartcols.h>
#include <stdlib.h>

#include "base/check.h"

struct table {
    struct libscols_table *columns;
    size_t count;
};

struct table *table_new(const char *const *headings, size_t count)
{
    struct table *table = calloc(1, sizeof(*table));

    CHECK(table);
    table->columns = scols_new_table();
    CHECK(table->columns);
    table->count = count;
    for (size_t i = 0; i < count; i++) {
        int is_right = headings[i][0] == '>';
        CHECK(scols_table_new_column(table->columns, headings[i] + is_right, 0,
                                     is_right ? SCOLS_FL_RIGHT : 0));
    }
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    scols_unref_table(table->columns);
    free(table);
}

void table_add(struct table *table, const char *const *cells)
{
    struct libscols_line *line = scols_table_new_line(table->columns, NULL);

    CHECK(line);
    for (size_t i = 0; i < table->count; i++)
        CHECK(!scols_line_set_data(line, i, cells[i] ? cells[i] : ""));
}

void table_print(struct table *table)
{
    if (!scols_table_is_empty(table->columns))
        CHECK(!scols_print_table(table->columns));
    table_free(table);
}
