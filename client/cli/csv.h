/*
 * A streaming reader and writer of comma-separated values after RFC 4180, and of the same with
 * another delimiter or without quotes.
 *
 * The reader is strict, so that a damaged file is found where it is damaged: a quote only around a
 * whole cell, line ends LF or CRLF, well-formed UTF-8 without NUL. A byte order mark at the start
 * is skipped, and so are lines without a character. Every row and cell knows its place in the file.
 * Memory does not depend on the size of the file: a row has at most CSV_ROW_MAX bytes and
 * CSV_COLUMN_MAX cells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/check.h"

enum { CSV_ROW_MAX = 256 * 1024, CSV_COLUMN_MAX = 256, CSV_INPUT_SIZE = 64 * 1024 };

/* What stands between cells, one byte of ASCII, and whether quotes mean anything. */
struct csv_form {
    char delimiter;
    bool has_quotes;
};

/* RFC 4180: commas and quotes. */
extern const struct csv_form csv_standard;

/* One cell, unquoted. text ends with a NUL that size does not count. */
struct csv_cell {
    const char *text;
    size_t size;
    int64_t byte; /* offset of the cell's first byte in the file, its quote included */
};

/* One row; valid until the next csv_read. */
struct csv_row {
    int64_t line; /* of its first byte, from 1; a line break in a quoted cell counts */
    int64_t byte; /* offset of its first byte */
    int count;
    struct csv_cell cells[CSV_COLUMN_MAX];
};

/* What is wrong with the file, and where. The message never holds a byte of the file. */
struct csv_error {
    int64_t line;
    int64_t byte;
    int column; /* cell of the row, from 1 */
    const char *message;
};

/* Where bytes come from: at most room of them into data. 0 at the end, -1 on a read error. */
typedef long csv_source(void *source, char *data, size_t room);

enum csv_result { CSV_ROW, CSV_END, CSV_BROKEN };

struct csv_reader {
    struct csv_form form; /* csv_standard unless it is set before the first row */
    csv_source *read;
    void *source;
    char *input; /* CSV_INPUT_SIZE bytes */
    size_t input_at, input_size;
    int64_t input_byte; /* offset in the file of input[0] */
    char *text;         /* CSV_ROW_MAX bytes: the cells of the row, one behind the other */
    size_t text_size;
    int64_t line;
    bool is_started, is_failed;
    struct csv_row row;
    struct csv_error error;
};

/* Prepares a reader. csv_done releases it; the source stays the caller's. */
void csv_init(struct csv_reader *reader, csv_source *read, void *source);
void csv_done(struct csv_reader *reader);

/*
 * Reads the next row into reader->row. CSV_BROKEN: reader->error says what and where; nothing can
 * be read after it.
 */
MUST_USE enum csv_result csv_read(struct csv_reader *reader);

/* Bytes of the source that were taken so far. */
int64_t csv_position(const struct csv_reader *reader);

/* A csv_source over a stdio stream. */
long csv_from_file(void *file, char *data, size_t room);

/* Writes one cell, quoted where it must be. */
void csv_write_cell(FILE *file, const char *text);

/* The same in another form; without quotes, delimiters and line breaks inside become spaces. */
void csv_write_cell_as(FILE *file, const struct csv_form *form, const char *text);
