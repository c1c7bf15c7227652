/*
 * Goal: a regulator sees how the grades of each member did: who had them, who defaulted within
 * twelve months at any member, and whether that is what the member says its grades mean. Nobody
 * else sees it, and no grade of a few.
 * Method: made subjects of two banks whose defaults are known to the last one, over mTLS.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"

#define DAILY CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY

enum { SUBSTANDARD = 3, BALANCE = 5000000 };

static struct exchange exchange;
static struct cix_client *bank, *other_bank, *regulator;
static struct contribution made;
static struct period cohort; /* thirteen months ago: the twelve after it have ended */

static int32_t month(int ahead)
{
    return period_to_wire(period_add(cohort, ahead));
}

static void send(struct cix_client *client)
{
    static int submissions;
    char id[37];

    person_uuid("calibration", ++submissions, id);
    Cix__V1__ChunkResult *result = contribution_send(&made, client, id, DAILY);
    for (size_t i = 0; result->rejected + result->quarantined && i < result->n_verdicts; i++)
        print_error("%d:%s\n", result->verdicts[i]->index, result->verdicts[i]->rule);
    assert_int_equal(result->rejected + result->quarantined, 0);
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
}

static Cix__V1__Record *add(void)
{
    Cix__V1__Record *record = arena_alloc(&made.arena, sizeof(*record));

    cix__v1__record__init(record);
    assert_true(made.count < CONTRIBUTION_MAX);
    made.records[made.count++] = record;
    return record;
}

/* Grades person k on the day of the month that lies so far from the cohort's. */
static void grade(int64_t k, const char *word, int ahead)
{
    Cix__V1__Record *record = add();
    Cix__V1__MemberGrade *given = arena_alloc(&made.arena, sizeof(*given));
    Cix__V1__Identifier *identifier = arena_alloc(&made.arena, sizeof(*identifier));
    struct person person;

    person_make(k, &person);
    cix__v1__identifier__init(identifier);
    identifier->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier->value = arena_string(&made.arena, person.number);
    cix__v1__member_grade__init(given);
    given->identifier = identifier;
    given->graded_on = month(ahead) * 100 + 15;
    given->grade = (char *)word;
    record->record_case = CIX__V1__RECORD__RECORD_MEMBER_GRADE;
    record->member_grade = given;
}

static void map(const char *word, const char *master)
{
    Cix__V1__Record *record = add();
    Cix__V1__GradeMap *given = arena_alloc(&made.arena, sizeof(*given));

    cix__v1__grade_map__init(given);
    given->grade = (char *)word;
    given->from_on = month(-24) * 100 + 1;
    given->master_grade = (char *)master;
    record->record_case = CIX__V1__RECORD__RECORD_GRADE_MAP;
    record->grade_map = given;
}

/* Person k with a loan that is well in the month of the cohort and so many months later. */
static void lend(int64_t k, int ahead)
{
    contribution_subject(&made, k);
    contribution_account(&made, k, 0);
    contribution_month(&made, k, 0, month(0), BALANCE);
    if (ahead)
        contribution_month(&made, k, 0, month(ahead), BALANCE);
}

/* The latest month becomes one of class substandard. */
static void spoil(void)
{
    made.records[made.count - 1]->performance->five_category = SUBSTANDARD;
}

/* Not in default at the end of the cohort's month, 90 days and more overdue in the latest one. */
static void overdue(void)
{
    Cix__V1__Performance *late = made.records[made.count - 1]->performance;

    late->account_status = 2;
    late->repay_status = (char *)"4";
    late->five_category = SUBSTANDARD;
    late->days_overdue_presence_case = CIX__V1__PERFORMANCE__DAYS_OVERDUE_PRESENCE_DAYS_OVERDUE;
    late->days_overdue = 100;
    late->overdue_amount_presence_case =
        CIX__V1__PERFORMANCE__OVERDUE_AMOUNT_PRESENCE_OVERDUE_AMOUNT;
    late->overdue_amount = BALANCE / 10;
}

/* G1, which the bank says is an A: forty performing, twelve of them defaulted. */
static void give_bad_grade(void)
{
    map("G1", "A"); /* 0.10 % to 0.30 % */
    for (int64_t k = 1; k <= 40; k++) {
        lend(k, 7);
        if (k > 6 && k <= 9)
            spoil();
        else if (k > 9 && k <= 12)
            overdue();
        grade(k, k == 37 ? "G2" : "G1", k == 37 ? -5 : 0);
    }
    grade(37, "G1", -1); /* the latest one counts */
    send(bank);
    lend(41, 0); /* nobody tells what became of it */
    grade(41, "G1", 0);
    lend(42, 0); /* in default already */
    spoil();
    contribution_month(&made, 42, 0, month(3), BALANCE);
    grade(42, "G1", 0);
    lend(43, 12);
    grade(43, "G1", -12); /* too old to stand */
    lend(44, 12);
    grade(44, "G1", 1); /* too late */
    send(bank);
}

static void give_other_grades(void)
{
    map("G2", "B");
    for (int64_t k = 101; k <= 120; k++) {
        lend(k, 12);
        if (k == 101)
            spoil();
        grade(k, "G2", -11);
    }
    for (int64_t k = 201; k <= 209; k++) { /* nine: too few to be told */
        lend(k, 1);
        grade(k, "G3", 0);
    }
    for (int64_t k = 301; k <= 310; k++) {
        lend(k, 1);
        grade(k, "G4", 0);
    }
    send(bank);
}

/* Six of the bank's clients default at another one, which has grades of its own. */
static void lend_elsewhere(void)
{
    map("G1", "C");
    for (int64_t k = 1; k <= 10; k++) {
        contribution_subject(&made, k);
        contribution_account(&made, k, 1);
        contribution_month(&made, k, 1, month(-2), BALANCE);
        contribution_month(&made, k, 1, month(12), BALANCE);
        if (k <= 6)
            spoil();
        grade(k, "G1", 0);
    }
    /* After the twelve months: no default of them. */
    contribution_subject(&made, 40);
    contribution_account(&made, 40, 1);
    contribution_month(&made, 40, 1, month(13), BALANCE);
    spoil();
    /* Before it and well again: performing. */
    contribution_subject(&made, 39);
    contribution_account(&made, 39, 1);
    contribution_month(&made, 39, 1, month(-4), BALANCE);
    spoil();
    contribution_month(&made, 39, 1, month(-3), BALANCE);
    contribution_subject(&made, 38);
    contribution_account(&made, 38, 1);
    contribution_month(&made, 38, 1, month(5), BALANCE);
    spoil();
    send(other_bank);
    /* It was an error, and is put right. */
    contribution_month(&made, 38, 1, month(5), BALANCE);
    contribution_correct(&made);
    send(other_bank);
}

static struct cix_client *bank_of(const char *code)
{
    struct member member = exchange_member_of(code, MEMBER_TYPE_BANK);

    member.data_classes |= DATA_CLASS_RATING;
    exchange_member_put(&exchange, &member);
    return exchange_client(&exchange, code);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    bank = bank_of("bank-one");
    other_bank = bank_of("bank-two");
    regulator = exchange_client(&exchange, "regulator");
    cohort = period_add(period_of_day(clock_day_of(clock_now_us())), -13);
    contribution_init(&made);
    give_bad_grade();
    give_other_grades();
    lend_elsewhere();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    contribution_done(&made);
    cix_close(bank);
    cix_close(other_bank);
    cix_close(regulator);
    exchange_stop(&exchange);
    return 0;
}

static bool ask(struct cix_client *client, const char *member, int32_t period,
                Cix__V1__GetGradeCalibrationResponse **response, struct cix_error *error)
{
    Cix__V1__GetGradeCalibrationRequest request = CIX__V1__GET_GRADE_CALIBRATION_REQUEST__INIT;

    request.member_code = (char *)member;
    request.period = period;
    return cix_get_grade_calibration(client, &request, response, error);
}

static Cix__V1__GetGradeCalibrationResponse *ask_well(const char *member)
{
    Cix__V1__GetGradeCalibrationResponse *response;
    struct cix_error error;

    if (!ask(regulator, member, 0, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    return response;
}

static void assert_cell(const Cix__V1__GradeCell *cell, const char *word, const char *master,
                        int subjects, int defaulted, Cix__V1__GradeJudgement judgement)
{
    assert_string_equal(cell->grade, word);
    assert_string_equal(cell->master_grade, master);
    assert_int_equal(cell->subjects, subjects);
    assert_int_equal(cell->defaulted, defaulted);
    assert_int_equal(cell->judgement, judgement);
    assert_int_equal(cell->rate_bps, (20000 * defaulted + subjects) / (2 * subjects));
}

static void grades_are_judged_by_what_became_of_the_subjects(void **state)
{
    Cix__V1__GetGradeCalibrationResponse *response = ask_well("bank-one");

    (void)state;
    assert_int_equal(response->period, month(0));
    assert_int_equal(response->n_members, 1);
    const Cix__V1__MemberGrades *member = response->members[0];

    assert_string_equal(member->member_code, "bank-one");
    assert_int_equal(member->n_cells, 3);
    assert_int_equal(member->kept_back, 1);
    assert_cell(member->cells[0], "G1", "A", 40, 12,
                CIX__V1__GRADE_JUDGEMENT__GRADE_JUDGEMENT_TOO_GOOD);
    assert_int_equal(member->cells[0]->left_out, 2);
    assert_int_equal(member->cells[0]->bound_low_bps, 10);
    assert_int_equal(member->cells[0]->bound_high_bps, 30);
    assert_int_equal(member->cells[0]->rate_low_bps, 1807);
    assert_int_equal(member->cells[0]->rate_high_bps, 4544);
    assert_cell(member->cells[1], "G2", "B", 20, 1,
                CIX__V1__GRADE_JUDGEMENT__GRADE_JUDGEMENT_AGREES);
    assert_cell(member->cells[2], "G4", "", 10, 0,
                CIX__V1__GRADE_JUDGEMENT__GRADE_JUDGEMENT_NOT_MAPPED);
    cix_free(response);
}

/* Every member's word has the meaning that this member gave it. */
static void every_member_is_judged_by_its_own_map(void **state)
{
    Cix__V1__GetGradeCalibrationResponse *response = ask_well("");

    (void)state;
    assert_int_equal(response->n_members, 2);
    assert_string_equal(response->members[1]->member_code, "bank-two");
    assert_int_equal(response->members[1]->n_cells, 1);
    assert_int_equal(response->members[1]->kept_back, 0);
    assert_cell(response->members[1]->cells[0], "G1", "C", 10, 10,
                CIX__V1__GRADE_JUDGEMENT__GRADE_JUDGEMENT_AGREES);
    cix_free(response);
}

static void owner_does(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct db *owner = exchange_owner(&exchange);
    struct params params;
    struct rows rows = {0};
    struct ctx ctx;

    ctx_init(&ctx, &made.arena);
    params_init(&params, &made.arena);
    if (!db_run(&ctx, owner, &statement, &params, &rows))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    rows_done(&rows);
    db_close(owner);
}

/* All grades were recorded today, a year after they are said to have been given. */
static void grades_of_hindsight_are_told_apart(void **state)
{
    Cix__V1__GetGradeCalibrationResponse *response = ask_well("bank-two");

    (void)state;
    assert_int_equal(response->members[0]->cells[0]->hindsight, 10);
    cix_free(response);
    owner_does("t_recorded",
               "update cix.fact set recorded_at = recorded_at - interval '1 year'"
               " where kind = 14 and subject_id in (select distinct subject_id from cix.fact"
               "     where kind = 14 order by subject_id limit 4)");
    response = ask_well("bank-one");
    assert_int_equal(response->members[0]->cells[0]->hindsight, 36);
    cix_free(response);
}

static void what_cannot_be_asked_is_told(void **state)
{
    Cix__V1__GetGradeCalibrationResponse *response;
    const int32_t wrong[] = {month(1), month(13), 202513, -1, 999901};
    struct cix_error error;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_false(ask(regulator, "", wrong[i], &response, &error));
        assert_string_equal(error.reason, "PERIOD_INVALID");
    }
    assert_false(ask(regulator, "nobody", 0, &response, &error));
    assert_string_equal(error.reason, "MEMBER_UNKNOWN");
    assert_false(ask(bank, "bank-one", 0, &response, &error));
    assert_string_equal(error.reason, "ROLE_REQUIRED");
    assert_true(ask(regulator, "", month(-30), &response, &error));
    assert_int_equal(response->n_members, 0);
    cix_free(response);
}

static void the_command_shows_the_table(void **state)
{
    char output[4096];

    (void)state;
    assert_int_equal(shell_cix_as(&exchange, "regulator", "supervision grades --member bank-one",
                                  output, sizeof(output)),
                     0);
    assert_non_null(strstr(output, "18.07 to 45.44"));
    assert_non_null(strstr(output, "TOO_GOOD"));
    assert_non_null(strstr(output, "bank-one: 1 grades of too few subjects are not told"));
    assert_null(strstr(output, "G3"));
    assert_int_equal(shell_cix_as(&exchange, "regulator", "supervision grades --period 2025",
                                  output, sizeof(output)),
                     2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grades_are_judged_by_what_became_of_the_subjects),
        cmocka_unit_test(every_member_is_judged_by_its_own_map),
        cmocka_unit_test(grades_of_hindsight_are_told_apart),
        cmocka_unit_test(what_cannot_be_asked_is_told),
        cmocka_unit_test(the_command_shows_the_table),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
