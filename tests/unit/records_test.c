/* Files of records: both forms, bad ones among good ones, chunks cut the same way twice, the
 * journal. */
#include "cli/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/chunker.h"
#include "cli/journal.h"

static struct arena arena;
static struct ctx ctx;
static char dir[] = "/tmp/cix-records-test-XXXXXX";
static char path[256];

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/input", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    unlink(path);
    return rmdir(dir);
}

static void write_input(const char *text, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    ctx_clear(&ctx);
}

static const struct records_input *input_of(enum records_format format, const char *kind)
{
    static struct records_input input;

    input = (struct records_input){.path = path, .format = format, .kind = kind};
    return &input;
}

/* "g3 b4 " for a good record on line 3 and a bad one on line 4, then "end" or "broken". */
static const char *read_all(enum records_format format, const char *kind)
{
    static char out[4096];
    struct records records;
    enum records_result result = RECORDS_GOOD;
    Cix__V1__Record *record;
    char *at = out;

    assert_true(records_open(&ctx, input_of(format, kind), &records));
    while (result == RECORDS_GOOD || result == RECORDS_BAD) {
        result = records_next(&ctx, &records, &record);
        if (result == RECORDS_GOOD || result == RECORDS_BAD)
            at += sprintf(at, "%c%d ", result == RECORDS_GOOD ? 'g' : 'b', (int)records.line);
    }
    sprintf(at, "%s", result == RECORDS_END ? "end" : "broken");
    records_close(&records);
    return out;
}

static const char *read_text(enum records_format format, const char *text)
{
    write_input(text, strlen(text));
    return read_all(format, "account");
}

static void bad_records_do_not_end_a_file(void **state)
{
    (void)state;
    assert_string_equal(read_text(RECORDS_CSV, "account_no,type\nA,R2\nB,R9\nC\nD,1\n"),
                        "g2 b3 b4 g5 end");
    assert_string_equal(read_text(RECORDS_JSON, "{\"account\":{}}\n\n{}\nx\r\n{\"flag\":{}}"),
                        "g1 b3 b4 g5 end");
    assert_string_equal(read_text(RECORDS_JSON, "\n\n{}\n\n"), "b3 end");
    assert_string_equal(read_text(RECORDS_JSON, "\xEF\xBB\xBF{\"account\":{}}\n"), "g1 end");
    assert_string_equal(read_text(RECORDS_JSON, "{\"account\":{}}\n\xEF\xBB\xBF{}\n"), "g1 b2 end");
}

static void damage_ends_a_file(void **state)
{
    char *text = malloc(1024 * 1024 + 8);

    (void)state;
    assert_string_equal(read_text(RECORDS_CSV, "account_no\nA\n\"B"), "g2 broken");
    assert_non_null(strstr(ctx.error.message, "line 3"));
    memset(text, ' ', 1024 * 1024 + 8);
    write_input(text, 1024 * 1024 + 8);
    assert_string_equal(read_all(RECORDS_JSON, NULL), "broken");
    free(text);
}

static void a_file_without_a_line_is_told(void **state)
{
    struct records records;

    (void)state;
    assert_string_equal(read_text(RECORDS_JSON, ""), "broken");
    assert_non_null(strstr(ctx.error.message, "is empty"));
    assert_string_equal(read_text(RECORDS_JSON, "\n\r\n"), "broken");
    assert_non_null(strstr(ctx.error.message, "is empty"));
    write_input("\n", 1);
    assert_false(records_open(&ctx, input_of(RECORDS_CSV, "account"), &records));
    assert_non_null(strstr(ctx.error.message, "is empty"));
    records_close(&records);
    assert_string_equal(read_text(RECORDS_CSV, "account_no,type\n\n"), "broken");
    assert_non_null(strstr(ctx.error.message, "has headings and no record"));
}

static void bad_json_is_told_by_the_line_of_the_file(void **state)
{
    struct records records;
    Cix__V1__Record *record;

    (void)state;
    write_input("{\"account\":{}}\n\n{]\n", 19);
    assert_true(records_open(&ctx, input_of(RECORDS_JSON, NULL), &records));
    assert_int_equal(records_next(&ctx, &records, &record), RECORDS_GOOD);
    assert_int_equal(records_next(&ctx, &records, &record), RECORDS_BAD);
    assert_string_equal(ctx.error.message, "not well-formed JSON at line 3, column 2");
    records_close(&records);
}

static void bytes_that_are_no_text_are_placed(void **state)
{
    (void)state;
    assert_string_equal(read_text(RECORDS_JSON, "{\"account\":{}}\n{\"\xE4\xB8\xAD\xE4\"}\n"),
                        "g1 b2 end");
    assert_string_equal(read_text(RECORDS_CSV, "account_no,type\nA,R2\nB,\xFF\nC,R2\n"),
                        "g2 broken");
    assert_non_null(strstr(ctx.error.message, "line 3, column 2: not UTF-8; if it is GB18030"));
}

static void a_record_beyond_the_bound_is_bad(void **state)
{
    char *text = malloc(RECORD_SIZE_MAX + 100);
    struct records records;
    Cix__V1__Record *record;
    int size = sprintf(text, "{\"account\":{\"accountNo\":\"");

    (void)state;
    memset(text + size, 'x', RECORD_SIZE_MAX);
    strcpy(text + size + RECORD_SIZE_MAX, "\"}}\n");
    write_input(text, strlen(text));
    assert_true(records_open(&ctx, input_of(RECORDS_JSON, NULL), &records));
    assert_int_equal(records_next(&ctx, &records, &record), RECORDS_BAD);
    assert_string_equal(ctx.error.reason, "RECORD_TOO_LARGE");
    assert_int_equal(records_next(&ctx, &records, &record), RECORDS_END);
    records_close(&records);
    free(text);
}

static void a_nul_in_a_line_is_bad(void **state)
{
    static const char text[] = "{\"account\":{}}\0\n{\"account\":{}}\n";

    (void)state;
    write_input(text, sizeof(text) - 1);
    assert_string_equal(read_all(RECORDS_JSON, NULL), "b1 g2 end");
}

static void an_unknown_kind_is_refused(void **state)
{
    struct records records;

    (void)state;
    write_input("a\n", 2);
    assert_false(records_open(&ctx, input_of(RECORDS_CSV, "acount"), &records));
    assert_string_equal(ctx.error.reason, "KIND");
    records_close(&records);
}

static void chunks_are_cut_by_count_and_by_size(void **state)
{
    struct records records;
    struct chunker chunker;
    FILE *file = fopen(path, "w");

    (void)state;
    for (int i = 0; i < 10; i++)
        fprintf(file, "{\"account\":{\"accountNo\":\"%0*d\"}}\n", i < 5 ? 200000 : 1, i);
    fclose(file);
    ctx_clear(&ctx);
    assert_true(records_open(&ctx, input_of(RECORDS_JSON, NULL), &records));
    chunker_init(&chunker, &records, 4);
    for (int i = 0; i < 10; i++) {
        /* Three large records fill a chunk, then two large and two small ones make four. */
        static const int expected[] = {1, 1, 1, 2, 2, 2, 2, 3, 3, 3};
        assert_int_equal(chunker_read(&chunker), RECORDS_GOOD);
        assert_int_equal(chunker.number, expected[i]);
    }
    assert_int_equal(chunker_read(&chunker), RECORDS_END);
    assert_int_equal(chunker.good, 10);
    chunker_done(&chunker);
    records_close(&records);
}

static void a_journal_is_read_back_until_it_is_removed(void **state)
{
    struct journal journal = {.id = "01a2045c-a7e0-7c90-9e78-5dae1361802d",
                              .digest = "694fdcd73c2b02f530ddf3e03bc52bdc"
                                        "3c1afde732b072f13a5c3947ca9e0916",
                              .mode = 2,
                              .period = 202401,
                              .chunk = 500};
    struct journal read;
    bool is_found;

    (void)state;
    ctx_clear(&ctx);
    assert_true(journal_read(&ctx, path, &read, &is_found));
    assert_false(is_found);
    assert_true(journal_write(&ctx, path, &journal));
    assert_true(journal_read(&ctx, path, &read, &is_found));
    assert_true(is_found);
    assert_memory_equal(&read, &journal, sizeof(read));
    assert_false(journal_write(&ctx, path, &journal)); /* another run was first */
    assert_string_equal(ctx.error.reason, "JOURNAL");
    assert_non_null(strstr(ctx.error.message, "another run of cix began to submit"));
    ctx_clear(&ctx);
    journal_remove(path);
    assert_true(journal_read(&ctx, path, &read, &is_found));
    assert_false(is_found);
}

static void a_damaged_journal_is_not_taken(void **state)
{
    char name[300];
    struct journal read;
    bool is_found;

    (void)state;
    snprintf(name, sizeof(name), "%s.cix-journal", path);
    FILE *file = fopen(name, "w");
    fputs("id=nothing\n", file);
    fclose(file);
    ctx_clear(&ctx);
    assert_false(journal_read(&ctx, path, &read, &is_found));
    assert_string_equal(ctx.error.reason, "JOURNAL");
    journal_remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_records_do_not_end_a_file),
        cmocka_unit_test(damage_ends_a_file),
        cmocka_unit_test(a_file_without_a_line_is_told),
        cmocka_unit_test(bad_json_is_told_by_the_line_of_the_file),
        cmocka_unit_test(bytes_that_are_no_text_are_placed),
        cmocka_unit_test(a_record_beyond_the_bound_is_bad),
        cmocka_unit_test(a_nul_in_a_line_is_bad),
        cmocka_unit_test(an_unknown_kind_is_refused),
        cmocka_unit_test(chunks_are_cut_by_count_and_by_size),
        cmocka_unit_test(a_journal_is_read_back_until_it_is_removed),
        cmocka_unit_test(a_damaged_journal_is_not_taken),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
