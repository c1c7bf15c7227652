/* The CSV reader: what it takes, where it says the file is wrong, and that chunking does not
 * matter. */
#include "cli/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A text that is handed out in pieces of a fixed size. */
struct pieces {
    const char *text;
    size_t size, at, piece;
};

static long read_piece(void *source, char *data, size_t room)
{
    struct pieces *pieces = source;
    size_t size = pieces->size - pieces->at;

    size = size < pieces->piece ? size : pieces->piece;
    size = size < room ? size : room;
    memcpy(data, pieces->text + pieces->at, size);
    pieces->at += size;
    return (long)size;
}

static void open_text(struct csv_reader *reader, struct pieces *pieces, const char *text)
{
    *pieces = (struct pieces){.text = text, .size = strlen(text), .piece = 4096};
    csv_init(reader, read_piece, pieces);
}

/* Every row as "cell|cell", each behind its line number, up to the end or the error. */
static void render(const char *text, size_t size, size_t piece, char *out)
{
    struct csv_reader reader;
    struct pieces pieces = {.text = text, .size = size, .piece = piece};
    enum csv_result result;

    *out = '\0';
    csv_init(&reader, read_piece, &pieces);
    while ((result = csv_read(&reader)) == CSV_ROW) {
        out += sprintf(out, "%d@%d:", (int)reader.row.line, (int)reader.row.byte);
        for (int i = 0; i < reader.row.count; i++)
            out += sprintf(out, "%s%s", i ? "|" : "", reader.row.cells[i].text);
        out += sprintf(out, ";");
    }
    if (result == CSV_BROKEN)
        sprintf(out, "!%d@%d,%d %s", (int)reader.error.line, (int)reader.error.byte,
                reader.error.column, reader.error.message);
    csv_done(&reader);
}

static void assert_rendered(const char *text, size_t size, const char *expected)
{
    char out[4096];

    for (size_t piece = 3; piece <= size + 4; piece++) {
        render(text, size, piece, out);
        assert_string_equal(out, expected);
    }
}

#define ASSERT_RENDERED(text, expected) assert_rendered(text, sizeof(text) - 1, expected)

static void rows_and_their_places_are_read(void **state)
{
    (void)state;
    ASSERT_RENDERED("a,b\n1,2\r\n,\n", "1@0:a|b;2@4:1|2;3@9:|;");
    ASSERT_RENDERED("a,b", "1@0:a|b;");
    ASSERT_RENDERED("a,", "1@0:a|;");
    ASSERT_RENDERED("", "");
    ASSERT_RENDERED("\"a,b\",\"say \"\"hi\"\"\"\nx,y\n", "1@0:a,b|say \"hi\";2@19:x|y;");
    ASSERT_RENDERED("\"two\nlines\",b\nc,d\n", "1@0:two\nlines|b;3@14:c|d;");
    ASSERT_RENDERED("\"\"\nb\n", "1@0:;2@3:b;");
}

static void byte_order_mark_and_empty_lines_are_skipped(void **state)
{
    (void)state;
    ASSERT_RENDERED("\xEF\xBB\xBF"
                    "a\n\n\r\nb\n\n",
                    "1@3:a;4@8:b;");
}

static void damage_is_named_with_its_place(void **state)
{
    (void)state;
    ASSERT_RENDERED("a,b\"c\n", "!1@3,2 quote inside a cell that does not start with one");
    ASSERT_RENDERED("x\n\"a\"b\n", "1@0:x;!2@5,1 text behind the closing quote of a cell");
    ASSERT_RENDERED("a\rb\n", "!1@2,1 carriage return without line feed");
    ASSERT_RENDERED("a,\"b", "!1@4,2 the file ends inside a quoted cell");
    ASSERT_RENDERED("a,b\0c\n", "!1@3,2 NUL byte");
    ASSERT_RENDERED("a,\xff\n", "!1@2,2 not UTF-8");
    ASSERT_RENDERED("a,\xed\xa0\x80,b\n", "!1@2,2 not UTF-8");
}

static void nothing_is_read_after_damage(void **state)
{
    struct csv_reader reader;
    struct pieces pieces;

    (void)state;
    open_text(&reader, &pieces, "a\"\nb\n");
    assert_int_equal(csv_read(&reader), CSV_BROKEN);
    assert_int_equal(csv_read(&reader), CSV_BROKEN);
    csv_done(&reader);
}

static void too_wide_and_too_long_rows_are_refused(void **state)
{
    char *text = malloc(CSV_ROW_MAX + 2);
    struct csv_reader reader;
    struct pieces pieces;

    (void)state;
    memset(text, ',', CSV_COLUMN_MAX);
    text[CSV_COLUMN_MAX] = '\0';
    open_text(&reader, &pieces, text);
    assert_int_equal(csv_read(&reader), CSV_BROKEN);
    assert_string_equal(reader.error.message, "more than 256 columns");
    csv_done(&reader);
    memset(text, 'x', CSV_ROW_MAX + 1);
    text[CSV_ROW_MAX + 1] = '\0';
    open_text(&reader, &pieces, text);
    assert_int_equal(csv_read(&reader), CSV_BROKEN);
    assert_string_equal(reader.error.message, "row longer than 256 KiB");
    csv_done(&reader);
    free(text);
}

static void the_longest_row_is_read(void **state)
{
    char *text = malloc(CSV_ROW_MAX);
    struct csv_reader reader;
    struct pieces pieces;

    (void)state;
    memset(text, 'x', CSV_ROW_MAX - 1);
    text[CSV_ROW_MAX - 1] = '\0';
    open_text(&reader, &pieces, text);
    assert_int_equal(csv_read(&reader), CSV_ROW);
    assert_int_equal(reader.row.cells[0].size, CSV_ROW_MAX - 1);
    csv_done(&reader);
    free(text);
}

static void written_cells_are_read_back(void **state)
{
    static const char *const cells[] = {"plain", "", "a,b", "say \"hi\"", "two\nlines", "张三"};
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    struct csv_reader reader;
    struct pieces pieces;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        if (i)
            fputc(',', file);
        csv_write_cell(file, cells[i]);
    }
    fclose(file);
    open_text(&reader, &pieces, text);
    assert_int_equal(csv_read(&reader), CSV_ROW);
    assert_int_equal(reader.row.count, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(reader.row.cells[i].text, cells[i]);
    csv_done(&reader);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_their_places_are_read),
        cmocka_unit_test(byte_order_mark_and_empty_lines_are_skipped),
        cmocka_unit_test(damage_is_named_with_its_place),
        cmocka_unit_test(nothing_is_read_after_damage),
        cmocka_unit_test(too_wide_and_too_long_rows_are_refused),
        cmocka_unit_test(the_longest_row_is_read),
        cmocka_unit_test(written_cells_are_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
