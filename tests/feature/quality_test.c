/*
 * Goal: the data quality of a member is what it sent and how; it sees itself, a regulator all by
 * name, an association all without; a closed month never changes.
 * Method: a whole exchange, libcix over mTLS, this month's records; closing with a clock that is
 * a month ahead.
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

static struct exchange exchange;
static struct cix_client *bank, *other_bank, *regulator, *association;
static struct contribution made;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    exchange_member(&exchange, "association", MEMBER_TYPE_SELF_REGULATORY_ASSOC);
    bank = exchange_client(&exchange, "bank-one");
    other_bank = exchange_client(&exchange, "bank-two");
    regulator = exchange_client(&exchange, "regulator");
    association = exchange_client(&exchange, "association");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other_bank);
    cix_close(regulator);
    cix_close(association);
    exchange_stop(&exchange);
    return 0;
}

static struct period this_month(void)
{
    return period_of_day(clock_day_of(clock_now_us()));
}

static Cix__V1__GetQualityResponse *ask(struct cix_client *client)
{
    Cix__V1__GetQualityRequest request = CIX__V1__GET_QUALITY_REQUEST__INIT;
    Cix__V1__GetQualityResponse *response;
    struct cix_error error;

    request.period = period_to_wire(this_month());
    if (!cix_get_quality(client, &request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    return response;
}

static int64_t count_of(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct db *owner = exchange_owner(&exchange);
    struct arena arena;
    struct ctx ctx;
    struct params params;
    struct rows rows = {0};

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, owner, &statement, &params, &rows))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    assert_true(rows_next(&rows));
    int64_t count = rows_int8(&rows, 0);
    rows_done(&rows);
    arena_done(&arena);
    db_close(owner);
    return count;
}

/* Ten records: 7 are taken, 2 refused (one of them of nobody's subject), 1 kept aside. */
static void a_member_sees_what_it_sent(void **state)
{
    char id[37];
    struct person person;

    (void)state;
    contribution_init(&made);
    contribution_subject(&made, 1);
    contribution_account(&made, 1, 0);
    for (int month = 1; month <= 4; month++)
        contribution_month(&made, 1, 0, 202600 + month, 100);
    made.records[5]->performance->reported_on = 20260630; /* April told in June: M030 */
    contribution_subject(&made, 2);
    contribution_month(&made, 99, 0, 202601, 1); /* M001 */
    contribution_account(&made, 98, 0);          /* A022 */
    person_make(3, &person);
    contribution_subject(&made, 3)->sex = (person.number[16] - '0') % 2 ? 2 : 1; /* S005 */
    person_uuid("quality", 1, id);
    contribution_answer_free(contribution_send(&made, bank, id, DAILY));
    contribution_done(&made);
    Cix__V1__GetQualityResponse *response = ask(bank);
    assert_int_equal(response->n_members, 1);
    const Cix__V1__MemberQuality *own = response->members[0];
    assert_string_equal(own->member_code, "bank-one");
    assert_int_equal(own->accepted, 7);
    assert_int_equal(own->rejected, 2);
    assert_int_equal(own->quarantined, 1);
    assert_int_equal(own->acceptance_bps, 7000);
    assert_int_equal(own->months, 5);
    assert_int_equal(own->late, 1);
    assert_int_equal(own->timeliness_bps, 8000);
    assert_int_equal(own->match_bps, 9000);
    assert_true(own->completeness_bps > 0 && own->completeness_bps < 10000);
    assert_int_equal(own->dispute_loss_bps, 0);
    assert_false(own->is_closed);
    int32_t index =
        (35 * 7000 + 20 * 8000 + 15 * own->completeness_bps + 15 * 10000 + 15 * 9000 + 50) / 100;
    assert_true(own->has_index);
    assert_int_equal(own->index_bps, index);
    cix_free(response);
    response = ask(other_bank);
    assert_int_equal(response->n_members, 1);
    assert_false(response->members[0]->has_index); /* it sent nothing */
    assert_int_equal(response->members[0]->index_bps, 0);
    cix_free(response);
}

static const char *shown_of(const char *code, struct period month, char *output, size_t size)
{
    char words[64];
    int32_t wire = period_to_wire(month);

    snprintf(words, sizeof(words), "quality --period %04d-%02d", wire / 100, wire % 100);
    if (shell_cix_as(&exchange, code, words, output, size))
        fail_msg("%s", output);
    return output;
}

/* Of a member that sent nothing cix shows no index; the month before its first is closed. */
static void cix_shows_a_silent_member_and_what_was_before_it(void **state)
{
    struct period before = this_month();
    char output[4096];

    (void)state;
    assert_non_null(strstr(shown_of("bank-two", before, output, sizeof(output)), "DISPUTES LOST"));
    assert_non_null(strstr(output, "bank-two -  "));
    assert_null(strstr(output, "100.00"));
    assert_non_null(strstr(output, "open"));
    before.number -= 1; /* its first is this one */
    assert_non_null(strstr(shown_of("bank-two", before, output, sizeof(output)), "closed"));
    before.number -= 120;
    assert_non_null(strstr(shown_of("bank-two", before, output, sizeof(output)), "closed"));
}

/* A member's month that has ended is open until the job has closed it, and closed when that never
 * came. */
static void a_month_that_nobody_closed_is_closed_in_the_end(void **state)
{
    char sql[300];

    (void)state;
    for (int ago = 1; ago <= 2; ago++) {
        snprintf(
            sql, sizeof(sql),
            "select bool_and(is_closed)::int::bigint from cix.quality_read((select member_id"
            " from cix.member where code = 'bank-two'), %d, now() + interval '%d months',"
            " (select max(audit_id) + 1 from cix.audit), 43::smallint, sha256(''), sha256(''))",
            this_month().number, ago);
        assert_int_equal(count_of(ago == 1 ? "t_ended" : "t_past", sql), ago == 2);
    }
}

static void a_regulator_sees_all_an_association_no_names(void **state)
{
    (void)state;
    Cix__V1__GetQualityResponse *all = ask(regulator);
    assert_int_equal(all->n_members, 2);
    assert_string_equal(all->members[0]->member_code, "bank-one");
    assert_int_equal(all->members[0]->accepted, 7);
    assert_string_equal(all->members[1]->member_code, "bank-two");
    cix_free(all);
    all = ask(association);
    assert_int_equal(all->n_members, 2);
    assert_string_equal(all->members[0]->member_code, "");
    assert_string_equal(all->members[1]->member_code, "");
    cix_free(all);
}

static void a_month_that_is_none_is_told(void **state)
{
    static const int32_t months[] = {0, -1, 202613, 999901};
    Cix__V1__GetQualityRequest request = CIX__V1__GET_QUALITY_REQUEST__INIT;
    Cix__V1__GetQualityResponse *response;
    struct cix_error error;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(months); i++) {
        request.period = months[i];
        assert_false(cix_get_quality(bank, &request, &response, &error));
        assert_string_equal(error.reason, "PERIOD_INVALID");
    }
}

static void a_closed_month_stays(void **state)
{
    char sql[200], id[37];

    (void)state;
    snprintf(sql, sizeof(sql), "select cix.quality_close(%d, now())::bigint", this_month().number);
    assert_int_equal(count_of("t_early", sql), 0); /* it has not ended */
    snprintf(sql, sizeof(sql), "select cix.quality_close(%d, now() + interval '32 days')::bigint",
             this_month().number);
    assert_int_equal(count_of("t_close", sql), 2);
    assert_int_equal(count_of("t_again", sql), 0);
    contribution_init(&made);
    contribution_subject(&made, 7);
    person_uuid("quality", 2, id);
    contribution_answer_free(contribution_send(&made, bank, id, DAILY));
    contribution_done(&made);
    Cix__V1__GetQualityResponse *response = ask(bank);
    assert_true(response->members[0]->is_closed);
    assert_int_equal(response->members[0]->accepted, 7);
    /* Its account was last reported for April: by totals nothing is missing, by accounts one is. */
    assert_int_equal(response->members[0]->missing, 1);
    cix_free(response);
    assert_int_equal(count_of("t_missing", "select sum(missing)::bigint from cix.quality_month"),
                     1);
}

/* What a handler refuses for its form leaves a count, as what is refused before the queue does. */
static void refusals_of_form_are_counted(void **state)
{
    (void)state;
    exchange_end(&exchange); /* writes what was counted last */
    assert_int_equal(count_of("t_form", "select coalesce(sum(count), 0)::bigint from cix.refusal"
                                        " where method = 43 and reason = 'PERIOD_INVALID'"),
                     4);
    exchange_serve(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_sees_what_it_sent),
        cmocka_unit_test(cix_shows_a_silent_member_and_what_was_before_it),
        cmocka_unit_test(a_month_that_nobody_closed_is_closed_in_the_end),
        cmocka_unit_test(a_regulator_sees_all_an_association_no_names),
        cmocka_unit_test(a_month_that_is_none_is_told),
        cmocka_unit_test(a_closed_month_stays),
        cmocka_unit_test(refusals_of_form_are_counted),
    };

    return cmocka_run_group_tests_name("quality", tests, setup, teardown);
}
