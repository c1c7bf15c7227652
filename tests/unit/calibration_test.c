/*
 * Goal: a member's grade is judged by what came of those to whom it was given, and only when chance
 * does not explain the difference.
 * Method: intervals computed in floating point by hand, then every small cohort against the
 * formula.
 */
#include "domain/calibration.h"

#include <math.h>

#include "support/cmocka.h"

static const struct {
    int64_t defaulted, subjects;
    int32_t rate, low, high;
} intervals[] = {
    {0, 10, 0, 0, 2776},        {1, 10, 1000, 178, 4042},
    {3, 40, 750, 258, 1987},    {30, 40, 7500, 5980, 8582},
    {5, 1000, 50, 21, 117},     {10, 10, 10000, 7224, 10000},
    {1, 1, 10000, 2065, 10000}, {12, 20, 6000, 3865, 7812},
    {0, 100000, 0, 0, 1},       {2000000, 2000000000, 10, 9, 11},
};

static void intervals_are_those_of_wilson(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
        struct calibration calibration =
            calibration_of(intervals[i].subjects, intervals[i].defaulted, "");

        assert_int_equal(calibration.rate_bps, intervals[i].rate);
        assert_int_equal(calibration.low_bps, intervals[i].low);
        assert_int_equal(calibration.high_bps, intervals[i].high);
        assert_int_equal(calibration.judgement, CALIBRATION_NOT_MAPPED);
    }
}

static void every_small_cohort_agrees_with_the_formula(void **state)
{
    (void)state;
    for (int n = 1; n <= 300; n++) {
        for (int k = 0; k <= n; k++) {
            struct calibration calibration = calibration_of(n, k, "B");
            double square = 1.96 * 1.96;
            double half = 1.96 * sqrt(square + 4.0 * k * (n - k) / n);
            double low = (2 * k + square - half) / (2 * (n + square)) * 1e4;
            double high = (2 * k + square + half) / (2 * (n + square)) * 1e4;

            assert_true(calibration.low_bps <= low + 1e-6 && calibration.low_bps > low - 1.01);
            assert_true(calibration.high_bps >= high - 1e-6 && calibration.high_bps < high + 1.01);
            assert_true(calibration.low_bps <= calibration.rate_bps &&
                        calibration.rate_bps <= calibration.high_bps);
        }
    }
    (void)calibration_of(INT64_C(1) << 40, INT64_C(1) << 39, "A");
}

static const struct {
    const char *grade;
    int64_t defaulted, subjects;
    int32_t least, most;
    enum calibration_judgement judgement;
} judgements[] = {
    {"AAA", 0, 20, 0, 3, CALIBRATION_AGREES},
    {"AAA", 1, 20, 0, 3, CALIBRATION_TOO_GOOD}, /* 0.9 % at least */
    {"A", 1, 2000, 10, 30, CALIBRATION_AGREES},
    {"A", 60, 2000, 10, 30, CALIBRATION_TOO_GOOD},
    {"B", 3, 40, 300, 1000, CALIBRATION_AGREES},
    {"B", 30, 40, 300, 1000, CALIBRATION_TOO_GOOD},
    {"B", 1, 1000, 300, 1000, CALIBRATION_TOO_BAD},
    {"CC", 10, 10, 2500, 5000, CALIBRATION_TOO_GOOD},
    {"C", 10, 10, 5000, 10000, CALIBRATION_AGREES},
    {"C", 0, 10, 5000, 10000, CALIBRATION_TOO_BAD},
    {"D", 9, 10, 10000, 10000, CALIBRATION_TOO_BAD},
    {"", 0, 10, 0, 0, CALIBRATION_NOT_MAPPED},
    {"NR", 5, 10, 0, 0, CALIBRATION_NOT_MAPPED},
};

static void grades_are_judged_when_chance_cannot_explain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++) {
        struct calibration calibration =
            calibration_of(judgements[i].subjects, judgements[i].defaulted, judgements[i].grade);

        assert_int_equal(calibration.least_bps, judgements[i].least);
        assert_int_equal(calibration.most_bps, judgements[i].most);
        if (calibration.judgement != judgements[i].judgement)
            fail_msg("%s with %lld of %lld is judged %d", judgements[i].grade,
                     (long long)judgements[i].defaulted, (long long)judgements[i].subjects,
                     (int)calibration.judgement);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_wilson),
        cmocka_unit_test(every_small_cohort_agrees_with_the_formula),
        cmocka_unit_test(grades_are_judged_when_chance_cannot_explain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
