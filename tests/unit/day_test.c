/*
 * Goal: days and months convert exactly, and what is no date is refused.
 * Method: every day from 1600 to 2400 against the calendar's own order; known days; edges.
 */
#include "base/clock.h"
#include "base/day.h"
#include "support/cmocka.h"

static void every_day_follows_the_one_before(void **state)
{
    struct day day;
    int32_t expected = day_of_civil(1600, 1, 1).number;

    (void)state;
    for (int32_t wire = 16000101; wire <= 24001231; wire++) {
        if (!day_from_wire(wire, &day))
            continue;
        assert_int_equal(day.number, expected++);
        assert_int_equal(day_to_wire(day), wire);
    }
    /* Two Gregorian cycles, and the year 2400. */
    assert_int_equal(expected - day_of_civil(1600, 1, 1).number, 2 * 146097 + 366);
}

static void known_days(void **state)
{
    struct day day;

    (void)state;
    assert_int_equal(day_of_civil(1970, 1, 1).number, 0);
    assert_int_equal(day_of_civil(2000, 3, 1).number, 11017);
    assert_int_equal(day_of_civil(1969, 12, 31).number, -1);
    assert_true(day_from_wire(20240229, &day));
    assert_int_equal(day.number, 19782);
}

static void no_such_day(void **state)
{
    static const int32_t wires[] = {0,        -1,       20230229, 19000229,  20241301, 20240001,
                                    20240100, 20240431, 15991231, INT32_MAX, INT32_MIN};
    struct day day = {77};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wires); i++)
        assert_false(day_from_wire(wires[i], &day));
    assert_int_equal(day.number, 77);
}

static void texts(void **state)
{
    static const char *const wrong[] = {"",         "2024-2-29",   "2024/02/29",
                                        "20240230", "2024-02-299", " 20240229",
                                        "2024022a", "-2024022"};
    struct day day;
    char text[11];

    (void)state;
    assert_true(day_parse("2024-02-29", &day));
    day_format(day, text);
    assert_string_equal(text, "2024-02-29");
    assert_true(day_parse("19491231", &day));
    day_format(day, text);
    assert_string_equal(text, "1949-12-31");
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(day_parse(wrong[i], &day));
}

static int32_t months_after(int32_t wire, int32_t months)
{
    struct day day;

    assert_true(day_from_wire(wire, &day));
    return day_to_wire(day_add_months(day, months));
}

static void months_end_where_the_month_does(void **state)
{
    (void)state;
    assert_int_equal(months_after(20240131, 1), 20240229);
    assert_int_equal(months_after(20230131, 1), 20230228);
    assert_int_equal(months_after(20240229, 12), 20250228);
    assert_int_equal(months_after(20240331, -1), 20240229);
    assert_int_equal(months_after(20240115, 60), 20290115);
    assert_int_equal(months_after(20240115, -13), 20221215);
}

static int years(int32_t from, int32_t to)
{
    struct day birth, on;

    assert_true(day_from_wire(from, &birth));
    assert_true(day_from_wire(to, &on));
    return day_years_between(birth, on);
}

static void ages_count_birthdays(void **state)
{
    (void)state;
    assert_int_equal(years(20000615, 20180614), 17);
    assert_int_equal(years(20000615, 20180615), 18);
    assert_int_equal(years(20000229, 20180228), 17);
    assert_int_equal(years(20000229, 20180301), 18);
    assert_int_equal(years(20000615, 20000615), 0);
    assert_int_equal(years(20000615, 20000614), -1);
    assert_int_equal(years(19000101, 20261231), 126);
    assert_int_equal(day_year(day_of_civil(1600, 1, 1)), 1600);
    assert_int_equal(day_year(day_of_civil(2026, 12, 31)), 2026);
}

static void periods(void **state)
{
    struct period period, same;
    char text[8];

    (void)state;
    assert_true(period_from_wire(202402, &period));
    assert_int_equal(period_to_wire(period), 202402);
    assert_int_equal(day_to_wire(period_first_day(period)), 20240201);
    assert_int_equal(day_to_wire(period_last_day(period)), 20240229);
    assert_int_equal(period_to_wire(period_add(period, -2)), 202312);
    assert_int_equal(period_to_wire(period_add(period, 11)), 202501);
    period_format(period, text);
    assert_string_equal(text, "2024-02");
    assert_true(period_parse("2024-02", &same));
    assert_int_equal(same.number, period.number);
    assert_true(period_parse("202402", &same));
    assert_int_equal(period_of_day(period_last_day(period)).number, period.number);
    assert_false(period_from_wire(202400, &period));
    assert_false(period_from_wire(202413, &period));
    assert_false(period_from_wire(0, &period));
    assert_false(period_parse("2024-2", &period));
    assert_false(period_parse("20242", &period));
}

static void the_business_day_begins_at_four_in_the_afternoon_utc(void **state)
{
    const int64_t hour = INT64_C(3600) * 1000000;

    (void)state;
    assert_int_equal(clock_day_of(0).number, 0);
    assert_int_equal(clock_day_of(16 * hour - 1).number, 0);
    assert_int_equal(clock_day_of(16 * hour).number, 1);
    assert_int_equal(clock_day_of(-8 * hour).number, 0);
    assert_int_equal(clock_day_of(-8 * hour - 1).number, -1);
    assert_int_equal(clock_day_ends_us(0), 16 * hour);
    assert_int_equal(clock_day_ends_us(16 * hour - 1), 16 * hour);
    assert_int_equal(clock_day_ends_us(16 * hour), 40 * hour);
    assert_int_equal(clock_day_of(-32 * hour).number, -1);
    assert_int_equal(clock_day_of(-32 * hour - 1).number, -2);
}

static void the_steady_clock_never_steps_back(void **state)
{
    int64_t before = clock_monotonic_us();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_us();

        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_follows_the_one_before),
        cmocka_unit_test(known_days),
        cmocka_unit_test(no_such_day),
        cmocka_unit_test(texts),
        cmocka_unit_test(months_end_where_the_month_does),
        cmocka_unit_test(ages_count_birthdays),
        cmocka_unit_test(periods),
        cmocka_unit_test(the_business_day_begins_at_four_in_the_afternoon_utc),
        cmocka_unit_test(the_steady_clock_never_steps_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
