#include "service/report.h"

#include <string.h>

#include "cix/v1/report.pb-c.h"
#include "service/inquiry.h"
#include "service/inquiry_consent.h"
#include "service/matrix.h"
#include "service/report_narrow.h"
#include "service/report_view.h"

enum { MESSAGE_MAX = 64 };

/* One report that is wanted: of a call, or of a stream's message. */
struct question {
    const struct call *call;
    struct ctx *ctx; /* its own errors */
    const Cix__V1__ReportInquiry *asked;
    int64_t inquiry_id;
    struct inquiry *inquiry; /* among those that go to the store; NULL when refused before */
    Cix__V1__Report *report;
};

static bool prepare(const struct session *session, const struct question *question,
                    struct inquiry *inquiry)
{
    return inquiry_prepare_report(session, question->ctx, question->call, question->asked,
                                  question->inquiry_id, inquiry);
}

/* Rows become reports; each question fails on its own. */
static void answer_all(const struct session *session, struct question *questions, int count,
                       const struct inquiry_request *request, const struct report_batch *batch)
{
    for (int i = 0; i < count; i++) {
        struct question *question = &questions[i];
        if (!question->inquiry || !inquiry_require_served(question->ctx, question->inquiry))
            continue;
        const struct report_answer *answer =
            report_narrow(session->arena, &batch->answers[question->inquiry - request->inquiries]);
        if (!report_view(session, question->ctx, question->inquiry_id, answer, &question->report))
            question->report = NULL;
    }
}

/*
 * Serves questions that belong together: checks, one round trip, messages. False: the database
 * failed.
 */
static bool answer(struct session *session, int16_t method, struct question *questions, int count)
{
    struct inquiry_request request = {.method = method, .today = session->today};
    struct report_batch batch;

    request.inquiries = arena_array(session->arena, (size_t)count, sizeof(*request.inquiries));
    for (int i = 0; i < count; i++) {
        struct inquiry *inquiry = &request.inquiries[request.count];
        if (!prepare(session, &questions[i], inquiry))
            continue;
        questions[i].inquiry = inquiry;
        request.count++;
    }
    if (request.count == 0)
        return true;
    inquiry_salt(session->arena, request.inquiries, request.count);
    if (!report_fetch(&session->ctx, session->db, &request, &batch))
        return false;
    answer_all(session, questions, count, &request, &batch);
    report_done(&batch);
    return true;
}

static bool get_report(struct session *session, struct call **calls, int count)
{
    struct question *questions = arena_array(session->arena, (size_t)count, sizeof(*questions));

    for (int i = 0; i < count; i++) {
        const Cix__V1__GetReportRequest *request = calls[i]->request;
        questions[i] = (struct question){.call = calls[i],
                                         .ctx = calls[i]->ctx,
                                         .asked = request->inquiry,
                                         .inquiry_id = calls[i]->id};
    }
    if (!answer(session, calls[0]->method->audit_code, questions, count))
        return false;
    for (int i = 0; i < count; i++) {
        if (!questions[i].report)
            continue;
        Cix__V1__GetReportResponse *response = arena_alloc(session->arena, sizeof(*response));
        cix__v1__get_report_response__init(response);
        response->report = questions[i].report;
        calls[i]->response = &response->base;
    }
    return true;
}

static Cix__V1__BatchGetReportsResponse *response_of(struct arena *arena,
                                                     const struct question *questions, size_t count)
{
    Cix__V1__BatchGetReportsResponse *response = arena_alloc(arena, sizeof(*response));
    Cix__V1__BatchedReport *results = arena_array(arena, count, sizeof(*results));

    cix__v1__batch_get_reports_response__init(response);
    response->n_results = count;
    response->results = arena_array(arena, count, sizeof(*response->results));
    for (size_t i = 0; i < count; i++) {
        cix__v1__batched_report__init(&results[i]);
        response->results[i] = &results[i];
        if (questions[i].report) {
            results[i].result_case = CIX__V1__BATCHED_REPORT__RESULT_REPORT;
            results[i].report = questions[i].report;
        } else {
            results[i].result_case = CIX__V1__BATCHED_REPORT__RESULT_ERROR;
            results[i].error = inquiry_element_error(arena, &questions[i].ctx->error);
        }
    }
    return response;
}

/* One message of a stream: all its questions in one batch. */
static bool answer_message(struct session *session, struct call *call,
                           const ProtobufCMessage *message)
{
    const Cix__V1__BatchGetReportsRequest *request = (const void *)message;
    int count = (int)request->n_inquiries;
    struct ctx *errors;
    int64_t first_id;

    if (!inquiry_admit(session, call, request->n_inquiries, MESSAGE_MAX, &errors, &first_id))
        return false;
    struct question *questions = arena_array(session->arena, (size_t)count, sizeof(*questions));
    for (int i = 0; i < count; i++) {
        questions[i] = (struct question){.call = call,
                                         .ctx = &errors[i],
                                         .asked = request->inquiries[i],
                                         .inquiry_id = first_id + i};
    }
    return answer(session, call->method->audit_code, questions, count) &&
           rpc_write(call->rpc, &response_of(session->arena, questions, (size_t)count)->base);
}

static bool batch_get_reports(struct session *session, struct call *call)
{
    return inquiry_stream(session, call, answer_message);
}

static const struct method methods[] = {
    {METHOD(GetReport), .batch_max = MESSAGE_MAX, .serve = get_report},
    {METHOD(BatchGetReports), .batch_max = 1, .request_max = 256 * 1024, .budget = 2 * 1024 * 1024,
     .stream = batch_get_reports},
};

const struct service report_service = {&cix__v1__report_service__descriptor, methods,
                                       ARRAY_LENGTH(methods)};
