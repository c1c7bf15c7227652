/*
 * Goal: who may do what is what the authorisation matrix says, in every cell.
 * Method: members that differ in one thing (role, state, data class, purpose) make every call over
 * mTLS with a request that is right but for the permission; the answer must be a refusal exactly
 * where the matrix has no permission. The database's grants and purposes are read from its
 * catalogue and compared too.
 */
#include "service/matrix.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "domain/rule.h"
#include "wire/record.h"
#include "service/services.h"
#include "support/cmocka.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/standard.h"

enum { ALL_CLASSES = 0xff, ROLES = 6, CLASSES = 8, MEMBERS_MAX = 64 };

/* A line of the matrix. */
struct line {
    const char *name;
    uint32_t roles;
    uint32_t states;
    const char *audit;
    int16_t code;
    enum pool pool;
    int purposes;
    uint32_t data_classes;
    const char *functions;
};

#define LINE(...) {__VA_ARGS__},
static const struct line lines[] = {MATRIX(LINE)};
#undef LINE

/* A purpose that is good for something. */
static const struct {
    enum purpose purpose;
    int good_for;
    int needs;
} purposes[] = {
#define ROW(purpose, good_for, needs) {purpose, good_for, needs},
    MATRIX_PURPOSES(ROW)
#undef ROW
};

static const struct {
    enum record_kind kind;
    uint32_t roles;
    uint32_t data_classes;
} records[] = {
#define ROW(kind, roles, data_classes) {kind, roles, data_classes},
    MATRIX_RECORDS(ROW)
#undef ROW
};

static struct exchange exchange;
static struct db *owner;
static struct member members[MEMBERS_MAX];
static int member_count;
static struct person person; /* known to nobody: with permission the answer is "no file" */
static struct arena arena;
static struct ctx ctx;

/* ---- Members ---- */

static struct member *add_member(const char *code, uint32_t roles, enum member_state state,
                                 uint32_t data_classes)
{
    struct member *member = &members[member_count++];

    assert_true(member_count <= MEMBERS_MAX);
    *member = (struct member){
        .type = MEMBER_TYPE_OTHER, .state = state, .roles = roles, .data_classes = data_classes};
    snprintf(member->code, sizeof(member->code), "%s", code);
    snprintf(member->name, sizeof(member->name), "Member %s", code);
    for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++)
        member_grant_purpose(member, purposes[i].purpose);
    return member;
}

static void take_purpose(struct member *member, enum purpose purpose)
{
    member->purposes[purpose / 64] &= ~(UINT64_C(1) << purpose % 64);
}

static void add_members(void)
{
    static const enum member_state states[] = {MEMBER_STATE_TESTING, MEMBER_STATE_ACTIVE,
                                               MEMBER_STATE_RESTRICTED};
    const uint32_t all_roles = (1u << ROLES) - 1;
    char code[MEMBER_CODE_MAX + 1];

    add_member("no-role", 0, MEMBER_STATE_ACTIVE, ALL_CLASSES);
    for (int role = 0; role < ROLES; role++) {
        snprintf(code, sizeof(code), "role-%d", role + 1);
        add_member(code, 1u << role, MEMBER_STATE_ACTIVE, ALL_CLASSES);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        snprintf(code, sizeof(code), "state-%d", states[i]);
        add_member(code, all_roles, states[i], ALL_CLASSES);
    }
    for (int class = 0; class < CLASSES; class ++) {
        snprintf(code, sizeof(code), "without-class-%d", class + 1);
        add_member(code, all_roles, MEMBER_STATE_ACTIVE, ALL_CLASSES & ~(1u << class));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++) {
        snprintf(code, sizeof(code), "without-purpose-%d", purposes[i].purpose);
        take_purpose(add_member(code, all_roles, MEMBER_STATE_ACTIVE, ALL_CLASSES),
                     purposes[i].purpose);
    }
}

static int set_up_all(void **state)
{
    (void)state;
    ctx_init(&ctx, &arena);
    person_make(77, &person);
    exchange_start(&exchange, NULL);
    owner = exchange_owner(&exchange);
    add_members();
    for (int i = 0; i < member_count; i++)
        exchange_member_put(&exchange, &members[i]);
    exchange_standard(
        &exchange, 900,
        standard_text_with(&arena,
                           small_standard_with(&arena, "valid ", "valid 2024-01-01 2039-12-31"),
                           "standard ", "standard rated 1"));
    exchange_settle();
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

/* ---- What the matrix says ---- */

static bool may_for(const struct line *line, const struct member *member, enum purpose purpose)
{
    if (line->purposes == FOR_NOTHING)
        return true;
    for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++) {
        if (purposes[i].purpose == purpose)
            return purposes[i].good_for == line->purposes && purposes[i].needs != ON_ACCOUNT &&
                   member_may_purpose(member, purpose);
    }
    return false;
}

/* With a consent and without an account. */
static bool may(const struct line *line, const struct member *member, enum purpose purpose)
{
    return (!line->roles || member->roles & line->roles) &&
           (line->states >> member->state & 1) != 0 &&
           (member->data_classes & line->data_classes) == line->data_classes &&
           may_for(line, member, purpose);
}

/* ---- Calls that are right but for the permission ---- */

struct outcome {
    int code;
    char reason[64];
    char rule[8];
};

static void outcome_of(const struct cix_error *error, struct outcome *outcome)
{
    const char *rule = cix_error_fact(error, "rule");

    outcome->code = (int)error->status;
    snprintf(outcome->reason, sizeof(outcome->reason), "%s", error->reason);
    snprintf(outcome->rule, sizeof(outcome->rule), "%s", rule ? rule : "");
}

/* A question for a report, with its consent for the purpose where one can be given. */
struct question {
    Cix__V1__Identifier identifier;
    Cix__V1__Consent consent;
    Cix__V1__ReportInquiry report;
    Cix__V1__FlagInquiry flag;
    Cix__V1__Purpose consented[1];
    Cix__V1__DataClass classes[3];
    uint8_t hash[32];
    char consent_id[37];
};

static bool needs_consent(enum purpose purpose)
{
    for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++) {
        if (purposes[i].purpose == purpose)
            return purposes[i].needs == ON_CONSENT;
    }
    return false;
}

static void put_consent(struct question *question, enum purpose purpose)
{
    struct day today = clock_day_of(clock_now_us());
    struct uuid uuid = uuid_new();

    cix__v1__consent__init(&question->consent);
    uuid_format(&uuid, question->consent_id);
    question->consented[0] = (Cix__V1__Purpose)purpose;
    question->classes[0] = CIX__V1__DATA_CLASS__DATA_CLASS_BASIC;
    question->classes[1] = CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT;
    question->classes[2] = CIX__V1__DATA_CLASS__DATA_CLASS_RATING;
    memset(question->hash, 7, sizeof(question->hash));
    question->consent.consent_id = question->consent_id;
    question->consent.purposes = question->consented;
    question->consent.n_purposes = 1;
    question->consent.data_classes = question->classes;
    question->consent.n_data_classes = 3;
    question->consent.form = CIX__V1__CONSENT_FORM__CONSENT_FORM_WRITTEN;
    question->consent.signed_on = day_to_wire(day_add(today, -2));
    question->consent.effective_on = day_to_wire(day_add(today, -2));
    question->consent.expires_on = day_to_wire(day_add(today, 100));
    question->consent.document_hash.data = question->hash;
    question->consent.document_hash.len = sizeof(question->hash);
    question->report.consent = &question->consent;
}

static void put_question(struct question *question, enum purpose purpose)
{
    cix__v1__identifier__init(&question->identifier);
    question->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    question->identifier.value = person.number;
    cix__v1__report_inquiry__init(&question->report);
    question->report.identifier = &question->identifier;
    question->report.name = person.name;
    question->report.operator_id = "teller-7";
    question->report.purpose = (Cix__V1__Purpose)purpose;
    if (needs_consent(purpose))
        put_consent(question, purpose);
    cix__v1__flag_inquiry__init(&question->flag);
    question->flag.identifier = &question->identifier;
    question->flag.name = person.name;
    question->flag.operator_id = "teller-7";
}

static void call_unary(struct cix_client *client, enum cix_method method, const void *request,
                       struct outcome *outcome)
{
    struct cix_error error;
    void *response;

    if (cix_call(client, method, request, &response, &error))
        cix_free(response);
    else
        outcome_of(&error, outcome);
}

static void get_member(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__GetMemberRequest request = CIX__V1__GET_MEMBER_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_GET_MEMBER, &request, outcome);
}

static void list_members(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__ListMembersRequest request = CIX__V1__LIST_MEMBERS_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_LIST_MEMBERS, &request, outcome);
}

static void list_codes(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__ListCodesRequest request = CIX__V1__LIST_CODES_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_LIST_CODES, &request, outcome);
}

static void attest_conformance(struct cix_client *client, enum purpose purpose,
                               struct outcome *outcome)
{
    Cix__V1__AttestConformanceRequest request = CIX__V1__ATTEST_CONFORMANCE_REQUEST__INIT;
    uint8_t hash[32] = {0};

    (void)purpose;
    request.submission_id = "00000000-0000-4000-8000-000000000002";
    request.result_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    call_unary(client, CIX_ATTEST_CONFORMANCE, &request, outcome);
}

/* A call whose request is an inquiry for a report. */
/* clang-format off */
#define INQUIRY_CALL(name, Type, TYPE)                                                             \
    static void name(struct cix_client *client, enum purpose purpose, struct outcome *outcome)     \
    {                                                                                              \
        Cix__V1__##Type##Request request = CIX__V1__##TYPE##_REQUEST__INIT;                        \
        struct question question;                                                                  \
        put_question(&question, purpose);                                                          \
        request.inquiry = &question.report;                                                        \
        call_unary(client, CIX_##TYPE, &request, outcome);                                         \
    }
INQUIRY_CALL(get_report, GetReport, GET_REPORT)
INQUIRY_CALL(get_rating, GetRating, GET_RATING)
INQUIRY_CALL(platform_exposure, PlatformExposure, PLATFORM_EXPOSURE)
INQUIRY_CALL(list_ratings, ListRatings, LIST_RATINGS)
/* clang-format on */

static void list_findings(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__ListFindingsRequest request = CIX__V1__LIST_FINDINGS_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_LIST_FINDINGS, &request, outcome);
}

static void get_grade_calibration(struct cix_client *client, enum purpose purpose,
                                  struct outcome *outcome)
{
    Cix__V1__GetGradeCalibrationRequest request = CIX__V1__GET_GRADE_CALIBRATION_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_GET_GRADE_CALIBRATION, &request, outcome);
}

static void check_flag(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__CheckFlagRequest request = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    struct question question;

    put_question(&question, purpose);
    request.inquiry = &question.flag;
    call_unary(client, CIX_CHECK_FLAG, &request, outcome);
}

/* One message on a stream, and its answer. NULL: refused, outcome says how. */
static void *call_batch(struct cix_client *client, enum cix_method method, const void *request,
                        struct outcome *outcome)
{
    struct cix_batch *batch;
    struct cix_error error;
    void *response = NULL;

    assert_true(cix_batch_open(client, method, &batch, &error));
    if (!cix_batch_send(batch, request, &error) || !cix_batch_receive(batch, &response, &error))
        outcome_of(&error, outcome);
    cix_batch_close(batch);
    return response;
}

static void element_outcome(const Cix__V1__ElementError *error, struct outcome *outcome)
{
    outcome->code = error->code;
    snprintf(outcome->reason, sizeof(outcome->reason), "%s", error->reason);
}

static void batch_get_reports(struct cix_client *client, enum purpose purpose,
                              struct outcome *outcome)
{
    Cix__V1__BatchGetReportsRequest request = CIX__V1__BATCH_GET_REPORTS_REQUEST__INIT;
    Cix__V1__BatchGetReportsResponse *response;
    Cix__V1__ReportInquiry *inquiries[1];
    struct question question;

    put_question(&question, purpose);
    inquiries[0] = &question.report;
    request.inquiries = inquiries;
    request.n_inquiries = 1;
    response = call_batch(client, CIX_BATCH_GET_REPORTS, &request, outcome);
    if (response && response->results[0]->result_case == CIX__V1__BATCHED_REPORT__RESULT_ERROR)
        element_outcome(response->results[0]->error, outcome);
    cix_free(response);
}

static void batch_get_ratings(struct cix_client *client, enum purpose purpose,
                              struct outcome *outcome)
{
    Cix__V1__BatchGetRatingsRequest request = CIX__V1__BATCH_GET_RATINGS_REQUEST__INIT;
    Cix__V1__BatchGetRatingsResponse *response;
    Cix__V1__ReportInquiry *inquiries[1];
    struct question question;

    put_question(&question, purpose);
    inquiries[0] = &question.report;
    request.inquiries = inquiries;
    request.n_inquiries = 1;
    response = call_batch(client, CIX_BATCH_GET_RATINGS, &request, outcome);
    if (response && response->results[0]->result_case == CIX__V1__BATCHED_RATING__RESULT_ERROR)
        element_outcome(response->results[0]->error, outcome);
    cix_free(response);
}

static void batch_check_flags(struct cix_client *client, enum purpose purpose,
                              struct outcome *outcome)
{
    Cix__V1__BatchCheckFlagsRequest request = CIX__V1__BATCH_CHECK_FLAGS_REQUEST__INIT;
    Cix__V1__BatchCheckFlagsResponse *response;
    Cix__V1__FlagInquiry *inquiries[1];
    struct question question;

    put_question(&question, purpose);
    inquiries[0] = &question.flag;
    request.inquiries = inquiries;
    request.n_inquiries = 1;
    response = call_batch(client, CIX_BATCH_CHECK_FLAGS, &request, outcome);
    if (response && response->results[0]->result_case == CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ERROR)
        element_outcome(response->results[0]->error, outcome);
    cix_free(response);
}

static void remove_flag(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__RemoveFlagRequest request = CIX__V1__REMOVE_FLAG_REQUEST__INIT;

    (void)purpose;
    request.flag_id = "00000000-0000-4000-8000-000000000001";
    request.reason = CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED;
    call_unary(client, CIX_REMOVE_FLAG, &request, outcome);
}

static void submit(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    char id[37];
    struct uuid uuid = uuid_new();
    struct cix_submission_options options = {
        .submission_id = id, .mode = CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY};
    struct cix_submission *submission = NULL;
    struct cix_error error;

    (void)purpose;
    uuid_format(&uuid, id);
    if (!cix_submission_open(client, &options, &submission, &error))
        outcome_of(&error, outcome);
    cix_submission_close(submission);
}

static void get_submission(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__GetSubmissionRequest request = CIX__V1__GET_SUBMISSION_REQUEST__INIT;

    (void)purpose;
    request.submission_id = "00000000-0000-4000-8000-000000000002";
    call_unary(client, CIX_GET_SUBMISSION, &request, outcome);
}

static void list_quarantine(struct cix_client *client, enum purpose purpose,
                            struct outcome *outcome)
{
    Cix__V1__ListQuarantineRequest request = CIX__V1__LIST_QUARANTINE_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_LIST_QUARANTINE, &request, outcome);
}

/* A record of nobody: with permission the answer is that it is unknown. */
static void review_quarantine(struct cix_client *client, enum purpose purpose,
                              struct outcome *outcome)
{
    Cix__V1__ReviewQuarantineRequest request = CIX__V1__REVIEW_QUARANTINE_REQUEST__INIT;
    Cix__V1__QuarantineReview review = CIX__V1__QUARANTINE_REVIEW__INIT, *reviews[] = {&review};
    Cix__V1__QuarantinePlace place = CIX__V1__QUARANTINE_PLACE__INIT;

    (void)purpose;
    place.submission_id = "00000000-0000-4000-8000-000000000002";
    place.chunk = 1;
    review.place = &place;
    review.decision = CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_DISCARD;
    request.review_id = "00000000-0000-4000-8000-000000000003";
    request.reason = "test";
    request.reviews = reviews;
    request.n_reviews = 1;
    call_unary(client, CIX_REVIEW_QUARANTINE, &request, outcome);
}

static void get_quality(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__GetQualityRequest request = CIX__V1__GET_QUALITY_REQUEST__INIT;

    (void)purpose;
    request.period = 202601;
    call_unary(client, CIX_GET_QUALITY, &request, outcome);
}

static void get_statistic(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;

    (void)purpose;
    request.period = 202601;
    request.currency = "CNY";
    request.dimension = CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_PRODUCT;
    call_unary(client, CIX_GET_STATISTIC, &request, outcome);
}

/* A client of nobody: with permission the answer is that it is unknown. */
static void add_annotation(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__AddAnnotationRequest request = CIX__V1__ADD_ANNOTATION_REQUEST__INIT;
    Cix__V1__AnnotationTarget target = CIX__V1__ANNOTATION_TARGET__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    uint8_t hash[32] = {0};

    (void)purpose;
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    target.kind = CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY;
    request.annotation_id = "00000000-0000-4000-8000-000000000003";
    request.identifier = &identifier;
    request.name = person.name;
    request.target = &target;
    request.kind = CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_STATEMENT;
    request.filed_by = CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_SUBJECT;
    request.text = "text";
    request.evidence_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    call_unary(client, CIX_ADD_ANNOTATION, &request, outcome);
}

static void end_annotation(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__EndAnnotationRequest request = CIX__V1__END_ANNOTATION_REQUEST__INIT;

    (void)purpose;
    request.annotation_id = "00000000-0000-4000-8000-000000000003";
    request.outcome = CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN;
    call_unary(client, CIX_END_ANNOTATION, &request, outcome);
}

static void list_annotations(struct cix_client *client, enum purpose purpose,
                             struct outcome *outcome)
{
    Cix__V1__ListAnnotationsRequest request = CIX__V1__LIST_ANNOTATIONS_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_LIST_ANNOTATIONS, &request, outcome);
}

static void set_protection(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__SetProtectionRequest request = CIX__V1__SET_PROTECTION_REQUEST__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    uint8_t hash[32] = {0};

    (void)purpose;
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.protection_id = "00000000-0000-4000-8000-000000000004";
    request.identifier = &identifier;
    request.name = person.name;
    request.kind = CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK;
    request.document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    call_unary(client, CIX_SET_PROTECTION, &request, outcome);
}

static void back_out_submission(struct cix_client *client, enum purpose purpose,
                                struct outcome *outcome)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;

    (void)purpose;
    request.submission_id = "00000000-0000-4000-8000-000000000005";
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    call_unary(client, CIX_BACK_OUT_SUBMISSION, &request, outcome);
}

static void get_history(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__GetHistoryRequest request = CIX__V1__GET_HISTORY_REQUEST__INIT;

    (void)purpose;
    request.kind = CIX__V1__HISTORY_KIND__HISTORY_KIND_ACCOUNT;
    request.account_no = "1";
    call_unary(client, CIX_GET_HISTORY, &request, outcome);
}

static void list_standards(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__ListStandardsRequest request = CIX__V1__LIST_STANDARDS_REQUEST__INIT;

    (void)purpose;
    call_unary(client, CIX_LIST_STANDARDS, &request, outcome);
}

static void get_standard(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__GetStandardRequest request = CIX__V1__GET_STANDARD_REQUEST__INIT;

    (void)purpose;
    request.standard_id = "nobody-knows";
    call_unary(client, CIX_GET_STANDARD, &request, outcome);
}

static void load_standard(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__LoadStandardRequest request = CIX__V1__LOAD_STANDARD_REQUEST__INIT;

    (void)purpose;
    request.text = (ProtobufCBinaryData){strlen(small_standard), (uint8_t *)small_standard};
    call_unary(client, CIX_LOAD_STANDARD, &request, outcome);
}

static void publish_standard(struct cix_client *client, enum purpose purpose,
                             struct outcome *outcome)
{
    Cix__V1__PublishStandardRequest request = CIX__V1__PUBLISH_STANDARD_REQUEST__INIT;

    (void)purpose;
    request.standard_id = "nobody-knows";
    request.version = 1;
    call_unary(client, CIX_PUBLISH_STANDARD, &request, outcome);
}

static void retire_standard(struct cix_client *client, enum purpose purpose,
                            struct outcome *outcome)
{
    Cix__V1__RetireStandardRequest request = CIX__V1__RETIRE_STANDARD_REQUEST__INIT;

    (void)purpose;
    request.standard_id = "nobody-knows";
    request.version = 1;
    request.reason = "test";
    call_unary(client, CIX_RETIRE_STANDARD, &request, outcome);
}

static void end_protection(struct cix_client *client, enum purpose purpose, struct outcome *outcome)
{
    Cix__V1__EndProtectionRequest request = CIX__V1__END_PROTECTION_REQUEST__INIT;

    (void)purpose;
    request.protection_id = "00000000-0000-4000-8000-000000000004";
    call_unary(client, CIX_END_PROTECTION, &request, outcome);
}

static const struct {
    const char *name;
    void (*call)(struct cix_client *client, enum purpose purpose, struct outcome *outcome);
} calls[] = {
    {"GetMember", get_member},
    {"ListMembers", list_members},
    {"ListCodes", list_codes},
    {"PlatformExposure", platform_exposure},
    {"ListFindings", list_findings},
    {"GetGradeCalibration", get_grade_calibration},
    {"AttestConformance", attest_conformance},
    {"GetReport", get_report},
    {"BatchGetReports", batch_get_reports},
    {"GetRating", get_rating},
    {"BatchGetRatings", batch_get_ratings},
    {"ListRatings", list_ratings},
    {"CheckFlag", check_flag},
    {"BatchCheckFlags", batch_check_flags},
    {"RemoveFlag", remove_flag},
    {"Submit", submit},
    {"GetSubmission", get_submission},
    {"GetQuality", get_quality},
    {"ListQuarantine", list_quarantine},
    {"ReviewQuarantine", review_quarantine},
    {"GetStatistic", get_statistic},
    {"ListStandards", list_standards},
    {"GetStandard", get_standard},
    {"LoadStandard", load_standard},
    {"PublishStandard", publish_standard},
    {"RetireStandard", retire_standard},
    {"AddAnnotation", add_annotation},
    {"EndAnnotation", end_annotation},
    {"ListAnnotations", list_annotations},
    {"SetProtection", set_protection},
    {"EndProtection", end_protection},
    {"BackOutSubmission", back_out_submission},
    {"GetHistory", get_history},
};

static struct outcome call(struct cix_client *client, const struct line *line, enum purpose purpose)
{
    struct outcome outcome = {0};

    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++) {
        if (strcmp(calls[i].name, line->name) != 0)
            continue;
        calls[i].call(client, purpose, &outcome);
        return outcome;
    }
    fail_msg("%s: no call in this test", line->name);
    return outcome;
}

/* ---- Tests ---- */

static const struct line *line_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        if (strcmp(lines[i].name, name) == 0)
            return &lines[i];
    }
    fail_msg("%s: not in the matrix", name);
    return NULL;
}

static void every_method_has_its_line(void **state)
{
    size_t count = 0;

    (void)state;
    for (int i = 0; i < service_count; i++) {
        for (int k = 0; k < services[i]->method_count; k++, count++) {
            const struct method *method = &services[i]->methods[k];
            const struct line *line = line_of(method->name);

            assert_int_equal(method->roles, line->roles);
            assert_int_equal(method->audit_code, line->code);
            assert_string_equal(method->audit, line->audit);
            assert_int_equal(method->pool, line->pool);
        }
    }
    assert_int_equal(count, ARRAY_LENGTH(lines));
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(lines[i].code, lines[k].code);
    }
}

/* The purpose that a member's own code names, else the usual one of the call. */
static enum purpose purpose_of(const struct line *line, const struct member *member)
{
    int named;

    if (line->purposes == FOR_FLAG)
        return PURPOSE_DISHONEST_SCREEN;
    if (sscanf(member->code, "without-purpose-%d", &named) == 1 &&
        needs_consent((enum purpose)named))
        return (enum purpose)named;
    return PURPOSE_LOAN_APPROVAL;
}

static void try_cell(struct cix_client *client, const struct line *line,
                     const struct member *member)
{
    enum purpose purpose = purpose_of(line, member);
    bool is_permitted = may(line, member, purpose);
    struct outcome outcome = call(client, line, purpose);

    if (is_permitted != (outcome.code == CIX_OK || outcome.code == CIX_NOT_FOUND) ||
        is_permitted == (outcome.code == CIX_PERMISSION_DENIED))
        fail_msg("%s as %s: status %d (%s), but the matrix says %s", line->name, member->code,
                 outcome.code, outcome.reason, is_permitted ? "yes" : "no");
    if (line->roles && !(member->roles & line->roles))
        assert_string_equal(outcome.reason, "ROLE_REQUIRED");
}

static void every_member_may_what_the_matrix_says(void **state)
{
    (void)state;
    for (int i = 0; i < member_count; i++) {
        struct cix_client *client = exchange_client(&exchange, members[i].code);

        for (size_t k = 0; k < ARRAY_LENGTH(lines); k++)
            try_cell(client, &lines[k], &members[i]);
        cix_close(client);
    }
}

/* What GetReport answers for a purpose, to a lender with all purposes, a consent and no account. */
static const char *rule_expected(const struct line *line, const struct member *member,
                                 enum purpose purpose)
{
    for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++) {
        if (purposes[i].purpose != purpose || purposes[i].good_for != line->purposes)
            continue;
        if (!member_may_purpose(member, purpose))
            return "I001";
        return purposes[i].needs == ON_ACCOUNT ? "I003" : "";
    }
    return NULL;
}

static void every_purpose_is_good_for_what_the_matrix_says(void **state)
{
    const struct line *line = line_of("GetReport");
    const struct member *lender = &members[2];
    struct cix_client *client = exchange_client(&exchange, lender->code);

    (void)state;
    assert_int_equal(lender->roles, MEMBER_ROLE_LENDER);
    for (int purpose = 0; purpose <= PURPOSE_MAX; purpose++) {
        const char *rule = rule_expected(line, lender, (enum purpose)purpose);
        struct outcome outcome = call(client, line, (enum purpose)purpose);

        if (!rule) {
            assert_int_equal(outcome.code, CIX_INVALID_ARGUMENT);
            assert_string_equal(outcome.reason, purpose ? "PURPOSE_UNKNOWN" : "FIELD_REQUIRED");
        } else if (*rule) {
            assert_string_equal(outcome.reason, "INQUIRY_REFUSED");
            assert_string_equal(outcome.rule, rule);
        } else {
            assert_int_equal(outcome.code, CIX_OK);
        }
    }
    cix_close(client);
}

static void a_purpose_that_is_not_granted_is_refused_by_rule_i001(void **state)
{
    (void)state;
    for (int i = 0; i < member_count; i++) {
        struct cix_client *client;
        struct outcome outcome;
        int purpose;

        if (sscanf(members[i].code, "without-purpose-%d", &purpose) != 1)
            continue;
        client = exchange_client(&exchange, members[i].code);
        outcome =
            call(client, line_of(purpose == PURPOSE_DISHONEST_SCREEN ? "CheckFlag" : "GetReport"),
                 (enum purpose)purpose);
        assert_string_equal(outcome.reason, "INQUIRY_REFUSED");
        assert_string_equal(outcome.rule, "I001");
        cix_close(client);
    }
}

/* One row of numbers by a statement. */
static bool truth(const char *name, const char *sql, int16_t purpose)
{
    const struct statement statement = {name, sql};
    struct params params;
    struct rows rows = {0};
    bool value;

    params_init(&params, &arena);
    params_int2(&params, purpose);
    assert_true(db_run(&ctx, owner, &statement, &params, &rows));
    assert_true(rows_next(&rows));
    value = rows_bool(&rows, 0);
    rows_done(&rows);
    return value;
}

static void server_and_database_know_the_same_purposes(void **state)
{
    (void)state;
    for (int16_t purpose = 0; purpose <= PURPOSE_MAX; purpose++) {
        int needs = ON_NOTHING;

        for (size_t i = 0; i < ARRAY_LENGTH(purposes); i++) {
            if (purposes[i].purpose == (enum purpose)purpose)
                needs = purposes[i].needs;
        }
        assert_int_equal(purpose_needs_consent((enum purpose)purpose), needs == ON_CONSENT);
        assert_int_equal(purpose_needs_account((enum purpose)purpose), needs == ON_ACCOUNT);
        assert_int_equal(truth("consented", "select cix.inquiry_is_consented($1)", purpose),
                         needs == ON_CONSENT);
        assert_int_equal(truth("own", "select cix.inquiry_is_own($1)", purpose),
                         needs == ON_ACCOUNT);
    }
}

/* A record of the kind in which nothing is filled in. */
static void empty_record(enum record_kind kind, Cix__V1__Record *record)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&cix__v1__record__descriptor, kind);

    assert_non_null(field);
    const ProtobufCMessageDescriptor *descriptor = field->descriptor;
    ProtobufCMessage *message = arena_alloc(&arena, descriptor->sizeof_message);
    protobuf_c_message_init(descriptor, message);
    cix__v1__record__init(record);
    record->record_case = (Cix__V1__Record__RecordCase)kind;
    record->consent = (void *)message; /* one union: any of its pointers */
}

static bool has_finding(const struct member *member, enum record_kind kind)
{
    struct finding findings[64];
    struct record record;
    Cix__V1__Record message;
    struct rule_context where = {
        .arena = &arena, .today = clock_day_of(clock_now_us()), .member = member};
    int count;

    empty_record(kind, &message);
    assert_true(record_from_proto(&message, &record, findings));
    assert_int_equal(record.kind, kind);
    count = rule_check(&where, &record, findings, ARRAY_LENGTH(findings));
    for (int i = 0; i < count; i++) {
        if (strcmp(findings[i].rule->id, "F007") == 0)
            return true;
    }
    return false;
}

static void every_kind_of_record_needs_its_data_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(records); i++) {
        for (uint32_t classes = 0; classes <= ALL_CLASSES; classes++) {
            struct member member = {.data_classes = classes};

            assert_int_equal(has_finding(&member, records[i].kind),
                             (classes & records[i].data_classes) != records[i].data_classes);
        }
    }
}

/* ---- The grants of the database ---- */

static bool is_listed(const char *list, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = strstr(list, word); at; at = strstr(at + 1, word)) {
        if ((at == list || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    }
    return false;
}

static const char *role_of(enum pool pool)
{
    switch (pool) {
    case POOL_REPORT:
    case POOL_FLAG:
        return "cix_inquire";
    case POOL_SUBMIT:
        return "cix_submit";
    case POOL_REGULATE:
        return "cix_regulate";
    case POOL_DIRECT:
    case POOL_COUNT:
        break;
    }
    return "";
}

static bool matrix_grants(const char *role, const char *function)
{
    if (is_listed(MATRIX_EVERY_ROLE, function))
        return true;
    if (strcmp(role, "cix_admin") == 0)
        return is_listed(MATRIX_ADMIN, function);
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        if (strcmp(role_of(lines[i].pool), role) == 0 && is_listed(lines[i].functions, function))
            return true;
    }
    return false;
}

static void the_database_grants_what_the_matrix_lists(void **state)
{
    static const struct statement catalogue = {
        "catalogue",
        "select r.rolname::text as role, p.proname::text as function,"
        " has_function_privilege(r.oid, p.oid, 'execute') as is_granted"
        " from pg_proc p, pg_roles r where p.pronamespace = 'cix'::regnamespace"
        " and r.rolname in ('cix_submit', 'cix_inquire', 'cix_regulate', 'cix_admin')"};
    struct params none = {0};
    struct rows rows = {0};
    int granted = 0;

    (void)state;
    assert_true(db_run(&ctx, owner, &catalogue, &none, &rows));
    while (rows_next(&rows)) {
        const char *role = rows_text(&rows, 0);
        const char *function = rows_text(&rows, 1);

        if (rows_bool(&rows, 2) != matrix_grants(role, function))
            fail_msg("%s, %s: granted %d, the matrix says the opposite", role, function,
                     rows_bool(&rows, 2));
        granted += rows_bool(&rows, 2);
    }
    assert_true(granted > 20);
    rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_has_its_line),
        cmocka_unit_test(every_member_may_what_the_matrix_says),
        cmocka_unit_test(every_purpose_is_good_for_what_the_matrix_says),
        cmocka_unit_test(a_purpose_that_is_not_granted_is_refused_by_rule_i001),
        cmocka_unit_test(server_and_database_know_the_same_purposes),
        cmocka_unit_test(every_kind_of_record_needs_its_data_classes),
        cmocka_unit_test(the_database_grants_what_the_matrix_lists),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
