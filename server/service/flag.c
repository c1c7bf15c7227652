#include "service/flag.h"

#include <string.h>

#include "cix/v1/flag.pb-c.h"
#include "service/inquiry.h"
#include "service/matrix.h"
#include "service/protection.h"
#include "store/flag.h"

enum { CALLS_MAX = 64, MESSAGE_MAX = 1000 };

/* One check: of a call, or of a stream's message. */
struct question {
    const struct call *call;
    struct ctx *ctx; /* its own errors */
    const Cix__V1__FlagInquiry *asked;
    int64_t inquiry_id;
    struct inquiry *inquiry; /* among those that go to the store; NULL when refused before */
    Cix__V1__FlagAnswer *answer;
};

static bool prepare(const struct session *session, const struct question *question,
                    struct inquiry *inquiry)
{
    const Cix__V1__FlagInquiry *asked = question->asked;

    if (!asked)
        return fail_field(question->ctx, "FIELD_REQUIRED", "inquiry", "expected an inquiry");
    struct inquiry_asked common = {asked->identifier, asked->name, asked->operator_id};
    if (!inquiry_prepare(session, question->ctx, question->call, &common, question->inquiry_id,
                         inquiry))
        return false;
    inquiry->purpose = PURPOSE_DISHONEST_SCREEN;
    return true;
}

static Cix__V1__FlagListing *show_listing(struct arena *arena, const struct flag_listing *listing)
{
    Cix__V1__FlagListing *shown = arena_alloc(arena, sizeof(*shown));
    char *flag_id = arena_alloc(arena, 37);

    cix__v1__flag_listing__init(shown);
    uuid_format(&listing->flag_id, flag_id);
    shown->flag_id = flag_id;
    shown->status = (Cix__V1__FlagStatus)listing->status;
    shown->published_on = day_to_wire(listing->published_on);
    if (listing->has_end) {
        shown->expires_on_presence_case = CIX__V1__FLAG_LISTING__EXPIRES_ON_PRESENCE_EXPIRES_ON;
        shown->expires_on = day_to_wire(listing->expires_on);
    }
    shown->ground = listing->ground;
    shown->grade = listing->grade;
    shown->performance = listing->performance;
    shown->court = (char *)listing->court;
    shown->region = (char *)listing->region;
    shown->recorded_at_us = listing->recorded_at_us;
    shown->n_restrictions = (size_t)listing->restriction_count;
    shown->restrictions = arena_array(arena, shown->n_restrictions, sizeof(*shown->restrictions));
    for (size_t i = 0; i < shown->n_restrictions; i++)
        shown->restrictions[i] = listing->restrictions[i];
    return shown;
}

static void show_listings(struct arena *arena, const struct flag_listing *listings,
                          Cix__V1__FlagAnswer *answer)
{
    size_t count = 0;

    for (const struct flag_listing *listing = listings; listing; listing = listing->next)
        count++;
    answer->listings = arena_array(arena, count, sizeof(*answer->listings));
    for (const struct flag_listing *listing = listings; listing; listing = listing->next) {
        answer->listings[answer->n_listings++] = show_listing(arena, listing);
        answer->is_listed |=
            listing->status == FLAG_STATUS_LISTED || listing->status == FLAG_STATUS_GRACE;
    }
}

static void show_answer(const struct session *session, struct question *question,
                        const struct flag_found *found)
{
    Cix__V1__FlagAnswer *answer = arena_alloc(session->arena, sizeof(*answer));

    cix__v1__flag_answer__init(answer);
    answer->inquiry_id = question->inquiry_id;
    show_listings(session->arena, found->listings, answer);
    if (!protection_show(session, question->ctx, found->protections, &answer->protections,
                         &answer->n_protections))
        return; /* the question is answered by its error */
    for (size_t i = 0; i < answer->n_protections; i++)
        answer->is_new_credit_blocked |= answer->protections[i]->kind ==
                                         CIX__V1__PROTECTION_KIND__PROTECTION_KIND_NEW_CREDIT_BLOCK;
    question->answer = answer;
}

/* Feeds that are not complete, the same for every question of a round trip (D009). */
struct shown_gaps {
    Cix__V1__FlagSourceGap **items;
    size_t count;
};

static struct shown_gaps show_gaps(const struct session *session, const struct flag_gaps *gaps)
{
    Cix__V1__FlagSourceGap *shown =
        arena_array(session->arena, (size_t)gaps->count, sizeof(*shown));
    struct shown_gaps all = {arena_array(session->arena, (size_t)gaps->count, sizeof(*all.items)),
                             0};

    for (int i = 0; i < gaps->count; i++) {
        const struct flag_gap *gap = &gaps->items[i];
        const struct member *court = registry_by_id(session->members, gap->member_id);
        cix__v1__flag_source_gap__init(&shown[i]);
        shown[i].member_code = (char *)(court ? court->code : "");
        shown[i].source = (char *)gap->source;
        shown[i].since_us = gap->since_us;
        shown[i].missing = gap->missing;
        all.items[all.count++] = &shown[i];
    }
    return all;
}

/*
 * Serves checks that belong together in one round trip; shown: for the responses. False: the
 * database failed.
 */
static bool answer(struct session *session, int16_t method, struct question *questions, int count,
                   struct shown_gaps *shown)
{
    struct inquiry_request request = {.method = method, .today = session->today};
    struct flag_found *found;
    struct flag_gaps gaps;

    *shown = (struct shown_gaps){NULL, 0};
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
    if (!flag_check(&session->ctx, session->db, &request, &found, &gaps))
        return false;
    *shown = show_gaps(session, &gaps);
    for (int i = 0; i < count; i++) {
        struct question *question = &questions[i];
        if (question->inquiry && inquiry_require_served(question->ctx, question->inquiry))
            show_answer(session, question, &found[question->inquiry - request.inquiries]);
    }
    return true;
}

static bool check_flag(struct session *session, struct call **calls, int count)
{
    struct question *questions = arena_array(session->arena, (size_t)count, sizeof(*questions));
    struct shown_gaps gaps;

    for (int i = 0; i < count; i++) {
        const Cix__V1__CheckFlagRequest *request = calls[i]->request;
        questions[i] = (struct question){.call = calls[i],
                                         .ctx = calls[i]->ctx,
                                         .asked = request->inquiry,
                                         .inquiry_id = calls[i]->id};
    }
    if (!answer(session, calls[0]->method->audit_code, questions, count, &gaps))
        return false;
    for (int i = 0; i < count; i++) {
        if (!questions[i].answer)
            continue;
        Cix__V1__CheckFlagResponse *response = arena_alloc(session->arena, sizeof(*response));
        cix__v1__check_flag_response__init(response);
        response->answer = questions[i].answer;
        response->gaps = gaps.items;
        response->n_gaps = gaps.count;
        calls[i]->response = &response->base;
    }
    return true;
}

static Cix__V1__BatchCheckFlagsResponse *response_of(struct arena *arena,
                                                     const struct question *questions, size_t count,
                                                     const struct shown_gaps *gaps)
{
    Cix__V1__BatchCheckFlagsResponse *response = arena_alloc(arena, sizeof(*response));
    Cix__V1__BatchedFlagAnswer *results = arena_array(arena, count, sizeof(*results));

    cix__v1__batch_check_flags_response__init(response);
    response->n_results = count;
    response->gaps = gaps->items;
    response->n_gaps = gaps->count;
    response->results = arena_array(arena, count, sizeof(*response->results));
    for (size_t i = 0; i < count; i++) {
        cix__v1__batched_flag_answer__init(&results[i]);
        response->results[i] = &results[i];
        if (questions[i].answer) {
            results[i].result_case = CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ANSWER;
            results[i].answer = questions[i].answer;
        } else {
            results[i].result_case = CIX__V1__BATCHED_FLAG_ANSWER__RESULT_ERROR;
            results[i].error = inquiry_element_error(arena, &questions[i].ctx->error);
        }
    }
    return response;
}

/* One message of a stream: all its questions in one batch. */
static bool answer_message(struct session *session, struct call *call,
                           const ProtobufCMessage *message)
{
    const Cix__V1__BatchCheckFlagsRequest *request = (const void *)message;
    int count = (int)request->n_inquiries;
    struct ctx *errors;
    int64_t first_id;

    if (!inquiry_admit(session, call, request->n_inquiries, MESSAGE_MAX, &errors, &first_id))
        return false;
    struct question *questions = arena_array(session->arena, (size_t)count, sizeof(*questions));
    struct shown_gaps gaps;
    for (int i = 0; i < count; i++) {
        questions[i] = (struct question){.call = call,
                                         .ctx = &errors[i],
                                         .asked = request->inquiries[i],
                                         .inquiry_id = first_id + i};
    }
    return answer(session, call->method->audit_code, questions, count, &gaps) &&
           rpc_write(call->rpc,
                     &response_of(session->arena, questions, (size_t)count, &gaps)->base);
}

static bool batch_check_flags(struct session *session, struct call *call)
{
    return inquiry_stream(session, call, answer_message);
}

/* What a reason makes of a listing. */
static enum flag_status status_of(Cix__V1__FlagRemovalReason reason)
{
    if (reason == CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_ERROR)
        return FLAG_STATUS_CORRECTED;
    if (reason == CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_TERM_END)
        return FLAG_STATUS_EXPIRED;
    return FLAG_STATUS_REMOVED;
}

/* Rule D004: a removal says why. */
static bool read_removal(const struct call *call, struct flag_removal *removal)
{
    const Cix__V1__RemoveFlagRequest *request = call->request;
    int reason = (int)request->reason;

    *removal = (struct flag_removal){.member_id = call->caller->member_id,
                                     .status = status_of(request->reason),
                                     .reason = (enum flag_reason)reason,
                                     .event_id = call->id,
                                     .method = call->method->audit_code};
    memcpy(removal->certificate, call->rpc->peer.fingerprint, sizeof(removal->certificate));
    digest_random(removal->salt, sizeof(removal->salt));
    if (!request->flag_id[0])
        return fail_field(call->ctx, "FIELD_REQUIRED", "flag_id", "expected a UUID");
    if (!uuid_parse(request->flag_id, &removal->flag_id))
        return fail_field(call->ctx, "FIELD_INVALID", "flag_id", "expected a UUID");
    if (!code_find(&code_flag_reasons, reason) || reason == FLAG_REASON_NONE) {
        fail_field(call->ctx, "REASON_REQUIRED", "reason", "expected why the listing ends");
        fail_fact(call->ctx, "rule", "D004");
        return false;
    }
    return true;
}

/* What concerns one call stays with it; only the database's failures concern the batch. */
static bool remove_flag(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    struct flag_removal removal;
    int64_t recorded_at_us;

    if (!read_removal(call, &removal))
        return true;
    if (!flag_remove(&session->ctx, session->db, &removal, &recorded_at_us)) {
        const struct error *error = &session->ctx.error;
        if (error->code != ERR_NOT_FOUND && error->code != ERR_PRECONDITION &&
            error->code != ERR_DENIED)
            return false;
        call->ctx->error = *error;
        ctx_clear(&session->ctx);
        return true;
    }
    Cix__V1__RemoveFlagResponse *response = arena_alloc(session->arena, sizeof(*response));
    cix__v1__remove_flag_response__init(response);
    response->status = (Cix__V1__FlagStatus)removal.status;
    response->recorded_at_us = recorded_at_us;
    call->response = &response->base;
    return true;
}

static const struct method methods[] = {
    {METHOD(CheckFlag), .batch_max = CALLS_MAX, .serve = check_flag},
    {METHOD(BatchCheckFlags), .batch_max = 1, .request_max = 512 * 1024, .budget = 4 * 1024 * 1024,
     .stream = batch_check_flags},
    {METHOD(RemoveFlag), .batch_max = 1, .serve = remove_flag},
};

const struct service flag_service = {&cix__v1__flag_service__descriptor, methods,
                                     ARRAY_LENGTH(methods)};
