/*
 * Tables on a terminal, by libsmartcols: columns fit their content, wide (Chinese) characters count
 * two.
 */
#pragma once

#include <stddef.h>

struct table;

/*
 * A table with count headings; one that begins with '>' is aligned to the right. Free with
 * table_print, which writes it to standard output, or table_free.
 */
struct table *table_new(const char *const *headings, size_t count);
void table_free(struct table *table);

/* Adds a row: as many cells as headings; NULL is an empty cell. The texts are copied. */
void table_add(struct table *table, const char *const *cells);

/* Writes the table to standard output and frees it. Nothing is written when it has no row. */
void table_print(struct table *table);
