/*
 * Goal: the lists of regions and industries are what they say, and a code is known in its years
 * alone. Method: the lists are walked; the borders of years are those of well-known changes: 110103
 * (Chongwen) went into 110101 in 2010, 110111 (Fangshan) came in 1986, 421024 was given up in 1995
 * and given again in 1998.
 */
#include "domain/region.h"
#include "domain/dated_list.h"
#include "support/cmocka.h"

#include <string.h>

enum { LAST_YEAR = 2025 };

static struct day on(int year, int month, int day)
{
    return day_of_civil(year, month, day);
}

static void a_region_has_six_digits_and_years_that_follow_each_other(void **state)
{
    const struct dated_list *list = &dated_regions;
    size_t provinces = 0, in_force = 0;

    (void)state;
    for (size_t i = 0; i < list->count; i++) {
        const struct dated_code *code = &list->codes[i], *before = code - 1;
        assert_int_equal(strspn(code->code, "0123456789"), 6);
        assert_true(list->labels[code->label]);
        assert_true(code->first_year == 0 || code->first_year > 1981);
        assert_true(code->first_year <= LAST_YEAR && code->last_year <= LAST_YEAR);
        assert_true(code->last_year == 0 || code->last_year > code->first_year);
        if (i > 0 && strcmp(before->code, code->code) == 0)
            assert_true(before->last_year && before->last_year < code->first_year);
        else if (i > 0)
            assert_true(strcmp(before->code, code->code) < 0);
        provinces += !strcmp(code->code + 2, "0000");
        in_force += code->last_year == 0;
    }
    assert_int_equal(provinces, region_province_count());
    assert_int_equal(list->count, 6804);
    assert_int_equal(in_force, 3506);
}

static void every_province_is_listed(void **state)
{
    char digits[3], code[DATED_CODE_MAX];

    (void)state;
    for (size_t i = 0; i < region_province_count(); i++) {
        (void)region_province(i, digits);
        memcpy(code, digits, 2);
        memcpy(code + 2, "0000", 5);
        assert_true(region_was_in_force(code, LAST_YEAR, LAST_YEAR));
        assert_true(dated_list_has(&dated_regions, code, LAST_YEAR, LAST_YEAR));
    }
}

static void every_industry_has_those_above_it(void **state)
{
    const struct dated_list *list = &dated_industries;
    size_t counts[6] = {0};

    (void)state;
    for (size_t i = 0; i < list->count; i++) {
        const struct dated_code *code = &list->codes[i];
        char above[DATED_CODE_MAX] = {0};
        size_t size = strlen(code->code);

        counts[size]++;
        memcpy(above, code->code, size == 3 ? 1 : size - 1);
        assert_true(size == 1 || dated_list_has(list, above, 0, DATED_YEAR_MAX));
        assert_int_equal(list->labels[code->label] != '\0', size <= 3);
        if (i > 0)
            assert_true(strcmp(list->codes[i - 1].code, code->code) < 0);
    }
    assert_int_equal(counts[1], 20);
    assert_int_equal(counts[3], 97);
    assert_int_equal(counts[4], 473);
    assert_int_equal(counts[5], 1381);
}

static void a_region_is_known_in_its_years_alone(void **state)
{
    static const struct {
        const char *code;
        int first_year, last_year;
        bool is_in_force;
    } cases[] = {
        {"110103", 0, 1949, true}, /* the list cannot tell when it came */
        {"110103", 2010, 2010, true},
        {"110103", 2011, 9999, false},
        {"110111", 0, 1985, false},
        {"110111", 1986, 1986, true},
        {"110111", 1980, 2026, true},
        {"110111", 2026, 2026, true},
        {"110201", 0, 9999, false}, /* ended before the list begins */
        {"412723", 2000, 2000, true},
        {"412723", 2001, 2001, false},
        {"421024", 1995, 1995, true},
        {"421024", 1996, 1997, false},
        {"421024", 1996, 1998, true},
        {"500157", 2024, 2024, false},
        {"500157", 2025, 2025, true},
        {"500105", 2025, 2025, true},
        {"500105", 2026, 2026, false},
        {"110100", 2026, 2026, true}, /* districts of Beijing taken together */
        {"110200", 2017, 2017, false},
        {"419001", 2026, 2026, true},
        {"419000", 2026, 2026, true},
        {"460000", 1987, 1987, false}, /* Hainan was a part of Guangdong */
        {"710105", 2026, 2026, true},  /* Taiwan, Hong Kong, Macao: no districts on the list */
        {"810000", 1990, 1990, true},
        {"829999", 2026, 2026, true},
        {"990426", 0, 9999, false},
        {"000000", 0, 9999, false},
        {"11010", 0, 9999, false},
        {"1101x1", 0, 9999, false},
        {"110101199001010000", 0, 9999, true}, /* the first six of a number */
        {"", 0, 9999, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (region_was_in_force(cases[i].code, cases[i].first_year, cases[i].last_year) !=
            cases[i].is_in_force)
            fail_msg("%s %d %d", cases[i].code, cases[i].first_year, cases[i].last_year);
}

static void a_region_is_known_on_the_days_of_its_years(void **state)
{
    (void)state;
    assert_true(region_is_known("110103"));
    assert_true(region_is_known_on("110103", on(2010, 12, 31)));
    assert_false(region_is_known_on("110103", on(2011, 1, 1)));
    assert_false(region_is_known_on("110111", on(1985, 12, 31)));
    assert_true(region_is_known_on("110111", on(1986, 1, 1)));
    assert_true(region_is_known_on("US-CA", on(1990, 1, 1)));
    assert_false(region_is_known_on("1101111", on(2000, 1, 1)));
    assert_false(region_is_known("110190"));
}

static void an_industry_is_known_to_the_class_since_october_2017(void **state)
{
    static const struct {
        const char *code;
        bool is_known_before, is_known_since;
    } cases[] = {
        {"C37", true, true},    {"C374", true, true},   {"C3741", true, true},
        {"C377", true, true},   {"C3749", true, true},  {"C3745", true, false},
        {"C370", true, false},  {"B37", false, false},  {"B3741", false, false},
        {"C", false, false},    {"", false, false},     {"C3", false, false},
        {"U97", false, false},  {"T97", true, true},    {"T9700", true, true},
        {"T9701", true, false}, {"C37a", false, false}, {"C37410", false, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *code = cases[i].code;
        if (industry_is_known_on(code, on(2017, 9, 30)) != cases[i].is_known_before ||
            industry_is_known_on(code, on(2017, 10, 1)) != cases[i].is_known_since ||
            industry_is_known(code) != cases[i].is_known_since)
            fail_msg("%s", code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_has_six_digits_and_years_that_follow_each_other),
        cmocka_unit_test(every_province_is_listed),
        cmocka_unit_test(every_industry_has_those_above_it),
        cmocka_unit_test(a_region_is_known_in_its_years_alone),
        cmocka_unit_test(a_region_is_known_on_the_days_of_its_years),
        cmocka_unit_test(an_industry_is_known_to_the_class_since_october_2017),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
