/*
 * Goal: what a member puts right, deletes or takes back as a whole is shown at once, stays in the
 * history with who, when and why, and leaves accounts and roll-ups as if it had never come; nobody
 * reaches another's records.
 * Method: a whole exchange, records contributed over mTLS; kept state compared with rebuilt state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/question.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank;
static struct cix_client *other;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    bank = exchange_client(&exchange, "bank-one");
    other = exchange_client(&exchange, "bank-two");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

/* ---- Contributing ---- */

static const char *submission_of(char text[37], const char *salt, int64_t n)
{
    person_uuid(salt, n, text);
    return text;
}

static Cix__V1__ChunkResult *send(struct contribution *contribution, struct cix_client *client,
                                  const char *submission_id, Cix__V1__SubmissionMode mode)
{
    Cix__V1__ChunkResult *result = contribution_send(contribution, client, submission_id, mode);

    contribution_done(contribution);
    return result;
}

static void must_send(struct contribution *contribution, struct cix_client *client,
                      const char *submission_id)
{
    Cix__V1__ChunkResult *result =
        send(contribution, client, submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);

    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i]->severity <= CIX__V1__SEVERITY__SEVERITY_REJECT)
            fail_msg("%s on record %d", result->verdicts[i]->rule, result->verdicts[i]->index);
    contribution_answer_free(result);
}

/* A subject with an account and months from 202401 on. */
static void open_account(struct cix_client *client, int64_t k, int months, const char *salt)
{
    struct contribution contribution;
    char id[37];

    contribution_init(&contribution);
    contribution_subject(&contribution, k);
    contribution_account(&contribution, k, 1);
    for (int i = 0; i < months; i++)
        contribution_month(&contribution, k, 1, 202401 + i, 9000000 - 100000 * i);
    must_send(&contribution, client, submission_of(id, salt, k));
}

static void correct(struct contribution *contribution, Cix__V1__CorrectionAction action)
{
    Cix__V1__Correction *correction = arena_alloc(&contribution->arena, sizeof(*correction));

    cix__v1__correction__init(correction);
    correction->action = action;
    correction->reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_DISPUTE;
    correction->note = "the subject was right";
    contribution->records[contribution->count - 1]->correction = correction;
}

#define REPLACE CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE
#define DELETE  CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE

/* ---- Looking ---- */

static void assert_kept_is_rebuilt(void)
{
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.rebuild_check()"), 0);
}

/* One number of the account of a person, -1 when the member has none. */
static int64_t account_number(struct cix_client *client, int64_t k, const char *column)
{
    char sql[512];
    char account_no[32];

    person_account(k, 1, account_no);
    struct digest index = vault_account_index(
        dossier.vault, dossier_member(&dossier, client == bank ? "bank-one" : "bank-two"),
        account_no);
    char hex[2 * DIGEST_SIZE + 1];
    text_to_hex(index.bytes, DIGEST_SIZE, hex);
    snprintf(sql, sizeof(sql),
             "select coalesce((select coalesce(a.%s, -2)::bigint from cix.account_key k join"
             " cix.account a using (subject_id, account_id) where k.account_index = '\\x%s'), -1)",
             column, hex);
    return dossier_number(&dossier, sql);
}

static int64_t months_counted(void)
{
    return dossier_number(&dossier, "select coalesce(sum(u.accounts), 0)::bigint from (select"
                                    " accounts from cix.rollup union all select accounts from"
                                    " cix.rollup_delta) u");
}

static bool back_out(struct cix_client *client, const char *submission_id, struct cix_error *error)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    bool is_done = false;

    request.submission_id = (char *)submission_id;
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    request.note = "the wrong file";
    while (!is_done) {
        if (!cix_back_out_submission(client, &request, &response, error))
            return false;
        is_done = response->phase == CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE;
        cix_free(response);
    }
    return true;
}

static void must_back_out(struct cix_client *client, const char *submission_id)
{
    struct cix_error error;

    if (!back_out(client, submission_id, &error))
        fail_msg("%s (%s)", error.message, error.reason);
}

static bool month_history(struct cix_client *client, int64_t k, int32_t period,
                          Cix__V1__GetHistoryResponse **response, struct cix_error *error)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    char account_no[32];

    person_account(k, 1, account_no);
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_PERFORMANCE;
    request.account_no = account_no;
    request.period = period;
    return cix_get_history(client, &request, response, error);
}

/* ---- Corrections ---- */

static void a_month_is_put_right_and_its_history_says_so(void **state)
{
    struct contribution contribution;
    Cix__V1__GetHistoryResponse *history;
    struct cix_error error;
    char id[37];

    (void)state;
    open_account(bank, 701, 3, "open");
    contribution_init(&contribution);
    contribution_month(&contribution, 701, 1, 202402, 1234500);
    correct(&contribution, REPLACE);
    must_send(&contribution, bank, submission_of(id, "replace", 701));
    if (!month_history(bank, 701, 202402, &history, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(history->n_versions, 2);
    assert_string_equal(history->versions[0]->submission_id, id);
    assert_int_equal(history->versions[0]->reason,
                     CIX__V1__CORRECTION_REASON__CORRECTION_REASON_DISPUTE);
    assert_string_equal(history->versions[0]->note, "the subject was right");
    assert_int_equal(history->versions[0]->n_changes, 1);
    assert_string_equal(history->versions[0]->changes[0]->field, "balance");
    assert_string_equal(history->versions[0]->changes[0]->before, "8900000");
    assert_string_equal(history->versions[0]->changes[0]->after, "1234500");
    assert_int_equal(history->versions[1]->action, 0);
    cix_free(history);
    assert_false(month_history(other, 701, 202402, &history, &error));
    assert_string_equal(error.reason, "RECORD_UNKNOWN");
    assert_kept_is_rebuilt();
}

/* Each change of the first version of a record of person 701, which has nothing but what was given.
 */
static void assert_first_version(Cix__V1__HistoryKind kind, bool may_hide)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__GetHistoryResponse *history;
    struct cix_error error;
    struct person person;

    person_make(701, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.kind = kind;
    request.identifier = &identifier;
    request.account_no = "A701-1";
    request.period = 202401;
    if (!cix_get_history(bank, &request, &history, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    const Cix__V1__HistoryVersion *first = history->versions[history->n_versions - 1];
    assert_true(first->n_changes > 2);
    for (size_t i = 0; i < first->n_changes; i++) {
        const Cix__V1__HistoryChange *change = first->changes[i];
        if (!strcmp(change->after, "0") || (!*change->after && !may_hide) ||
            !strcmp(change->field, "region") || !strcmp(change->field, "industry"))
            fail_msg("%s: '%s'", change->field, change->after);
    }
    cix_free(history);
}

static void what_was_not_given_is_no_change(void **state)
{
    (void)state;
    assert_first_version(CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT, false);
    assert_first_version(CIX__V1__HISTORY_KIND__HISTORY_KIND_SUBJECT, true); /* the name */
}

static void income_of_ones_own_is_kept_and_told_by_the_history(void **state)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;
    Cix__V1__GetHistoryResponse *history;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    struct contribution contribution;
    struct person person;
    struct cix_error error;
    char id[37];

    (void)state;
    person_make(790, &person);
    for (int i = 0; i < 2; i++) {
        contribution_init(&contribution);
        contribution_subject(&contribution, 790)->has_own_income = i > 0;
        must_send(&contribution, bank, submission_of(id, "income", 790 + i));
    }
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_SUBJECT;
    request.identifier = &identifier;
    if (!cix_get_history(bank, &request, &history, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(history->n_versions, 2);
    assert_int_equal(history->versions[0]->n_changes, 1);
    assert_string_equal(history->versions[0]->changes[0]->field, "has_own_income");
    assert_string_equal(history->versions[0]->changes[0]->before, "");
    assert_string_equal(history->versions[0]->changes[0]->after, "true");
    cix_free(history);
}

static void a_deleted_month_leaves_no_trace_in_what_is_shown(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    open_account(bank, 702, 3, "open");
    int64_t counted = months_counted();
    contribution_init(&contribution);
    contribution_month(&contribution, 702, 1, 202403, 0);
    correct(&contribution, DELETE);
    must_send(&contribution, bank, submission_of(id, "delete", 702));
    assert_int_equal(account_number(bank, 702, "last_period"), 2024 * 12 + 1);
    assert_int_equal(account_number(bank, 702, "balance"), 8900000);
    assert_int_equal(months_counted(), counted - 1);
    assert_kept_is_rebuilt();
    /* The month may come again. */
    contribution_init(&contribution);
    contribution_month(&contribution, 702, 1, 202403, 8700000);
    must_send(&contribution, bank, submission_of(id, "again", 702));
    assert_int_equal(account_number(bank, 702, "balance"), 8700000);
    assert_int_equal(months_counted(), counted);
    assert_kept_is_rebuilt();
}

static void a_deleted_account_hides_with_its_months(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    int64_t counted = months_counted();
    open_account(bank, 703, 3, "open");
    contribution_init(&contribution);
    contribution_account(&contribution, 703, 1);
    correct(&contribution, DELETE);
    must_send(&contribution, bank, submission_of(id, "delete", 703));
    assert_int_equal(account_number(bank, 703, "balance"), -1);
    assert_int_equal(months_counted(), counted);
    assert_kept_is_rebuilt();
    /* It may come again, and its months with it. */
    contribution_init(&contribution);
    contribution_account(&contribution, 703, 1);
    contribution_month(&contribution, 703, 1, 202401, 100);
    must_send(&contribution, bank, submission_of(id, "again", 703));
    assert_int_equal(account_number(bank, 703, "balance"), 100);
    assert_kept_is_rebuilt();
    /* Taking the deletion's opposite back: the account goes again. */
    must_back_out(bank, id);
    assert_int_equal(account_number(bank, 703, "balance"), -1);
    assert_kept_is_rebuilt();
    /* And taking the deletion back brings the three months back. */
    must_back_out(bank, submission_of(id, "delete", 703));
    assert_int_equal(account_number(bank, 703, "balance"), 8800000);
    assert_int_equal(months_counted(), counted + 3);
    assert_kept_is_rebuilt();
}

static const char *rule_of(struct contribution *contribution, struct cix_client *client, char *id)
{
    static char rule[8];
    Cix__V1__ChunkResult *result =
        send(contribution, client, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);

    rule[0] = '\0';
    if (result->n_verdicts > 0)
        snprintf(rule, sizeof(rule), "%s", result->verdicts[0]->rule);
    contribution_answer_free(result);
    return rule;
}

static void what_is_not_there_is_not_put_right(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    open_account(bank, 704, 1, "open");
    contribution_init(&contribution);
    contribution_month(&contribution, 704, 1, 202402, 1);
    correct(&contribution, DELETE);
    submission_of(id, "wrong", 1);
    assert_string_equal(rule_of(&contribution, bank, id), "K001");
    contribution_init(&contribution);
    contribution_month(&contribution, 704, 1, 202402, 1);
    correct(&contribution, REPLACE);
    submission_of(id, "wrong", 2);
    assert_string_equal(rule_of(&contribution, bank, id), "K001");
    contribution_init(&contribution);
    contribution_account(&contribution, 704, 1);
    correct(&contribution, DELETE);
    submission_of(id, "wrong", 3);
    assert_string_equal(rule_of(&contribution, other, id), "K001"); /* another member's */
    contribution_init(&contribution);
    contribution_consent(&contribution, 704, "c0000000-0000-4000-8000-000000000001", 20250101,
                         20260101);
    correct(&contribution, REPLACE);
    submission_of(id, "wrong", 4);
    assert_string_equal(rule_of(&contribution, bank, id), "K002");
    assert_int_equal(account_number(bank, 704, "balance"), 9000000);
    assert_kept_is_rebuilt();
}

static void a_deleted_subject_is_not_found_by_that_name(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    contribution_init(&contribution);
    contribution_subject(&contribution, 705);
    must_send(&contribution, bank, submission_of(id, "subject", 705));
    int64_t before = dossier_number(&dossier, "select count(*) from cix.subject_name");
    int64_t found = dossier_number(&dossier, "select count(*) from cix.identifier");
    contribution_init(&contribution);
    contribution_subject(&contribution, 705);
    correct(&contribution, DELETE);
    must_send(&contribution, bank, submission_of(id, "delete", 705));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject_name"), before - 1);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.identifier"), found - 1);
    /* Of two members that gave it, the other's stays. */
    contribution_init(&contribution);
    contribution_subject(&contribution, 706);
    must_send(&contribution, bank, submission_of(id, "subject", 706));
    contribution_init(&contribution);
    contribution_subject(&contribution, 706);
    must_send(&contribution, other, submission_of(id, "subject-2", 706));
    found = dossier_number(&dossier, "select count(*) from cix.identifier");
    contribution_init(&contribution);
    contribution_subject(&contribution, 706);
    correct(&contribution, DELETE);
    must_send(&contribution, bank, submission_of(id, "delete", 706));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.identifier"), found);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject_identifier i join"
                                              " cix.member m using (member_id) where not exists"
                                              " (select from cix.subject_name n where n.subject_id"
                                              " = i.subject_id and n.member_id = i.member_id)"),
                     0);
}

/* Whether a name finds person k. */
static bool is_found(int64_t k, const char *name)
{
    char sql[512], lookup_hex[2 * DIGEST_SIZE + 1], name_hex[2 * DIGEST_SIZE + 1];
    struct person person;

    person_make(k, &person);
    struct digest lookup = vault_lookup(dossier.vault, 10, person.number);
    struct digest index =
        vault_name_index(dossier.vault, &lookup, text_fold_name(&dossier.arena, name));
    text_to_hex(lookup.bytes, DIGEST_SIZE, lookup_hex);
    text_to_hex(index.bytes, DIGEST_SIZE, name_hex);
    snprintf(sql, sizeof(sql),
             "select count(*) from cix.identifier i join cix.subject_name n using (subject_id)"
             " where i.lookup = '\\x%s' and n.name_index = '\\x%s'",
             lookup_hex, name_hex);
    return dossier_number(&dossier, sql) > 0;
}

static void give_name(struct cix_client *client, int64_t k, const char *name, bool is_replaced,
                      const char *salt)
{
    struct contribution contribution;
    char id[37];

    contribution_init(&contribution);
    contribution_subject(&contribution, k)->name = (char *)name;
    if (is_replaced)
        correct(&contribution, REPLACE);
    must_send(&contribution, client, submission_of(id, salt, k));
}

static void a_replaced_subject_has_the_new_name_alone(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    give_name(bank, 708, "张三丰", false, "name-1");
    give_name(bank, 708, "张三峰", false, "name-2"); /* a further spelling is added */
    assert_true(is_found(708, "张三丰"));
    give_name(bank, 708, "张山峰", true, "name-3");
    assert_false(is_found(708, "张三丰"));
    assert_false(is_found(708, "张三峰"));
    assert_true(is_found(708, "张山峰"));
    /* Another member's spelling is its own. */
    give_name(other, 708, "张三峰", false, "name-4");
    give_name(bank, 708, "张三峰", false, "name-5");
    give_name(bank, 708, "张山峰", true, "name-6");
    assert_true(is_found(708, "张三峰"));
    /* Nobody replaces what it never said. */
    contribution_init(&contribution);
    contribution_subject(&contribution, 709);
    correct(&contribution, REPLACE);
    assert_string_equal(rule_of(&contribution, bank, (char *)submission_of(id, "name", 709)),
                        "K001");
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject_version v where not"
                                              " exists (select from cix.subject_name n where"
                                              " n.subject_id = v.subject_id) and v.is_replacing"),
                     0);
}

/* What a listing is found by does not go with the member that said it first. */
static void a_replaced_name_does_not_hide_a_listing(void **state)
{
    char flag_id[37];

    (void)state;
    give_name(bank, 7081, "李四光", false, "name-1");
    int64_t subject_id = dossier_number(
        &dossier, "select max(subject_id) from cix.subject_version where is_replacing is null");
    dossier_flag(&dossier, subject_id, "court-one", flag_id);
    give_name(bank, 7081, "李思光", true, "name-2");
    assert_true(is_found(7081, "李四光"));
    assert_true(is_found(7081, "李思光"));
}

static void a_replaced_status_counts_no_more(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    contribution_init(&contribution);
    contribution_subject(&contribution, 7082)->status =
        CIX__V1__SUBJECT_STATUS__SUBJECT_STATUS_DECEASED;
    must_send(&contribution, bank, submission_of(id, "dead", 7082));
    int64_t dead = dossier_number(&dossier, "select count(*) from cix.subject where status = 2");
    contribution_init(&contribution);
    contribution_subject(&contribution, 7082);
    correct(&contribution, REPLACE);
    must_send(&contribution, bank, submission_of(id, "alive", 7082));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject where status = 2"),
                     dead - 1);
    must_back_out(bank, id); /* then the member said nothing else */
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject where status = 2"),
                     dead);
}

/* Files what person 707 says of a record of bank-one. */
static void dispute(const char *id, Cix__V1__AnnotationTargetKind kind, int64_t target_id,
                    int32_t period)
{
    Cix__V1__AddAnnotationRequest request = CIX__V1__ADD_ANNOTATION_REQUEST__INIT;
    Cix__V1__AnnotationTarget target = CIX__V1__ANNOTATION_TARGET__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__AddAnnotationResponse *response;
    uint8_t hash[32] = {1};
    struct person person;
    struct cix_error error;

    person_make(707, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    target.kind = kind;
    target.id = target_id;
    target.period = period;
    request.annotation_id = (char *)id;
    request.identifier = &identifier;
    request.name = person.name;
    request.target = &target;
    request.kind = CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_DISPUTE;
    request.code = 104;
    request.text = "I owe less";
    request.filed_by = CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_SUBJECT;
    request.evidence_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (!cix_add_annotation(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

static void a_correction_ends_the_dispute_on_its_month(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    open_account(bank, 707, 2, "open");
    dispute("a7070000-0000-4000-8000-000000000001",
            CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH,
            account_number(bank, 707, "account_id"), 202402);
    contribution_init(&contribution);
    contribution_month(&contribution, 707, 1, 202402, 5);
    correct(&contribution, REPLACE);
    must_send(&contribution, bank, submission_of(id, "replace", 707));
    assert_int_equal(dossier_number(&dossier,
                                    "select count(*) from cix.annotation where outcome = 2"
                                    " and ended_at is not null and before_id <"
                                    " after_id"),
                     1);
}

static const char *answer(const char *id, Cix__V1__AnnotationOutcome outcome)
{
    Cix__V1__EndAnnotationRequest request = CIX__V1__END_ANNOTATION_REQUEST__INIT;
    Cix__V1__EndAnnotationResponse *response;
    static struct cix_error error;

    request.annotation_id = (char *)id;
    request.outcome = outcome;
    request.text = "we looked into it";
    if (!cix_end_annotation(bank, &request, &response, &error))
        return error.reason;
    cix_free(response);
    return "";
}

static void send_month(int32_t period, bool is_correction, const char *salt)
{
    struct contribution contribution;
    char id[37];

    contribution_init(&contribution);
    contribution_month(&contribution, 707, 1, period, 7);
    if (is_correction)
        correct(&contribution, REPLACE);
    must_send(&contribution, bank, submission_of(id, salt, 707));
}

/* T004: the record has a newer version than when the dispute was filed, or it was not put right. */
static void what_was_not_put_right_is_not_answered_as_corrected(void **state)
{
    static const char on_account[] = "a7070000-0000-4000-8000-000000000002";
    static const char on_inquiry[] = "a7070000-0000-4000-8000-000000000003";
    static const char on_month[] = "a7070000-0000-4000-8000-000000000004";
    const Cix__V1__AnnotationOutcome corrected =
        CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CORRECTED;
    int64_t account_id = account_number(bank, 707, "account_id");
    Cix__V1__GetReportResponse *report;
    struct cix_error error;
    char id[37];

    (void)state;
    dispute(on_account, CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT, account_id,
            0);
    assert_string_equal(answer(on_account, corrected), "NOT_CORRECTED");
    send_month(202403, false, "next");
    assert_string_equal(answer(on_account, corrected), "NOT_CORRECTED");
    send_month(202402, true, "known");
    assert_string_equal(answer(on_account, corrected), "");

    dispute(on_month, CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH, account_id,
            202402);
    assert_string_equal(answer(on_month, corrected), "NOT_CORRECTED");
    must_back_out(bank, submission_of(id, "known", 707));
    assert_string_equal(answer(on_month, corrected), "");

    if (!question_report(bank, 707, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &report, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(report);
    dispute(on_inquiry, CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_INQUIRY,
            dossier_number(&dossier, "select max(inquiry_id) from cix.inquiry"), 0);
    assert_string_equal(answer(on_inquiry, corrected), "NOT_CORRECTED"); /* it has no versions */
    assert_string_equal(
        answer(on_inquiry, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_UNVERIFIABLE), "");
}

/* ---- Back-out ---- */

/* A month put right, a new one, and a new subject with an account. */
static void fill_with_everything(struct contribution *contribution, int64_t k)
{
    contribution_init(contribution);
    contribution_month(contribution, k, 1, 202402, 7);
    correct(contribution, REPLACE);
    contribution_month(contribution, k, 1, 202403, 6);
    contribution_subject(contribution, k + 100);
    contribution_account(contribution, k + 100, 1);
    contribution_month(contribution, k + 100, 1, 202401, 5);
}

static void a_submission_is_taken_back_as_if_it_had_never_come(void **state)
{
    static const Cix__V1__SubmissionMode modes[] = {CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY,
                                                    CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE};
    struct contribution contribution;
    struct cix_error error;
    char id[37];

    (void)state;
    for (int i = 0; i < 2; i++) {
        int64_t k = 710 + i;
        int64_t before = months_counted();
        open_account(bank, k, 2, "open");
        fill_with_everything(&contribution, k);
        Cix__V1__ChunkResult *result =
            send(&contribution, bank, submission_of(id, "file", k), modes[i]);
        assert_int_equal(result->rejected, 0);
        contribution_answer_free(result);
        assert_int_equal(account_number(bank, k, "balance"), 6);
        assert_int_equal(months_counted(), before + 4);
        assert_false(back_out(other, id, &error));
        assert_string_equal(error.reason, "SUBMISSION_UNKNOWN");
        must_back_out(bank, id);
        must_back_out(bank, id);
        /* A client that did not read the answer to its commit asks again. */
        fill_with_everything(&contribution, k);
        result = send(&contribution, bank, id, modes[i]);
        assert_true(result->is_replay);
        contribution_answer_free(result);
        assert_int_equal(account_number(bank, k, "balance"), 8900000);
        assert_int_equal(account_number(bank, k, "last_period"), 2024 * 12 + 1);
        assert_int_equal(account_number(bank, k + 100, "balance"), -1);
        assert_int_equal(months_counted(), before + 2);
        assert_kept_is_rebuilt();
    }
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.back_out_work"), 0);
}

static void a_later_submission_that_builds_on_it_stands_in_the_way(void **state)
{
    struct contribution contribution;
    struct cix_error error;
    char first[37], later[37];

    (void)state;
    open_account(bank, 720, 2, "open");
    submission_of(first, "open", 720);
    contribution_init(&contribution);
    contribution_month(&contribution, 720, 1, 202403, 6);
    must_send(&contribution, bank, submission_of(later, "later", 720));
    assert_false(back_out(bank, first, &error));
    assert_string_equal(error.reason, "BACK_OUT_BLOCKED");
    assert_string_equal(cix_error_fact(&error, "submission_id"), later);
    assert_int_equal(account_number(bank, 720, "balance"), 6);
    must_back_out(bank, later);
    assert_int_equal(account_number(bank, 720, "balance"), 8900000);
    must_back_out(bank, first);
    assert_int_equal(account_number(bank, 720, "balance"), -1);
    assert_kept_is_rebuilt();
}

static void versions_taken_back_never_count_again(void **state)
{
    struct contribution contribution;
    char id[37];

    (void)state;
    open_account(bank, 730, 1, "open");
    for (int i = 1; i <= 3; i++) {
        contribution_init(&contribution);
        contribution_month(&contribution, 730, 1, 202401, i);
        correct(&contribution, REPLACE);
        must_send(&contribution, bank, submission_of(id, "version", 730 + i));
    }
    must_back_out(bank, submission_of(id, "version", 732)); /* in the middle: nothing to see */
    assert_int_equal(account_number(bank, 730, "balance"), 3);
    must_back_out(bank, submission_of(id, "version", 733));
    assert_int_equal(account_number(bank, 730, "balance"), 1);
    must_back_out(bank, submission_of(id, "version", 731));
    assert_int_equal(account_number(bank, 730, "balance"), 9000000);
    assert_kept_is_rebuilt();
}

/* Any order of corrections, deletions and back-outs leaves kept equal to rebuilt. */
static void random_changes_leave_kept_equal_to_rebuilt(void **state)
{
    enum { PERSON = 740, ROUNDS = 60 };
    unsigned seed = 7;
    char ids[ROUNDS][37];
    struct contribution contribution;
    struct cix_error error;

    (void)state;
    open_account(bank, PERSON, 4, "open");
    for (int i = 0; i < ROUNDS; i++) {
        int dice = (int)((seed = seed * 1103515245u + 12345u) >> 16) % 10;
        int32_t period = 202401 + (int)((seed >> 8) % 6);

        submission_of(ids[i], "random", i);
        if (dice < 2 && i > 0) {
            (void)back_out(bank, ids[(seed >> 12) % (unsigned)i], &error);
            continue;
        }
        contribution_init(&contribution);
        if (dice == 2)
            contribution_account(&contribution, PERSON, 1);
        else
            contribution_month(&contribution, PERSON, 1, period, 1000 + i);
        if (dice < 9)
            correct(&contribution, dice < 5 ? DELETE : REPLACE);
        contribution_answer_free(
            send(&contribution, bank, ids[i], CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY));
        if (dice == 2) {
            contribution_init(&contribution);
            contribution_account(&contribution, PERSON, 1);
            char id[37];
            contribution_answer_free(send(&contribution, bank, submission_of(id, "reopen", i),
                                          CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY));
        }
        assert_kept_is_rebuilt();
    }
}

/* ---- Identities in doubt ---- */

/* A far name under a known identifier is held, and the list tells ids and distance alone. */
static void a_far_name_is_listed_without_the_name(void **state)
{
    (void)state;
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.conflict_list(1::smallint,"
                                              " '1970-01-01', 0, 10)"),
                     0);
    open_account(bank, 750, 1, "open");
    int64_t subject = account_number(bank, 750, "subject_id");
    char sql[256];
    snprintf(sql, sizeof(sql),
             "insert into cix.conflict (subject_id, record_id, kind, member_id, lookup, distance,"
             " submission_id, chunk, line, recorded_at) select %lld, 1, 1, 1, i.lookup, 1000,"
             " gen_random_uuid(), 1, 0, now() from cix.identifier i limit 1",
             (long long)subject);
    dossier_number(&dossier, sql);
    snprintf(sql, sizeof(sql),
             "select count(*) from cix.conflict_list(1::smallint, '1970-01-01', 0, 10) c where"
             " c.subject_id = %lld and c.distance = 1000 and c.identifier_kind = 10",
             (long long)subject);
    assert_int_equal(dossier_number(&dossier, sql), 1);
}

/* ---- Transfers ---- */

/* An account that ends by transfer in March 2024, and the one that goes on with it. */
static void sell(int64_t k, char account_no[32])
{
    struct contribution contribution;
    char id[37];

    open_account(bank, k, 2, "sale");
    contribution_init(&contribution);
    Cix__V1__Account *sold = contribution_account(&contribution, k, 1);
    sold->closed_on_presence_case = CIX__V1__ACCOUNT__CLOSED_ON_PRESENCE_CLOSED_ON;
    sold->closed_on = 20240320;
    Cix__V1__Performance *last = contribution_month(&contribution, k, 1, 202403, 0);
    last->account_status = 5;
    last->repay_status = (char *)"C";
    must_send(&contribution, bank, submission_of(id, "sold", k));
    contribution_init(&contribution);
    contribution_subject(&contribution, k);
    Cix__V1__Account *bought = contribution_account(&contribution, k, 2);
    bought->opened_on = 20240320;
    bought->transferred_from_code = (char *)"bank-one";
    bought->transferred_from_account_no = account_no;
    contribution_month(&contribution, k, 2, 202403, 8800000);
    contribution_month(&contribution, k, 2, 202404, 8700000);
    must_send(&contribution, other, submission_of(id, "bought", k));
}

static void an_account_that_was_sold_keeps_its_history(void **state)
{
    Cix__V1__GetReportResponse *response;
    char account_no[32];
    struct cix_error error;

    (void)state;
    person_account(760, 1, account_no);
    sell(760, account_no);
    if (!question_report(other, 760, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->n_accounts, 2);
    assert_int_equal(response->report->summary->accounts, 1);
    assert_int_equal(response->report->summary->open_accounts, 1);
    for (size_t i = 0; i < 2; i++) {
        const Cix__V1__ReportedAccount *account = response->report->accounts[i];
        const Cix__V1__ReportedAccount *another = response->report->accounts[1 - i];
        if (strcmp(account->member_code, "bank-two") != 0) {
            assert_int_equal(account->continued_by_account_id, another->account_id);
            assert_int_equal(account->n_months, 3);
            continue;
        }
        assert_int_equal(account->transferred_from_account_id, another->account_id);
        assert_int_equal(account->n_months, 4); /* two own, two of the seller behind them */
        for (size_t m = 0; m < 4; m++) {
            assert_int_equal(account->months[m]->period, 202404 - (int)m);
            assert_int_equal(account->months[m]->is_before_transfer, m >= 2);
        }
    }
    cix_free(response);
    assert_kept_is_rebuilt();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_is_put_right_and_its_history_says_so),
        cmocka_unit_test(what_was_not_given_is_no_change),
        cmocka_unit_test(income_of_ones_own_is_kept_and_told_by_the_history),
        cmocka_unit_test(a_deleted_month_leaves_no_trace_in_what_is_shown),
        cmocka_unit_test(a_deleted_account_hides_with_its_months),
        cmocka_unit_test(what_is_not_there_is_not_put_right),
        cmocka_unit_test(a_deleted_subject_is_not_found_by_that_name),
        cmocka_unit_test(a_replaced_subject_has_the_new_name_alone),
        cmocka_unit_test(a_replaced_name_does_not_hide_a_listing),
        cmocka_unit_test(a_replaced_status_counts_no_more),
        cmocka_unit_test(a_correction_ends_the_dispute_on_its_month),
        cmocka_unit_test(what_was_not_put_right_is_not_answered_as_corrected),
        cmocka_unit_test(a_submission_is_taken_back_as_if_it_had_never_come),
        cmocka_unit_test(a_later_submission_that_builds_on_it_stands_in_the_way),
        cmocka_unit_test(versions_taken_back_never_count_again),
        cmocka_unit_test(a_far_name_is_listed_without_the_name),
        cmocka_unit_test(an_account_that_was_sold_keeps_its_history),
        cmocka_unit_test(random_changes_leave_kept_equal_to_rebuilt),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
