/* Numbers and days as people write them: exact, and strict about what they are. */
#include "cli/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_number(const char *text, char mark, int shift, int64_t expected)
{
    int64_t value = -1;

    assert_int_equal(decimal_read(text, mark, shift, &value), DECIMAL_GOOD);
    assert_true(value == expected);
}

static void assert_no_number(const char *text, char mark, int shift, enum decimal_result expected)
{
    int64_t value = -7;

    assert_int_equal(decimal_read(text, mark, shift, &value), expected);
    assert_true(value == -7);
}

static void numbers_are_moved_exactly(void **state)
{
    (void)state;
    assert_number("0", '.', 2, 0);
    assert_number("-0.00", '.', 2, 0);
    assert_number("12", '.', 0, 12);
    assert_number("12.34", '.', 2, 1234);
    assert_number("-12.3", '.', 2, -1230);
    assert_number("+12.3000", '.', 2, 1230);
    assert_number("007", '.', 2, 700);
    assert_number("1,234,567.89", '.', 2, 123456789);
    assert_number("1.234.567,89", ',', 2, 123456789);
    assert_number("1234567.89", '.', 2, 123456789);
    assert_number("0.000001", '.', 6, 1);
    /* what a double would round */
    assert_number("90071992547409.93", '.', 2, INT64_C(9007199254740993));
    assert_number("1000000000000000.00", '.', 2, INT64_C(100000000000000000));
    assert_number("999999999999999999", '.', 0, INT64_C(999999999999999999));
}

static void other_texts_are_no_numbers(void **state)
{
    static const char *const wrong[] = {
        "",    "-",    ".",      "1.",    ".5",  "1,23",      "12,34,567", "1,234,56.7",
        "1e5", " 1",   "1 ",     "1.2.3", "--1", "1234,567",  ",123",      "1,,234",
        "¥12", "0x1F", "1,234,", "１",    "1-",  "1.234,567", "nan",       "1,2345"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_no_number(wrong[i], '.', 2, DECIMAL_WRONG);
    assert_no_number("1,234.5", ',', 2, DECIMAL_WRONG);
}

static void what_is_too_fine_or_too_large_is_told(void **state)
{
    (void)state;
    assert_no_number("0.001", '.', 2, DECIMAL_PRECISE);
    assert_no_number("1.5", '.', 0, DECIMAL_PRECISE);
    assert_no_number("1000000000000000000", '.', 0, DECIMAL_LARGE);
    assert_no_number("10000000000000000.00", '.', 2, DECIMAL_LARGE);
    assert_no_number("99999999999999999999999999", '.', 2, DECIMAL_LARGE);
}

static void assert_day(const char *pattern, const char *text, int32_t expected)
{
    struct pattern found;
    int32_t value = 0;

    assert_true(pattern_check(pattern, &found));
    assert_true(pattern_read(pattern, text, &value));
    assert_int_equal(value, expected);
}

static void assert_no_day(const char *pattern, const char *text)
{
    struct pattern found;
    int32_t value;

    assert_true(pattern_check(pattern, &found));
    assert_false(pattern_read(pattern, text, &value));
}

static void days_are_read_by_their_pattern(void **state)
{
    (void)state;
    assert_day("YYYY-MM-DD", "2024-02-29", 20240229);
    assert_day("YYYY/MM/DD", "2024/02/29", 20240229);
    assert_day("YYYYMMDD", "20240229", 20240229);
    assert_day("DD.MM.YYYY", "29.02.2024", 20240229);
    assert_day("MM/DD/YYYY", "02/29/2024", 20240229);
    assert_day("YYYY/M/D", "2024/2/9", 20240209);
    assert_day("YYYY/M/D", "2024/12/19", 20241219);
    assert_day("YYYY年M月D日", "2024年2月9日", 20240209);
    assert_day("YYYY-MM-DD*", "2024-02-09 00:00:00", 20240209);
    assert_day("YYYYMM", "202402", 202402);
    assert_day("MM/YYYY", "02/2024", 202402);
}

static void days_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    assert_no_day("YYYY-MM-DD", "2023-02-29");
    assert_no_day("YYYY-MM-DD", "2024-13-01");
    assert_no_day("YYYY-MM-DD", "0000-00-00");
    assert_no_day("YYYY-MM-DD", "2024-2-9");
    assert_no_day("YYYY-MM-DD", "2024-02-09 ");
    assert_no_day("YYYY-MM-DD", "2024-02-0");
    assert_no_day("YYYY-MM-DD", "");
    assert_no_day("YYYYMM", "202400");
    assert_no_day("YYYYMM", "2024011");
    assert_no_day("DD.MM.YYYY", "2024.02.09");
}

static void patterns_are_checked(void **state)
{
    static const char *const wrong[] = {"YY-MM-DD", "YYYY-MM-DD-DD", "yyyy-mm-dd", "YYYY-Mon-DD",
                                        "YYYY-MM-DD HH"};
    struct pattern found;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(pattern_check(wrong[i], &found));
    assert_true(pattern_check("MM/YYYY", &found));
    assert_true(found.has_year && found.has_month && !found.has_day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_moved_exactly),
        cmocka_unit_test(other_texts_are_no_numbers),
        cmocka_unit_test(what_is_too_fine_or_too_large_is_told),
        cmocka_unit_test(days_are_read_by_their_pattern),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(patterns_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
