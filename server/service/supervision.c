#include "service/supervision.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cix/v1/supervision.pb-c.h"
#include "domain/calibration.h"
#include "domain/suppress.h"
#include "service/inquiry_consent.h"
#include "service/matrix.h"
#include "service/protection.h"
#include "store/supervision.h"

enum { CALLS_MAX = 64 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void show(const struct session *session, struct call *call,
                 const struct platform_exposure *exposure)
{
    Cix__V1__PlatformExposureResponse *response = arena_alloc(session->arena, sizeof(*response));
    int64_t headroom =
        least(exposure->cap_one - exposure->own, exposure->cap_all - exposure->overall);

    cix__v1__platform_exposure_response__init(response);
    response->inquiry_id = call->id;
    response->currency = (char *)"CNY";
    response->own_platform = exposure->own;
    response->all_platforms = exposure->overall;
    response->platform_count = exposure->platforms;
    response->account_count = exposure->accounts;
    response->cap_one_platform = exposure->cap_one;
    response->cap_all_platforms = exposure->cap_all;
    response->headroom = headroom < 0 ? 0 : headroom;
    if (protection_show(session, call->ctx, exposure->protections, &response->protections,
                        &response->n_protections))
        call->response = &response->base;
}

static bool is_person(const Cix__V1__ReportInquiry *asked)
{
    return identifier_is_personal((enum identifier_type)asked->identifier->type);
}

static bool platform_exposure(struct session *session, struct call **calls, int count)
{
    struct arena *arena = session->arena;
    struct inquiry_request request = {.method = calls[0]->method->audit_code,
                                      .today = session->today};
    struct call **asking = arena_array(arena, (size_t)count, sizeof(*asking));
    bool *persons = arena_array(arena, (size_t)count, sizeof(*persons));
    struct platform_exposure *exposures;

    request.inquiries = arena_array(arena, (size_t)count, sizeof(*request.inquiries));
    for (int i = 0; i < count; i++) {
        const Cix__V1__PlatformExposureRequest *asked = calls[i]->request;
        if (!inquiry_prepare_report(session, calls[i]->ctx, calls[i], asked->inquiry, calls[i]->id,
                                    &request.inquiries[request.count]))
            continue;
        persons[request.count] = is_person(asked->inquiry);
        asking[request.count++] = calls[i];
    }
    if (request.count == 0)
        return true;
    inquiry_salt(arena, request.inquiries, request.count);
    if (!supervision_exposure(&session->ctx, session->db, &request, persons, &exposures))
        return false;
    for (int i = 0; i < request.count; i++)
        if (inquiry_require_served(asking[i]->ctx, &request.inquiries[i]))
            show(session, asking[i], &exposures[i]);
    return true;
}

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

/* "id-kind" of the last finding of a page. */
static bool read_token(struct ctx *ctx, const char *token, struct finding_question *question)
{
    long long id;
    int kind, size = 0;

    if (!*token)
        return true;
    if (strspn(token, "0123456789-") != strlen(token) ||
        sscanf(token, "%19lld-%4d%n", &id, &kind, &size) != 2 || token[size] || id <= 0 ||
        kind <= 0)
        return fail_field(ctx, "PAGE_TOKEN", "page_token", "not a token of this call");
    question->behind = id;
    question->behind_kind = (int16_t)kind;
    return true;
}

static bool read_question(const struct session *session, struct call *call,
                          struct finding_question *question)
{
    const Cix__V1__ListFindingsRequest *request = call->request;
    const struct member *about = NULL;
    int size = request->page_size ? request->page_size : PAGE_DEFAULT;

    if (size < 1 || size > PAGE_MAX)
        return fail_field(call->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0", PAGE_MAX);
    if (*request->member_code && !(about = registry_by_code(call->members, request->member_code)))
        return fail(call->ctx, ERR_NOT_FOUND, "MEMBER_UNKNOWN", "no member has this code");
    *question = (struct finding_question){
        .member_id = call->caller->member_id,
        .kind = (int16_t)request->kind,
        .about_id = about ? about->member_id : 0,
        .with_closed = request->with_closed,
        .page_size = size,
        .now_us = session->now_us,
        .audit_id = call->id,
        .method = call->method->audit_code,
    };
    memcpy(question->certificate, call->rpc->peer.fingerprint, sizeof(question->certificate));
    digest_random(question->salt, sizeof(question->salt));
    return read_token(call->ctx, request->page_token, question);
}

static void put_amount(const struct money_field *amount, int *presence, int is_there,
                       int64_t *value)
{
    if (amount->is_present)
        *presence = is_there;
    *value = amount->minor;
}

static Cix__V1__Finding *show_finding(struct call *call, const struct finding_row *row)
{
    struct arena *arena = &call->rpc->arena;
    const struct member *member = registry_by_id(call->members, row->member_id);
    const struct member *reporter = registry_by_id(call->members, row->reporter_id);
    Cix__V1__Finding *finding = arena_alloc(arena, sizeof(*finding));

    cix__v1__finding__init(finding);
    finding->finding_id = row->finding_id;
    finding->kind = (Cix__V1__FindingKind)row->kind;
    finding->rule = arena_string(arena, row->rule);
    finding->member_code = arena_string(arena, member ? member->code : "");
    if (row->period.is_present)
        finding->period = period_to_wire((struct period){row->period.value});
    finding->currency = arena_string(arena, row->currency);
    put_amount(&row->measured, (int *)&finding->measured_presence_case,
               CIX__V1__FINDING__MEASURED_PRESENCE_MEASURED, &finding->measured);
    put_amount(&row->bound, (int *)&finding->bound_presence_case,
               CIX__V1__FINDING__BOUND_PRESENCE_BOUND, &finding->bound);
    finding->is_open = row->is_open;
    finding->recorded_at_us = row->recorded_at_us;
    finding->value = arena_string(arena, row->value);
    finding->reporter_code = arena_string(arena, reporter ? reporter->code : "");
    return finding;
}

static void answer_findings(struct call *call, const struct finding_question *question,
                            const struct finding_row *rows, int count)
{
    struct arena *arena = &call->rpc->arena;
    Cix__V1__ListFindingsResponse *response = arena_alloc(arena, sizeof(*response));

    cix__v1__list_findings_response__init(response);
    response->findings = arena_array(arena, (size_t)count, sizeof(*response->findings));
    for (int i = 0; i < count; i++)
        response->findings[response->n_findings++] = show_finding(call, &rows[i]);
    if (count == question->page_size)
        response->next_page_token =
            arena_format(arena, "%" PRId64 "-%d", rows[count - 1].finding_id, rows[count - 1].kind);
    call->response = &response->base;
}

/* A refusal by the database concerns the call; anything else the connection. */
static bool is_refused(struct session *session, struct call *call)
{
    if (session->ctx.error.code != ERR_DENIED)
        return false;
    call->ctx->error = session->ctx.error;
    ctx_clear(&session->ctx);
    return true;
}

static bool list_findings(struct session *session, struct call **calls, int count)
{
    struct finding_question question;
    struct finding_row *rows;
    int found;

    CHECK(count == 1);
    if (!read_question(session, calls[0], &question))
        return true;
    if (supervision_findings(&session->ctx, session->db, &question, &rows, &found)) {
        answer_findings(calls[0], &question, rows, found);
        return true;
    }
    return is_refused(session, calls[0]);
}

/* ---- Grades ---- */

/* The latest month whose twelve months after have ended. */
static struct period latest_cohort(const struct session *session)
{
    return period_add(period_of_day(session->today), -CALIBRATION_MONTHS - 1);
}

static bool read_grade_question(const struct session *session, struct call *call,
                                struct grade_question *question)
{
    const Cix__V1__GetGradeCalibrationRequest *request = call->request;
    struct period latest = latest_cohort(session), month = latest;
    const struct member *about = NULL;

    if (request->period &&
        (!period_from_wire(request->period, &month) || month.number > latest.number))
        return fail_field(call->ctx, "PERIOD_INVALID", "period",
                          "expected a month as YYYYMM, at the latest %d: twelve months are awaited",
                          period_to_wire(latest));
    if (*request->member_code && !(about = registry_by_code(call->members, request->member_code)))
        return fail(call->ctx, ERR_NOT_FOUND, "MEMBER_UNKNOWN", "no member has this code");
    *question = (struct grade_question){
        .member_id = call->caller->member_id,
        .about_id = about ? about->member_id : 0,
        .month = month,
        .subjects_min = suppress_limits_regulator.subjects_min,
        .now_us = session->now_us,
        .audit_id = call->id,
        .method = call->method->audit_code,
    };
    memcpy(question->certificate, call->rpc->peer.fingerprint, sizeof(question->certificate));
    digest_random(question->salt, sizeof(question->salt));
    return true;
}

static Cix__V1__GradeCell *show_cell(struct arena *arena, const struct grade_row *row)
{
    Cix__V1__GradeCell *cell = arena_alloc(arena, sizeof(*cell));
    struct calibration calibration =
        calibration_of(row->subjects, row->defaulted, row->master_grade);

    cix__v1__grade_cell__init(cell);
    cell->origin = arena_string(arena, row->origin);
    cell->grade = arena_string(arena, row->grade);
    cell->master_grade = arena_string(arena, row->master_grade);
    cell->subjects = row->subjects;
    cell->defaulted = row->defaulted;
    cell->left_out = row->left_out;
    cell->hindsight = row->hindsight;
    cell->rate_bps = calibration.rate_bps;
    cell->rate_low_bps = calibration.low_bps;
    cell->rate_high_bps = calibration.high_bps;
    cell->bound_low_bps = calibration.least_bps;
    cell->bound_high_bps = calibration.most_bps;
    cell->judgement = (Cix__V1__GradeJudgement)calibration.judgement;
    return cell;
}

/* The rows of one member: what was kept back, then its cells. */
static Cix__V1__MemberGrades *show_member(struct call *call, const struct grade_row *rows,
                                          int count)
{
    struct arena *arena = &call->rpc->arena;
    const struct member *member = registry_by_id(call->members, rows[0].member_id);
    Cix__V1__MemberGrades *grades = arena_alloc(arena, sizeof(*grades));

    cix__v1__member_grades__init(grades);
    grades->member_code = arena_string(arena, member ? member->code : "");
    grades->kept_back = (int32_t)least(rows[0].kept_back, INT32_MAX);
    grades->cells = arena_array(arena, (size_t)count, sizeof(*grades->cells));
    for (int i = 0; i < count; i++) {
        if (rows[i].is_cell)
            grades->cells[grades->n_cells++] = show_cell(arena, &rows[i]);
    }
    return grades;
}

static void answer_grades(struct call *call, const struct grade_question *question,
                          const struct grade_row *rows, int count)
{
    struct arena *arena = &call->rpc->arena;
    Cix__V1__GetGradeCalibrationResponse *response = arena_alloc(arena, sizeof(*response));

    cix__v1__get_grade_calibration_response__init(response);
    response->period = period_to_wire(question->month);
    response->members = arena_array(arena, (size_t)count, sizeof(*response->members));
    for (int first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && rows[end].member_id == rows[first].member_id;)
            end++;
        response->members[response->n_members++] = show_member(call, &rows[first], end - first);
    }
    call->response = &response->base;
}

static bool get_grade_calibration(struct session *session, struct call **calls, int count)
{
    struct grade_question question;
    struct grade_row *rows;
    int found;

    CHECK(count == 1);
    if (!read_grade_question(session, calls[0], &question))
        return true;
    if (supervision_grades(&session->ctx, session->db, &question, &rows, &found)) {
        answer_grades(calls[0], &question, rows, found);
        return true;
    }
    return is_refused(session, calls[0]);
}

static const struct method methods[] = {
    {METHOD(PlatformExposure), .batch_max = CALLS_MAX, .serve = platform_exposure},
    {METHOD(ListFindings), .batch_max = 1, .serve = list_findings},
    {METHOD(GetGradeCalibration), .batch_max = 1, .serve = get_grade_calibration},
};

const struct service supervision_service = {&cix__v1__supervision_service__descriptor, methods,
                                            ARRAY_LENGTH(methods)};
