/*
 * Goal: amounts are read, shown and divided exactly, and nothing overflows in silence.
 */
#include "base/money.h"
#include "support/cmocka.h"

static void currencies_have_their_minor_digits(void **state)
{
    static const struct {
        const char *currency;
        int digits;
    } rows[] = {
        {"CNY", 2},   {"USD", 2},  {"EUR", 2},  {"GBP", 2},  {"HKD", 2}, {"MOP", 2},
        {"TWD", 2},   {"SGD", 2},  {"JPY", 0},  {"KRW", 0},  {"KWD", 3}, {"BHD", 3},
        {"CLF", 4},   {"XAU", -1}, {"XXX", -1}, {"ABC", -1}, {"", -1},   {"CN", -1},
        {"CNYY", -1}, {"cny", -1}, {"Y E", -1}, {"NY ", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_int_equal(money_minor_digits(rows[i].currency), rows[i].digits);
}

static void sums_tell_overflow(void **state)
{
    int64_t sum = 5;

    (void)state;
    assert_true(money_add(1, -3, &sum));
    assert_int_equal(sum, -2);
    assert_false(money_add(INT64_MAX, 1, &sum));
    assert_false(money_add(INT64_MIN, -1, &sum));
    assert_int_equal(sum, -2);
}

static void ratios_round_half_up(void **state)
{
    (void)state;
    assert_int_equal(money_ratio_bps(1, 3), 3333);
    assert_int_equal(money_ratio_bps(2, 3), 6667);
    assert_int_equal(money_ratio_bps(1, 20000), 1); /* exactly half a basis point */
    assert_int_equal(money_ratio_bps(1, 20001), 0);
    assert_int_equal(money_ratio_bps(0, 5), 0);
    assert_int_equal(money_ratio_bps(INT64_MAX, INT64_MAX), 10000);
    assert_int_equal(money_ratio_bps(INT64_MAX, 1), INT32_MAX);
    assert_int_equal(money_ratio_bps(1, 0), -1);
    assert_int_equal(money_ratio_bps(-1, 5), -1);
}

static void amounts_are_shown(void **state)
{
    static const struct {
        int64_t amount;
        const char *currency;
        const char *text;
    } rows[] = {
        {-123456, "CNY", "-1,234.56"},
        {0, "CNY", "0.00"},
        {5, "CNY", "0.05"},
        {99999999, "CNY", "999,999.99"},
        {1234567, "JPY", "1,234,567"},
        {1234567, "KWD", "1,234.567"},
        {123, "???", "123"},
        {INT64_MAX, "CNY", "92,233,720,368,547,758.07"},
        {INT64_MIN, "CNY", "-92,233,720,368,547,758.08"},
        {INT64_MIN, "JPY", "-9,223,372,036,854,775,808"},
    };
    char text[40];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        money_format(rows[i].amount, rows[i].currency, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void amounts_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *currency;
        int64_t amount;
    } rows[] = {
        {"1234.56", "CNY", 123456},
        {"1234.5", "CNY", 123450},
        {"1234", "CNY", 123400},
        {"-0.01", "CNY", -1},
        {"7", "JPY", 7},
        {"1.234", "KWD", 1234},
        {"007", "CNY", 700},
        {"10000000000000", "CNY", MONEY_MAX},
        {"-10000000000000.00", "CNY", -MONEY_MAX},
    };
    static const char *const wrong[] = {
        "",
        "-",
        ".5",
        "1.",
        "1.234",
        "1,234",
        " 1",
        "1 ",
        "+1",
        "--1",
        "1e3",
        "0x10",
        "1.2.3",
        "10000000000000.01",
        "99999999999999999999999",
        "1.99999999999999999999999",
    };
    int64_t amount;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_true(money_parse(rows[i].text, rows[i].currency, &amount));
        assert_true(amount == rows[i].amount);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(money_parse(wrong[i], "CNY", &amount));
    assert_false(money_parse("1", "XXX", &amount));
    assert_false(money_parse("1.0", "JPY", &amount));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(currencies_have_their_minor_digits),
        cmocka_unit_test(sums_tell_overflow),
        cmocka_unit_test(ratios_round_half_up),
        cmocka_unit_test(amounts_are_shown),
        cmocka_unit_test(amounts_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
