/*
 * Goal: institutions behind one credit bureau share account numbers and never an account: months,
 * facts and corrections reach the account of their origin, and history and reports tell which.
 * Method: a whole exchange, libcix over mTLS; what lies stored is read on the owner's connection.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/question.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bureau, *bank;
static struct contribution made;
static struct cix_error error;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bureau-one", MEMBER_TYPE_CREDIT_BUREAU);
    struct member lender = exchange_member_of("bank-one", MEMBER_TYPE_BANK);
    lender.data_classes = 255;
    exchange_member_put(&exchange, &lender);
    dossier_open(&dossier, &exchange);
    bureau = exchange_client(&exchange, "bureau-one");
    bank = exchange_client(&exchange, "bank-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bureau);
    cix_close(bank);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    contribution_init(&made);
    return 0;
}

static int end(void **state)
{
    (void)state;
    contribution_done(&made);
    return 0;
}

/* ---- Records, all under account number 1001 ---- */

static Cix__V1__Record *of(const char *origin)
{
    Cix__V1__Record *record = made.records[made.count - 1];

    record->origin = arena_string(&made.arena, origin);
    return record;
}

static void subject(const char *origin, int64_t k)
{
    contribution_subject(&made, k);
    of(origin);
}

static Cix__V1__Account *account(const char *origin, int64_t k)
{
    Cix__V1__Account *account = contribution_account(&made, k, 0);

    account->account_no = (char *)"1001";
    of(origin);
    return account;
}

static Cix__V1__Performance *month(const char *origin, int32_t period, int64_t balance)
{
    Cix__V1__Performance *month = contribution_month(&made, 0, 0, period, balance);

    month->account_no = (char *)"1001";
    of(origin);
    return month;
}

static void event(const char *origin, int64_t amount)
{
    Cix__V1__AccountEvent *event = arena_alloc(&made.arena, sizeof(*event));

    month(origin, 202401, 0);
    cix__v1__account_event__init(event);
    event->account_no = (char *)"1001";
    event->type = 1;
    event->happened_on = 20240301;
    event->amount_presence_case = CIX__V1__ACCOUNT_EVENT__AMOUNT_PRESENCE_AMOUNT;
    event->amount = amount;
    event->months_extended_presence_case =
        CIX__V1__ACCOUNT_EVENT__MONTHS_EXTENDED_PRESENCE_MONTHS_EXTENDED;
    event->months_extended = 3;
    made.records[made.count - 1]->record_case = CIX__V1__RECORD__RECORD_ACCOUNT_EVENT;
    made.records[made.count - 1]->account_event = event;
}

static void correct(Cix__V1__CorrectionAction action)
{
    contribution_correct(&made);
    made.records[made.count - 1]->correction->action = action;
}

/* The rules of all verdicts by record, "0:A001 2:M002"; S006 left out: made persons break it. */
static const char *send(struct cix_client *client)
{
    static int64_t submissions;
    static char told[512];
    char id[37];
    size_t size = 0;

    person_uuid("origin", ++submissions, id);
    Cix__V1__ChunkResult *result =
        contribution_send(&made, client, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    *told = '\0';
    for (size_t i = 0; i < result->n_verdicts && size < sizeof(told); i++)
        if (strcmp(result->verdicts[i]->rule, "S006") != 0)
            size += (size_t)snprintf(told + size, sizeof(told) - size, "%s%d:%s", size ? " " : "",
                                     result->verdicts[i]->index, result->verdicts[i]->rule);
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
    return told;
}

/* ---- What is stored ---- */

/* A number of account 1001 of the institution, -1 when there is none. */
static int64_t stored(const char *origin, const char *expression)
{
    char hex[2 * DIGEST_SIZE + 1], sql[600];
    struct digest index =
        vault_origin_index(dossier.vault, dossier_member(&dossier, "bureau-one"), origin, "1001");

    text_to_hex(index.bytes, DIGEST_SIZE, hex);
    snprintf(sql, sizeof(sql),
             "select coalesce((select (%s)::bigint from cix.account_key k join cix.account a"
             " using (subject_id, account_id) where k.account_index = '\\x%s'), -1)",
             expression, hex);
    return dossier_number(&dossier, sql);
}

static Cix__V1__GetHistoryResponse *history(Cix__V1__HistoryKind kind, const char *origin)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *response;

    request.kind = kind;
    request.account_no = (char *)"1001";
    request.origin = (char *)origin;
    request.period = 202401;
    if (!cix_get_history(bureau, &request, &response, &error))
        return NULL;
    return response;
}

static const Cix__V1__Report *report_of(int64_t k, Cix__V1__GetReportResponse **response)
{
    if (!question_report(bank, k, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    return (*response)->report;
}

/* ---- The tests ---- */

static void a_number_is_one_account_an_institution(void **state)
{
    (void)state;
    subject("small-1", 900);
    account("small-1", 900);
    subject("small-2", 901);
    account("small-2", 901);
    assert_string_equal(send(bureau), "");
    month("small-2", 202401, 200);
    assert_string_equal(send(bureau), "");
    assert_int_equal(stored("small-1", "coalesce(a.last_period, -2)"), -2);
    month("small-1", 202401, 100);
    assert_string_equal(send(bureau), "");
    assert_int_equal(stored("small-1", "a.balance"), 100);
    assert_int_equal(stored("small-2", "a.balance"), 200);
    month("small-3", 202401, 300);
    assert_string_equal(send(bureau), "0:M001");
}

static void one_subject_has_an_account_at_each(void **state)
{
    (void)state;
    subject("first-1", 910);
    account("first-1", 910);
    subject("second-1", 910);
    account("second-1", 910);
    month("first-1", 202401, 10);
    month("second-1", 202401, 20);
    assert_string_equal(send(bureau), "");
    assert_int_equal(stored("first-1", "a.balance"), 10);
    assert_int_equal(stored("second-1", "a.balance"), 20);
}

static void facts_and_corrections_reach_the_account_of_their_origin(void **state)
{
    (void)state;
    subject("east", 920);
    account("east", 920);
    subject("west", 921);
    account("west", 921);
    month("east", 202401, 100);
    month("west", 202401, 200);
    event("west", 77);
    assert_string_equal(send(bureau), "");
    const char *events = "select count(*) from cix.fact f where f.subject_id = a.subject_id"
                         " and f.account_id = a.account_id and f.kind = 6";
    assert_int_equal(stored("east", events), 0);
    assert_int_equal(stored("west", events), 1);
    month("east", 202401, 150);
    correct(CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE);
    month("west", 202401, 0);
    correct(CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE);
    month("north", 202401, 0);
    correct(CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE);
    assert_string_equal(send(bureau), "2:K001");
    assert_int_equal(stored("east", "a.balance"), 150);
    assert_int_equal(stored("west", "coalesce(a.last_period, -2)"), -2);
    account("west", 921);
    correct(CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE);
    assert_string_equal(send(bureau), "");
    assert_int_equal(stored("west", "1"), -1);
    assert_int_equal(stored("east", "a.balance"), 150);
}

static void history_tells_the_origin(void **state)
{
    (void)state;
    subject("hist-1", 930);
    account("hist-1", 930);
    month("hist-1", 202401, 5);
    assert_string_equal(send(bureau), "");
    Cix__V1__GetHistoryResponse *answer =
        history(CIX__V1__HISTORY_KIND__HISTORY_KIND_PERFORMANCE, "hist-1");
    assert_non_null(answer);
    assert_int_equal(answer->n_versions, 1);
    assert_string_equal(answer->versions[0]->origin, "hist-1");
    cix_free(answer);
    answer = history(CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT, "hist-1");
    assert_non_null(answer);
    assert_string_equal(answer->versions[0]->origin, "hist-1");
    cix_free(answer);
    assert_null(history(CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT, "hist-2"));
    assert_string_equal(error.reason, "RECORD_UNKNOWN");
    assert_null(history(CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT, "Not a code"));
    assert_string_equal(error.reason, "FIELD_INVALID");
}

static void a_consent_keeps_its_origin(void **state)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__GetHistoryResponse *answer;
    struct person person;
    char id[37];

    (void)state;
    person_uuid("consent", 940, id);
    subject("paper", 940);
    contribution_consent(&made, 940, id, 20260101, 20261231);
    of("paper");
    assert_string_equal(send(bureau), "");
    person_make(940, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_CONSENT;
    request.identifier = &identifier;
    request.consent_id = id;
    if (!cix_get_history(bureau, &request, &answer, &error))
        fail_msg("%s", error.reason);
    assert_string_equal(answer->versions[0]->origin, "paper");
    cix_free(answer);
}

static void a_report_tells_whom_a_fact_is_from(void **state)
{
    Cix__V1__GetReportResponse *response;
    char id[37];

    (void)state;
    subject("far-one", 950);
    account("far-one", 950);
    event("far-one", 8);
    assert_string_equal(send(bureau), "");
    person_uuid("consent", 950, id);
    contribution_subject(&made, 950);
    contribution_consent(&made, 950, id, 20260101, 20261231);
    assert_string_equal(send(bank), "");
    const Cix__V1__Report *report = report_of(950, &response);
    assert_int_equal(report->n_account_events, 1);
    assert_string_equal(report->account_events[0]->source->member_code, "bureau-one");
    assert_string_equal(report->account_events[0]->source->origin, "far-one");
    cix_free(response);
}

/* Before origin was part of the key, the first institution had the number. */
static void an_account_kept_by_its_number_is_its_givers(void **state)
{
    char plain[2 * DIGEST_SIZE + 1], with_origin[2 * DIGEST_SIZE + 1], sql[400];
    int32_t id = dossier_member(&dossier, "bureau-one");
    struct digest old = vault_account_index(dossier.vault, id, "1001");
    struct digest now = vault_origin_index(dossier.vault, id, "old-1", "1001");

    (void)state;
    subject("old-1", 960);
    account("old-1", 960);
    assert_string_equal(send(bureau), "");
    text_to_hex(old.bytes, DIGEST_SIZE, plain);
    text_to_hex(now.bytes, DIGEST_SIZE, with_origin);
    snprintf(sql, sizeof(sql),
             "update cix.account_key set account_index = '\\x%s' where account_index = '\\x%s'"
             " returning 1::bigint",
             plain, with_origin);
    assert_int_equal(dossier_number(&dossier, sql), 1);
    month("old-2", 202401, 20);
    assert_string_equal(send(bureau), "0:M001");
    Cix__V1__GetHistoryResponse *answer = history(CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT, "");
    assert_non_null(answer); /* until its institution comes again */
    assert_string_equal(answer->versions[0]->origin, "old-1");
    cix_free(answer);
    subject("old-2", 961);
    account("old-2", 961);
    month("old-2", 202401, 20);
    month("old-1", 202401, 10);
    assert_string_equal(send(bureau), "");
    assert_int_equal(stored("old-1", "a.balance"), 10);
    assert_int_equal(stored("old-2", "a.balance"), 20);
    assert_int_equal(stored("", "1"), -1);
}

static void a_seller_behind_a_bureau_is_named(void **state)
{
    (void)state;
    subject("seller", 970);
    account("seller", 970)->closed_on_presence_case =
        CIX__V1__ACCOUNT__CLOSED_ON_PRESENCE_CLOSED_ON;
    made.records[made.count - 1]->account->closed_on = 20240229;
    Cix__V1__Performance *last = month("seller", 202402, 0);
    last->account_status = 5;
    last->repay_status = (char *)"C";
    assert_string_equal(send(bureau), "");
    for (int turn = 0; turn < 2; turn++) {
        contribution_subject(&made, 970);
        Cix__V1__Account *bought = contribution_account(&made, 970, 0);
        bought->opened_on = 20240220;
        bought->transferred_from_code = (char *)"bureau-one";
        bought->transferred_from_account_no = (char *)"1001";
        if (turn)
            bought->transferred_from_origin = (char *)"seller";
        assert_string_equal(send(bank), turn ? "" : "1:A014");
    }
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.account where"
                                              " transferred_from_account_id is not null"),
                     1);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH(a_number_is_one_account_an_institution),
        WITH(one_subject_has_an_account_at_each),
        WITH(facts_and_corrections_reach_the_account_of_their_origin),
        WITH(history_tells_the_origin),
        WITH(a_consent_keeps_its_origin),
        WITH(a_report_tells_whom_a_fact_is_from),
        WITH(an_account_kept_by_its_number_is_its_givers),
        WITH(a_seller_behind_a_bureau_is_named),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
