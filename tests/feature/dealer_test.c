/*
 * Goal: an account by a dealer names one that its member registered for the day on which it was
 * opened (A016); what was taken stands, whatever becomes of the dealer; who a dealer is lies
 * sealed. Method: a whole exchange, libcix over mTLS; what lies stored is read on the owner's
 * connection.
 */
#include <stdio.h>
#include <string.h>

#include "support/contribution.h"
#include "support/dossier.h"
#include "support/shell.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank, *other_bank, *bureau;
static struct contribution made;
static struct cix_error error;
static char last_id[37]; /* of the latest submission */
static char advice[100]; /* of the latest A016 */

static const char unknown[] = "register the dealer first";
static const char other_day[] =
    "the dealer is registered, but not for the day on which the account was opened";

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bureau-one", MEMBER_TYPE_CREDIT_BUREAU);
    dossier_open(&dossier, &exchange);
    bank = exchange_client(&exchange, "bank-one");
    other_bank = exchange_client(&exchange, "bank-two");
    bureau = exchange_client(&exchange, "bureau-one");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other_bank);
    cix_close(bureau);
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

/* A dealer from 2024-01-01; until 0: until further notice. */
static Cix__V1__Dealer *dealer(const char *code, int32_t until)
{
    Cix__V1__Record *record = arena_alloc(&made.arena, sizeof(*record));
    Cix__V1__Dealer *dealer = arena_alloc(&made.arena, sizeof(*dealer));

    cix__v1__record__init(record);
    cix__v1__dealer__init(dealer);
    dealer->dealer_code = arena_string(&made.arena, code);
    dealer->name = (char *)"Wang's Motors";
    dealer->from_on = 20240101;
    if (until) {
        dealer->until_on_presence_case = CIX__V1__DEALER__UNTIL_ON_PRESENCE_UNTIL_ON;
        dealer->until_on = until;
    }
    record->record_case = CIX__V1__RECORD__RECORD_DEALER;
    record->dealer = dealer;
    made.records[made.count++] = record;
    return dealer;
}

/* Loan i of person k, opened 2024-01-15 unless changed. */
static Cix__V1__Account *loan(int64_t k, int i, const char *dealer_code)
{
    Cix__V1__Account *account = contribution_account(&made, k, i);

    account->channel = 4;
    account->dealer_code = arena_string(&made.arena, dealer_code);
    return account;
}

static void correct(Cix__V1__CorrectionAction action)
{
    contribution_correct(&made);
    made.records[made.count - 1]->correction->action = action;
}

static void replace(void)
{
    correct(CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE);
}

static void of(const char *origin)
{
    made.records[made.count - 1]->origin = (char *)origin;
}

/* The rules of all verdicts by record, "0:A016"; S006 and S011 left out: made identities break
 * them. */
static const char *send(struct cix_client *client)
{
    static int64_t submissions;
    static char told[512];
    size_t size = 0;

    person_uuid("dealer", ++submissions, last_id);
    Cix__V1__ChunkResult *result =
        contribution_send(&made, client, last_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    *told = '\0';
    for (size_t i = 0; i < result->n_verdicts && size < sizeof(told); i++) {
        const Cix__V1__Verdict *verdict = result->verdicts[i];
        if (!strcmp(verdict->rule, "A016")) {
            assert_string_equal(verdict->field, "account.dealer_code");
            snprintf(advice, sizeof(advice), "%s", verdict->reason);
        }
        if (strcmp(verdict->rule, "S006") != 0 && strcmp(verdict->rule, "S011") != 0)
            size += (size_t)snprintf(told + size, sizeof(told) - size, "%s%d:%s", size ? " " : "",
                                     verdict->index, verdict->rule);
    }
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
    return told;
}

static void know(struct cix_client *client, int64_t k)
{
    contribution_subject(&made, k);
    assert_string_equal(send(client), "");
}

static int64_t accounts_by(const char *code)
{
    char sql[200];

    snprintf(sql, sizeof(sql), "select count(*) from cix.account where dealer_code = '%s'", code);
    return dossier_number(&dossier, sql);
}

static void an_account_needs_a_dealer_that_is_registered(void **state)
{
    (void)state;
    know(bank, 1);
    loan(1, 0, "D-1");
    loan(1, 1, "");
    made.records[1]->account->channel = 1;
    assert_string_equal(send(bank), "0:A016");
    assert_string_equal(advice, unknown);
    assert_int_equal(accounts_by("D-1"), 0);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.account_key"), 1);
    dealer("D-1", 0);
    assert_string_equal(send(bank), "");
    loan(1, 0, "D-1");
    loan(1, 2, "D-1")->opened_on = 20231231; /* the day before */
    assert_string_equal(send(bank), "1:A016");
    assert_string_equal(advice, other_day);
    assert_int_equal(accounts_by("D-1"), 1);
    know(other_bank, 1);
    loan(1, 0, "D-1"); /* another member's */
    assert_string_equal(send(other_bank), "0:A016");
    assert_string_equal(advice, unknown);
}

/* Its place in the chunk does not matter; one that is refused does not count. */
static void a_dealer_of_the_same_chunk_counts(void **state)
{
    (void)state;
    know(bank, 2);
    loan(2, 0, "D-20");
    dealer("D-20", 0);
    loan(2, 1, "D-21");
    dealer("D-21", 20230101);
    assert_string_equal(send(bank), "2:A016 3:E009");
    assert_int_equal(accounts_by("D-20"), 1);
}

static void what_was_taken_stands_when_its_dealer_ends(void **state)
{
    (void)state;
    know(bank, 3);
    dealer("D-30", 0);
    loan(3, 0, "D-30");
    assert_string_equal(send(bank), "");
    dealer("D-30", 20240201);
    assert_string_equal(send(bank), "0:K003");
    dealer("D-30", 20240201);
    replace();
    assert_string_equal(send(bank), "");
    loan(3, 0, "D-30")->annual_rate_bps = 500;
    loan(3, 1, "D-30")->opened_on = 20240201;
    loan(3, 2, "D-30")->opened_on = 20240202;
    assert_string_equal(send(bank), "2:A016");
    assert_string_equal(advice, other_day);
    dealer("D-30", 0);
    correct(CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE);
    assert_string_equal(send(bank), "");
    loan(3, 0, "D-30")->annual_rate_bps = 400; /* as it was sent first, but for the rate */
    loan(3, 3, "D-30");
    assert_string_equal(send(bank), "1:A016");
    assert_string_equal(advice, unknown); /* taken back */
    assert_int_equal(accounts_by("D-30"), 2);
}

static void a_correction_to_another_dealer_is_asked_too(void **state)
{
    (void)state;
    know(bank, 4);
    dealer("D-40", 0);
    dealer("D-41", 20240110);
    loan(4, 0, "D-40");
    assert_string_equal(send(bank), "");
    loan(4, 0, "D-41");
    replace();
    loan(4, 0, "D-42");
    assert_string_equal(send(bank), "0:A016 1:A016");
    loan(4, 0, "D-40")->opened_on = 20230101; /* another day */
    replace();
    assert_string_equal(send(bank), "0:A016");
    dealer("D-42", 0);
    loan(4, 0, "D-42");
    replace();
    assert_string_equal(send(bank), "");
    assert_int_equal(accounts_by("D-40"), 0);
    assert_int_equal(accounts_by("D-42"), 1);
}

/* As accounts are that came before there was a register. */
static void an_account_stored_without_a_dealers_register_stands(void **state)
{
    (void)state;
    know(bank, 5);
    loan(5, 0, "")->channel = 1;
    assert_string_equal(send(bank), "");
    assert_int_equal(
        dossier_number(&dossier,
                       "with a as (update cix.account a set channel = 4, dealer_code = 'OLD'"
                       " from (select max(account_id) as id from cix.account) m"
                       " where a.account_id = m.id returning 1) select count(*) from a"),
        1);
    loan(5, 0, "OLD")->annual_rate_bps = 777;
    assert_string_equal(send(bank), "");
    loan(5, 0, "OLDER");
    assert_string_equal(send(bank), "0:A016");
}

static void behind_a_bureau_the_institution_registers(void **state)
{
    (void)state;
    contribution_subject(&made, 6);
    of("small-1");
    dealer("D-60", 0);
    of("small-1");
    loan(6, 0, "D-60");
    of("small-2");
    loan(6, 0, "D-60");
    of("small-1");
    assert_string_equal(send(bureau), "2:A016");
    assert_int_equal(accounts_by("D-60"), 1);
}

/* A dealer that was put right many times is looked at once for all accounts of a chunk. */
static void many_versions_of_a_dealer_cost_one_look(void **state)
{
    (void)state;
    dealer("D-65", 0);
    assert_string_equal(send(bank), "");
    dossier_number(&dossier,
                   "with last as (select f from cix.fact f join cix.dealer d using (record_id)"
                   " where d.dealer_code = 'D-65'), n as (insert into cix.fact select (r).* from"
                   " last cross join generate_series(1, 100) as n cross join lateral"
                   " jsonb_populate_record(f, jsonb_build_object('record_id',"
                   " (f).record_id + n)) as r)"
                   " insert into cix.dealer select d.subject_id, d.fact_id, d.record_id + n,"
                   " d.dealer_code, d.region, d.from_on, d.until_on from cix.dealer d"
                   " cross join generate_series(1, 100) as n where d.dealer_code = 'D-65'");
    int64_t rows = dossier_number(
        &dossier,
        "with before as materialized (select idx_tup_fetch as rows from pg_stat_xact_user_tables"
        " where relname = 'fact'), asked as materialized (select rows,"
        " cix.dealer_missing(m.member_id, array_fill('\\x00'::bytea, '{50}'),"
        " array_fill(date '2024-01-15', '{50}'), array_fill(4::smallint, '{50}'),"
        " array_fill('D-65'::text, '{50}'), array_fill(''::text, '{50}')) as missing,"
        " cix.dealer_advice(m.member_id, array_fill('A016'::text, '{50}'), n.lines, n.lines,"
        " array_fill('D-65'::text, '{50}'), array_fill(''::text, '{50}')) as advice"
        " from before cross join cix.member m cross join (select array_agg(i) as lines from"
        " generate_series(1, 50) as i) as n where m.code = 'bank-one')"
        " select t.idx_tup_fetch - a.rows from asked a cross join lateral (select"
        " s.idx_tup_fetch from pg_stat_xact_user_tables s where s.relname = 'fact'"
        " and a.missing = '{}' and a.advice[50] like 'the dealer is registered%') as t");
    assert_in_range(rows, 2, 4);
}

static void a_back_out_of_a_dealer_leaves_its_accounts(void **state)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    char id[37];

    (void)state;
    know(bank, 7);
    dealer("D-70", 0);
    assert_string_equal(send(bank), "");
    memcpy(id, last_id, sizeof(id));
    loan(7, 0, "D-70");
    assert_string_equal(send(bank), "");
    request.submission_id = id;
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    if (!cix_back_out_submission(bank, &request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    cix_free(response);
    loan(7, 1, "D-70");
    assert_string_equal(send(bank), "0:A016");
    assert_int_equal(accounts_by("D-70"), 1);
    dealer("D-70", 20261231); /* what was taken back may come again, otherwise */
    loan(7, 1, "D-70");
    assert_string_equal(send(bank), "");
}

/* Name and identifier are sealed; of what changed of them the history tells no more than that. */
static void who_a_dealer_is_lies_sealed(void **state)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *answer;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__Record key = CIX__V1__RECORD__INIT;
    Cix__V1__Dealer named = CIX__V1__DEALER__INIT;

    (void)state;
    dealer("D-80", 0);
    assert_string_equal(send(bank), "");
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_USCC;
    identifier.value = (char *)"91990001MA0A1B2C2M";
    dealer("D-80", 20261231)->identifier = &identifier;
    replace();
    assert_string_equal(send(bank), "");
    named.dealer_code = (char *)"D-80";
    key.record_case = CIX__V1__RECORD__RECORD_DEALER;
    key.dealer = &named;
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_DEALER;
    request.record = &key;
    if (!cix_get_history(bank, &request, &answer, &error))
        fail_msg("%s: %s", error.reason, error.message);
    assert_int_equal(answer->n_versions, 2);
    assert_int_equal(answer->versions[0]->n_changes, 2);
    for (size_t i = 0; i < 2; i++) {
        const Cix__V1__HistoryChange *change = answer->versions[0]->changes[i];
        if (!strcmp(change->field, "until_on"))
            assert_string_equal(change->after, "2026-12-31");
        else
            assert_string_equal(change->field, "identifier");
        assert_string_equal(change->before, "");
    }
    cix_free(answer);
    assert_int_equal(
        dossier_number(&dossier,
                       "select count(*) from cix.fact f where f.kind = 16 and not f.is_deleted"
                       " and (f.sealed_text is null or position('Motors'::bytea in"
                       " f.sealed_text) > 0 or position('91990001'::bytea in f.sealed_text) > 0)"),
        0);
    assert_int_equal(dossier_number(&dossier,
                                    "select count(*) from cix.dealer d where to_jsonb(d)::text"
                                    " ~ 'Motors|91990001'"),
                     0);
}

/* Dealers go before accounts, whatever the order of the files; a dry run refuses what no register
 * could allow. */
static void files_of_dealers_go_before_those_of_accounts(void **state)
{
    char path[2][400], words[1000], output[4096], line[512];
    struct person person;

    (void)state;
    know(bank, 9);
    person_make(9, &person);
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof(path[i]), "%s/%s.jsonl", exchange.folder,
                 i ? "dealer" : "account");
        snprintf(line, sizeof(line),
                 "{\"account\":{\"accountNo\":\"FILE-1\",\"identifier\":{\"type\":\"RESIDENT_ID\","
                 "\"value\":\"%s\"},\"type\":\"D1\",\"businessType\":\"91\",\"currency\":\"CNY\","
                 "\"originalAmount\":\"100\",\"openedOn\":20240115,\"channel\":4,\"dealerCode\":"
                 "\"D-90\"}}\n",
                 person.number);
        FILE *file = fopen(path[i], "we");
        assert_non_null(file);
        fputs(i ? "{\"dealer\":{\"dealerCode\":\"D-90\",\"name\":\"N\",\"fromOn\":20240101}}\n"
                : line,
              file);
        assert_int_equal(fclose(file), 0);
    }
    snprintf(words, sizeof(words), "submit --dry-run %s %s", path[0], path[1]);
    assert_int_equal(shell_cix(words, output, sizeof(output)), 0);
    snprintf(words, sizeof(words), "submit %s %s", path[0], path[1]);
    if (shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)) != 0)
        fail_msg("%s", output);
    assert_int_equal(accounts_by("D-90"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_account_needs_a_dealer_that_is_registered, begin, end),
        cmocka_unit_test_setup_teardown(a_dealer_of_the_same_chunk_counts, begin, end),
        cmocka_unit_test_setup_teardown(what_was_taken_stands_when_its_dealer_ends, begin, end),
        cmocka_unit_test_setup_teardown(a_correction_to_another_dealer_is_asked_too, begin, end),
        cmocka_unit_test_setup_teardown(an_account_stored_without_a_dealers_register_stands, begin,
                                        end),
        cmocka_unit_test_setup_teardown(behind_a_bureau_the_institution_registers, begin, end),
        cmocka_unit_test_setup_teardown(many_versions_of_a_dealer_cost_one_look, begin, end),
        cmocka_unit_test_setup_teardown(a_back_out_of_a_dealer_leaves_its_accounts, begin, end),
        cmocka_unit_test_setup_teardown(who_a_dealer_is_lies_sealed, begin, end),
        cmocka_unit_test_setup_teardown(files_of_dealers_go_before_those_of_accounts, begin, end),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
