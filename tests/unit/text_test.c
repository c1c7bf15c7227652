/*
 * Goal: hostile bytes are told from text, and one text has one form, however it was typed.
 */
#include "base/text.h"
#include "support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* On the heap and exact, so that a sanitizer sees a read past the end. */
static bool is_utf8(const char *data, size_t size)
{
    char *exact = malloc(size + (size == 0));

    assert_non_null(exact);
    memcpy(exact, data, size);
    bool is_good = text_is_utf8(exact, size);
    free(exact);
    return is_good;
}

static void utf8_is_told_from_bytes(void **state)
{
    static const char *const good[] = {"",
                                       "abc",
                                       "é",
                                       "张三",
                                       "\xf0\x9f\x98\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80",
        "\xc3",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\xaf",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xff",
        "\xe5\xbc",
        "a\xe5\xbc",
        "\xe5\xbc\x20",
        "\xf0\x9f\x98",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(is_utf8(bad[i], strlen(bad[i])));
    assert_false(is_utf8("a\0b", 3));
}

static void lengths_and_columns(void **state)
{
    (void)state;
    assert_int_equal(text_length("张三ab", strlen("张三ab")), 4);
    assert_int_equal(text_columns("张三ab"), 6);
    assert_int_equal(text_columns("ａ，"), 4);
    assert_int_equal(text_columns("e\xcc\x81"), 1);
    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("\xff"), 1);
}

static void controls_are_found(void **state)
{
    (void)state;
    assert_true(text_has_control("a\x01"));
    assert_true(text_has_control("\x7f"));
    assert_true(text_has_control("a\xc2\x85"));
    assert_true(text_has_control("\n"));
    assert_false(text_has_control("张三 ab"));
    assert_false(text_has_control("\xc2\xa0"));
}

static void identifiers_fold(void **state)
{
    (void)state;
    assert_string_equal(text_fold_identifier(&arena, "　１１０ａ－x 　"), "110A-X");
    assert_string_equal(text_fold_identifier(&arena, "a  b"), "A  B");
    assert_string_equal(text_fold_identifier(&arena, "   "), "");
    assert_string_equal(text_fold_identifier(&arena, ""), "");
    assert_string_equal(text_fold_identifier(&arena, "军字第1号"), "军字第1号");
    assert_string_equal(text_fold_identifier(&arena, "·"), "·");
}

static void names_fold(void **state)
{
    (void)state;
    assert_string_equal(text_fold_name(&arena, " 阿里•买买提 "), "阿里·买买提");
    assert_string_equal(text_fold_name(&arena, "阿里・买买提"), "阿里·买买提");
    assert_string_equal(text_fold_name(&arena, "阿里･买买提"), "阿里·买买提");
    assert_string_equal(text_fold_name(&arena, "John \t　 Smith"), "JOHN SMITH");
    assert_string_equal(text_fold_name(&arena, "ＪＯＨＮ　smith"), "JOHN SMITH");
    assert_string_equal(text_fold_name(&arena, ""), "");
}

static void folding_twice_changes_nothing(void **state)
{
    static const char *const texts[] = {" ａ　 b•c ", "张  三", "\xff\xfe x", "･･", "ß é"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        char *once = text_fold_name(&arena, texts[i]);

        assert_string_equal(text_fold_name(&arena, once), once);
        once = text_fold_identifier(&arena, texts[i]);
        assert_string_equal(text_fold_identifier(&arena, once), once);
    }
}

static void numbers_are_read_whole(void **state)
{
    static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "1a", "1234567890123456789"};
    int64_t value = 9;

    (void)state;
    assert_true(text_to_int64("999999999999999999", &value));
    assert_true(value == INT64_C(999999999999999999));
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(text_to_int64(wrong[i], &value));
}

static void hexadecimal_goes_both_ways(void **state)
{
    const uint8_t data[] = {0x00, 0xab, 0xff};
    uint8_t back[3];
    char text[7];

    (void)state;
    text_to_hex(data, 3, text);
    assert_string_equal(text, "00abff");
    assert_true(text_from_hex("00ABff", back, 3));
    assert_memory_equal(back, data, 3);
    assert_false(text_from_hex("00ab", back, 3));
    assert_false(text_from_hex("00abfg", back, 3));
}

static void builders_grow(void **state)
{
    struct builder builder = {.arena = &arena};
    char expected[3001] = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        builder_text(&builder, "abc");
        memcpy(expected + 3 * i, "abc", 3);
    }
    assert_string_equal(builder.data, expected);
    assert_int_equal(builder.size, 3000);
    struct builder other = {.arena = &arena};
    builder_format(&other, "%500s|%d", "x", 5);
    assert_int_equal(other.size, 502);
    assert_string_equal(other.data + 499, "x|5");
}

static void json_strings_are_escaped(void **state)
{
    struct builder builder = {.arena = &arena};

    (void)state;
    builder_json(&builder, "a\"b\\c\n\t\r\b\f\x01张");
    assert_string_equal(builder.data, "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001张\"");
    struct builder empty = {.arena = &arena};
    builder_json(&empty, "");
    assert_string_equal(empty.data, "\"\"");
}

static void the_nearest_word_is_suggested(void **state)
{
    static const char *const words[] = {"listen", "database", "data", "log-level"};
    char long_word[200];

    (void)state;
    assert_string_equal(text_nearest("lisen", words, 4), "listen");
    assert_string_equal(text_nearest("databse", words, 4), "database");
    assert_string_equal(text_nearest("log_level", words, 4), "log-level");
    assert_null(text_nearest("something", words, 4));
    assert_null(text_nearest("x", words, 0));
    memset(long_word, 'x', sizeof(long_word) - 1);
    long_word[sizeof(long_word) - 1] = '\0';
    assert_null(text_nearest(long_word, words, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_told_from_bytes),
        cmocka_unit_test(lengths_and_columns),
        cmocka_unit_test(controls_are_found),
        cmocka_unit_test(identifiers_fold),
        cmocka_unit_test(names_fold),
        cmocka_unit_test(folding_twice_changes_nothing),
        cmocka_unit_test(numbers_are_read_whole),
        cmocka_unit_test(hexadecimal_goes_both_ways),
        cmocka_unit_test(builders_grow),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(the_nearest_word_is_suggested),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
