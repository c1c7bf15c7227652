/*
 * Goal: what a regulator reads equals the sums over the accounts, whatever was corrected and
 * wherever the merge stands.
 * Method: a whole exchange that merges all the time; three members submit months of shared persons
 * over mTLS and correct some; every cell is compared with a query over the source of truth.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"

enum { PERIOD = 202601, PERSONS = 24, SHARED = 12, ROUNDS = 4 };

static const char *const codes[] = {"bank-a", "p2p-a", "micro-a"};
static struct exchange exchange;
static struct cix_client *members[ARRAY_LENGTH(codes)];
static struct cix_client *regulator;
static struct db *owner;
static struct arena arena;
static struct ctx ctx;
static unsigned seed = 20261122;

static int set_up_all(void **state)
{
    static const char *const flags[] = {"--merge-ms", "20", NULL};
    static const enum member_type types[] = {MEMBER_TYPE_BANK, MEMBER_TYPE_P2P,
                                             MEMBER_TYPE_MICRO_LOAN};
    struct member member;

    (void)state;
    ctx_init(&ctx, &arena);
    exchange_start(&exchange, flags);
    owner = exchange_owner(&exchange);
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        member = exchange_member_of(codes[i], types[i]);
        exchange_member_put(&exchange, &member);
    }
    exchange_member(&exchange, "regulator-a", MEMBER_TYPE_REGULATOR_ADMIN);
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
        members[i] = exchange_client(&exchange, codes[i]);
    regulator = exchange_client(&exchange, "regulator-a");
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
        cix_close(members[i]);
    cix_close(regulator);
    db_close(owner);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static int chance(int below)
{
    seed = seed * 1103515245 + 12345;
    return (int)(seed >> 16) % below;
}

/* Person k of a member: the first ones are everybody's. */
static int64_t person_of(int member, int k)
{
    return k < SHARED ? k : 1000 * (member + 1) + k;
}

static void add_month(struct contribution *made, int member, int k, int64_t now_us)
{
    static const int classes[] = {0, 0, 1, 2, 3, 5};
    Cix__V1__Performance *month =
        contribution_month(made, person_of(member, k), member, PERIOD, 100000 + chance(5000000));

    month->five_category = classes[chance(ARRAY_LENGTH(classes))];
    if (month->five_category) {
        month->classified_on_presence_case =
            CIX__V1__PERFORMANCE__CLASSIFIED_ON_PRESENCE_CLASSIFIED_ON;
        month->classified_on = 20260115;
    }
    month->reported_on = day_to_wire(clock_day_of(now_us));
}

static void add_person(struct contribution *made, int member, int k)
{
    static const char *const products[] = {"91", "11", "21", "41"};
    static const char *const regions[] = {"310115", "440300", "US-CA", ""};
    Cix__V1__Account *account;

    contribution_subject(made, person_of(member, k));
    account = contribution_account(made, person_of(member, k), member);
    account->business_type = (char *)(uintptr_t)products[k % 4];
    account->region = (char *)(uintptr_t)regions[k / 2 % 4];
}

static void submit(struct contribution *made, int member, int round)
{
    Cix__V1__ChunkResult *result;
    char id[37];

    person_uuid("rollup", member * 100 + round, id);
    result = contribution_send(made, members[member], id,
                               CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    for (size_t i = 0; i < result->n_verdicts; i++) {
        if (result->verdicts[i]->severity != CIX__V1__SEVERITY__SEVERITY_WARNING)
            fail_msg("%s %s: %s", result->verdicts[i]->rule, result->verdicts[i]->field,
                     result->verdicts[i]->reason);
    }
    contribution_answer_free(result);
}

/* The first round opens the accounts; the others report the month again for some of them. */
static void contribute(int member, int round)
{
    struct contribution made;
    int64_t now_us = clock_now_us();

    contribution_init(&made);
    for (int k = 0; k < PERSONS && round == 0; k++)
        add_person(&made, member, k);
    for (int k = 0; k < PERSONS; k++) {
        if (round > 0 && chance(3) > 0)
            continue;
        add_month(&made, member, k, now_us);
        if (round > 0)
            contribution_correct(&made);
    }
    submit(&made, member, round);
    contribution_done(&made);
}

/* The month that counts of each account, with the value of each dimension. Written without the
   roll-ups, their cells or the functions that keep them. */
static const struct statement cells_of_accounts = {
    "cells_of_accounts",
    "with latest as (select distinct on (d.subject_id, d.account_id) d.* from"
    " cix.performance_delta d where d.period = 24312"
    " order by d.subject_id, d.account_id, d.delta_id desc), month as (select l.*, case $1"
    " when 1 then a.business_type"
    " when 2 then case when a.region = '' then 'none' else a.region end"
    " when 3 then case when 2026 - s.birth_year < 18 then 'none' when 2026 - s.birth_year < 25"
    " then '18-24' when 2026 - s.birth_year < 35 then '25-34' when 2026 - s.birth_year < 45"
    " then '35-44' when 2026 - s.birth_year < 55 then '45-54' when 2026 - s.birth_year < 65"
    " then '55-64' else '65+' end"
    " else m.type::text end as value from latest l"
    " join cix.account a using (subject_id, account_id) join cix.subject s using (subject_id)"
    " join cix.member m on m.member_id = a.member_id)"
    " select value, count(*), count(distinct subject_id), sum(balance)::bigint,"
    " coalesce(sum(balance) filter (where five_category between 3 and 5), 0)::bigint"
    " from month group by grouping sets ((value), ()) order by value collate \"C\" nulls last"};

static Cix__V1__GetStatisticResponse *ask(int dimension)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    struct cix_error error;

    request.period = PERIOD;
    request.currency = "CNY";
    request.dimension = (Cix__V1__StatisticDimension)dimension;
    if (!cix_get_statistic(regulator, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    return response;
}

static void assert_same(const struct rows *rows, const Cix__V1__StatisticCell *cell)
{
    if (cell->content_case == CIX__V1__STATISTIC_CELL__CONTENT_SUPPRESSED) {
        bool is_small =
            cell->suppressed == CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS;
        assert_int_equal(rows_int8(rows, 2) < 10, is_small);
        return;
    }
    assert_int_equal(cell->figures->accounts, rows_int8(rows, 1));
    assert_int_equal(cell->figures->subjects, rows_int8(rows, 2));
    assert_int_equal(cell->figures->outstanding, rows_int8(rows, 3));
    assert_int_equal(cell->figures->non_performing, rows_int8(rows, 4));
}

static void assert_table_is_of_the_accounts(int dimension)
{
    Cix__V1__GetStatisticResponse *response = ask(dimension);
    struct params params;
    struct rows rows = {0};

    params_init(&params, &arena);
    params_int4(&params, dimension);
    assert_true(db_run(&ctx, owner, &cells_of_accounts, &params, &rows));
    assert_int_equal(rows.count, response->n_cells + 1);
    for (size_t i = 0; i < response->n_cells; i++) {
        assert_true(rows_next(&rows));
        assert_string_equal(response->cells[i]->value, rows_text(&rows, 0));
        assert_same(&rows, response->cells[i]);
    }
    assert_true(rows_next(&rows));
    assert_int_equal(response->total->content_case, CIX__V1__STATISTIC_CELL__CONTENT_FIGURES);
    assert_same(&rows, response->total);
    rows_done(&rows);
    cix_free(response);
}

static void cells_are_the_sums_over_the_accounts(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        for (int member = 0; member < (int)ARRAY_LENGTH(codes); member++) {
            contribute(member, round);
            for (int dimension = 1; dimension <= 4; dimension++)
                assert_table_is_of_the_accounts(dimension);
        }
    }
}

static int64_t number(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct params none = {0};
    struct rows rows = {0};
    int64_t value;

    assert_true(db_run(&ctx, owner, &statement, &none, &rows));
    assert_true(rows_next(&rows));
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    return value;
}

static void the_server_merges_by_itself(void **state)
{
    int64_t end_us = clock_monotonic_us() + INT64_C(20000000);

    (void)state;
    while (number("deltas", "select count(*) from cix.rollup_delta") > 0)
        assert_true(clock_monotonic_us() < end_us);
    assert_true(number("cells", "select count(*) from cix.rollup") > 0);
    for (int dimension = 1; dimension <= 4; dimension++)
        assert_table_is_of_the_accounts(dimension);
    assert_int_equal(number("differences", "select count(*) from cix.rebuild_check()"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_the_sums_over_the_accounts),
        cmocka_unit_test(the_server_merges_by_itself),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
