/*
 * Goal: shares of members become cells and a total whose figures and largest members are right.
 * Method: tables by hand; random shares against sums made one by one.
 */
#include "domain/statistic.h"

#include <stdlib.h>
#include <string.h>

#include "support/cmocka.h"

static struct arena arena;

static struct statistic_share share(const char *value, int32_t member_id, int64_t outstanding)
{
    return (struct statistic_share){
        .value = value, .member_id = member_id, .accounts = 1, .outstanding = outstanding};
}

static void shares_of_a_value_become_one_cell(void **state)
{
    struct statistic_share shares[] = {share("81", 3, 50), share("11", 1, 700), share("81", 1, 30),
                                       share("81", 2, 90)};
    struct statistic_table table;

    (void)state;
    assert_true(statistic_fold(&arena, shares, 4, &table));
    assert_int_equal(table.count, 2);
    assert_string_equal(table.cells[0].value, "11");
    assert_string_equal(table.cells[1].value, "81");
    assert_int_equal(table.cells[1].outstanding, 170);
    assert_int_equal(table.cells[1].members, 3);
    assert_int_equal(table.cells[1].top1, 90);
    assert_int_equal(table.cells[1].top2, 50);
    assert_ptr_equal(statistic_seek(&table, "81"), &table.cells[1]);
    assert_null(statistic_seek(&table, "82"));
}

static void the_total_counts_a_member_of_many_values_once(void **state)
{
    struct statistic_share shares[] = {share("81", 1, 50), share("11", 1, 60), share("81", 2, 80)};
    struct statistic_table table;

    (void)state;
    assert_true(statistic_fold(&arena, shares, 3, &table));
    assert_null(table.total.value);
    assert_int_equal(table.total.members, 2);
    assert_int_equal(table.total.accounts, 3);
    assert_int_equal(table.total.outstanding, 190);
    assert_int_equal(table.total.top1, 110);
    assert_int_equal(table.total.top2, 80);
}

static void credit_balances_hide_nobody(void **state)
{
    struct statistic_share shares[] = {share("81", 1, 100), share("81", 2, -90), share("81", 3, 5)};
    struct statistic_table table;
    struct suppress_cell shown;

    (void)state;
    assert_true(statistic_fold(&arena, shares, 3, &table));
    shown = statistic_shown(&table.cells[0]);
    assert_int_equal(table.cells[0].outstanding, 15);
    assert_int_equal(shown.amount, 195);
    assert_int_equal(shown.top1, 100);
    assert_int_equal(shown.top2, 90);
}

static void sums_beyond_64_bits_are_refused(void **state)
{
    struct statistic_share cells[] = {share("81", 1, INT64_MAX), share("81", 2, 1)};
    struct statistic_share total[] = {share("81", 1, INT64_MAX), share("11", 2, 1)};
    struct statistic_share least[] = {share("81", 1, INT64_MIN)};
    struct statistic_table table = {.count = 77};

    (void)state;
    assert_false(statistic_fold(&arena, cells, 2, &table));
    assert_false(statistic_fold(&arena, total, 2, &table));
    assert_false(statistic_fold(&arena, least, 1, &table));
    assert_int_equal(table.count, 77);
}

static void an_empty_month_is_an_empty_table(void **state)
{
    struct statistic_table table;

    (void)state;
    assert_true(statistic_fold(&arena, NULL, 0, &table));
    assert_int_equal(table.count, 0);
    assert_int_equal(table.total.members, 0);
    assert_null(statistic_seek(&table, "81"));
    assert_int_equal(statistic_basis_of(&table.total), STATISTIC_BASIS_NONE);
}

static void the_basis_says_how_non_performing_was_decided(void **state)
{
    struct statistic_cell cell = {.accounts = 4};

    (void)state;
    assert_int_equal(statistic_basis_of(&cell), STATISTIC_BASIS_DAYS_OVERDUE);
    cell.classed = 3;
    assert_int_equal(statistic_basis_of(&cell), STATISTIC_BASIS_MIXED);
    cell.classed = 4;
    assert_int_equal(statistic_basis_of(&cell), STATISTIC_BASIS_CLASS);
}

static void ratios_round_half_up_and_need_an_amount(void **state)
{
    struct statistic_cell cell = {.outstanding = 20000, .non_performing = 1};

    (void)state;
    assert_int_equal(statistic_ratio_bps(&cell), 1);
    cell.non_performing = 5000;
    assert_int_equal(statistic_ratio_bps(&cell), 2500);
    cell.outstanding = -1;
    assert_int_equal(statistic_ratio_bps(&cell), 0);
    cell.outstanding = 0;
    assert_int_equal(statistic_ratio_bps(&cell), 0);
}

static void random_tables_add_up(void **state)
{
    static const char *const values[] = {"a", "b", "c", "d"};
    unsigned seed = 20261122;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct statistic_share shares[4 * 5];
        struct statistic_table table;
        int64_t sum = 0, cells = 0;
        size_t count = 0;

        for (int32_t i = 0; i < 20; i++) {
            seed = seed * 1103515245 + 12345;
            if (seed >> 16 & 1)
                continue;
            shares[count] = share(values[i % 4], i / 4, (int64_t)(seed >> 17) - 8000);
            sum += shares[count++].outstanding;
        }
        assert_true(statistic_fold(&arena, shares, count, &table));
        for (size_t i = 0; i < table.count; i++) {
            cells += table.cells[i].outstanding;
            assert_true(i == 0 || strcmp(table.cells[i - 1].value, table.cells[i].value) < 0);
            assert_true(table.cells[i].top1 >= table.cells[i].top2);
        }
        assert_int_equal(cells, sum);
        assert_int_equal(table.total.outstanding, sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_a_value_become_one_cell),
        cmocka_unit_test(the_total_counts_a_member_of_many_values_once),
        cmocka_unit_test(credit_balances_hide_nobody),
        cmocka_unit_test(sums_beyond_64_bits_are_refused),
        cmocka_unit_test(an_empty_month_is_an_empty_table),
        cmocka_unit_test(the_basis_says_how_non_performing_was_decided),
        cmocka_unit_test(ratios_round_half_up_and_need_an_amount),
        cmocka_unit_test(random_tables_add_up),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_done(&arena);
    return failed;
}
