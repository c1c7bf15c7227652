/*
 * cix-load fill: real submissions through the exchange. Each person is one run of records: subject,
 * consent, accounts, months; a chunk never splits a person.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "load.h"
#include "support/person.h"

enum { CHUNK_RECORDS = 1000 };

struct fill {
    const struct load *load;
    struct cix_submission *submission;
    struct arena arena;
    Cix__V1__Chunk chunk;
    Cix__V1__Record *records[CHUNK_RECORDS];
    int64_t sent;
    int64_t refused;
    bool is_shown;
};

static void answered(void *user, const Cix__V1__ChunkResult *result)
{
    struct fill *fill = user;

    fill->refused += result->rejected + result->quarantined;
    if (result->n_verdicts && (result->rejected || result->quarantined) && !fill->is_shown) {
        fprintf(stderr, "cix-load: %s %s: %s\n", result->verdicts[0]->rule,
                result->verdicts[0]->field, result->verdicts[0]->reason);
        fill->is_shown = true;
    }
}

static Cix__V1__Identifier *identifier_of(struct fill *fill, const struct person *person)
{
    Cix__V1__Identifier *identifier = arena_alloc(&fill->arena, sizeof(*identifier));

    cix__v1__identifier__init(identifier);
    identifier->type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier->value = arena_string(&fill->arena, person->number);
    return identifier;
}

static Cix__V1__Record *record_new(struct fill *fill, Cix__V1__Record__RecordCase kind)
{
    Cix__V1__Record *record = arena_alloc(&fill->arena, sizeof(*record));

    cix__v1__record__init(record);
    record->record_case = kind;
    fill->records[fill->chunk.n_records++] = record;
    return record;
}

static void put_subject(struct fill *fill, const struct person *person)
{
    Cix__V1__Subject *subject = arena_alloc(&fill->arena, sizeof(*subject));
    Cix__V1__Identifier **identifiers = arena_alloc(&fill->arena, sizeof(*identifiers));

    cix__v1__subject__init(subject);
    subject->kind = CIX__V1__SUBJECT_KIND__SUBJECT_KIND_PERSON;
    subject->name = arena_string(&fill->arena, person->name);
    identifiers[0] = identifier_of(fill, person);
    subject->identifiers = identifiers;
    subject->n_identifiers = 1;
    subject->segment = CIX__V1__SEGMENT__SEGMENT_OTHER;
    subject->region = "440300";
    record_new(fill, CIX__V1__RECORD__RECORD_SUBJECT)->subject = subject;
}

static void put_consent(struct fill *fill, const struct person *person, int64_t k)
{
    static Cix__V1__Purpose purposes[] = {CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL};
    static Cix__V1__DataClass classes[] = {CIX__V1__DATA_CLASS__DATA_CLASS_BASIC,
                                           CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT,
                                           CIX__V1__DATA_CLASS__DATA_CLASS_DISHONEST};
    static uint8_t hash[32] = {1};
    Cix__V1__Consent *consent = arena_alloc(&fill->arena, sizeof(*consent));
    char id[37];

    cix__v1__consent__init(consent);
    person_uuid(fill->load->prefix, k, id);
    consent->consent_id = arena_string(&fill->arena, id);
    consent->identifier = identifier_of(fill, person);
    consent->purposes = purposes;
    consent->n_purposes = 1;
    consent->data_classes = classes;
    consent->n_data_classes = 3;
    consent->form = CIX__V1__CONSENT_FORM__CONSENT_FORM_E_SIGNATURE;
    consent->signed_on = consent->effective_on = 20260101;
    consent->expires_on = 20301231;
    consent->document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    record_new(fill, CIX__V1__RECORD__RECORD_CONSENT)->consent = consent;
}

static void put_account(struct fill *fill, const struct person *person, const char *account_no)
{
    Cix__V1__Account *account = arena_alloc(&fill->arena, sizeof(*account));

    cix__v1__account__init(account);
    account->account_no = arena_string(&fill->arena, account_no);
    account->identifier = identifier_of(fill, person);
    account->type = CIX__V1__ACCOUNT_TYPE__ACCOUNT_TYPE_R2;
    account->business_type = "81";
    account->currency = "CNY";
    account->credit_limit_presence_case = CIX__V1__ACCOUNT__CREDIT_LIMIT_PRESENCE_CREDIT_LIMIT;
    account->credit_limit = 5000000;
    account->opened_on = 20200115;
    account->region = "440300";
    account->channel = 1;
    record_new(fill, CIX__V1__RECORD__RECORD_ACCOUNT)->account = account;
}

static void put_month(struct fill *fill, const char *account_no, int32_t period, int64_t k)
{
    Cix__V1__Performance *month = arena_alloc(&fill->arena, sizeof(*month));

    cix__v1__performance__init(month);
    month->account_no = arena_string(&fill->arena, account_no);
    month->period = period;
    month->account_status = 1;
    month->repay_status = "N";
    month->balance_presence_case = CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE;
    month->balance = 100000 + k % 100000;
    month->due_amount_presence_case = CIX__V1__PERFORMANCE__DUE_AMOUNT_PRESENCE_DUE_AMOUNT;
    month->due_amount = 10000;
    month->paid_amount_presence_case = CIX__V1__PERFORMANCE__PAID_AMOUNT_PRESENCE_PAID_AMOUNT;
    month->paid_amount = 10000;
    month->overdue_amount_presence_case =
        CIX__V1__PERFORMANCE__OVERDUE_AMOUNT_PRESENCE_OVERDUE_AMOUNT;
    month->days_overdue_presence_case = CIX__V1__PERFORMANCE__DAYS_OVERDUE_PRESENCE_DAYS_OVERDUE;
    month->five_category = 1;
    record_new(fill, CIX__V1__RECORD__RECORD_PERFORMANCE)->performance = month;
}

static const char *account_number(const struct load *load, int64_t k, int i, char text[64])
{
    char number[32];

    person_account(k, i, number);
    snprintf(text, 64, "%s%s", load->prefix, number);
    return text;
}

static void put_months(struct fill *fill, int64_t k, int i)
{
    const struct load *load = fill->load;
    struct period last;
    char account_no[64];

    CHECK(period_from_wire(load->period, &last));
    account_number(load, k, i, account_no);
    for (int month = load->months - 1; month >= 0; month--)
        put_month(fill, account_no, period_to_wire(period_add(last, -month)), k);
}

/* Mode month adds months to accounts that are there. Without a prefix the person is new; with one,
 * accounts are added to people who are there. */
static void put_person(struct fill *fill, int64_t k)
{
    const struct load *load = fill->load;
    bool is_whole = strcmp(load->mode, "month") != 0;
    struct person person;
    char account_no[64];

    person_make(k, &person);
    if (is_whole) {
        put_subject(fill, &person);
        put_consent(fill, &person, k);
    }
    for (int i = 0; i < load->accounts; i++) {
        if (is_whole)
            put_account(fill, &person, account_number(load, k, i, account_no));
        put_months(fill, k, i);
    }
}

static bool send_chunk(struct fill *fill, struct cix_error *error)
{
    if (!fill->chunk.n_records)
        return true;
    fill->chunk.number++;
    fill->sent += (int64_t)fill->chunk.n_records;
    if (!cix_submission_send(fill->submission, &fill->chunk, error))
        return false;
    fill->chunk.n_records = 0;
    arena_reset(&fill->arena);
    return true;
}

static bool send_all(struct fill *fill, struct cix_error *error)
{
    const struct load *load = fill->load;
    int records = 2 + load->accounts * (1 + load->months);

    for (int64_t k = 0; k < load->subjects; k++) {
        if ((int)fill->chunk.n_records + records > CHUNK_RECORDS && !send_chunk(fill, error))
            return false;
        put_person(fill, k);
    }
    return send_chunk(fill, error);
}

int load_fill(const struct load *load)
{
    struct fill fill = {.load = load};
    struct cix_submission_options options = {
        .mode = CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY,
        .period = load->period,
        .window = 8,
        .answered = answered,
        .user = &fill,
    };
    Cix__V1__SubmissionCommitted *committed = NULL;
    struct uuid uuid = uuid_new();
    struct cix_error error;
    char id[37];
    int64_t started_us = clock_monotonic_us();
    bool is_done;
    double seconds;

    uuid_format(&uuid, id);
    options.submission_id = id;
    arena_init(&fill.arena, 0);
    cix__v1__chunk__init(&fill.chunk);
    fill.chunk.records = fill.records;
    is_done = cix_submission_open(load->client, &options, &fill.submission, &error) &&
              send_all(&fill, &error) && cix_submission_commit(fill.submission, &committed, &error);
    seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    cix_submission_close(fill.submission);
    cix_free(committed);
    arena_done(&fill.arena);
    if (!is_done) {
        fprintf(stderr, "cix-load: %s (%s)\n", error.message, error.reason);
        return 1;
    }
    printf("fill records=%lld refused=%lld seconds=%.2f rate=%.0f\n", (long long)fill.sent,
           (long long)fill.refused, seconds, (double)fill.sent / seconds);
    return fill.refused ? 1 : 0;
}
