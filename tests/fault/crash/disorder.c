#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "client.h"
#include "error.h"
#include "fault/crash/worker.h"

enum { ROUNDS = 4, STEPS = 4, TIMEOUT_MS = 5000 };

/* A stream under way, and what the exchange expects on it. */
struct walk {
    const struct plan *plan;
    struct journal *journal;
    struct cix_stream *stream;
    int32_t expected;
    unsigned random;
};

static bool say(struct walk *walk, const Cix__V1__SubmitRequest *request)
{
    size_t size = cix__v1__submit_request__get_packed_size(request);
    uint8_t *data = malloc(size + 1);
    bool is_said;

    CHECK(data);
    cix__v1__submit_request__pack(request, data);
    is_said = cix_stream_send(walk->stream, (struct bytes){data, size}, TIMEOUT_MS);
    free(data);
    return is_said;
}

/* The next answer, freed with cix_free, or NULL. */
static Cix__V1__SubmitResponse *hear(struct walk *walk)
{
    struct cix_error error;
    struct bytes message;
    void *response = NULL;

    if (!cix_stream_receive(walk->stream, &message, TIMEOUT_MS))
        return NULL;
    CHECK(cix_unpack(CIX_SUBMIT, message, &response, &error));
    free((void *)(uintptr_t)message.data);
    return response;
}

static bool open_stream(struct walk *walk, const struct plan_declaration *declaration)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__OpenSubmission open = CIX__V1__OPEN_SUBMISSION__INIT;
    Cix__V1__SubmitResponse *response;
    char id[37];
    bool is_open;

    uuid_format(&walk->plan->id, id);
    open.submission_id = id;
    open.mode = walk->plan->mode;
    open.period = PLAN_PERIOD;
    open.declaration =
        declaration ? (Cix__V1__Declaration *)(uintptr_t)&declaration->message : NULL;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_OPEN;
    request.open = &open;
    response = say(walk, &request) ? hear(walk) : NULL;
    is_open = response && response->step_case == CIX__V1__SUBMIT_RESPONSE__STEP_OPENED &&
              response->opened->state == CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_OPEN &&
              !*response->opened->earlier_submission_id;
    if (is_open)
        walk->expected = response->opened->next_chunk;
    cix_free(response);
    return is_open;
}

/* The stream ended behind a chunk: only for the reason that its number and bytes deserve. */
static void judge_end(struct walk *walk, int32_t number, bool is_other)
{
    const char *reason = is_other ? "CHUNK_CONFLICT" : "CHUNK_GAP";
    struct cix_error error = {.status = CIX_OK};
    struct cix_reply reply;
    struct arena arena;

    arena_init(&arena, 0);
    cix_stream_status(walk->stream, &arena, &reply);
    if (reply.status != CIX_OK)
        cix_error_receive(&error, reply.status, reply.message, reply.details);
    arena_done(&arena);
    if (cix_is_repeatable(error.status) || error.status == CIX_DEADLINE_EXCEEDED)
        return;
    if (strcmp(error.reason, reason) != 0 || (!is_other && number <= walk->expected))
        journal_refused(walk->journal, walk->plan, *error.reason ? error.reason : "STREAM_ENDED");
}

/* Says one chunk and hears its answer; false when the stream is over. */
static bool step(struct walk *walk)
{
    int32_t number = 1 + rand_r(&walk->random) % walk->plan->chunk_count;
    bool is_other = number < walk->expected && rand_r(&walk->random) % 2;
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    struct contribution contribution;

    contribution_init(&contribution);
    plan_chunk(walk->plan, number, &contribution);
    chunk.number = number;
    chunk.records = contribution.records;
    chunk.n_records = contribution.count - is_other;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_CHUNK;
    request.chunk = &chunk;
    if (!is_other)
        journal_intent(walk->journal, walk->plan, number);
    Cix__V1__SubmitResponse *response = say(walk, &request) ? hear(walk) : NULL;
    contribution_done(&contribution);
    if (!response) {
        judge_end(walk, number, is_other);
        return false;
    }
    if (response->step_case != CIX__V1__SUBMIT_RESPONSE__STEP_CHUNK || is_other ||
        response->chunk->number != number)
        journal_refused(walk->journal, walk->plan, "WRONG_ANSWER");
    else
        journal_answer(walk->journal, walk->plan, number, response->chunk->accepted);
    /* A stream of the client that was killed before may still move the submission on. */
    if (number >= walk->expected)
        walk->expected = number + 1;
    cix_free(response);
    return true;
}

void disorder(const struct plan *plan, const struct plan_declaration *declaration,
              struct cix_client *client, struct journal *journal)
{
    struct walk walk = {.plan = plan, .journal = journal, .random = (unsigned)clock_monotonic_us()};

    for (int i = 0; i < ROUNDS; i++) {
        walk.stream = cix_stream_new(client->channel, CIX_SUBMIT);
        bool is_good = open_stream(&walk, declaration);
        for (int j = 0; is_good && j < STEPS; j++)
            is_good = step(&walk);
        cix_stream_free(walk.stream);
    }
}
