/*
 * Goal: days, statuses and classes give the bucket, the worst month and "non-performing" that the
 * published measures define; lateness counts working days; ages fall into their bands.
 */
#include "domain/age.h"
#include "domain/delinquency.h"
#include "support/cmocka.h"

#include <string.h>

static const struct count_field no_days = {false, 0};

static struct count_field days(int32_t value)
{
    return (struct count_field){true, value};
}

static void buckets_of_days(void **state)
{
    static const struct {
        int32_t days;
        enum bucket bucket;
    } rows[] = {{-5, BUCKET_CURRENT}, {0, BUCKET_CURRENT}, {1, BUCKET_M1},   {30, BUCKET_M1},
                {31, BUCKET_M2},      {60, BUCKET_M2},     {61, BUCKET_M3},  {90, BUCKET_M3},
                {91, BUCKET_M4},      {120, BUCKET_M4},    {121, BUCKET_M5}, {151, BUCKET_M6},
                {180, BUCKET_M6},     {181, BUCKET_M7},    {9999, BUCKET_M7}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_int_equal(bucket_of_days(rows[i].days), rows[i].bucket);
}

static void buckets_of_months(void **state)
{
    (void)state;
    assert_int_equal(bucket_of_month('N', no_days), BUCKET_CURRENT);
    assert_int_equal(bucket_of_month('*', no_days), BUCKET_CURRENT);
    assert_int_equal(bucket_of_month('3', no_days), BUCKET_M3);
    assert_int_equal(bucket_of_month('7', days(400)), BUCKET_M7);
    assert_int_equal(bucket_of_month('B', days(0)), BUCKET_WRITTEN_OFF);
    assert_int_equal(bucket_of_month('C', days(0)), BUCKET_SETTLED);
    assert_int_equal(bucket_of_month('#', no_days), BUCKET_UNKNOWN);
    assert_int_equal(bucket_of_month('#', days(45)), BUCKET_M2);
    assert_int_equal(bucket_of_month('N', days(45)), BUCKET_M2);
    assert_int_equal(bucket_of_month('\0', no_days), BUCKET_UNKNOWN);
    assert_int_equal(bucket_of_month('x', no_days), BUCKET_UNKNOWN);
    for (const char *status = code_repay_statuses; *status; status++)
        if (!strchr("#/", *status))
            assert_int_not_equal(bucket_of_month(*status, no_days), BUCKET_UNKNOWN);
}

static void buckets_have_names(void **state)
{
    (void)state;
    assert_string_equal(bucket_name(BUCKET_CURRENT), "CUR");
    assert_string_equal(bucket_name(BUCKET_M7), "M7");
    assert_string_equal(bucket_name(BUCKET_WRITTEN_OFF), "WO");
    assert_string_equal(bucket_name((enum bucket)99), "UNKNOWN");
}

static void worst_of_months(void **state)
{
    (void)state;
    assert_int_equal(delinquency_worst("NN3N1", 5), '3');
    assert_int_equal(delinquency_worst("N7B1", 4), 'B');
    assert_int_equal(delinquency_worst("#/*", 3), '*');
    assert_int_equal(delinquency_worst("NM", 2), 'M');
    assert_int_equal(delinquency_worst("\0\0N\0", 4), 'N');
    assert_int_equal(delinquency_worst("\0\0", 2), '\0');
    assert_int_equal(delinquency_worst("", 0), '\0');
    for (const char *status = code_repay_statuses; *status; status++)
        assert_int_equal(delinquency_worst(status, 1), *status);
}

static void non_performing_says_by_what(void **state)
{
    enum npl_basis basis;

    (void)state;
    assert_true(delinquency_is_npl(3, no_days, 'N', &basis));
    assert_int_equal(basis, NPL_BASIS_CLASS);
    assert_true(delinquency_is_npl(5, days(0), 'N', &basis));
    assert_false(delinquency_is_npl(2, days(200), '7', &basis));
    assert_int_equal(basis, NPL_BASIS_CLASS);
    assert_true(delinquency_is_npl(0, days(90), '3', &basis));
    assert_int_equal(basis, NPL_BASIS_DAYS);
    assert_false(delinquency_is_npl(0, days(89), '3', &basis));
    assert_true(delinquency_is_npl(9, no_days, '4', &basis));
    assert_int_equal(basis, NPL_BASIS_DAYS);
    assert_true(delinquency_is_npl(6, days(91), '4', &basis));
    assert_false(delinquency_is_npl(0, no_days, '3', &basis));
    assert_true(delinquency_is_npl(0, no_days, 'B', &basis));
    assert_false(delinquency_is_npl(0, no_days, '\0', &basis));
}

static int32_t deadline(int32_t yyyymm)
{
    struct period period;

    assert_true(period_from_wire(yyyymm, &period));
    return day_to_wire(delinquency_deadline(period));
}

static void reports_are_due_in_ten_working_days(void **state)
{
    struct period period;
    struct day day;

    (void)state;
    assert_int_equal(deadline(202601), 20260213); /* February begins on a Sunday */
    assert_int_equal(deadline(202602), 20260313);
    assert_int_equal(deadline(202603), 20260414); /* April begins on a Wednesday */
    assert_int_equal(deadline(202605), 20260612); /* June begins on a Monday */
    assert_true(period_from_wire(202603, &period));
    assert_true(day_from_wire(20260414, &day));
    assert_false(delinquency_is_late(period, day));
    assert_true(delinquency_is_late(period, day_add(day, 1)));
    assert_false(delinquency_is_behind(period_add(period, -1), day));
    assert_true(delinquency_is_behind(period_add(period, -1), day_add(day, 1)));
}

static void bands_of_ages(void **state)
{
    static const struct {
        int years;
        const char *name;
    } rows[] = {{-1, "none"},  {17, "none"},  {18, "18-24"}, {24, "18-24"}, {25, "25-34"},
                {34, "25-34"}, {35, "35-44"}, {44, "35-44"}, {45, "45-54"}, {54, "45-54"},
                {55, "55-64"}, {64, "55-64"}, {65, "65+"},   {120, "65+"}};
    struct period period;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_string_equal(age_band_name(age_band_of_years(rows[i].years)), rows[i].name);
    assert_true(period_from_wire(202406, &period));
    assert_int_equal(age_band_of_birth_year(1999, period), AGE_BAND_25_34);
    assert_int_equal(age_band_of_birth_year(0, period), AGE_BAND_NONE);
    assert_int_equal(age_band_on(day_of_civil(1999, 7, 1), period_last_day(period)),
                     AGE_BAND_18_24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_of_days),
        cmocka_unit_test(buckets_of_months),
        cmocka_unit_test(buckets_have_names),
        cmocka_unit_test(worst_of_months),
        cmocka_unit_test(non_performing_says_by_what),
        cmocka_unit_test(reports_are_due_in_ten_working_days),
        cmocka_unit_test(bands_of_ages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
