#include "client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "error.h"
#include "json.h"
#include "message.h"
#include "method.h"

enum {
    DEADLINE_DEFAULT_MS = 30000,
    REPEAT_DEFAULT = 6,
    REPEAT_LIMIT = 100,
    THREAD_MAX = 16,
    DELAY_FIRST_MS = 100,
    DELAY_MAX_MS = 5000,
};

static bool check_options(const struct cix_options *options, struct cix_error *error)
{
    const char *missing = !options->address || !strchr(options->address, ':')
                              ? "address (host:port)"
                          : !options->ca   ? "ca"
                          : !options->cert ? "cert"
                          : !options->key  ? "key"
                                           : NULL;

    if (missing)
        return cix_error_set(error, CIX_INVALID_ARGUMENT, "OPTIONS_INVALID",
                             "the option %s is needed", missing);
    if (options->deadline_ms < 0 || options->repeat_max > REPEAT_LIMIT || options->threads < 0 ||
        options->threads > THREAD_MAX)
        return cix_error_set(error, CIX_INVALID_ARGUMENT, "OPTIONS_INVALID",
                             "an option is out of range");
    return true;
}

bool cix_open(const struct cix_options *options, struct cix_client **client,
              struct cix_error *error)
{
    struct cix_options complete = *options;
    struct cix_channel *channel;

    if (!check_options(options, error))
        return false;
    complete.threads = options->threads ? options->threads : 1;
    if (!cix_channel_new(&complete, &channel, error))
        return false;
    struct cix_client *made = calloc(1, sizeof(*made));
    CHECK(made);
    *made = (struct cix_client){
        .channel = channel,
        .deadline_ms = options->deadline_ms ? options->deadline_ms : DEADLINE_DEFAULT_MS,
        .repeat_max = options->repeat_max ? options->repeat_max : REPEAT_DEFAULT};
    *client = made;
    return true;
}

void cix_close(struct cix_client *client)
{
    if (!client)
        return;
    cix_channel_free(client->channel);
    free(client);
}

void cix_free(void *response)
{
    if (response)
        protobuf_c_message_free_unpacked(response, NULL);
}

bool cix_is_repeatable(enum cix_status status)
{
    return status == CIX_UNAVAILABLE || status == CIX_RESOURCE_EXHAUSTED || status == CIX_ABORTED;
}

int cix_repeat_delay_ms(int attempt, const struct cix_error *error)
{
    int64_t delay = (int64_t)DELAY_FIRST_MS << (attempt < 10 ? attempt : 10);
    uint32_t random;

    if (error->retry_after_ms > 0)
        delay = error->retry_after_ms;
    else if (delay > DELAY_MAX_MS)
        delay = DELAY_MAX_MS;
    digest_random(&random, sizeof(random));
    delay += (int64_t)(random % (uint32_t)(delay / 2 + 1));
    return delay > INT32_MAX ? INT32_MAX : (int)delay;
}

bool cix_unpack(enum cix_method method, struct bytes packed, void **response,
                struct cix_error *error)
{
    void *message = protobuf_c_message_unpack(cix_method_response(method), NULL, packed.size,
                                              packed.data ? packed.data : (const uint8_t *)"");

    if (!message)
        return cix_error_set(error, CIX_INTERNAL, "RESPONSE_INVALID",
                             "the answer is not the message that was expected");
    *response = message;
    return true;
}

/* One attempt. */
static bool call_once(struct cix_client *client, const struct cix_request *request, void **response,
                      struct cix_error *error)
{
    struct arena arena;
    struct cix_reply reply;

    arena_init(&arena, 0);
    cix_channel_call(client->channel, request, &arena, &reply);
    bool is_done = reply.status == CIX_OK
                       ? cix_unpack(request->method, reply.payload, response, error)
                       : cix_error_receive(error, reply.status, reply.message, reply.details);
    arena_done(&arena);
    return is_done;
}

bool cix_call(struct cix_client *client, enum cix_method method, const void *request,
              void **response, struct cix_error *error)
{
    int64_t ends_us = clock_monotonic_us() + (int64_t)client->deadline_ms * 1000;
    struct cix_request once = {
        .method = method, .message = request, .deadline_ms = client->deadline_ms};

    for (int attempt = 0;; attempt++) {
        if (call_once(client, &once, response, error))
            return true;
        int delay_ms = cix_repeat_delay_ms(attempt, error);
        int64_t left_ms = (ends_us - clock_monotonic_us()) / 1000 - delay_ms;
        if (!cix_is_repeatable(error->status) || attempt >= client->repeat_max || left_ms <= 0)
            return false;
        cix_channel_pause(client->channel, delay_ms);
        once.deadline_ms = (int)left_ms;
    }
}

/* The typed form of cix_call. */
#define TYPED_CALL(function, message, method)                                                      \
    bool function(struct cix_client *client, const Cix__V1__##message##Request *request,           \
                  Cix__V1__##message##Response **response, struct cix_error *error)                \
    {                                                                                              \
        void *answer;                                                                              \
                                                                                                   \
        if (!cix_call(client, method, request, &answer, error))                                    \
            return false;                                                                          \
        *response = answer;                                                                        \
        return true;                                                                               \
    }

TYPED_CALL(cix_get_report, GetReport, CIX_GET_REPORT)
TYPED_CALL(cix_get_rating, GetRating, CIX_GET_RATING)
TYPED_CALL(cix_list_ratings, ListRatings, CIX_LIST_RATINGS)
TYPED_CALL(cix_check_flag, CheckFlag, CIX_CHECK_FLAG)
TYPED_CALL(cix_remove_flag, RemoveFlag, CIX_REMOVE_FLAG)
TYPED_CALL(cix_get_statistic, GetStatistic, CIX_GET_STATISTIC)
TYPED_CALL(cix_list_findings, ListFindings, CIX_LIST_FINDINGS)
TYPED_CALL(cix_get_grade_calibration, GetGradeCalibration, CIX_GET_GRADE_CALIBRATION)
TYPED_CALL(cix_platform_exposure, PlatformExposure, CIX_PLATFORM_EXPOSURE)
TYPED_CALL(cix_list_members, ListMembers, CIX_LIST_MEMBERS)
TYPED_CALL(cix_list_codes, ListCodes, CIX_LIST_CODES)
TYPED_CALL(cix_list_standards, ListStandards, CIX_LIST_STANDARDS)
TYPED_CALL(cix_get_standard, GetStandard, CIX_GET_STANDARD)
TYPED_CALL(cix_load_standard, LoadStandard, CIX_LOAD_STANDARD)
TYPED_CALL(cix_publish_standard, PublishStandard, CIX_PUBLISH_STANDARD)
TYPED_CALL(cix_retire_standard, RetireStandard, CIX_RETIRE_STANDARD)
TYPED_CALL(cix_attest_conformance, AttestConformance, CIX_ATTEST_CONFORMANCE)
TYPED_CALL(cix_get_quality, GetQuality, CIX_GET_QUALITY)
TYPED_CALL(cix_list_quarantine, ListQuarantine, CIX_LIST_QUARANTINE)
TYPED_CALL(cix_review_quarantine, ReviewQuarantine, CIX_REVIEW_QUARANTINE)
TYPED_CALL(cix_get_submission, GetSubmission, CIX_GET_SUBMISSION)
TYPED_CALL(cix_add_annotation, AddAnnotation, CIX_ADD_ANNOTATION)
TYPED_CALL(cix_end_annotation, EndAnnotation, CIX_END_ANNOTATION)
TYPED_CALL(cix_list_annotations, ListAnnotations, CIX_LIST_ANNOTATIONS)
TYPED_CALL(cix_set_protection, SetProtection, CIX_SET_PROTECTION)
TYPED_CALL(cix_end_protection, EndProtection, CIX_END_PROTECTION)
TYPED_CALL(cix_back_out_submission, BackOutSubmission, CIX_BACK_OUT_SUBMISSION)
TYPED_CALL(cix_get_history, GetHistory, CIX_GET_HISTORY)

bool cix_get_member(struct cix_client *client, Cix__V1__GetMemberResponse **response,
                    struct cix_error *error)
{
    Cix__V1__GetMemberRequest request = CIX__V1__GET_MEMBER_REQUEST__INIT;
    void *answer;

    if (!cix_call(client, CIX_GET_MEMBER, &request, &answer, error))
        return false;
    *response = answer;
    return true;
}

/* ---- Many calls at once ---- */

/* What a callback needs besides the bytes. */
struct answer_hold {
    struct arena *arena;
    const struct cix_reply *reply;
};

struct answer_target {
    cix_answered *answered;
    void *user;
};

static void deliver(void *user, struct arena *arena, const struct cix_reply *reply)
{
    struct answer_target target = *(struct answer_target *)user;
    struct answer_hold hold = {.arena = arena, .reply = reply};
    struct cix_answer answer = {.status = reply->status,
                                .data = reply->payload.data,
                                .size = reply->payload.size,
                                .inside = &hold};

    free(user);
    target.answered(target.user, &answer);
}

void cix_call_begin(struct cix_client *client, enum cix_method method, const void *request,
                    int deadline_ms, cix_answered *answered, void *user)
{
    struct answer_target *target = malloc(sizeof(*target));
    struct cix_request once = {.method = method,
                               .message = request,
                               .deadline_ms = deadline_ms ? deadline_ms : client->deadline_ms};

    CHECK(target);
    *target = (struct answer_target){.answered = answered, .user = user};
    cix_channel_begin(client->channel, &once, deliver, target);
}

const void *cix_answer_response(const struct cix_answer *answer, enum cix_method method)
{
    const struct answer_hold *hold = answer->inside;
    ProtobufCAllocator allocator = cix_message_allocator(hold->arena);

    if (answer->status != CIX_OK)
        return NULL;
    return protobuf_c_message_unpack(cix_method_response(method), &allocator, answer->size,
                                     answer->data ? answer->data : (const uint8_t *)"");
}

void cix_answer_error(const struct cix_answer *answer, struct cix_error *error)
{
    const struct answer_hold *hold = answer->inside;

    cix_error_receive(error, answer->status, hold->reply->message, hold->reply->details);
}

char *cix_to_json(const void *message)
{
    struct arena arena;

    arena_init(&arena, 0);
    char *text = strdup(cix_json_write(&arena, message, 2));
    arena_done(&arena);
    CHECK(text);
    return text;
}
