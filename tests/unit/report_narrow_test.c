/*
 * Goal: of what a batch read for many members, one that gives defaults alone sees its own records,
 * others' accounts in default, public records and flags, and nobody else's name beside a name.
 * Method: answers made by hand, the pure function over them.
 */
#include "service/report_narrow.h"

#include <string.h>

#include "domain/ring.h"

#include "support/cmocka.h"

enum { ASKER = 1, OTHER = 2, SLOTS = 9 };

static struct arena arena;
static uint8_t status_rings[SLOTS][RING_STATUS_SIZE];
static uint8_t month_rings[SLOTS][RING_MONTH_SIZE];
static struct report_account accounts[SLOTS];
static struct report_subject subject;
static struct report_answer answer;
static const struct period last = {2026 * 12 + 8};

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    memset(status_rings, 0, sizeof(status_rings));
    memset(month_rings, 0, sizeof(month_rings));
    for (int i = 0; i < SLOTS; i++)
        accounts[i] = (struct report_account){
            .account_id = i,
            .member_id = OTHER,
            .type = ACCOUNT_TYPE_R2,
            .has_period = true,
            .last_period = last,
            .account_status = 1,
            .five_category = 1,
            .status_ring = {status_rings[i], RING_STATUS_SIZE},
            .month_ring = {month_rings[i], RING_MONTH_SIZE},
        };
    subject = (struct report_subject){.accounts = accounts, .account_count = SLOTS};
    answer = (struct report_answer){
        .member_id = ASKER, .subject = &subject, .is_narrow = true, .has_rating = true};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct report_subject *narrow(void)
{
    return report_narrow(&arena, &answer)->subject;
}

static void put_status(int account, int months_ago, char status)
{
    status_rings[account][ring_status_offset(period_add(last, -months_ago))] = (uint8_t)status;
}

static void an_answer_that_is_not_narrow_stays(void **state)
{
    (void)state;
    answer.is_narrow = false;
    assert_ptr_equal(report_narrow(&arena, &answer), &answer);
    answer.is_narrow = true;
    answer.subject = NULL;
    assert_ptr_equal(report_narrow(&arena, &answer), &answer);
}

/* Account 0 is in order; each of the others shows a default in a way of its own. */
static void own_accounts_and_those_in_default_are_left(void **state)
{
    struct ring_month month = {.period = period_add(last, -5), .days_overdue = {true, 90}};

    (void)state;
    put_status(0, 3, '3');
    put_status(1, 40, '4');
    put_status(2, 1, 'G');
    ring_month_encode(&month, month_rings[3] + ring_month_offset(month.period));
    accounts[4].days_overdue = 90;
    accounts[5].five_category = 3;
    accounts[6].account_status = 4; /* bad debt of a credit line, 5 of a card */
    accounts[6].type = ACCOUNT_TYPE_D1;
    put_status(7, 2, 'B');
    accounts[8].member_id = ASKER;
    assert_int_equal(narrow()->account_count, SLOTS - 1);
    for (int i = 0; i < SLOTS - 1; i++)
        assert_int_equal(narrow()->accounts[i].account_id, i + 1);
    assert_int_equal(subject.account_count,
                     SLOTS); /* of the batch: others' answers are as before */
}

/* What happened in months that are over is neither shown nor a reason to show. */
static void an_account_without_months_is_in_no_default(void **state)
{
    (void)state;
    put_status(0, 3, '5');
    accounts[0].days_overdue = 200;
    accounts[0].has_period = false;
    assert_int_equal(narrow()->account_count, 0);
}

static void own_facts_and_public_records_are_left(void **state)
{
    struct report_fact facts[] = {
        {.kind = RECORD_KIND_ACCOUNT_EVENT, .member_id = ASKER, .fact_id = 1},
        {.kind = RECORD_KIND_ACCOUNT_EVENT, .member_id = OTHER, .fact_id = 2},
        {.kind = RECORD_KIND_PUBLIC_RECORD, .member_id = OTHER, .fact_id = 3},
        {.kind = RECORD_KIND_FRAUD_CASE, .member_id = OTHER, .fact_id = 4},
    };

    (void)state;
    subject.facts = facts;
    subject.fact_count = ARRAY_LENGTH(facts);
    assert_int_equal(narrow()->fact_count, 2);
    assert_int_equal(narrow()->facts[0].fact_id, 1);
    assert_int_equal(narrow()->facts[1].fact_id, 3);
}

static void liabilities_are_left_as_accounts_are(void **state)
{
    struct report_liability liabilities[] = {
        {.fact = {.member_id = OTHER, .fact_id = 1}, .account = accounts[0]},
        {.fact = {.member_id = ASKER, .fact_id = 2}, .account = accounts[0]},
        {.fact = {.member_id = OTHER, .fact_id = 3}, .account = accounts[0]},
    };

    (void)state;
    liabilities[2].account.days_overdue = 90;
    subject.liabilities = liabilities;
    subject.liability_count = ARRAY_LENGTH(liabilities);
    assert_int_equal(narrow()->liability_count, 2);
    assert_int_equal(narrow()->liabilities[0].fact.fact_id, 2);
    assert_int_equal(narrow()->liabilities[1].fact.fact_id, 3);
}

/* Targets: identity, account, month, flag; then inquiry and fact. */
static void annotations_on_inquiries_and_facts_go(void **state)
{
    struct report_annotation annotations[6] = {{.target = 6}, {.target = 1}, {.target = 5},
                                               {.target = 2}, {.target = 3}, {.target = 4}};

    (void)state;
    subject.annotations = annotations;
    subject.annotation_count = ARRAY_LENGTH(annotations);
    assert_int_equal(narrow()->annotation_count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(narrow()->annotations[i].target, i + 1);
}

static void others_names_are_nobodys(void **state)
{
    struct report_sealed names[] = {
        {.member_id = OTHER, .record_id = 11, .recorded_at_us = 5, .sealed = {.size = 3}},
        {.member_id = ASKER, .record_id = 12, .recorded_at_us = 6, .sealed = {.size = 4}},
    };

    (void)state;
    subject.names = names;
    subject.name_count = ARRAY_LENGTH(names);
    const struct report_subject *shown = narrow();
    assert_int_equal(shown->name_count, 2);
    assert_int_equal(shown->names[0].member_id, 0);
    assert_int_equal(shown->names[0].recorded_at_us, 0);
    assert_int_equal(shown->names[0].record_id, 11); /* by which it is unsealed */
    assert_int_equal(shown->names[0].sealed.size, 3);
    assert_int_equal(shown->names[1].member_id, ASKER);
    assert_int_equal(shown->names[1].recorded_at_us, 6);
    assert_int_equal(names[0].member_id, OTHER);
}

static void what_members_say_of_identifiers_goes(void **state)
{
    struct report_sealed identifier = {
        .type = 20,
        .member_id = OTHER,
        .record_id = 13,
        .recorded_at_us = 5,
        .sealed = {.size = 3},
        .details = {.size = 4},
        .details_id = 14,
        .detail_place = 1,
        .verification = 2,
        .verified_by = 1,
    };

    (void)state;
    subject.identifiers = &identifier;
    subject.identifier_count = 1;
    const struct report_sealed *shown = narrow()->identifiers;
    assert_int_equal(shown->type, 20);
    assert_int_equal(shown->record_id, 13);
    assert_int_equal(shown->sealed.size, 3);
    assert_int_equal(shown->member_id, 0);
    assert_int_equal(shown->details.size, 0);
    assert_int_equal(shown->details_id, 0);
    assert_int_equal(shown->detail_place, 0);
    assert_int_equal(shown->verification, 0);
    assert_int_equal(shown->verified_by, 0);
}

static void ratings_and_who_asked_go_and_flags_stay(void **state)
{
    struct report_flag flag = {.id = 9};

    (void)state;
    answer.inquiry_count = 3;
    answer.shows_flags = true;
    subject.flags = &flag;
    subject.flag_count = 1;
    const struct report_answer *shown = report_narrow(&arena, &answer);
    assert_false(shown->has_rating);
    assert_int_equal(shown->inquiry_count, 0);
    assert_true(shown->shows_flags);
    assert_int_equal(shown->subject->flag_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_that_is_not_narrow_stays),
        TEST(own_accounts_and_those_in_default_are_left),
        TEST(an_account_without_months_is_in_no_default),
        TEST(own_facts_and_public_records_are_left),
        TEST(liabilities_are_left_as_accounts_are),
        TEST(annotations_on_inquiries_and_facts_go),
        TEST(others_names_are_nobodys),
        TEST(what_members_say_of_identifiers_goes),
        TEST(ratings_and_who_asked_go_and_flags_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
