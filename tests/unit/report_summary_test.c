/*
 * Goal: counts and totals of a report follow from the accounts and inquiries alone.
 * Method: answers made by hand, the pure function over them.
 */
#include "service/report_summary.h"

#include <string.h>

#include "base/clock.h"
#include "domain/ring.h"

#include "support/cmocka.h"

static struct arena arena;
static uint8_t status_ring[RING_STATUS_SIZE];
static uint8_t month_ring[RING_MONTH_SIZE];
static struct report_account accounts[4];
static struct report_subject subject;
static struct report_answer answer;
static const struct period last = {2026 * 12 + 8};

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    memset(status_ring, 0, sizeof(status_ring));
    memset(month_ring, 0, sizeof(month_ring));
    memset(accounts, 0, sizeof(accounts));
    for (int i = 0; i < 4; i++) {
        accounts[i] = (struct report_account){
            .member_id = 1 + i / 2,
            .type = ACCOUNT_TYPE_R2,
            .currency = i < 3 ? "CNY" : "USD",
            .has_period = true,
            .last_period = last,
            .account_status = 1,
            .balance = {true, 100},
            .credit_limit = {true, 1000},
            .status_ring = {status_ring, sizeof(status_ring)},
            .month_ring = {month_ring, sizeof(month_ring)},
        };
    }
    subject = (struct report_subject){.accounts = accounts, .account_count = 4};
    answer = (struct report_answer){.subject = &subject};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct day today(void)
{
    return day_of_civil(2026, 10, 15);
}

static int64_t at(int year, int month, int day)
{
    return (int64_t)day_of_civil(year, month, day).number * 86400 * 1000000;
}

static void totals_go_by_currency(void **state)
{
    (void)state;
    accounts[1].balance.minor = -30; /* a credit balance of a card */
    accounts[2].balance.is_present = false;
    const Cix__V1__ReportSummary *summary = report_summary(&arena, &answer, today());
    assert_int_equal(summary->accounts, 4);
    assert_int_equal(summary->open_accounts, 4);
    assert_int_equal(summary->open_members, 2);
    assert_int_equal(summary->n_totals, 2);
    assert_string_equal(summary->totals[0]->currency, "CNY");
    assert_int_equal(summary->totals[0]->outstanding, 70);
    assert_int_equal(summary->totals[0]->credit_limit, 3000);
    assert_int_equal(summary->totals[0]->open_accounts, 3);
    assert_string_equal(summary->totals[1]->currency, "USD");
    assert_int_equal(summary->totals[1]->outstanding, 100);
}

static void closed_accounts_owe_no_limit(void **state)
{
    (void)state;
    accounts[0].closed_on.is_present = true;
    accounts[1].closed_on.is_present = true;
    const Cix__V1__ReportSummary *summary = report_summary(&arena, &answer, today());
    assert_int_equal(summary->open_accounts, 2);
    assert_int_equal(summary->open_members, 1);
    assert_int_equal(summary->totals[0]->credit_limit, 1000);
}

static void overdue_is_told_by_amount_days_or_status(void **state)
{
    (void)state;
    assert_false(report_account_is_overdue(&accounts[0]));
    accounts[0].days_overdue = 1;
    assert_true(report_account_is_overdue(&accounts[0]));
    accounts[1].overdue_amount = (struct report_amount){true, 5};
    assert_true(report_account_is_overdue(&accounts[1]));
    status_ring[ring_status_offset(last)] = '1';
    assert_true(report_account_is_overdue(&accounts[2]));
    accounts[2].has_period = false;
    assert_false(report_account_is_overdue(&accounts[2]));
    assert_int_equal(report_summary(&arena, &answer, today())->overdue_accounts, 3);
}

static void ninety_days_are_told_by_any_month_that_is_held(void **state)
{
    struct ring_month month = {.period = period_add(last, -5), .days_overdue = {true, 90}};

    (void)state;
    status_ring[ring_status_offset(period_add(last, -40))] = '3';
    assert_false(report_account_was_90_days(&accounts[0]));
    ring_month_encode(&month, month_ring + ring_month_offset(month.period));
    assert_true(report_account_was_90_days(&accounts[0]));
    memset(month_ring, 0, sizeof(month_ring));
    status_ring[ring_status_offset(period_add(last, -59))] = '4';
    assert_true(report_account_was_90_days(&accounts[0]));
    status_ring[ring_status_offset(period_add(last, -59))] = 'B';
    assert_true(report_account_was_90_days(&accounts[0]));
}

/* Sold while nothing was overdue, as G or as C; what was overdue before stays. */
static void an_end_by_sale_is_not_ninety_days(void **state)
{
    (void)state;
    accounts[0].type = ACCOUNT_TYPE_D1;
    accounts[0].account_status = 5;
    status_ring[ring_status_offset(last)] = 'G';
    assert_false(report_account_was_90_days(&accounts[0]));
    accounts[0].account_status = 3; /* ended otherwise */
    assert_true(report_account_was_90_days(&accounts[0]));
    accounts[0].type = ACCOUNT_TYPE_R1;
    accounts[0].account_status = 5; /* stop-payment */
    assert_true(report_account_was_90_days(&accounts[0]));
    accounts[0].type = ACCOUNT_TYPE_D1;
    status_ring[ring_status_offset(period_add(last, -1))] = '4';
    assert_true(report_account_was_90_days(&accounts[0]));
}

static void inquiries_count_by_months_and_members(void **state)
{
    const int64_t when[] = {at(2026, 10, 10), at(2026, 10, 9), at(2026, 9, 16),
                            at(2026, 8, 1),   at(2026, 4, 16), at(2025, 1, 1)};
    const int32_t members[] = {1, 1, 2, 3, 4, 5};
    const int16_t purposes[] = {PURPOSE_LOAN_APPROVAL, PURPOSE_CARD_APPROVAL,
                                PURPOSE_POST_LOAN,     PURPOSE_LOAN_APPROVAL,
                                PURPOSE_LOAN_APPROVAL, PURPOSE_LOAN_APPROVAL};

    (void)state;
    answer.inquiry_count = 6;
    answer.inquiry_at_us = when;
    answer.inquiry_members = members;
    answer.inquiry_purposes = purposes;
    const Cix__V1__ReportSummary *summary = report_summary(&arena, &answer, today());
    assert_int_equal(summary->inquiries_1m, 3);
    assert_int_equal(summary->inquiries_6m, 5);
    assert_int_equal(summary->inquiries_24m, 6);
    assert_int_equal(summary->inquiring_members_1m, 1);
}

static void flags_count_when_in_force_and_permitted(void **state)
{
    struct report_flag flags[3] = {{.status = FLAG_STATUS_LISTED},
                                   {.status = FLAG_STATUS_GRACE},
                                   {.status = FLAG_STATUS_SUSPENDED}};

    (void)state;
    subject.flags = flags;
    subject.flag_count = 3;
    assert_int_equal(report_summary(&arena, &answer, today())->flags_in_force, 0);
    answer.shows_flags = true;
    assert_int_equal(report_summary(&arena, &answer, today())->flags_in_force, 2);
}

static void an_account_that_was_sold_counts_once(void **state)
{
    (void)state;
    accounts[0].account_id = 7;
    accounts[1].account_id = 8;
    accounts[1].taken_over_from = 7;
    accounts[2].account_id = 9;
    accounts[2].taken_over_from = 99; /* not of this subject */
    Cix__V1__ReportSummary *summary =
        report_summary(&arena, &answer, (struct day){period_last_day(last).number});
    assert_int_equal(summary->accounts, 3);
    assert_int_equal(summary->open_accounts, 3);
}

/* Members that say of each other that they sold: one account is left. */
static void a_ring_of_sales_counts_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        accounts[i].account_id = 7 + i;
        accounts[i].taken_over_from = 7 + (i + 1) % 3;
    }
    Cix__V1__ReportSummary *summary =
        report_summary(&arena, &answer, (struct day){period_last_day(last).number});
    assert_int_equal(summary->accounts, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_account_that_was_sold_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_ring_of_sales_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(totals_go_by_currency, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_accounts_owe_no_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(overdue_is_told_by_amount_days_or_status, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(ninety_days_are_told_by_any_month_that_is_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_end_by_sale_is_not_ninety_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inquiries_count_by_months_and_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flags_count_when_in_force_and_permitted, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
