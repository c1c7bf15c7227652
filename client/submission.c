/*
 * A submission as one unbroken thing: chunks that were sent and have no answer yet are kept,
 * packed, and sent again on the next stream when one breaks. The exchange answers a chunk that it
 * had already committed with the stored results, so every chunk is answered once, in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "error.h"

enum { WINDOW_DEFAULT = 4, WINDOW_MAX = 16, PATIENCE_DEFAULT_MS = 60000, ID_ROOM = 64 };

/* Applying a large file is one transaction of minutes. */
#define COMMIT_PATIENCE_US (INT64_C(30) * 60 * 1000 * 1000)

struct cix_submission {
    struct cix_client *client;
    char id[ID_ROOM], member_code[ID_ROOM];
    Cix__V1__SubmissionMode mode;
    int32_t period;
    int window;
    int64_t patience_us;
    cix_chunk_answered *answered;
    const Cix__V1__Declaration *declaration;
    char *explanation;
    bool accepts_held;
    cix_commit_progressed *progressed;
    void *user;

    struct cix_stream *stream; /* NULL while broken */
    int64_t heard_us;          /* when the exchange last answered */
    int attempt;               /* streams since then */
    int32_t expected;          /* chunk that the exchange wants next, as of the last opening */
    bool is_committed;
    char earlier_id[ID_ROOM];         /* under which the same file was committed; "" for none */
    int32_t last_number;              /* of the newest chunk that was given; 0: none */
    struct bytes waiting[WINDOW_MAX]; /* sent, no answer yet; a ring */
    int32_t first_waiting;            /* number of the oldest of them */
    int waiting_count;
};

static struct bytes pack(const Cix__V1__SubmitRequest *request)
{
    size_t size = cix__v1__submit_request__get_packed_size(request);
    uint8_t *data = malloc(size + 1);

    CHECK(data);
    cix__v1__submit_request__pack(request, data);
    return (struct bytes){.data = data, .size = size};
}

static int patience_ms(const struct cix_submission *submission)
{
    int64_t left_us = submission->heard_us + submission->patience_us - clock_monotonic_us();

    return left_us > 1000 ? (int)(left_us / 1000) : 1;
}

static void heard(struct cix_submission *submission)
{
    submission->heard_us = clock_monotonic_us();
    submission->attempt = 0;
}

/* Why the stream broke; releases it. Always false. */
static bool broke(struct cix_submission *submission, struct cix_error *error)
{
    struct arena arena;
    struct cix_reply reply;

    arena_init(&arena, 0);
    cix_stream_status(submission->stream, &arena, &reply);
    if (reply.status == CIX_OK)
        cix_error_set(error, CIX_UNAVAILABLE, "UNREACHABLE", "the stream ended early");
    else
        cix_error_receive(error, reply.status, reply.message, reply.details);
    if (error->status == CIX_DEADLINE_EXCEEDED)
        cix_error_set(error, CIX_UNAVAILABLE, "UNREACHABLE", "the exchange did not answer in time");
    arena_done(&arena);
    cix_stream_free(submission->stream);
    submission->stream = NULL;
    return false;
}

static bool send_step(struct cix_submission *submission, struct bytes step, struct cix_error *error)
{
    return cix_stream_send(submission->stream, step, patience_ms(submission)) ||
           broke(submission, error);
}

/* The next answer. Freed with cix_free. */
static bool receive_any(struct cix_submission *submission, Cix__V1__SubmitResponse **response,
                        struct cix_error *error)
{
    struct bytes message;
    void *answer;

    if (!cix_stream_receive(submission->stream, &message, patience_ms(submission)))
        return broke(submission, error);
    bool is_read = cix_unpack(CIX_SUBMIT, message, &answer, error);
    free((void *)message.data);
    if (!is_read)
        return false;
    *response = answer;
    /* A stream that opens again is no progress: a chunk that never passes is not sent for ever. */
    if ((*response)->step_case != CIX__V1__SUBMIT_RESPONSE__STEP_OPENED)
        heard(submission);
    return true;
}

/* The next answer behind what is told of the progress, which must be of one kind. */
static bool receive_step(struct cix_submission *submission, Cix__V1__SubmitResponse__StepCase kind,
                         Cix__V1__SubmitResponse **response, struct cix_error *error)
{
    Cix__V1__SubmitResponse *answer = NULL;

    for (;;) {
        if (!receive_any(submission, &answer, error))
            return false;
        if (answer->step_case != CIX__V1__SUBMIT_RESPONSE__STEP_PROGRESS)
            break;
        if (submission->progressed)
            submission->progressed(submission->user, answer->progress);
        cix_free(answer);
    }
    if (answer->step_case == kind) {
        *response = answer;
        return true;
    }
    cix_free(answer);
    return cix_error_set(error, CIX_INTERNAL, "RESPONSE_INVALID", "an answer came out of order");
}

/* Opens a stream and sends again what waits. */
static bool connect_once(struct cix_submission *submission, struct cix_error *error)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__OpenSubmission open = CIX__V1__OPEN_SUBMISSION__INIT;
    Cix__V1__SubmitResponse *response;

    open.submission_id = submission->id;
    open.mode = submission->mode;
    open.period = submission->period;
    open.member_code = submission->member_code;
    open.declaration = (Cix__V1__Declaration *)submission->declaration;
    open.wants_progress = submission->progressed != NULL;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_OPEN;
    request.open = &open;
    struct bytes packed = pack(&request);
    submission->stream = cix_stream_new(submission->client->channel, CIX_SUBMIT);
    bool is_open =
        send_step(submission, packed, error) &&
        receive_step(submission, CIX__V1__SUBMIT_RESPONSE__STEP_OPENED, &response, error);
    free((void *)packed.data);
    if (!is_open)
        return false;
    submission->expected = response->opened->next_chunk;
    submission->is_committed =
        response->opened->state == CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_COMMITTED;
    snprintf(submission->earlier_id, ID_ROOM, "%s", response->opened->earlier_submission_id);
    cix_free(response);
    for (int i = 0; i < submission->waiting_count; i++) {
        int32_t number = submission->first_waiting + i;
        if (!send_step(submission, submission->waiting[number % WINDOW_MAX], error))
            return false;
    }
    return true;
}

/* True when trying again is of use; has slept before then. */
static bool may_go_on(struct cix_submission *submission, const struct cix_error *error)
{
    int delay_ms = cix_repeat_delay_ms(submission->attempt++, error);

    if (!cix_is_repeatable(error->status) || patience_ms(submission) <= delay_ms)
        return false;
    cix_channel_pause(submission->client->channel, delay_ms);
    return true;
}

static bool connect_again(struct cix_submission *submission, struct cix_error *error)
{
    while (!connect_once(submission, error)) {
        if (submission->stream) {
            cix_stream_free(submission->stream);
            submission->stream = NULL;
        }
        if (!may_go_on(submission, error))
            return false;
    }
    return true;
}

/* After a failed step: a new stream, or the failure. */
static bool recover(struct cix_submission *submission, struct cix_error *error)
{
    return !submission->stream && may_go_on(submission, error) && connect_again(submission, error);
}

bool cix_submission_open(struct cix_client *client, const struct cix_submission_options *options,
                         struct cix_submission **submission, struct cix_error *error)
{
    const char *code = options->member_code ? options->member_code : "";

    if (!options->submission_id || strlen(options->submission_id) >= ID_ROOM ||
        strlen(code) >= ID_ROOM || options->window < 0 || options->window > WINDOW_MAX)
        return cix_error_set(error, CIX_INVALID_ARGUMENT, "OPTIONS_INVALID",
                             "the submission's id, member code or window is not usable");
    struct cix_submission *made = calloc(1, sizeof(*made));
    CHECK(made);
    *made = (struct cix_submission){
        .client = client,
        .mode = options->mode,
        .period = options->period,
        .window = options->window ? options->window : WINDOW_DEFAULT,
        .patience_us =
            (options->patience_ms ? options->patience_ms : PATIENCE_DEFAULT_MS) * INT64_C(1000),
        .answered = options->answered,
        .declaration = options->declaration,
        .explanation = strdup(options->explanation ? options->explanation : ""),
        .accepts_held = options->accepts_held,
        .progressed = options->progressed,
        .user = options->user,
    };
    CHECK(made->explanation);
    memcpy(made->id, options->submission_id, strlen(options->submission_id));
    memcpy(made->member_code, code, strlen(code));
    heard(made);
    if (!connect_again(made, error)) {
        cix_submission_close(made);
        return false;
    }
    heard(made);
    *submission = made;
    return true;
}

int32_t cix_submission_next(const struct cix_submission *submission)
{
    return submission->expected;
}

bool cix_submission_is_committed(const struct cix_submission *submission)
{
    return submission->is_committed;
}

/* Takes the answer to the oldest chunk that waits. */
static bool take_answer(struct cix_submission *submission, struct cix_error *error)
{
    Cix__V1__SubmitResponse *response;
    struct bytes *oldest = &submission->waiting[submission->first_waiting % WINDOW_MAX];

    while (!receive_step(submission, CIX__V1__SUBMIT_RESPONSE__STEP_CHUNK, &response, error)) {
        if (!recover(submission, error))
            return false;
    }
    bool is_oldest = response->chunk->number == submission->first_waiting;
    if (is_oldest && submission->answered)
        submission->answered(submission->user, response->chunk);
    cix_free(response);
    if (!is_oldest)
        return cix_error_set(error, CIX_INTERNAL, "RESPONSE_INVALID",
                             "an answer came out of order");
    free((void *)oldest->data);
    *oldest = (struct bytes){.data = NULL};
    submission->first_waiting++;
    submission->waiting_count--;
    return true;
}

static bool check_number(const struct cix_submission *submission, int32_t number,
                         struct cix_error *error)
{
    bool is_first = !submission->last_number && (number == 1 || number == submission->expected);

    if (is_first || (submission->last_number && number == submission->last_number + 1))
        return true;
    return cix_error_set(error, CIX_FAILED_PRECONDITION, "CHUNK_ORDER",
                         "chunk %d does not follow chunk %d", number, submission->last_number);
}

bool cix_submission_send(struct cix_submission *submission, const Cix__V1__Chunk *chunk,
                         struct cix_error *error)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;

    if (!check_number(submission, chunk->number, error))
        return false;
    while (submission->waiting_count == submission->window) {
        if (!take_answer(submission, error))
            return false;
    }
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_CHUNK;
    request.chunk = (Cix__V1__Chunk *)chunk;
    submission->last_number = chunk->number;
    if (!submission->waiting_count)
        submission->first_waiting = chunk->number;
    struct bytes packed = pack(&request);
    submission->waiting[chunk->number % WINDOW_MAX] = packed;
    submission->waiting_count++;
    /* A stream that breaks here is made again with everything that waits, this chunk included. */
    return send_step(submission, packed, error) || recover(submission, error);
}

/* The totals of a submission that the exchange had committed before the answer was lost. */
static bool ask_totals(struct cix_submission *submission, Cix__V1__SubmissionCommitted **committed,
                       struct cix_error *error)
{
    Cix__V1__GetSubmissionRequest request = CIX__V1__GET_SUBMISSION_REQUEST__INIT;
    Cix__V1__GetSubmissionResponse *response;

    bool has_earlier = *submission->earlier_id != '\0';

    request.submission_id = has_earlier ? submission->earlier_id : submission->id;
    request.page_size = 1;
    if (!cix_get_submission(submission->client, &request, &response, error))
        return false;
    Cix__V1__SubmissionCommitted *totals = malloc(sizeof(*totals));
    CHECK(totals);
    cix__v1__submission_committed__init(totals);
    totals->accepted = response->accepted;
    totals->rejected = response->rejected;
    totals->quarantined = response->quarantined;
    totals->warned = response->warned;
    if (has_earlier) {
        totals->earlier_submission_id = strdup(submission->earlier_id);
        CHECK(totals->earlier_submission_id);
    }
    cix_free(response);
    *committed = totals;
    return true;
}

static bool commit_once(struct cix_submission *submission, Cix__V1__SubmissionCommitted **committed,
                        struct cix_error *error)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__CommitSubmission commit = CIX__V1__COMMIT_SUBMISSION__INIT;
    Cix__V1__SubmitResponse *response;

    commit.chunk_count =
        submission->last_number ? submission->last_number : submission->expected - 1;
    commit.explanation = submission->explanation;
    commit.accept_held = submission->accepts_held;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_COMMIT;
    request.commit = &commit;
    struct bytes packed = pack(&request);
    bool is_done =
        send_step(submission, packed, error) &&
        receive_step(submission, CIX__V1__SUBMIT_RESPONSE__STEP_COMMITTED, &response, error);
    free((void *)packed.data);
    if (!is_done)
        return false;
    *committed = response->committed;
    response->committed = NULL; /* handed over */
    response->step_case = CIX__V1__SUBMIT_RESPONSE__STEP__NOT_SET;
    cix_free(response);
    return true;
}

bool cix_submission_commit(struct cix_submission *submission,
                           Cix__V1__SubmissionCommitted **committed, struct cix_error *error)
{
    while (submission->waiting_count) {
        if (!take_answer(submission, error))
            return false;
    }
    if (submission->patience_us < COMMIT_PATIENCE_US)
        submission->patience_us = COMMIT_PATIENCE_US;
    while (!submission->is_committed) {
        if (commit_once(submission, committed, error))
            return true;
        if (!recover(submission, error))
            return false;
    }
    return ask_totals(submission, committed, error);
}

void cix_submission_close(struct cix_submission *submission)
{
    if (!submission)
        return;
    cix_stream_free(submission->stream);
    for (int i = 0; i < WINDOW_MAX; i++)
        free((void *)submission->waiting[i].data);
    free(submission->explanation);
    free(submission);
}
