/*
 * Goal: what a subject says of a record stands beside it on the next report, for as long as it is
 * open; alerts and freezes are honoured by the next call; nobody but the subject's own member acts
 * for it, and nobody learns anything by trying.
 * Method: a whole exchange, records contributed over mTLS, marks set and read over mTLS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "job/quality.h"
#include "sql_embedded.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/question.h"

#include "support/cmocka.h"

enum { BOTH = 501, ONE = 502, NOBODY = 503 };

static struct exchange exchange;
static struct dossier dossier;
static struct cix_client *bank;
static struct cix_client *other;
static struct cix_client *court;
static struct cix_client *regulator;
static uint8_t hash[32] = {7};

static void send_all(struct contribution *contribution, struct cix_client *client,
                     const char *submission_id, int accepted)
{
    Cix__V1__ChunkResult *result = contribution_send(
        contribution, client, submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);

    assert_int_equal(result->accepted, accepted);
    contribution_answer_free(result);
    contribution_done(contribution);
}

/* A subject with an account and two months, as a member gives them. */
static void contribute(struct cix_client *client, int64_t k, const char *submission_id)
{
    struct contribution contribution;

    contribution_init(&contribution);
    contribution_subject(&contribution, k);
    contribution_account(&contribution, k, 1);
    contribution_month(&contribution, k, 1, 202401, 9000000);
    contribution_month(&contribution, k, 1, 202402, 8000000);
    send_all(&contribution, client, submission_id, 4);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    exchange_member(&exchange, "regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    dossier_open(&dossier, &exchange);
    bank = exchange_client(&exchange, "bank-one");
    other = exchange_client(&exchange, "bank-two");
    court = exchange_client(&exchange, "court-one");
    regulator = exchange_client(&exchange, "regulator");
    contribute(bank, BOTH, "5e000000-0000-4000-8000-000000000001");
    contribute(other, BOTH, "5e000000-0000-4000-8000-000000000002");
    contribute(other, ONE, "5e000000-0000-4000-8000-000000000003");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other);
    cix_close(court);
    cix_close(regulator);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

/* ---- Reports ---- */

/* The report of an own client, for a review of the own account. */
static Cix__V1__GetReportResponse *report_of(struct cix_client *client, int64_t k)
{
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    if (!question_report(client, k, CIX__V1__PURPOSE__PURPOSE_POST_LOAN, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(response->report->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND);
    return response;
}

static const Cix__V1__ReportedAccount *account_of(const Cix__V1__GetReportResponse *response,
                                                  const char *member_code)
{
    for (size_t i = 0; i < response->report->n_accounts; i++)
        if (!strcmp(response->report->accounts[i]->member_code, member_code))
            return response->report->accounts[i];
    fail_msg("no account of %s", member_code);
    return NULL;
}

static int64_t account_id_of(const char *member_code, int64_t k)
{
    struct cix_client *client = strcmp(member_code, "bank-one") ? other : bank;
    Cix__V1__GetReportResponse *response = report_of(client, k);
    int64_t id = account_of(response, member_code)->account_id;

    cix_free(response);
    return id;
}

/* ---- Marks ---- */

/* A request with everything right; tests then change one thing. */
struct filing {
    struct person person;
    Cix__V1__Identifier identifier;
    Cix__V1__AnnotationTarget target;
    Cix__V1__AddAnnotationRequest request;
};

static void filing_init(struct filing *filing, int64_t k, char *id)
{
    person_make(k, &filing->person);
    cix__v1__identifier__init(&filing->identifier);
    cix__v1__annotation_target__init(&filing->target);
    cix__v1__add_annotation_request__init(&filing->request);
    filing->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    filing->identifier.value = filing->person.number;
    filing->target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY;
    filing->request.annotation_id = id;
    filing->request.identifier = &filing->identifier;
    filing->request.name = filing->person.name;
    filing->request.target = &filing->target;
    filing->request.kind = CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_DISPUTE;
    filing->request.code = 106;
    filing->request.text = "I paid in time";
    filing->request.filed_by = CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_SUBJECT;
    filing->request.evidence_hash = (ProtobufCBinaryData){sizeof(hash), hash};
}

static bool file(struct cix_client *client, const struct filing *filing, int32_t *due_on,
                 struct cix_error *error)
{
    Cix__V1__AddAnnotationResponse *response;

    if (!cix_add_annotation(client, &filing->request, &response, error))
        return false;
    *due_on = response->due_on;
    cix_free(response);
    return true;
}

static void must_file(struct cix_client *client, const struct filing *filing)
{
    struct cix_error error;
    int32_t due_on;

    if (!file(client, filing, &due_on, &error))
        fail_msg("%s (%s)", error.message, error.reason);
}

static void assert_refused(struct cix_client *client, const struct filing *filing,
                           enum cix_status status, const char *reason)
{
    struct cix_error error;
    int32_t due_on;

    assert_false(file(client, filing, &due_on, &error));
    assert_string_equal(error.reason, reason);
    assert_int_equal(error.status, status);
}

static bool end(struct cix_client *client, char *id, Cix__V1__AnnotationOutcome outcome, char *text,
                struct cix_error *error)
{
    Cix__V1__EndAnnotationRequest request = CIX__V1__END_ANNOTATION_REQUEST__INIT;
    Cix__V1__EndAnnotationResponse *response;

    request.annotation_id = id;
    request.outcome = outcome;
    request.text = text;
    if (!cix_end_annotation(client, &request, &response, error))
        return false;
    cix_free(response);
    return true;
}

static void must_end(struct cix_client *client, char *id, Cix__V1__AnnotationOutcome outcome)
{
    struct cix_error error;

    if (!end(client, id, outcome, "we looked into it", &error))
        fail_msg("%s (%s)", error.message, error.reason);
}

static void a_dispute_stands_on_the_next_report_for_everyone(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000001";
    int64_t account_id = account_id_of("bank-two", BOTH);
    struct cix_client *readers[] = {bank, other};
    struct filing filing;
    struct cix_error error;
    int32_t due_on, again;

    (void)state;
    filing_init(&filing, BOTH, id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH;
    filing.target.id = account_id;
    filing.target.period = 202402;
    if (!file(bank, &filing, &due_on, &error)) /* on a record of the other bank */
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(due_on, day_to_wire(day_add(clock_day_of(clock_now_us()), 20)));
    assert_true(file(bank, &filing, &again, &error)); /* a repetition */
    assert_int_equal(again, due_on);
    for (int i = 0; i < 2; i++) {
        Cix__V1__GetReportResponse *response = report_of(readers[i], BOTH);
        const Cix__V1__ReportedAccount *account = account_of(response, "bank-two");
        assert_int_equal(account->n_annotations, 1);
        assert_int_equal(account->annotations[0]->code, 106);
        assert_int_equal(account->annotations[0]->period, 202402);
        assert_string_equal(account->annotations[0]->text, "I paid in time");
        assert_int_equal(account->annotations[0]->due_on, due_on);
        assert_false(account->annotations[0]->is_unverified);
        assert_int_equal(account_of(response, "bank-one")->n_annotations, 0);
        assert_int_equal(response->report->summary->open_disputes, 1);
        cix_free(response);
    }
    assert_int_equal(dossier_number(&dossier,
                                    "select count(*) from cix.annotation where sealed_text"
                                    " like '%paid%'"),
                     0);
    must_end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED);
    Cix__V1__GetReportResponse *response = report_of(bank, BOTH);
    assert_int_equal(account_of(response, "bank-two")->n_annotations, 0);
    assert_int_equal(response->report->summary->open_disputes, 0);
    cix_free(response);
}

static void a_dispute_without_an_answer_makes_the_record_unverified(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000002";
    struct filing filing;

    (void)state;
    filing_init(&filing, BOTH, id);
    must_file(bank, &filing);
    dossier_number(&dossier, "update cix.annotation set due_on = current_date - 1"
                             " where ended_at is null");
    Cix__V1__GetReportResponse *response = report_of(other, BOTH);
    assert_int_equal(response->report->identity->n_annotations, 1);
    assert_true(response->report->identity->annotations[0]->is_unverified);
    cix_free(response);
    must_end(bank, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
}

static void take_count(void *count, int64_t unanswered)
{
    *(int64_t *)count = unanswered;
}

/* What the job tells the operator: disputes of all members. */
static int64_t unanswered_of_all(void)
{
    int64_t count = -1;
    struct dispute_job job = {.counted = take_count, .user = &count};
    bool has_more = false;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!dispute_job_run(&ctx, exchange.admin, &job, &has_more))
        fail_msg("%s", ctx.error.message);
    arena_done(&arena);
    return count;
}

/* As on the wire, and as the exchange counts days. */
static int32_t this_month(void)
{
    return period_to_wire(period_of_day(clock_day_of(clock_now_us())));
}

/* The escalated disputes of bank-two in this month as a caller reads them, and those without an
 * answer. */
static void assert_escalated(struct cix_client *client, int64_t escalated, int64_t unanswered)
{
    Cix__V1__GetQualityRequest request = CIX__V1__GET_QUALITY_REQUEST__INIT;
    Cix__V1__GetQualityResponse *response;
    struct cix_error error;
    bool is_found = false;

    request.period = this_month();
    if (!cix_get_quality(client, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    for (size_t i = 0; i < response->n_members; i++) {
        const Cix__V1__MemberQuality *member = response->members[i];
        bool is_holder = !strcmp(member->member_code, "bank-two");
        assert_int_equal(member->disputes_escalated, is_holder ? escalated : 0);
        assert_int_equal(member->disputes_unanswered, is_holder ? unanswered : 0);
        is_found |= is_holder;
    }
    assert_true(is_found);
    cix_free(response);
}

/* The newest annotation on the records of bank-two. */
static void assert_listed(int32_t escalated_on, bool is_overdue)
{
    Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;
    Cix__V1__ListAnnotationsResponse *page;
    struct cix_error error;

    request.with_ended = true;
    if (!cix_list_annotations(other, &request, &page, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_true(page->n_annotations > 0);
    assert_true(page->annotations[0]->is_on_own_record);
    assert_int_equal(page->annotations[0]->escalated_on, escalated_on);
    assert_int_equal(page->annotations[0]->is_overdue, is_overdue);
    cix_free(page);
}

static void an_answer_that_comes_late_leaves_the_count(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000071";
    int32_t today = day_to_wire(clock_day_of(clock_now_us()));
    struct filing filing;
    char sql[200];

    (void)state;
    filing_init(&filing, BOTH, id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT;
    filing.target.id = account_id_of("bank-two", BOTH);
    must_file(bank, &filing);
    for (int late = 0; late < 2; late++) { /* its last day, and the one after */
        snprintf(sql, sizeof(sql),
                 "update cix.annotation set due_on = '%d'::date - %d where ended_at is null", today,
                 late);
        dossier_number(&dossier, sql);
        Cix__V1__GetReportResponse *response = report_of(bank, BOTH);
        const Cix__V1__ReportedAccount *account = account_of(response, "bank-two");
        assert_int_equal(account->annotations[0]->is_unverified, late);
        assert_int_equal(account->annotations[0]->escalated_on, late ? today : 0);
        cix_free(response);
        assert_listed(late ? today : 0, late);
        assert_escalated(other, late, late);
        assert_escalated(regulator, late, late);
        assert_int_equal(unanswered_of_all(), late);
    }
    must_end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED);
    assert_listed(today, false);
    assert_escalated(other, 1, 0);
    assert_escalated(regulator, 1, 0);
    assert_int_equal(unanswered_of_all(), 0);
    snprintf(
        sql, sizeof(sql),
        "select escalated from cix.quality_count((select member_id from cix.member where code ="
        " 'bank-two'), %d, now() + interval '40 days')",
        period_of_day(clock_day_of(clock_now_us())).number);
    assert_int_equal(dossier_number(&dossier, sql), 1); /* as the month is closed */
}

/* The dispute with code 104: the last day of the month before is its last, and it was answered
 * then, at a time of day in UTC. The day after is one of this month. */
static void answer_at(const char *clock)
{
    char sql[300];

    snprintf(sql, sizeof(sql),
             "update cix.annotation set due_on = '%d01'::date - 1,"
             " ended_at = ('%d01'::date - 1 + time '%s') at time zone 'UTC' where code = 104",
             this_month(), this_month(), clock);
    dossier_number(&dossier, sql);
}

/* What migration 0061 adds to this month, were it closed. */
static int64_t missed_in_a_closed_month(void)
{
    int month = period_of_day(clock_day_of(clock_now_us())).number;
    char sql[200];

    snprintf(
        sql, sizeof(sql),
        "insert into cix.quality_month select q.* from cix.quality_count((select member_id from"
        " cix.member where code = 'bank-two'), %d, now()) as q",
        month);
    dossier_number(&dossier, sql);
    dossier_number(&dossier, "update cix.quality_month set escalated = 0");
    for (size_t i = 0; i < sql_file_count; i++)
        if (!strcmp(sql_files[i].path, "schema/0061_escalated_day.sql"))
            dossier_number(&dossier, sql_files[i].text);
    int64_t missed = dossier_number(&dossier, "select escalated from cix.quality_month");
    dossier_number(&dossier, "delete from cix.quality_month");
    return missed;
}

/* The exchange's days begin at 16:00 UTC. */
static void an_answer_on_the_last_day_is_in_time(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000072";
    struct filing filing;

    (void)state;
    filing_init(&filing, BOTH, id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT;
    filing.target.id = account_id_of("bank-two", BOTH);
    filing.request.code = 104;
    must_file(bank, &filing);
    must_end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED);
    answer_at("16:00:00");
    assert_listed(this_month() * 100 + 1, false);
    assert_escalated(other, 2, 0);
    int64_t missed = missed_in_a_closed_month(); /* late in the day the one before is, too */
    answer_at("15:59:59");
    assert_int_equal(missed_in_a_closed_month(), missed - 1);
    assert_listed(0, false);
    assert_escalated(other, 1, 0); /* the one before */
}

static void statements_stand_on_flags_and_inquiries(void **state)
{
    static char on_flag[] = "a0000000-0000-4000-8000-000000000003";
    static char on_inquiry[] = "a0000000-0000-4000-8000-000000000004";
    char flag_id[37];
    struct filing filing;

    (void)state;
    int64_t subject_id =
        dossier_number(&dossier, "select subject_id from cix.account order by account_id limit 1");
    dossier_flag(&dossier, subject_id, "court-one", flag_id);
    filing_init(&filing, BOTH, on_flag);
    filing.request.kind = CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_STATEMENT;
    filing.request.code = 0;
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FLAG;
    filing.target.flag_id = flag_id;
    must_file(bank, &filing);
    Cix__V1__GetReportResponse *response = report_of(bank, BOTH);
    assert_int_equal(response->report->n_flags, 1);
    assert_int_equal(response->report->flags[0]->n_annotations, 1);
    assert_int_equal(response->report->flags[0]->annotations[0]->due_on, 0);
    assert_int_equal(response->report->summary->open_disputes, 0);
    assert_true(response->report->n_inquiries > 0);
    filing.target.id = response->report->inquiries[0]->inquiry_id;
    cix_free(response);
    filing.request.annotation_id = on_inquiry;
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_INQUIRY;
    filing.target.flag_id = "";
    must_file(bank, &filing);
    response = report_of(bank, BOTH);
    bool is_found = false;
    for (size_t i = 0; i < response->report->n_inquiries; i++)
        is_found |= response->report->inquiries[i]->inquiry_id == filing.target.id &&
                    response->report->inquiries[i]->n_annotations == 1;
    assert_true(is_found);
    cix_free(response);
    must_end(bank, on_flag, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
    must_end(bank, on_inquiry, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
}

static void only_the_subjects_own_member_files(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000005";
    struct filing filing, unknown;

    (void)state;
    filing_init(&filing, ONE, id); /* a client of the other bank */
    assert_refused(bank, &filing, CIX_NOT_FOUND, "SUBJECT_UNKNOWN");
    filing_init(&unknown, NOBODY, id);
    assert_refused(bank, &unknown, CIX_NOT_FOUND, "SUBJECT_UNKNOWN");
    filing_init(&filing, BOTH, id);
    filing.request.name = "somebody else";
    assert_refused(bank, &filing, CIX_NOT_FOUND, "SUBJECT_UNKNOWN");
    filing_init(&filing, BOTH, id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT;
    filing.target.id = account_id_of("bank-two", ONE); /* another subject's */
    assert_refused(bank, &filing, CIX_NOT_FOUND, "TARGET_UNKNOWN");
    filing_init(&filing, ONE, id);
    must_file(court, &filing);
    must_end(court, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
}

static void wrong_fields_are_named(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000006";
    static char long_text[502];
    static char just_fits[501];
    struct filing filing;

    (void)state;
    memset(long_text, 'x', 501);
    memset(just_fits, 'x', 500);
    filing_init(&filing, BOTH, "no-uuid");
    assert_refused(bank, &filing, CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    filing_init(&filing, BOTH, id);
    filing.request.code = 111;
    assert_refused(bank, &filing, CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    filing_init(&filing, BOTH, id);
    filing.request.text = long_text;
    assert_refused(bank, &filing, CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    filing_init(&filing, BOTH, id);
    filing.request.text = "two\nlines";
    assert_refused(bank, &filing, CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    filing_init(&filing, BOTH, id);
    filing.request.evidence_hash.len = 31;
    assert_refused(bank, &filing, CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    filing_init(&filing, BOTH, id);
    filing.target.period = 202401;
    assert_refused(bank, &filing, CIX_INVALID_ARGUMENT, "FIELD_INVALID");
    filing_init(&filing, BOTH, id);
    filing.request.text = just_fits;
    must_file(bank, &filing);
    filing.request.text = "something else";
    assert_refused(bank, &filing, CIX_ALREADY_EXISTS, "ANNOTATION_CONFLICT");
    must_end(bank, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
}

static void each_side_ends_what_is_its_own(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000007";
    struct filing filing;
    struct cix_error error;

    (void)state;
    filing_init(&filing, BOTH, id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT;
    filing.target.id = account_id_of("bank-two", BOTH);
    must_file(bank, &filing);
    assert_false(
        end(court, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED, "no", &error));
    assert_string_equal(error.reason, "ANNOTATION_UNKNOWN");
    assert_false(
        end(bank, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED, "no", &error));
    assert_string_equal(error.reason, "OUTCOME_REFUSED");
    assert_false(
        end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN, "", &error));
    assert_string_equal(error.reason, "OUTCOME_REFUSED");
    assert_false(
        end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED, "", &error));
    assert_string_equal(error.reason, "FIELD_REQUIRED");
    must_end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_UNVERIFIABLE);
    must_end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_UNVERIFIABLE);
    assert_false(
        end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED, "no", &error));
    assert_string_equal(error.reason, "ANNOTATION_ENDED");
}

/* An event of the account of a person: a payment put off, of this amount. */
static void send_event(int64_t k, int64_t amount, bool is_correction, const char *submission_id)
{
    Cix__V1__AccountEvent event = CIX__V1__ACCOUNT_EVENT__INIT;
    Cix__V1__Record record = CIX__V1__RECORD__INIT;
    struct contribution contribution;

    contribution_init(&contribution);
    event.account_no = arena_format(&contribution.arena, "A%lld-1", (long long)k);
    event.type = 1;
    event.happened_on = 20240301;
    event.amount_presence_case = CIX__V1__ACCOUNT_EVENT__AMOUNT_PRESENCE_AMOUNT;
    event.amount = amount;
    record.record_case = CIX__V1__RECORD__RECORD_ACCOUNT_EVENT;
    record.account_event = &event;
    contribution.records[contribution.count++] = &record;
    if (is_correction)
        contribution_correct(&contribution);
    send_all(&contribution, bank, submission_id, 1);
}

/* The annotation of this id on the first page of what the client filed or holds. */
static void find_annotation(struct cix_client *client, const char *id, Cix__V1__Annotation *found)
{
    Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;
    Cix__V1__ListAnnotationsResponse *page;
    struct cix_error error;

    request.with_ended = true;
    if (!cix_list_annotations(client, &request, &page, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    found->annotation_id = NULL;
    for (size_t i = 0; i < page->n_annotations; i++)
        if (!strcmp(page->annotations[i]->annotation_id, id))
            *found = *page->annotations[i];
    assert_non_null(found->annotation_id);
    cix_free(page); /* the texts of found go with it */
}

static void remove_flag(char *flag_id, Cix__V1__FlagRemovalReason reason)
{
    Cix__V1__RemoveFlagRequest request = CIX__V1__REMOVE_FLAG_REQUEST__INIT;
    Cix__V1__RemoveFlagResponse *response;
    struct cix_error error;

    request.flag_id = flag_id;
    request.reason = reason;
    if (!cix_remove_flag(court, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

/* T004; of accounts and months take_back_test shows it. */
static void corrections_and_removals_end_disputes(void **state)
{
    static char on_fact[] = "a0000000-0000-4000-8000-000000000401";
    static char not_mine[] = "a0000000-0000-4000-8000-000000000402";
    static char to_be_removed[] = "a0000000-0000-4000-8000-000000000403";
    static char on_error[] = "a0000000-0000-4000-8000-000000000404";
    char flag_id[37], wrong_id[37];
    Cix__V1__Annotation found;
    struct cix_error error;
    struct filing filing;

    (void)state;
    send_event(BOTH, 500, false, "5e000000-0000-4000-8000-000000000401");
    filing_init(&filing, BOTH, on_fact);
    filing.request.code = 104;
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FACT;
    filing.target.id = dossier_number(&dossier, "select max(fact_id) from cix.fact");
    must_file(bank, &filing);
    send_event(BOTH, 400, true, "5e000000-0000-4000-8000-000000000402");
    find_annotation(bank, on_fact, &found);
    assert_int_equal(found.outcome, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CORRECTED);
    assert_int_equal(found.before_record_id,
                     dossier_number(&dossier, "select min(record_id) from cix.fact"));
    assert_int_equal(found.after_record_id,
                     dossier_number(&dossier, "select max(record_id) from cix.fact"));

    int64_t subject_id =
        dossier_number(&dossier, "select subject_id from cix.account order by account_id limit 1");
    dossier_flag(&dossier, subject_id, "court-one", flag_id);
    dossier_flag(&dossier, subject_id, "court-one", wrong_id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FLAG;
    filing.target.id = 0;
    filing.target.flag_id = flag_id;
    filing.request.annotation_id = not_mine;
    filing.request.code = 101;
    must_file(bank, &filing);
    filing.request.annotation_id = to_be_removed;
    filing.request.code = 109;
    must_file(bank, &filing);
    filing.request.annotation_id = on_error;
    filing.request.code = 101;
    filing.target.flag_id = wrong_id;
    must_file(bank, &filing);
    assert_false(end(court, not_mine, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CORRECTED, "",
                     &error));
    assert_string_equal(error.reason, "NOT_CORRECTED");
    remove_flag(flag_id, CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED);
    remove_flag(wrong_id, CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_ERROR);
    find_annotation(bank, not_mine, &found); /* that it was performed does not say whose it was */
    assert_int_equal(found.outcome, 0);
    find_annotation(bank, to_be_removed, &found);
    assert_int_equal(found.outcome, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CORRECTED);
    find_annotation(bank, on_error, &found);
    assert_int_equal(found.outcome, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CORRECTED);
    assert_true(found.before_record_id < found.after_record_id);
    must_end(court, not_mine, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CORRECTED);
}

static Cix__V1__AddAnnotationResponse *filed(struct cix_client *client, struct filing *filing,
                                             char *id)
{
    Cix__V1__AddAnnotationResponse *response;
    struct cix_error error;

    filing->request.annotation_id = id;
    if (!cix_add_annotation(client, &filing->request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    return response;
}

static bool is_repeated(struct cix_client *client, struct filing *filing, char *id)
{
    Cix__V1__AddAnnotationResponse *response = filed(client, filing, id);
    bool answer = response->is_repeated;

    cix_free(response);
    return answer;
}

/* T006: taken, shown and marked; declined by whose record it is on, and only if it repeats. */
static void the_same_dispute_again_may_be_declined(void **state)
{
    static char first[] = "a0000000-0000-4000-8000-000000000601";
    static char again[] = "a0000000-0000-4000-8000-000000000602";
    static char evident[] = "a0000000-0000-4000-8000-000000000603";
    static char other_code[] = "a0000000-0000-4000-8000-000000000604";
    static char after[] = "a0000000-0000-4000-8000-000000000605";
    static uint8_t evidence[32] = {8};
    const Cix__V1__AnnotationOutcome declined =
        CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_DECLINED;
    struct filing filing;
    struct cix_error error;
    Cix__V1__Annotation found;

    (void)state;
    filing_init(&filing, BOTH, first);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH;
    filing.target.id = account_id_of("bank-two", BOTH);
    filing.target.period = 202402;
    filing.request.code = 110; /* which nothing before disputed */
    assert_false(is_repeated(bank, &filing, first));
    assert_false(end(other, first, declined, "said before", &error));
    assert_string_equal(error.reason, "NOT_REPEATED");
    assert_false(is_repeated(bank, &filing, again)); /* not answered yet */
    must_end(bank, again, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
    must_end(other, first, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED);

    again[35] = 'a';
    Cix__V1__AddAnnotationResponse *response = filed(bank, &filing, again);
    assert_true(response->is_repeated && response->due_on > 0);
    assert_string_equal(response->repeated_annotation_id, first);
    cix_free(response);
    assert_true(is_repeated(bank, &filing, again)); /* the same request answers the same */
    Cix__V1__GetReportResponse *report = report_of(other, BOTH);
    assert_int_equal(account_of(report, "bank-two")->n_annotations, 1);
    cix_free(report);
    find_annotation(other, again, &found);
    assert_true(found.is_repeated);
    assert_false(end(bank, again, declined, "no", &error));
    assert_string_equal(error.reason, "OUTCOME_REFUSED");
    assert_false(end(other, again, declined, "", &error));
    assert_string_equal(error.reason, "FIELD_REQUIRED");
    must_end(other, again, declined);

    filing.request.evidence_hash.data = evidence;
    assert_false(is_repeated(bank, &filing, evident));
    filing.request.evidence_hash.data = hash;
    filing.request.code = 104;
    assert_false(is_repeated(bank, &filing, other_code));
    struct contribution contribution; /* the record is another one now */
    contribution_init(&contribution);
    contribution_month(&contribution, BOTH, 1, 202402, 7000000);
    contribution_correct(&contribution);
    send_all(&contribution, other, "5e000000-0000-4000-8000-000000000601", 1);
    filing.request.code = 110;
    assert_false(is_repeated(bank, &filing, after));
    must_end(bank, after, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN);
}

static void lists_show_both_sides_and_nobody_else(void **state)
{
    static char id[] = "a0000000-0000-4000-8000-000000000008";
    struct cix_client *sides[] = {bank, other, court};
    struct filing filing;

    (void)state;
    filing_init(&filing, BOTH, id);
    filing.target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_ACCOUNT;
    filing.target.id = account_id_of("bank-two", BOTH);
    must_file(bank, &filing);
    for (int i = 0; i < 3; i++) {
        Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;
        Cix__V1__ListAnnotationsResponse *page;
        struct cix_error error;

        assert_true(cix_list_annotations(sides[i], &request, &page, &error));
        assert_int_equal(page->n_annotations, i < 2);
        if (i < 2) {
            assert_string_equal(page->annotations[0]->annotation_id, id);
            assert_string_equal(page->annotations[0]->text, "I paid in time");
            assert_string_equal(page->annotations[0]->member_code, "bank-one");
            assert_int_equal(page->annotations[0]->is_on_own_record, i == 1);
        }
        cix_free(page);
    }
    must_end(other, id, CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED);
}

static void pages_hold_every_annotation_once(void **state)
{
    Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;
    Cix__V1__ListAnnotationsResponse *page;
    char token[32] = "";
    struct cix_error error;
    int64_t expected = dossier_number(
        &dossier, "select count(*) from cix.annotation a join cix.member m on m.code = 'bank-one'"
                  " and m.member_id in (a.member_id, a.holder_id)");
    int64_t seen = 0;

    (void)state;
    request.with_ended = true;
    request.page_size = 2;
    request.page_token = token;
    do {
        if (!cix_list_annotations(bank, &request, &page, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        seen += (int64_t)page->n_annotations;
        snprintf(token, sizeof(token), "%s", page->next_page_token);
        cix_free(page);
    } while (token[0] && seen <= expected);
    assert_true(expected > 2);
    assert_int_equal(seen, expected);
}

/* ---- Protections ---- */

static bool protect(struct cix_client *client, int64_t k, Cix__V1__ProtectionKind kind, char *id,
                    struct cix_error *error)
{
    Cix__V1__SetProtectionRequest request = CIX__V1__SET_PROTECTION_REQUEST__INIT;
    Cix__V1__SetProtectionResponse *response;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    char *phones[] = {"13800138000", "010-5550123"};
    struct person person;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.protection_id = id;
    request.identifier = &identifier;
    request.name = person.name;
    request.kind = kind;
    request.document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (kind == CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT) {
        request.phones = phones;
        request.n_phones = 2;
    }
    if (!cix_set_protection(client, &request, &response, error))
        return false;
    cix_free(response);
    return true;
}

static void must_protect(struct cix_client *client, int64_t k, Cix__V1__ProtectionKind kind,
                         char *id)
{
    struct cix_error error;

    if (!protect(client, k, kind, id, &error))
        fail_msg("%s (%s)", error.message, error.reason);
}

static bool lift(struct cix_client *client, char *id, struct cix_error *error)
{
    Cix__V1__EndProtectionRequest request = CIX__V1__END_PROTECTION_REQUEST__INIT;
    Cix__V1__EndProtectionResponse *response;

    request.protection_id = id;
    if (!cix_end_protection(client, &request, &response, error))
        return false;
    cix_free(response);
    return true;
}

static void an_inquiry_block_stops_approvals_and_spares_reviews(void **state)
{
    static char id[] = "b0000000-0000-4000-8000-000000000001";
    struct person person;
    char consent_id[37];
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    (void)state;
    person_make(BOTH, &person);
    dossier_consent(&dossier, &person, "bank-two", consent_id);
    assert_true(
        question_report(other, BOTH, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error));
    cix_free(response);
    must_protect(bank, BOTH, CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK, id);
    assert_false(
        question_report(other, BOTH, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error));
    assert_string_equal(error.reason, "INQUIRY_REFUSED");
    assert_string_equal(cix_error_fact(&error, "rule"), "I006");
    response = report_of(other, BOTH);
    assert_int_equal(response->report->n_protections, 1);
    cix_free(response);
    assert_false(lift(other, id, &error));
    assert_string_equal(error.reason, "PROTECTION_UNKNOWN");
    assert_true(lift(bank, id, &error) && lift(bank, id, &error));
    assert_true(
        question_report(other, BOTH, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, &response, &error));
    cix_free(response);
}

static bool is_blocked(int64_t k)
{
    Cix__V1__CheckFlagRequest request = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    Cix__V1__FlagInquiry inquiry = CIX__V1__FLAG_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__CheckFlagResponse *response;
    struct cix_error error;
    struct person person;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    inquiry.identifier = &identifier;
    inquiry.name = person.name;
    inquiry.operator_id = "teller-7";
    request.inquiry = &inquiry;
    if (!cix_check_flag(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    bool answer = response->answer->is_new_credit_blocked;
    cix_free(response);
    return answer;
}

static void alerts_and_credit_blocks_are_shown(void **state)
{
    static char alert[] = "b0000000-0000-4000-8000-000000000002";
    static char block[] = "b0000000-0000-4000-8000-000000000003";
    struct cix_error error;

    (void)state;
    assert_false(is_blocked(ONE));
    must_protect(other, ONE, CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT, alert);
    must_protect(other, ONE, CIX__V1__PROTECTION_KIND__PROTECTION_KIND_NEW_CREDIT_BLOCK, block);
    assert_true(is_blocked(ONE));
    Cix__V1__GetReportResponse *response = report_of(other, ONE);
    assert_int_equal(response->report->n_protections, 2);
    for (size_t i = 0; i < 2; i++) {
        const Cix__V1__ReportedProtection *shown = response->report->protections[i];
        if (shown->kind != CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT)
            continue;
        assert_int_equal(shown->n_phones, 2);
        assert_string_equal(shown->phones[0], "13800138000");
        assert_string_equal(shown->phones[1], "010-5550123");
    }
    cix_free(response);
    assert_true(lift(other, block, &error) && lift(other, alert, &error));
    assert_false(is_blocked(ONE));
}

static void one_of_a_kind_is_in_force(void **state)
{
    static char first[] = "b0000000-0000-4000-8000-000000000004";
    static char second[] = "b0000000-0000-4000-8000-000000000005";
    Cix__V1__ProtectionKind kind = CIX__V1__PROTECTION_KIND__PROTECTION_KIND_NEW_CREDIT_BLOCK;
    struct cix_error error;

    (void)state;
    assert_false(protect(bank, ONE, kind, first, &error));
    assert_string_equal(error.reason, "SUBJECT_UNKNOWN");
    must_protect(bank, BOTH, kind, first);
    must_protect(bank, BOTH, kind, first);
    assert_false(protect(other, BOTH, kind, second, &error));
    assert_string_equal(error.reason, "PROTECTION_HELD");
    must_protect(bank, BOTH, kind, second);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.protection where kind = 3"
                                              " and ended_at is null"),
                     1);
    assert_false(protect(bank, BOTH, CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK,
                         second, &error));
    assert_string_equal(error.reason, "PROTECTION_CONFLICT");
    assert_true(lift(bank, second, &error));
}

static void every_act_has_its_audit_row(void **state)
{
    (void)state;
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.annotation a where not"
                                              " exists (select from cix.audit u where u.audit_id ="
                                              " a.annotation_id and u.outcome = 0)"),
                     0);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.protection p where not"
                                              " exists (select from cix.audit u where u.audit_id ="
                                              " p.protection_id and u.outcome = 0)"),
                     0);
    assert_true(dossier_number(&dossier, "select count(*) from cix.audit where method in (50, 53)"
                                         " and outcome = 1") >= 4);
    assert_true(dossier_number(&dossier, "select count(*) from cix.audit where method = 52") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dispute_stands_on_the_next_report_for_everyone),
        cmocka_unit_test(a_dispute_without_an_answer_makes_the_record_unverified),
        cmocka_unit_test(an_answer_that_comes_late_leaves_the_count),
        cmocka_unit_test(an_answer_on_the_last_day_is_in_time),
        cmocka_unit_test(statements_stand_on_flags_and_inquiries),
        cmocka_unit_test(only_the_subjects_own_member_files),
        cmocka_unit_test(wrong_fields_are_named),
        cmocka_unit_test(each_side_ends_what_is_its_own),
        cmocka_unit_test(lists_show_both_sides_and_nobody_else),
        cmocka_unit_test(pages_hold_every_annotation_once),
        cmocka_unit_test(an_inquiry_block_stops_approvals_and_spares_reviews),
        cmocka_unit_test(alerts_and_credit_blocks_are_shown),
        cmocka_unit_test(one_of_a_kind_is_in_force),
        cmocka_unit_test(corrections_and_removals_end_disputes),
        cmocka_unit_test(the_same_dispute_again_may_be_declined),
        cmocka_unit_test(every_act_has_its_audit_row),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
