/*
 * Goal: the data-quality index is the formula of its header, to the last basis point.
 * Method: vectors computed by hand.
 */
#include "domain/quality.h"

#include "support/cmocka.h"

static void nothing_received_has_no_index(void **state)
{
    const struct quality_counts counts = {.accepted = 0, .disputes = 2};
    struct quality quality = quality_of(&counts);

    (void)state;
    assert_false(quality.has_index);
    assert_int_equal(quality.index_bps, 0);
    assert_int_equal(quality.dispute_loss_bps, 0);
    assert_int_equal(quality.missing, 0);
    assert_int_equal(quality.fall_bps, 0);
}

/* 0.35 x 9000 + 0.20 x 7500 + 0.15 x 5000 + 0.15 x (10000 - 2000) + 0.15 x 9800
 * = 3150 + 1500 + 750 + 1200 + 1470 = 8070. */
static void a_vector_by_hand(void **state)
{
    const struct quality_counts counts = {
        .accepted = 900,
        .rejected = 60,
        .quarantined = 40,
        .warned = 7,
        .months = 400,
        .late = 100,
        .fields_due = 5000,
        .fields_given = 2500,
        .unmatched = 20,
        .disputes = 10,
        .disputes_lost = 2,
        .active = 500,
        .reported = 450,
        .records_before = 1250,
    };
    struct quality quality = quality_of(&counts);

    (void)state;
    assert_int_equal(quality.acceptance_bps, 9000);
    assert_int_equal(quality.timeliness_bps, 7500);
    assert_int_equal(quality.completeness_bps, 5000);
    assert_int_equal(quality.dispute_loss_bps, 2000);
    assert_int_equal(quality.match_bps, 9800);
    assert_int_equal(quality.index_bps, 8070);
    assert_int_equal(quality.missing, 50);
    assert_int_equal(quality.fall_bps, 2000);
}

/* 2 of 3 is 6667; 0.35 x 6667 = 2333.45, the rest is whole: 2333.45 + 6500 = 8833.45. */
static void parts_round_before_the_sum(void **state)
{
    const struct quality_counts counts = {.accepted = 2, .rejected = 1, .records_before = 3};
    struct quality quality = quality_of(&counts);

    (void)state;
    assert_int_equal(quality.acceptance_bps, 6667);
    assert_int_equal(quality.index_bps, 8833);
    assert_int_equal(quality.fall_bps, 0);
}

static void the_worst_is_zero(void **state)
{
    const struct quality_counts counts = {.rejected = 5,
                                          .months = 5,
                                          .late = 5,
                                          .fields_due = 9,
                                          .unmatched = 5,
                                          .disputes = 1,
                                          .disputes_lost = 1,
                                          .records_before = 1000000};
    struct quality quality = quality_of(&counts);

    (void)state;
    assert_true(quality.has_index);
    assert_int_equal(quality.index_bps, 0);
    assert_int_equal(quality.fall_bps, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_received_has_no_index),
        cmocka_unit_test(a_vector_by_hand),
        cmocka_unit_test(parts_round_before_the_sum),
        cmocka_unit_test(the_worst_is_zero),
    };

    return cmocka_run_group_tests_name("quality", tests, NULL, NULL);
}
