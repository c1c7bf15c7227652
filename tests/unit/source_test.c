/* Input files: plain, gzip, GB18030, what is neither, and what was made to hurt. */
#include "cli/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static struct arena arena;
static struct ctx ctx;
static char dir[] = "/tmp/cix-source-test-XXXXXX";
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

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Appends a gzip member that holds the text count times. */
static void pack_input(const char *mode, const char *text, size_t size, size_t count)
{
    gzFile file = gzopen(path, mode);

    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(gzwrite(file, text, (unsigned)size), size);
    assert_int_equal(gzclose(file), Z_OK);
}

/* The whole content by reads of so many bytes, then "!" and the failure if there was one. */
static const char *read_by(enum encoding encoding, size_t piece)
{
    static char out[200000];
    struct source *source;
    size_t size = 0;
    long got;

    ctx_clear(&ctx);
    if (!source_open(&ctx, path, encoding, &source)) {
        assert_null(source);
        snprintf(out, sizeof(out), "!%s", strstr(ctx.error.message, ": ") + 2);
        return out;
    }
    while ((got = source_read(source, out + size, piece)) > 0) {
        size += (size_t)got;
        assert_true(size + piece + 200 < sizeof(out));
    }
    snprintf(out + size, sizeof(out) - size, "%s%s", got < 0 ? "!" : "", source_failure(source));
    assert_int_equal(got < 0, *source_failure(source) != 0);
    source_close(source);
    return out;
}

static void assert_read(enum encoding encoding, const char *expected)
{
    for (size_t piece = 4; piece < 64; piece++)
        assert_string_equal(read_by(encoding, piece), expected);
}

static void plain_text_is_passed_on(void **state)
{
    struct source *source;

    (void)state;
    write_input("a,b\n", 4);
    assert_read(ENCODING_UTF8, "a,b\n");
    assert_true(source_open(&ctx, path, ENCODING_UTF8, &source));
    assert_true(source_is_plain(source));
    source_close(source);
    write_input("", 0);
    assert_read(ENCODING_UTF8, "");
    unlink(path);
    assert_string_equal(read_by(ENCODING_UTF8, 9), "!No such file or directory");
}

static void gzip_is_known_by_its_first_bytes(void **state)
{
    struct source *source;

    (void)state;
    pack_input("wb", "one,two\n", 8, 3);
    assert_read(ENCODING_UTF8, "one,two\none,two\none,two\n");
    pack_input("ab", "three\n", 6, 1);
    assert_read(ENCODING_UTF8, "one,two\none,two\none,two\nthree\n");
    assert_true(source_open(&ctx, path, ENCODING_UTF8, &source));
    assert_false(source_is_plain(source));
    source_close(source);
    pack_input("wb", "", 0, 0);
    assert_read(ENCODING_UTF8, "");
}

static void damaged_gzip_gives_what_came_before(void **state)
{
    char packed[256];
    FILE *file;

    (void)state;
    pack_input("wb", "one,two\n", 8, 3);
    file = fopen(path, "r");
    size_t size = fread(packed, 1, sizeof(packed), file);
    fclose(file);
    write_input(packed, size - 6);
    assert_read(ENCODING_UTF8, "one,two\none,two\none,two\n!the gzip data is cut off");
    packed[size - 5] ^= 1;
    write_input(packed, size);
    assert_non_null(strstr(read_by(ENCODING_UTF8, 50), "!the gzip data is damaged"));
    packed[size - 5] ^= 1;
    memcpy(packed + size, "more", 4);
    write_input(packed, size + 4);
    assert_non_null(strstr(read_by(ENCODING_UTF8, 50), "!the gzip data is damaged"));
    write_input(packed, 2);
    assert_string_equal(read_by(ENCODING_UTF8, 50), "!the gzip data is cut off");
}

/* A few kilobytes that unpack to more than anybody meant. */
static void a_bomb_is_refused(void **state)
{
    char *lines = malloc(1024 * 1024);
    struct source *source;
    int64_t total = 0;
    long got;

    (void)state;
    memset(lines, '\n', 1024 * 1024);
    pack_input("wb9", lines, 1024 * 1024, SOURCE_RATIO_FROM / 1024 / 1024 + 8);
    ctx_clear(&ctx);
    assert_true(source_open(&ctx, path, ENCODING_UTF8, &source));
    while ((got = source_read(source, lines, 1024 * 1024)) > 0)
        total += got;
    assert_int_equal(got, -1);
    assert_non_null(strstr(source_failure(source), "200 times"));
    assert_true(total <= SOURCE_RATIO_FROM + 1024 * 1024);
    source_close(source);
    free(lines);
}

static void gb18030_is_converted(void **state)
{
    (void)state;
    /* two, one and four bytes a character */
    write_input("\xD6\xD0,\xCE\xC4\n\x81\x39\xEE\x39\n", 11);
    assert_read(ENCODING_GB18030, "中,文\n㐀\n");
    write_input("\x84\x31\x95\x33\xD6\xD0\n", 7);
    assert_read(ENCODING_UTF8, "\xEF\xBB\xBF中\n");
    write_input("\xEF\xBB\xBF中\n", 7);
    assert_read(ENCODING_GB18030, "\xEF\xBB\xBF中\n");
    pack_input("wb", "\xD6\xD0\n", 3, 2);
    assert_read(ENCODING_GB18030, "中\n中\n");
}

static void broken_gb18030_gives_what_came_before(void **state)
{
    (void)state;
    write_input("\xD6\xD0\n\xD6\x20\n", 6);
    assert_read(ENCODING_GB18030, "中\n!not GB18030");
    write_input("\xD6\xD0\n\xD6", 4);
    assert_read(ENCODING_GB18030, "中\n!not GB18030");
    write_input("\xFF", 1);
    assert_read(ENCODING_GB18030, "!not GB18030");
}

/* A character cut by the end of a buffer is whole in the end. */
static void buffers_cut_no_character(void **state)
{
    enum { CHARACTERS = 50000 };
    char *text = malloc(CHARACTERS * 2 + 1);

    (void)state;
    for (int shift = 0; shift < 2; shift++) {
        text[0] = 'x';
        for (int i = 0; i < CHARACTERS; i++)
            memcpy(text + shift + (size_t)i * 2, "\xD6\xD0", 2);
        write_input(text, CHARACTERS * 2 + (size_t)shift);
        const char *out = read_by(ENCODING_GB18030, 1000);
        assert_int_equal(strlen(out), CHARACTERS * 3 + shift);
        for (int i = 0; i < CHARACTERS; i++)
            assert_memory_equal(out + shift + (size_t)i * 3, "中", 3);
    }
    free(text);
}

static void what_is_no_text_is_named(void **state)
{
    (void)state;
    write_input("PK\x03\x04xlsx", 8);
    assert_read(ENCODING_UTF8, "!a ZIP or Excel file; save it as CSV");
    write_input("\xFF\xFE"
                "a\0",
                4);
    assert_read(ENCODING_UTF8, "!UTF-16; save it as UTF-8");
    write_input("\x28\xB5\x2F\xFDx", 5);
    assert_read(ENCODING_UTF8, "!packed by zstd; gzip is understood");
}

static void encodings_have_names(void **state)
{
    enum encoding encoding;

    (void)state;
    assert_true(encoding_find("UTF-8", &encoding));
    assert_int_equal(encoding, ENCODING_UTF8);
    assert_true(encoding_find("gb_18030", &encoding));
    assert_int_equal(encoding, ENCODING_GB18030);
    assert_false(encoding_find("latin1", &encoding));
    assert_false(encoding_find("", &encoding));
    assert_false(encoding_find("utf-8-but-much-longer-than-that", &encoding));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_passed_on),
        cmocka_unit_test(gzip_is_known_by_its_first_bytes),
        cmocka_unit_test(damaged_gzip_gives_what_came_before),
        cmocka_unit_test(a_bomb_is_refused),
        cmocka_unit_test(gb18030_is_converted),
        cmocka_unit_test(broken_gb18030_gives_what_came_before),
        cmocka_unit_test(buffers_cut_no_character),
        cmocka_unit_test(what_is_no_text_is_named),
        cmocka_unit_test(encodings_have_names),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
