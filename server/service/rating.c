#include "service/rating.h"

#include <stdlib.h>
#include <string.h>

#include "cix/v1/rating.pb-c.h"
#include "service/inquiry_consent.h"
#include "service/matrix.h"
#include "service/protection.h"
#include "service/rating_view.h"
#include "store/rating_pass.h"

enum { MESSAGE_MAX = 64 };

/* One rating that is wanted: of a call, or of a stream's message. */
struct question {
    const struct call *call;
    struct ctx *ctx; /* its own errors */
    const Cix__V1__ReportInquiry *asked;
    const char *standard_id;
    int64_t inquiry_id;
    struct inquiry *inquiry; /* among those that go to the store; NULL when refused before */
    Cix__V1__SubjectRating *rating;
};

/* Asked before anything is written: no inquiry is recorded that could not be answered. */
static bool require_standard(const struct session *session, const struct question *question)
{
    const char *id = question->standard_id;

    switch (rating_offer(session, question->call->caller, id)) {
    case RATING_OFFERED:
        return true;
    case RATING_NOT_IN_FORCE:
        return fail(question->ctx, ERR_PRECONDITION, "STANDARD_NOT_IN_FORCE",
                    *id ? "no standard of this name is in force"
                        : "no rating standard is in force");
    case RATING_NOT_PERMITTED:
        break;
    }
    return fail(question->ctx, ERR_DENIED, "STANDARD_NOT_PERMITTED",
                "the standard reads transactions, and the member has not the data class BEHAVIOUR");
}

static bool prepare(const struct session *session, const struct question *question,
                    struct inquiry *inquiry)
{
    return inquiry_prepare_report(session, question->ctx, question->call, question->asked,
                                  question->inquiry_id, inquiry) &&
           require_standard(session, question);
}

static void show(const struct session *session, struct question *question,
                 const struct rating_known *known)
{
    Cix__V1__SubjectRating *shown = arena_alloc(session->arena, sizeof(*shown));
    struct rating_views views;

    rating_view(session, known, question->standard_id, &views);
    cix__v1__subject_rating__init(shown);
    shown->inquiry_id = question->inquiry_id;
    shown->made_at_us = session->now_us;
    shown->outcome = known->input.facts.is_known ? CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND
                                                 : CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_NO_FILE;
    shown->ratings = views.items;
    shown->n_ratings = views.count;
    if (protection_show(session, question->ctx, known->protections, &shown->protections,
                        &shown->n_protections))
        question->rating = shown;
}

/*
 * Serves questions that belong together: checks, one round trip, the engine. False: the database
 * failed.
 */
static bool answer(struct session *session, int16_t method, struct question *questions, int count)
{
    struct inquiry_request request = {.method = method, .today = session->today};
    struct rating_known *known;

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
    if (!rating_fetch(&session->ctx, session->db, &request, &known))
        return false;
    for (int i = 0; i < count; i++) {
        struct question *question = &questions[i];
        if (question->inquiry && inquiry_require_served(question->ctx, question->inquiry))
            show(session, question, &known[question->inquiry - request.inquiries]);
    }
    return true;
}

static bool get_rating(struct session *session, struct call **calls, int count)
{
    struct question *questions = arena_array(session->arena, (size_t)count, sizeof(*questions));

    for (int i = 0; i < count; i++) {
        const Cix__V1__GetRatingRequest *request = calls[i]->request;
        questions[i] = (struct question){.call = calls[i],
                                         .ctx = calls[i]->ctx,
                                         .asked = request->inquiry,
                                         .standard_id = request->standard_id,
                                         .inquiry_id = calls[i]->id};
    }
    if (!answer(session, calls[0]->method->audit_code, questions, count))
        return false;
    for (int i = 0; i < count; i++) {
        if (!questions[i].rating)
            continue;
        Cix__V1__GetRatingResponse *response = arena_alloc(session->arena, sizeof(*response));
        cix__v1__get_rating_response__init(response);
        response->rating = questions[i].rating;
        calls[i]->response = &response->base;
    }
    return true;
}

static Cix__V1__BatchGetRatingsResponse *response_of(struct arena *arena,
                                                     const struct question *questions, size_t count)
{
    Cix__V1__BatchGetRatingsResponse *response = arena_alloc(arena, sizeof(*response));
    Cix__V1__BatchedRating *results = arena_array(arena, count, sizeof(*results));

    cix__v1__batch_get_ratings_response__init(response);
    response->n_results = count;
    response->results = arena_array(arena, count, sizeof(Cix__V1__BatchedRating *));
    for (size_t i = 0; i < count; i++) {
        cix__v1__batched_rating__init(&results[i]);
        response->results[i] = &results[i];
        if (questions[i].rating) {
            results[i].result_case = CIX__V1__BATCHED_RATING__RESULT_RATING;
            results[i].rating = questions[i].rating;
        } else {
            results[i].result_case = CIX__V1__BATCHED_RATING__RESULT_ERROR;
            results[i].error = inquiry_element_error(arena, &questions[i].ctx->error);
        }
    }
    return response;
}

/* One message of a stream: all its questions in one batch. */
static bool answer_message(struct session *session, struct call *call,
                           const ProtobufCMessage *message)
{
    const Cix__V1__BatchGetRatingsRequest *request = (const void *)message;
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
                                         .standard_id = request->standard_id,
                                         .inquiry_id = first_id + i};
    }
    return answer(session, call->method->audit_code, questions, count) &&
           rpc_write(call->rpc, &response_of(session->arena, questions, (size_t)count)->base);
}

static bool batch_get_ratings(struct session *session, struct call *call)
{
    return inquiry_stream(session, call, answer_message);
}

/* "CODE:POINTS;CODE:POINTS" as a list. */
static void show_reasons(struct arena *arena, const char *text, Cix__V1__KeptRating *shown)
{
    shown->reasons = arena_array(arena, RATING_REASONS_MAX, sizeof(Cix__V1__KeptReason *));
    while (*text && shown->n_reasons < RATING_REASONS_MAX) {
        Cix__V1__KeptReason *reason = arena_alloc(arena, sizeof(*reason));
        size_t code = strcspn(text, ":"), whole = strcspn(text, ";");

        cix__v1__kept_reason__init(reason);
        reason->code = arena_format(arena, "%.*s", (int)code, text);
        reason->lost = (int32_t)strtol(text + code + (code < whole), NULL, 10);
        shown->reasons[shown->n_reasons++] = reason;
        text += whole + (text[whole] == ';');
    }
}

static void show_kept(struct arena *arena, const struct rating_kept *kept,
                      Cix__V1__KeptRating *shown)
{
    cix__v1__kept_rating__init(shown);
    shown->rating_id = kept->rating_id;
    shown->standard_id = (char *)kept->standard_id;
    shown->standard_version = kept->version;
    shown->as_of = day_to_wire(kept->as_of);
    shown->recorded_at_us = kept->recorded_at_us;
    shown->score = kept->score;
    shown->exclusion = (char *)kept->exclusion;
    shown->grade = (char *)kept->grade;
    shown->scored_grade = (char *)kept->scored_grade;
    shown->pd_ppm = kept->pd_ppm;
    show_reasons(arena, kept->reasons, shown);
}

static void answer_history(struct arena *arena, struct call *call,
                           const struct rating_history *history)
{
    Cix__V1__ListRatingsResponse *response = arena_alloc(arena, sizeof(*response));
    Cix__V1__KeptRating *shown = arena_array(arena, (size_t)history->count, sizeof(*shown));

    cix__v1__list_ratings_response__init(response);
    response->inquiry_id = call->id;
    response->outcome = history->is_known ? CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND
                                          : CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_NO_FILE;
    response->ratings = arena_array(arena, (size_t)history->count, sizeof(Cix__V1__KeptRating *));
    for (int i = 0; i < history->count; i++) {
        show_kept(arena, &history->items[i], &shown[i]);
        response->ratings[response->n_ratings++] = &shown[i];
    }
    call->response = &response->base;
}

static bool list_ratings(struct session *session, struct call **calls, int count)
{
    struct inquiry_request request = {.method = calls[0]->method->audit_code,
                                      .today = session->today};
    struct call **asking = arena_array(session->arena, (size_t)count, sizeof(*asking));
    struct rating_history *histories;

    request.inquiries = arena_array(session->arena, (size_t)count, sizeof(*request.inquiries));
    for (int i = 0; i < count; i++) {
        const Cix__V1__ListRatingsRequest *asked = calls[i]->request;
        if (inquiry_prepare_report(session, calls[i]->ctx, calls[i], asked->inquiry, calls[i]->id,
                                   &request.inquiries[request.count]))
            asking[request.count++] = calls[i];
    }
    if (request.count == 0)
        return true;
    inquiry_salt(session->arena, request.inquiries, request.count);
    if (!rating_history_fetch(&session->ctx, session->db, &request, &histories))
        return false;
    for (int i = 0; i < request.count; i++) {
        if (inquiry_require_served(asking[i]->ctx, &request.inquiries[i]))
            answer_history(session->arena, asking[i], &histories[i]);
    }
    return true;
}

static const struct method methods[] = {
    {METHOD(GetRating), .batch_max = MESSAGE_MAX, .serve = get_rating},
    {METHOD(BatchGetRatings), .batch_max = 1, .request_max = 256 * 1024, .budget = 2 * 1024 * 1024,
     .stream = batch_get_ratings},
    {METHOD(ListRatings), .batch_max = MESSAGE_MAX, .serve = list_ratings},
};

const struct service rating_service = {&cix__v1__rating_service__descriptor, methods,
                                       ARRAY_LENGTH(methods)};
