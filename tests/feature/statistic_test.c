/*
 * Goal: regulators and associations get what their role may see of a month, merged or not, and
 * nobody else gets anything; what was refused is counted in the audit log.
 * Method: a whole exchange over mTLS; roll-up deltas written as the owner, so that every cell has
 * known figures; the merge run by the test, the server's own being too late to matter.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "job/rollup.h"
#include "store/statistic.h"
#include "support/cmocka.h"
#include "support/exchange.h"

enum { PERIOD = 202601, PERIOD_NUMBER = 2026 * 12 };

/* Accounts of one member in one cell, one subject an account. */
struct holding {
    const char *member;
    const char *product;
    const char *currency;
    const char *region;
    int age_band;
    int first_subject;
    int count;
    int64_t balance; /* of each */
    int64_t overdue; /* of each */
    int five_category;
    bool is_non_performing;
};

static const struct holding holdings[] = {
    /* 81: thirty subjects of three members; members 10 each. */
    {"bank-a", "81", "CNY", "310115", 2, 100, 10, 1000, 0, 1, false},
    {"bank-b", "81", "CNY", "310115", 2, 110, 10, 1000, 50, 2, false},
    {"p2p-a", "81", "CNY", "US-CA", 3, 120, 10, 1000, 400, 3, true},
    /* 91: three subjects. */
    {"bank-a", "91", "CNY", "", 0, 200, 1, 70, 0, 0, false},
    {"bank-b", "91", "CNY", "", 0, 201, 1, 70, 0, 0, false},
    {"p2p-a", "91", "CNY", "", 0, 202, 1, 70, 0, 0, false},
    /* P1: two members. */
    {"p2p-a", "P1", "CNY", "440000", 1, 300, 10, 500, 0, 0, false},
    {"p2p-b", "P1", "CNY", "440000", 1, 310, 10, 500, 500, 0, true},
    /* 41: one member holds 80 %. */
    {"micro-a", "41", "CNY", "440000", 6, 400, 30, 4000, 0, 1, false},
    {"bank-a", "41", "CNY", "440000", 6, 430, 10, 1500, 0, 0, false},
    {"bank-b", "41", "CNY", "440000", 6, 440, 10, 1500, 0, 0, false},
    /* Dollars: 91 is small, and 81 is the smaller of the others. */
    {"bank-a", "81", "USD", "", 2, 100, 12, 100, 0, 0, false},
    {"bank-b", "81", "USD", "", 2, 100, 12, 100, 0, 0, false},
    {"p2p-a", "81", "USD", "", 2, 100, 12, 100, 0, 0, false},
    {"bank-a", "21", "USD", "", 2, 500, 20, 100, 0, 0, false},
    {"bank-b", "21", "USD", "", 2, 520, 20, 100, 0, 0, false},
    {"p2p-a", "21", "USD", "", 2, 540, 20, 100, 0, 0, false},
    {"bank-a", "91", "USD", "", 2, 600, 2, 100, 0, 0, false},
    {"bank-b", "91", "USD", "", 2, 602, 2, 100, 0, 0, false},
    {"p2p-a", "91", "USD", "", 2, 604, 2, 100, 0, 0, false},
};

static struct exchange exchange;
static struct db *owner;
static struct cix_client *regulator, *association, *bank;
static struct arena arena;
static struct ctx ctx;

static void cell_put(int64_t cell_id, const struct holding *holding)
{
    static const struct statement insert = {
        "cell_put",
        "insert into cix.cell (cell_id, currency, member_id, member_type, region, industry,"
        " product, channel, dealer, five_category, bucket, is_non_performing, segment, age_band)"
        " select $1, $2, m.member_id, m.type, $3, '', $4, 0, '', $5, 0, $6, 0, $7"
        " from cix.member m where m.code = $8"};
    struct params params;

    params_init(&params, &arena);
    params_int8(&params, cell_id);
    params_text(&params, holding->currency);
    params_text(&params, holding->region);
    params_text(&params, holding->product);
    params_int2(&params, (int16_t)holding->five_category);
    params_bool(&params, holding->is_non_performing);
    params_int2(&params, (int16_t)holding->age_band);
    params_text(&params, holding->member);
    assert_true(db_run(&ctx, owner, &insert, &params, NULL));
}

static void deltas_put(int64_t cell_id, const struct holding *holding)
{
    static const struct statement insert = {
        "deltas_put",
        "insert into cix.rollup_delta (subject_id, delta_id, period, cell_id, accounts, balance,"
        " overdue) select $1 + n, $2 + n, $3, $4, 1, $5, $6 from generate_series(0, $7 - 1) n"};
    struct params params;

    params_init(&params, &arena);
    params_int8(&params, holding->first_subject);
    params_int8(&params, id_new_many(holding->count));
    params_int4(&params, PERIOD_NUMBER);
    params_int8(&params, cell_id);
    params_int8(&params, holding->balance);
    params_int8(&params, holding->overdue);
    params_int4(&params, holding->count);
    assert_true(db_run(&ctx, owner, &insert, &params, NULL));
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

static void members_put(void)
{
    static const struct {
        const char *code;
        enum member_type type;
    } members[] = {
        {"bank-a", MEMBER_TYPE_BANK},
        {"bank-b", MEMBER_TYPE_BANK},
        {"p2p-a", MEMBER_TYPE_P2P},
        {"p2p-b", MEMBER_TYPE_P2P},
        {"micro-a", MEMBER_TYPE_MICRO_LOAN},
        {"court-a", MEMBER_TYPE_COURT},
        {"regulator-a", MEMBER_TYPE_REGULATOR_ADMIN},
        {"association-a", MEMBER_TYPE_SELF_REGULATORY_ASSOC},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        struct member member = exchange_member_of(members[i].code, members[i].type);

        exchange_member_put(&exchange, &member);
    }
    exchange_settle();
}

static int set_up_all(void **state)
{
    static const char *const flags[] = {"--merge-ms", "60000", NULL};

    (void)state;
    ctx_init(&ctx, &arena);
    exchange_start(&exchange, flags);
    owner = exchange_owner(&exchange);
    members_put();
    for (size_t i = 0; i < ARRAY_LENGTH(holdings); i++) {
        cell_put((int64_t)i + 1, &holdings[i]);
        deltas_put((int64_t)i + 1, &holdings[i]);
    }
    regulator = exchange_client(&exchange, "regulator-a");
    association = exchange_client(&exchange, "association-a");
    bank = exchange_client(&exchange, "bank-a");
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    db_close(owner);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static Cix__V1__GetStatisticResponse *ask(struct cix_client *client, const char *currency,
                                          enum statistic_dimension dimension)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    struct cix_error error;

    request.period = PERIOD;
    request.currency = (char *)(uintptr_t)currency;
    request.dimension = (Cix__V1__StatisticDimension)dimension;
    if (!cix_get_statistic(client, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    return response;
}

static const Cix__V1__StatisticCell *cell_of(const Cix__V1__GetStatisticResponse *response,
                                             const char *value)
{
    for (size_t i = 0; i < response->n_cells; i++) {
        if (strcmp(response->cells[i]->value, value) == 0)
            return response->cells[i];
    }
    fail_msg("no cell %s", value);
    return NULL;
}

static const Cix__V1__StatisticFigures *figures_of(const Cix__V1__StatisticCell *cell)
{
    assert_int_equal(cell->content_case, CIX__V1__STATISTIC_CELL__CONTENT_FIGURES);
    return cell->figures;
}

static void assert_kept_back(const Cix__V1__GetStatisticResponse *response, const char *value,
                             Cix__V1__SuppressionReason reason)
{
    const Cix__V1__StatisticCell *cell = cell_of(response, value);

    assert_int_equal(cell->content_case, CIX__V1__STATISTIC_CELL__CONTENT_SUPPRESSED);
    assert_int_equal(cell->suppressed, reason);
}

static void the_regulator_sees_cells_of_ten_subjects(void **state)
{
    Cix__V1__GetStatisticResponse *response = ask(regulator, "CNY", STATISTIC_DIMENSION_PRODUCT);
    const Cix__V1__StatisticFigures *cards;

    (void)state;
    assert_int_equal(response->n_cells, 4);
    assert_string_equal(response->cells[0]->value, "41");
    assert_string_equal(response->cells[3]->value, "P1");
    assert_string_equal(cell_of(response, "81")->label, "credit card");
    cards = figures_of(cell_of(response, "81"));
    assert_int_equal(cards->accounts, 30);
    assert_int_equal(cards->subjects, 30);
    assert_int_equal(cards->members, 3);
    assert_int_equal(cards->outstanding, 30000);
    assert_int_equal(cards->overdue, 4500);
    assert_int_equal(cards->non_performing, 10000);
    assert_int_equal(cards->non_performing_ratio_bps, 3333);
    assert_kept_back(response, "P1", CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_COMPLEMENTARY);
    assert_int_equal(figures_of(cell_of(response, "41"))->outstanding, 150000);
    assert_kept_back(response, "91",
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    assert_int_equal(figures_of(response->total)->accounts, 103);
    assert_int_equal(figures_of(response->total)->outstanding, 190210);
    assert_string_equal(response->rule,
                        "Figures need at least 10 subjects in a cell; further cells are kept back "
                        "where the total would uncover one. Non-performing: class 3 to 5; without "
                        "a class, 90 days overdue or more.");
    assert_true(response->as_of_us > 0);
    assert_true(response->as_of_us <= clock_now_us());
    cix_free(response);
}

static void the_answer_says_how_non_performing_was_decided(void **state)
{
    Cix__V1__GetStatisticResponse *response = ask(regulator, "CNY", STATISTIC_DIMENSION_PRODUCT);

    (void)state;
    assert_int_equal(figures_of(cell_of(response, "81"))->non_performing_basis,
                     CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_CLASS);
    assert_int_equal(figures_of(cell_of(response, "41"))->non_performing_basis,
                     CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_MIXED);
    assert_int_equal(figures_of(response->total)->non_performing, 15000);
    cix_free(response);
    response = ask(regulator, "USD", STATISTIC_DIMENSION_PRODUCT);
    assert_int_equal(figures_of(cell_of(response, "21"))->non_performing_basis,
                     CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_DAYS_OVERDUE);
    cix_free(response);
}

static void the_association_sees_reasons_instead_of_small_cells(void **state)
{
    Cix__V1__GetStatisticResponse *response = ask(association, "CNY", STATISTIC_DIMENSION_PRODUCT);

    (void)state;
    /* Without it the others together would be 75 % one member's. */
    assert_kept_back(response, "81", CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_COMPLEMENTARY);
    assert_kept_back(response, "91",
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    assert_kept_back(response, "P1",
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_MEMBERS);
    assert_kept_back(response, "41", CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_DOMINANCE);
    assert_int_equal(figures_of(response->total)->members, 5);
    assert_non_null(strstr(response->rule, "at least 10 subjects and 3 members"));
    assert_non_null(strstr(response->rule, "at most 70 % and two hold at most 85 %"));
    cix_free(response);
}

static void a_cell_that_the_total_would_uncover_takes_another_with_it(void **state)
{
    Cix__V1__GetStatisticResponse *response = ask(association, "USD", STATISTIC_DIMENSION_PRODUCT);

    (void)state;
    assert_kept_back(response, "91",
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    assert_kept_back(response, "81", CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_COMPLEMENTARY);
    assert_int_equal(figures_of(cell_of(response, "21"))->subjects, 60);
    assert_int_equal(figures_of(response->total)->outstanding, 10200);
    cix_free(response);
    response = ask(regulator, "USD", STATISTIC_DIMENSION_PRODUCT);
    assert_kept_back(response, "81", CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_COMPLEMENTARY);
    assert_int_equal(figures_of(response->total)->accounts, 102);
    assert_int_equal(figures_of(response->total)->subjects, 78);
    cix_free(response);
}

static void a_total_of_few_is_kept_back_like_a_cell(void **state)
{
    static const struct holding few = {"bank-a", "81", "EUR", "", 2, 700, 9, 100, 0, 0, false};
    Cix__V1__GetStatisticResponse *response;

    (void)state;
    cell_put(900, &few);
    deltas_put(900, &few);
    response = ask(regulator, "EUR", STATISTIC_DIMENSION_PRODUCT);
    assert_kept_back(response, "81",
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    assert_int_equal(response->total->content_case, CIX__V1__STATISTIC_CELL__CONTENT_SUPPRESSED);
    assert_int_equal(response->total->suppressed,
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    cix_free(response);
}

static void values_are_sorted_and_named(void **state)
{
    Cix__V1__GetStatisticResponse *response = ask(regulator, "CNY", STATISTIC_DIMENSION_REGION);

    (void)state;
    assert_int_equal(response->n_cells, 4);
    assert_string_equal(cell_of(response, "310115")->label, "Shanghai");
    assert_string_equal(cell_of(response, "440000")->label, "Guangdong");
    assert_string_equal(cell_of(response, "US-CA")->label, "");
    assert_string_equal(cell_of(response, "none")->label, "not given");
    for (size_t i = 1; i < response->n_cells; i++)
        assert_true(strcmp(response->cells[i - 1]->value, response->cells[i]->value) < 0);
    cix_free(response);
    response = ask(regulator, "CNY", STATISTIC_DIMENSION_AGE_BAND);
    assert_int_equal(figures_of(cell_of(response, "25-34"))->subjects, 20);
    assert_int_equal(figures_of(cell_of(response, "65+"))->subjects, 50);
    assert_kept_back(response, "none",
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    cix_free(response);
    response = ask(regulator, "CNY", STATISTIC_DIMENSION_MEMBER_TYPE);
    assert_string_equal(cell_of(response, "61")->label, "peer-to-peer lending platform");
    assert_int_equal(figures_of(cell_of(response, "11"))->members, 2);
    assert_int_equal(figures_of(cell_of(response, "51"))->outstanding, 120000);
    cix_free(response);
}

static void an_empty_month_is_an_answer(void **state)
{
    Cix__V1__GetStatisticResponse *response = ask(regulator, "JPY", STATISTIC_DIMENSION_PRODUCT);

    (void)state;
    assert_int_equal(response->n_cells, 0);
    assert_int_equal(figures_of(response->total)->accounts, 0);
    assert_int_equal(response->as_of_us, 0);
    cix_free(response);
}

/* Runs the job that merges, as the server does. */
static void merge(void)
{
    struct rollup_job job = {0};
    bool has_more = false;

    assert_true(rollup_job_run(&ctx, exchange.admin, &job, &has_more));
    assert_false(has_more);
}

static char *text_of(struct cix_client *client, const char *currency, int dimension)
{
    Cix__V1__GetStatisticResponse *response =
        ask(client, currency, (enum statistic_dimension)dimension);
    char *text;

    response->as_of_us = 0;
    text = cix_to_json(response);
    cix_free(response);
    return text;
}

static void merging_changes_no_answer(void **state)
{
    static const char *const currencies[] = {"CNY", "USD"};
    char *before[2][2][5];

    (void)state;
    assert_true(number("deltas", "select count(*) from cix.rollup_delta") > 0);
    for (int dimension = 1; dimension <= 4; dimension++) {
        for (int i = 0; i < 4; i++)
            before[i / 2][i % 2][dimension] =
                text_of(i / 2 ? regulator : association, currencies[i % 2], dimension);
    }
    merge();
    assert_int_equal(number("deltas", "select count(*) from cix.rollup_delta"), 0);
    for (int dimension = 1; dimension <= 4; dimension++) {
        for (int i = 0; i < 4; i++) {
            char *after = text_of(i / 2 ? regulator : association, currencies[i % 2], dimension);

            assert_string_equal(after, before[i / 2][i % 2][dimension]);
            free(after);
            free(before[i / 2][i % 2][dimension]);
        }
    }
}

static void what_is_taken_back_is_gone_before_and_after_the_merge(void **state)
{
    static const struct holding gone = {"bank-a", "99", "GBP", "", 2, 800, 11, 100, 7, 0, false};
    Cix__V1__GetStatisticResponse *response;

    (void)state;
    cell_put(901, &gone);
    deltas_put(901, &gone);
    merge();
    assert_true(
        db_script(&ctx, owner,
                  "insert into cix.rollup_delta select d.subject_id, d.subject_id, d.period,"
                  " d.cell_id, -1, -100, -7 from cix.rollup_subject d"
                  " where d.cell_id = 901 and d.subject_id = 800"));
    for (int i = 0; i < 2; i++) {
        response = ask(regulator, "GBP", STATISTIC_DIMENSION_PRODUCT);
        assert_int_equal(figures_of(response->total)->accounts, 10);
        assert_int_equal(figures_of(response->total)->subjects, 10);
        assert_int_equal(figures_of(response->total)->overdue, 70);
        cix_free(response);
        merge();
    }
    assert_int_equal(number("subject_800", "select count(*) from cix.rollup_subject"
                                           " where cell_id = 901 and subject_id = 800"),
                     0);
}

static void assert_refused(struct cix_client *client, const char *reason)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    struct cix_error error;

    request.period = PERIOD;
    request.currency = "CNY";
    request.dimension = CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_PRODUCT;
    assert_false(cix_get_statistic(client, &request, &response, &error));
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
    assert_string_equal(error.reason, reason);
}

static void nobody_else_may_ask(void **state)
{
    struct cix_client *court = exchange_client(&exchange, "court-a");

    (void)state;
    assert_refused(bank, "ROLE_REQUIRED");
    assert_refused(court, "ROLE_REQUIRED");
    cix_close(court);
}

static void a_regulator_gets_no_person(void **state)
{
    static const enum cix_method methods[] = {CIX_GET_REPORT, CIX_CHECK_FLAG};
    Cix__V1__GetReportRequest report = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__CheckFlagRequest flag = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    const void *const requests[] = {&report, &flag};
    struct cix_client *const clients[] = {regulator, association};
    struct cix_error error;
    void *response;

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_false(cix_call(clients[i / 2], methods[i % 2], requests[i % 2], &response, &error));
        assert_int_equal(error.status, CIX_PERMISSION_DENIED);
        assert_string_equal(error.reason, "ROLE_REQUIRED");
    }
    assert_int_equal(number("inquiries", "select count(*) from cix.inquiry"), 0);
}

static void the_database_decides_again(void **state)
{
    struct db *db = test_database_connect(&exchange.database, DB_ROLE_REGULATE);
    struct statistic_question question = {
        .period = {PERIOD_NUMBER},
        .currency = "CNY",
        .dimension = STATISTIC_DIMENSION_PRODUCT,
        .now_us = clock_now_us(),
        .audit_id = id_new(),
        .method = 40,
    };
    struct statistic_answer answer;

    (void)state;
    question.member_id = (int32_t)number(
        "bank_id", "select member_id::bigint from cix.member where code = 'bank-a'");
    assert_false(statistic_read(&ctx, db, &question, &answer));
    assert_string_equal(ctx.error.reason, "ROLE_REQUIRED");
    ctx_clear(&ctx);
    assert_int_equal(number("audited", "select count(*) from cix.audit where outcome = 5"
                                       " and method = 40"),
                     1);
    db_close(db);
}

static void every_wrong_field_is_named(void **state)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    struct cix_error error;

    (void)state;
    request.period = 202613;
    request.currency = "XXX";
    request.dimension = (Cix__V1__StatisticDimension)5;
    assert_false(cix_get_statistic(regulator, &request, &response, &error));
    assert_int_equal(error.status, CIX_INVALID_ARGUMENT);
    assert_string_equal(error.reason, "PERIOD_INVALID");
    assert_int_equal(error.field_count, 3);
    assert_string_equal(error.fields[0].field, "period");
    assert_string_equal(error.fields[1].field, "currency");
    assert_string_equal(error.fields[2].field, "dimension");
    request.period = 209912;
    request.currency = "CNY";
    request.dimension = CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_REGION;
    assert_false(cix_get_statistic(regulator, &request, &response, &error));
    assert_string_equal(error.reason, "PERIOD_INVALID");
    request.period = PERIOD;
    request.currency = "cny";
    assert_false(cix_get_statistic(regulator, &request, &response, &error));
    assert_string_equal(error.reason, "CURRENCY_INVALID");
    request.currency = "CNY";
    request.dimension = CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_UNSPECIFIED;
    assert_false(cix_get_statistic(regulator, &request, &response, &error));
    assert_string_equal(error.reason, "DIMENSION_INVALID");
}

static int64_t answers_of_the_association(void)
{
    return number("audits", "select count(*) from cix.audit a join cix.member m using (member_id)"
                            " where m.code = 'association-a' and a.method = 40"
                            " and a.outcome = 0");
}

static void every_answer_has_its_audit_row(void **state)
{
    int64_t before = answers_of_the_association();

    (void)state;
    cix_free(ask(association, "CNY", STATISTIC_DIMENSION_REGION));
    assert_int_equal(answers_of_the_association(), before + 1);
}

/* Behind all others: it ends the clients and the server, which writes what it has counted. */
static void refusals_are_counted_in_the_audit_log(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_refused(bank, "ROLE_REQUIRED");
    cix_close(regulator);
    cix_close(association);
    cix_close(bank);
    exchange_end(&exchange);
    assert_int_equal(number("refused",
                            "select sum(r.count)::bigint from cix.refusal r join cix.member m"
                            " using (member_id) where m.code = 'bank-a' and r.method = 40"
                            " and r.reason = 'ROLE_REQUIRED'"),
                     6);
    assert_int_equal(number("refusals_audited",
                            "select count(*) from cix.refusal r join cix.audit a"
                            " on a.audit_id = r.refusal_id and a.member_id = r.member_id"
                            " and a.method = r.method and a.outcome = 100 and a.records_hash"
                            " = sha256(convert_to(r.reason || ':' || r.count, 'UTF8'))"),
                     number("refusals", "select count(*) from cix.refusal"));
    exchange_serve(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_regulator_sees_cells_of_ten_subjects),
        cmocka_unit_test(the_answer_says_how_non_performing_was_decided),
        cmocka_unit_test(the_association_sees_reasons_instead_of_small_cells),
        cmocka_unit_test(a_cell_that_the_total_would_uncover_takes_another_with_it),
        cmocka_unit_test(a_total_of_few_is_kept_back_like_a_cell),
        cmocka_unit_test(values_are_sorted_and_named),
        cmocka_unit_test(an_empty_month_is_an_answer),
        cmocka_unit_test(merging_changes_no_answer),
        cmocka_unit_test(what_is_taken_back_is_gone_before_and_after_the_merge),
        cmocka_unit_test(nobody_else_may_ask),
        cmocka_unit_test(a_regulator_gets_no_person),
        cmocka_unit_test(the_database_decides_again),
        cmocka_unit_test(every_wrong_field_is_named),
        cmocka_unit_test(every_answer_has_its_audit_row),
        cmocka_unit_test(refusals_are_counted_in_the_audit_log),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
