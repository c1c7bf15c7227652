#include "support/contribution.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "support/cmocka.h"
#include "support/person.h"

void contribution_init(struct contribution *contribution)
{
    contribution->count = 0;
    arena_init(&contribution->arena, 0);
}

void contribution_done(struct contribution *contribution)
{
    arena_done(&contribution->arena);
}

static Cix__V1__Record *add(struct contribution *contribution)
{
    Cix__V1__Record *record = arena_alloc(&contribution->arena, sizeof(*record));

    assert_true(contribution->count < CONTRIBUTION_MAX);
    cix__v1__record__init(record);
    contribution->records[contribution->count++] = record;
    return record;
}

ProtobufCMessage *contribution_message(struct arena *arena, const ProtobufCMessageDescriptor *type,
                                       char *text)
{
    const struct cix_json_text json = {.data = text, .size = strlen(text)};
    ProtobufCMessage *message;
    struct ctx ctx;

    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    ctx_init(&ctx, arena);
    if (!cix_json_read(&ctx, &json, type, &message))
        fail_msg("%s: %s in %s", ctx.error.reason, ctx.error.message, text);
    return message;
}

void contribution_json(struct contribution *contribution, char *text)
{
    assert_true(contribution->count < CONTRIBUTION_MAX);
    contribution->records[contribution->count++] = (Cix__V1__Record *)contribution_message(
        &contribution->arena, &cix__v1__record__descriptor, text);
}

void contribution_correct(struct contribution *contribution)
{
    Cix__V1__Correction *correction = arena_alloc(&contribution->arena, sizeof(*correction));

    assert_true(contribution->count > 0);
    cix__v1__correction__init(correction);
    correction->action = CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE;
    correction->reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    contribution->records[contribution->count - 1]->correction = correction;
}

static Cix__V1__Identifier *identifier_of(struct arena *arena, int64_t k)
{
    Cix__V1__Identifier *identifier = arena_alloc(arena, sizeof(*identifier));
    struct person person;

    person_make(k, &person);
    cix__v1__identifier__init(identifier);
    identifier->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier->value = arena_string(arena, person.number);
    return identifier;
}

static char *name_of(struct arena *arena, int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_string(arena, person.name);
}

static char *account_no_of(struct arena *arena, int64_t k, int i)
{
    char text[32];

    person_account(k, i, text);
    return arena_string(arena, text);
}

Cix__V1__Subject *contribution_subject(struct contribution *contribution, int64_t k)
{
    struct arena *arena = &contribution->arena;
    Cix__V1__Record *record = add(contribution);
    Cix__V1__Subject *subject = arena_alloc(arena, sizeof(*subject));

    cix__v1__subject__init(subject);
    record->record_case = CIX__V1__RECORD__RECORD_SUBJECT;
    record->subject = subject;
    subject->kind = CIX__V1__SUBJECT_KIND__SUBJECT_KIND_PERSON;
    subject->name = name_of(arena, k);
    subject->n_identifiers = 1;
    subject->identifiers = arena_array(arena, 8, sizeof(*subject->identifiers));
    subject->identifiers[0] = identifier_of(arena, k);
    return subject;
}

Cix__V1__Account *contribution_account(struct contribution *contribution, int64_t k, int i)
{
    struct arena *arena = &contribution->arena;
    Cix__V1__Record *record = add(contribution);
    Cix__V1__Account *account = arena_alloc(arena, sizeof(*account));

    cix__v1__account__init(account);
    record->record_case = CIX__V1__RECORD__RECORD_ACCOUNT;
    record->account = account;
    account->account_no = account_no_of(arena, k, i);
    account->identifier = identifier_of(arena, k);
    account->type = CIX__V1__ACCOUNT_TYPE__ACCOUNT_TYPE_D1;
    account->business_type = (char *)"91";
    account->currency = (char *)"CNY";
    account->original_amount_presence_case =
        CIX__V1__ACCOUNT__ORIGINAL_AMOUNT_PRESENCE_ORIGINAL_AMOUNT;
    account->original_amount = 10000000;
    account->opened_on = 20240115;
    account->repay_frequency = 3;
    account->security = 4;
    return account;
}

Cix__V1__Performance *contribution_month(struct contribution *contribution, int64_t k, int i,
                                         int32_t period, int64_t balance)
{
    struct arena *arena = &contribution->arena;
    Cix__V1__Record *record = add(contribution);
    Cix__V1__Performance *month = arena_alloc(arena, sizeof(*month));

    cix__v1__performance__init(month);
    record->record_case = CIX__V1__RECORD__RECORD_PERFORMANCE;
    record->performance = month;
    month->account_no = account_no_of(arena, k, i);
    month->period = period;
    month->account_status = 1;
    month->repay_status = (char *)"N";
    month->balance_presence_case = CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE;
    month->balance = balance;
    month->reported_on_presence_case = CIX__V1__PERFORMANCE__REPORTED_ON_PRESENCE_REPORTED_ON;
    month->reported_on = period * 100 + 28;
    return month;
}

Cix__V1__Performance *contribution_late_month(struct contribution *contribution, int64_t k, int i,
                                              int32_t period, int64_t balance)
{
    Cix__V1__Performance *late = contribution_month(contribution, k, i, period, balance);

    late->repay_status = (char *)"3";
    late->days_overdue_presence_case = CIX__V1__PERFORMANCE__DAYS_OVERDUE_PRESENCE_DAYS_OVERDUE;
    late->days_overdue = 75;
    late->overdue_amount_presence_case =
        CIX__V1__PERFORMANCE__OVERDUE_AMOUNT_PRESENCE_OVERDUE_AMOUNT;
    late->overdue_amount = 100;
    late->overdue_terms_presence_case = CIX__V1__PERFORMANCE__OVERDUE_TERMS_PRESENCE_OVERDUE_TERMS;
    late->overdue_terms = 3;
    late->account_status = 2;
    return late;
}

Cix__V1__Consent *contribution_consent(struct contribution *contribution, int64_t k,
                                       const char *consent_id, int32_t signed_on,
                                       int32_t expires_on)
{
    struct arena *arena = &contribution->arena;
    Cix__V1__Record *record = add(contribution);
    Cix__V1__Consent *consent = arena_alloc(arena, sizeof(*consent));

    cix__v1__consent__init(consent);
    record->record_case = CIX__V1__RECORD__RECORD_CONSENT;
    record->consent = consent;
    consent->consent_id = arena_string(arena, consent_id);
    consent->identifier = identifier_of(arena, k);
    consent->n_purposes = 2;
    consent->purposes = arena_array(arena, 2, sizeof(*consent->purposes));
    consent->purposes[0] = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    consent->purposes[1] = CIX__V1__PURPOSE__PURPOSE_CARD_APPROVAL;
    consent->n_data_classes = 2;
    consent->data_classes = arena_array(arena, 2, sizeof(*consent->data_classes));
    consent->data_classes[0] = CIX__V1__DATA_CLASS__DATA_CLASS_BASIC;
    consent->data_classes[1] = CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT;
    consent->form = CIX__V1__CONSENT_FORM__CONSENT_FORM_E_SIGNATURE;
    consent->signed_on = signed_on;
    consent->effective_on = signed_on;
    consent->expires_on = expires_on;
    consent->document_hash.len = 32;
    consent->document_hash.data = arena_alloc(arena, 32);
    return consent;
}

Cix__V1__Flag *contribution_flag(struct contribution *contribution, int64_t k, const char *flag_id)
{
    struct arena *arena = &contribution->arena;
    Cix__V1__Record *record = add(contribution);
    Cix__V1__Flag *flag = arena_alloc(arena, sizeof(*flag));

    cix__v1__flag__init(flag);
    record->record_case = CIX__V1__RECORD__RECORD_FLAG;
    record->flag = flag;
    flag->flag_id = arena_string(arena, flag_id);
    flag->identifier = identifier_of(arena, k);
    flag->name = name_of(arena, k);
    flag->case_no = arena_format(arena, "(2025)皖9901执%lld号", (long long)k + 1);
    flag->court = (char *)"Made Court";
    flag->filed_on = 20250201;
    flag->published_on = 20250301;
    flag->ground = 1;
    flag->performance = 1;
    flag->status = CIX__V1__FLAG_STATUS__FLAG_STATUS_LISTED;
    return flag;
}

/* Keeps a copy of the last chunk's answer. */
static void keep(void *user, const Cix__V1__ChunkResult *result)
{
    Cix__V1__ChunkResult **kept = user;
    size_t size = cix__v1__chunk_result__get_packed_size(result);
    uint8_t *bytes = malloc(size + 1);

    assert_non_null(bytes);
    cix__v1__chunk_result__pack(result, bytes);
    contribution_answer_free(*kept);
    *kept = cix__v1__chunk_result__unpack(NULL, size, bytes);
    free(bytes);
}

bool contribution_try(struct contribution *contribution, struct cix_client *client,
                      const char *submission_id, Cix__V1__SubmissionMode mode,
                      Cix__V1__ChunkResult **result, struct cix_error *error)
{
    Cix__V1__ChunkResult *kept = NULL;
    const struct cix_submission_options options = {
        .submission_id = submission_id,
        .mode = mode,
        .patience_ms = 20000,
        .answered = keep,
        .user = &kept,
    };
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmissionCommitted *committed = NULL;
    struct cix_submission *submission;

    if (!cix_submission_open(client, &options, &submission, error))
        return false;
    chunk.number = 1;
    chunk.n_records = contribution->count;
    chunk.records = contribution->records;
    bool is_sent = cix_submission_send(submission, &chunk, error) &&
                   cix_submission_commit(submission, &committed, error);
    cix_submission_close(submission);
    cix_free(committed);
    if (is_sent && result)
        *result = kept;
    else
        contribution_answer_free(kept);
    return is_sent;
}

Cix__V1__ChunkResult *contribution_send(struct contribution *contribution,
                                        struct cix_client *client, const char *submission_id,
                                        Cix__V1__SubmissionMode mode)
{
    Cix__V1__ChunkResult *result = NULL;
    struct cix_error error;

    if (!contribution_try(contribution, client, submission_id, mode, &result, &error))
        fail_msg("%s: %s", error.reason, error.message);
    assert_non_null(result);
    return result;
}

void contribution_answer_free(Cix__V1__ChunkResult *result)
{
    if (result)
        cix__v1__chunk_result__free_unpacked(result, NULL);
}

const Cix__V1__Verdict *contribution_verdict(const Cix__V1__ChunkResult *result, int32_t index,
                                             const char *rule)
{
    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i]->index == index && strcmp(result->verdicts[i]->rule, rule) == 0)
            return result->verdicts[i];
    return NULL;
}
