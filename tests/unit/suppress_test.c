/*
 * Goal: no small cell leaves a table, neither shown nor by subtraction from the total.
 * Method: cases by hand, then random tables whose answers are attacked.
 */
#include "domain/suppress.h"
#include "support/cmocka.h"

#include "base/check.h"

static struct suppress_cell cell(int64_t subjects, int32_t members, int64_t amount, int64_t top1,
                                 int64_t top2)
{
    return (struct suppress_cell){subjects, members, amount, top1, top2};
}

static enum suppression judge_alone(const struct suppress_limits *limits, struct suppress_cell one)
{
    enum suppression reason = SUPPRESSION_COMPLEMENTARY;

    assert_int_equal(suppress_table(limits, &one, 1, NULL, &reason), SUPPRESSION_NONE);
    return reason;
}

static void thresholds_of_the_association(void **state)
{
    const struct suppress_limits *limits = &suppress_limits_association;

    (void)state;
    assert_int_equal(judge_alone(limits, cell(9, 5, 100, 20, 20)), SUPPRESSION_TOO_FEW_SUBJECTS);
    assert_int_equal(judge_alone(limits, cell(10, 5, 100, 20, 20)), SUPPRESSION_NONE);
    assert_int_equal(judge_alone(limits, cell(10, 2, 100, 50, 50)), SUPPRESSION_TOO_FEW_MEMBERS);
    assert_int_equal(judge_alone(limits, cell(10, 3, 100, 70, 10)), SUPPRESSION_NONE);
    assert_int_equal(judge_alone(limits, cell(10, 3, 100, 71, 10)), SUPPRESSION_DOMINANCE);
    assert_int_equal(judge_alone(limits, cell(10, 3, 100, 60, 25)), SUPPRESSION_NONE);
    assert_int_equal(judge_alone(limits, cell(10, 3, 100, 60, 26)), SUPPRESSION_DOMINANCE);
    assert_int_equal(judge_alone(limits, cell(10, 3, 0, 0, 0)), SUPPRESSION_NONE);
    assert_int_equal(judge_alone(limits, cell(0, 0, 0, 0, 0)), SUPPRESSION_NONE);
    assert_int_equal(judge_alone(limits, cell(10, 3, INT64_MAX, INT64_MAX, INT64_MAX)),
                     SUPPRESSION_DOMINANCE);
}

static void the_regulator_sees_named_members(void **state)
{
    const struct suppress_limits *limits = &suppress_limits_regulator;

    (void)state;
    assert_int_equal(judge_alone(limits, cell(9, 5, 100, 20, 20)), SUPPRESSION_TOO_FEW_SUBJECTS);
    assert_int_equal(judge_alone(limits, cell(10, 1, 100, 100, 0)), SUPPRESSION_NONE);
}

static void a_single_small_cell_takes_the_next_smallest_with_it(void **state)
{
    const struct suppress_cell cells[] = {cell(500, 9, 500, 100, 90), cell(3, 3, 3, 1, 1),
                                          cell(40, 9, 40, 10, 9), cell(0, 0, 0, 0, 0)};
    const struct suppress_cell total = cell(543, 9, 543, 100, 90);
    enum suppression reasons[4];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_association, cells, 4, &total, reasons),
                     SUPPRESSION_NONE);
    assert_int_equal(reasons[0], SUPPRESSION_NONE);
    assert_int_equal(reasons[1], SUPPRESSION_TOO_FEW_SUBJECTS);
    assert_int_equal(reasons[2], SUPPRESSION_COMPLEMENTARY);
    assert_int_equal(reasons[3], SUPPRESSION_NONE);
}

static void the_regulator_cannot_subtract_a_small_cell_either(void **state)
{
    const struct suppress_cell cells[] = {cell(500, 1, 500, 500, 0), cell(3, 1, 3, 3, 0),
                                          cell(40, 1, 40, 40, 0)};
    const struct suppress_cell total = cell(543, 1, 543, 543, 0);
    enum suppression reasons[3];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_regulator, cells, 3, &total, reasons),
                     SUPPRESSION_NONE);
    assert_int_equal(reasons[0], SUPPRESSION_NONE);
    assert_int_equal(reasons[1], SUPPRESSION_TOO_FEW_SUBJECTS);
    assert_int_equal(reasons[2], SUPPRESSION_COMPLEMENTARY);
}

/* The same six persons may stand behind both. */
static void small_cells_do_not_add_up_to_enough_subjects(void **state)
{
    const struct suppress_cell cells[] = {cell(6, 3, 60, 20, 20), cell(6, 3, 60, 20, 20),
                                          cell(80, 9, 800, 100, 90), cell(90, 9, 900, 100, 90)};
    const struct suppress_cell total = cell(176, 9, 1820, 200, 180);
    enum suppression reasons[4];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_association, cells, 4, &total, reasons),
                     SUPPRESSION_NONE);
    assert_int_equal(reasons[2], SUPPRESSION_COMPLEMENTARY);
    assert_int_equal(reasons[3], SUPPRESSION_NONE);
}

/* 950 of 1,005 would be nearly the figure of one member. */
static void what_subtraction_gives_is_not_one_members(void **state)
{
    const struct suppress_cell cells[] = {cell(90, 5, 1000, 950, 20), cell(12, 3, 5, 2, 2),
                                          cell(80, 9, 4000, 500, 500), cell(95, 9, 9000, 900, 900)};
    const struct suppress_cell total = cell(277, 9, 14005, 2000, 1500);
    enum suppression reasons[4];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_association, cells, 4, &total, reasons),
                     SUPPRESSION_NONE);
    assert_int_equal(reasons[0], SUPPRESSION_DOMINANCE);
    assert_int_equal(reasons[1], SUPPRESSION_COMPLEMENTARY);
    assert_int_equal(reasons[2], SUPPRESSION_COMPLEMENTARY);
    assert_int_equal(reasons[3], SUPPRESSION_NONE);
}

static void two_cells_that_are_small_together_take_a_third(void **state)
{
    const struct suppress_cell cells[] = {cell(3, 3, 3, 1, 1), cell(4, 3, 4, 1, 1),
                                          cell(100, 9, 100, 10, 9), cell(90, 9, 90, 10, 9)};
    const struct suppress_cell total = cell(197, 9, 197, 20, 18);
    enum suppression reasons[4];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_association, cells, 4, &total, reasons),
                     SUPPRESSION_NONE);
    assert_int_equal(reasons[2], SUPPRESSION_NONE);
    assert_int_equal(reasons[3], SUPPRESSION_COMPLEMENTARY);
}

static void a_lone_cell_takes_the_total_with_it(void **state)
{
    const struct suppress_cell cells[] = {cell(20, 3, 100, 80, 10), cell(0, 0, 0, 0, 0)};
    const struct suppress_cell total = cell(20, 3, 100, 60, 20); /* as if it were fine by itself */
    enum suppression reasons[2];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_association, cells, 2, &total, reasons),
                     SUPPRESSION_COMPLEMENTARY);
    assert_int_equal(reasons[0], SUPPRESSION_DOMINANCE);
}

static void a_small_total_is_kept_back_itself(void **state)
{
    const struct suppress_cell cells[] = {cell(3, 3, 3, 1, 1)};
    enum suppression reasons[1];

    (void)state;
    assert_int_equal(suppress_table(&suppress_limits_regulator, cells, 1, cells, reasons),
                     SUPPRESSION_TOO_FEW_SUBJECTS);
    assert_int_equal(suppress_table(&suppress_limits_association, NULL, 0, NULL, reasons),
                     SUPPRESSION_NONE);
}

static uint64_t seed = 7;

static int32_t random_below(int32_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int32_t)((seed >> 33) % (uint64_t)limit);
}

static struct suppress_cell random_cell(void)
{
    struct suppress_cell one = {.subjects = random_below(4) ? random_below(40) : 0};

    if (one.subjects == 0)
        return one;
    one.members = 1 + random_below(6);
    if (one.members > one.subjects)
        one.members = (int32_t)one.subjects;
    one.amount = 1 + random_below(1000);
    one.top1 = one.members == 1 ? one.amount : 1 + random_below((int32_t)one.amount);
    one.top2 = one.members == 1 ? 0 : random_below((int32_t)(one.amount - one.top1) + 1);
    return one;
}

/* What anyone can do with the answer: total minus every cell that is shown. */
static void attack(const struct suppress_cell *cells, size_t count,
                   const struct suppress_cell *total, const enum suppression *reasons)
{
    int64_t rest = total->subjects;
    size_t hidden = 0;

    for (size_t i = 0; i < count; i++) {
        if (reasons[i] == SUPPRESSION_NONE)
            rest -= cells[i].subjects;
        else
            hidden++;
    }
    assert_int_not_equal(hidden, 1);
    if (hidden > 0)
        assert_true(rest >= suppress_limits_association.subjects_min);
}

static void subtraction_gives_no_small_cell(void **state)
{
    int shown = 0, with_complement = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct suppress_cell cells[8], total = {.members = 9};
        enum suppression reasons[8];
        size_t count = (size_t)random_below(9);

        for (size_t i = 0; i < count; i++) {
            cells[i] = random_cell();
            total.subjects += cells[i].subjects;
            total.amount += cells[i].amount;
        }
        enum suppression whole =
            suppress_table(&suppress_limits_association, cells, count, &total, reasons);
        for (size_t i = 0; i < count; i++) {
            if (cells[i].subjects == 0)
                assert_int_equal(reasons[i], SUPPRESSION_NONE);
            if (reasons[i] != SUPPRESSION_NONE || cells[i].subjects == 0)
                continue;
            assert_true(cells[i].subjects >= 10 && cells[i].members >= 3);
            assert_true(cells[i].top1 * 100 <= cells[i].amount * 70);
            assert_true((cells[i].top1 + cells[i].top2) * 100 <= cells[i].amount * 85);
        }
        for (size_t i = 0; i < count; i++)
            with_complement += reasons[i] == SUPPRESSION_COMPLEMENTARY;
        if (whole != SUPPRESSION_NONE)
            continue;
        shown++;
        attack(cells, count, &total, reasons);
    }
    assert_true(shown > 1000 && with_complement > 100); /* the attack had something to try */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_of_the_association),
        cmocka_unit_test(the_regulator_sees_named_members),
        cmocka_unit_test(a_single_small_cell_takes_the_next_smallest_with_it),
        cmocka_unit_test(the_regulator_cannot_subtract_a_small_cell_either),
        cmocka_unit_test(small_cells_do_not_add_up_to_enough_subjects),
        cmocka_unit_test(what_subtraction_gives_is_not_one_members),
        cmocka_unit_test(two_cells_that_are_small_together_take_a_third),
        cmocka_unit_test(a_lone_cell_takes_the_total_with_it),
        cmocka_unit_test(a_small_total_is_kept_back_itself),
        cmocka_unit_test(subtraction_gives_no_small_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
