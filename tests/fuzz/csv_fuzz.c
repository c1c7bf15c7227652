/*
 * The CSV reader over any bytes, in each of its forms: cells stay inside the row, places rise, and
 * what was read is written and read again the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "cli/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size, at;
};

static long read_input(void *source, char *data, size_t room)
{
    struct input *input = source;
    size_t size = input->size - input->at < room ? input->size - input->at : room;

    if (size)
        memcpy(data, input->data + input->at, size);
    input->at += size;
    return (long)size;
}

static const struct csv_form forms[] = {{',', true}, {';', true}, {'|', false}};

static void check_written(const struct csv_form *form, const struct csv_row *row)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    struct csv_reader reader;

    for (int i = 0; i < row->count; i++) {
        if (i)
            fputc(form->delimiter, file);
        csv_write_cell_as(file, form, row->cells[i].text);
    }
    fputc('\n', file);
    fclose(file);
    struct input input = {.data = (const uint8_t *)text, .size = size};
    csv_init(&reader, read_input, &input);
    reader.form = *form;
    if (size > 1 && memcmp(text, "\xEF\xBB\xBF", size < 3 ? size : 3) != 0 &&
        size < (size_t)CSV_ROW_MAX) {
        CHECK(csv_read(&reader) == CSV_ROW && reader.row.count == row->count);
        for (int i = 0; i < row->count; i++)
            CHECK(!strcmp(reader.row.cells[i].text, row->cells[i].text));
    }
    csv_done(&reader);
    free(text);
}

static void read_as(const struct csv_form *form, const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct csv_reader reader;
    int64_t line = 0;
    enum csv_result result;

    csv_init(&reader, read_input, &input);
    reader.form = *form;
    while ((result = csv_read(&reader)) == CSV_ROW) {
        CHECK(reader.row.line > line && reader.row.byte < (int64_t)size);
        line = reader.row.line;
        for (int i = 0; i < reader.row.count; i++)
            CHECK(strlen(reader.row.cells[i].text) == reader.row.cells[i].size);
        check_written(form, &reader.row);
    }
    if (result == CSV_BROKEN)
        CHECK(reader.error.message && reader.error.byte <= (int64_t)size);
    csv_done(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++)
        read_as(&forms[i], data, size);
    return 0;
}
