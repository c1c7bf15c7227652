/*
 * Goal: libcix keeps its promises while the exchange fails: calls are repeated as asked, a
 * submission goes on over breaks with every chunk answered once and in order, new certificates are
 * taken up. Method: guard and rpc in this process, over mTLS, with handlers that fail when they are
 * told to.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "cix.h"
#include "guard/guard.h"
#include "rpc/rpc.h"
#include "support/cmocka.h"
#include "support/pki.h"

enum {
    MESSAGE_MAX = 1200 * 1024,
    BUDGET = 8 * 1024 * 1024,
    CHUNK_MAX = 64,
    RECORD_MAX = 1000,
    DRAIN_MS = 2000
};

/* The exchange of this test. */
static struct {
    char folder[64], address[64];
    struct pki *pki;
    struct guard *guard;
    struct rpc_server *server;
    struct arena arena;
    struct ctx ctx;
    atomic_int failures;       /* of the next unary calls */
    enum err failure;          /* how they fail */
    atomic_int calls;          /* unary calls that arrived */
    atomic_int break_after;    /* messages after which a stream ends UNAVAILABLE; 0: never */
    atomic_bool breaks_commit; /* once: commits, and ends without the answer */
    uint8_t fingerprint[32];   /* of the latest caller */
    pthread_mutex_t lock;      /* over what is below */
    int32_t chunk_count;
    struct digest chunks[CHUNK_MAX + 1];
    bool is_committed;
    int replays;
} exchange = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct cix_client *client;

/* ---- The exchange; (fail) is the one of base/ctx.h, not the macro of cmocka ---- */

static void serve_member(struct rpc_call *call)
{
    Cix__V1__GetMemberResponse response = CIX__V1__GET_MEMBER_RESPONSE__INIT;

    memcpy(exchange.fingerprint, call->peer.fingerprint, sizeof(exchange.fingerprint));
    atomic_fetch_add(&exchange.calls, 1);
    if (atomic_fetch_sub(&exchange.failures, 1) > 0) {
        if (exchange.failure == ERR_EXHAUSTED)
            fail_retry(&call->ctx, "OVERLOADED", 300, "come back later");
        else
            (fail)(&call->ctx, exchange.failure, "MADE_TO_FAIL", "made to fail");
        rpc_finish(call);
        return;
    }
    response.code = call->peer.member_code;
    rpc_answer(call, &response.base);
}

static void serve_totals(struct rpc_call *call)
{
    Cix__V1__GetSubmissionResponse response = CIX__V1__GET_SUBMISSION_RESPONSE__INIT;

    response.state = CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_COMMITTED;
    response.accepted = exchange.chunk_count;
    rpc_answer(call, &response.base);
}

static bool answer_open(struct rpc_call *call)
{
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;
    Cix__V1__SubmissionOpened opened = CIX__V1__SUBMISSION_OPENED__INIT;

    opened.next_chunk = exchange.chunk_count + 1;
    opened.state = exchange.is_committed ? CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_COMMITTED
                                         : CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_OPEN;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_OPENED;
    response.opened = &opened;
    return rpc_write(call, &response.base);
}

/* A chunk is committed before it is answered, as the exchange does. */
static bool answer_chunk(struct rpc_call *call, const Cix__V1__Chunk *chunk, struct bytes bytes,
                         bool is_breaking)
{
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;
    Cix__V1__ChunkResult result = CIX__V1__CHUNK_RESULT__INIT;
    struct digest digest = digest_of(bytes.data, bytes.size);

    result.number = chunk->number;
    result.accepted = (int32_t)chunk->n_records;
    result.is_replay = chunk->number <= exchange.chunk_count;
    if (chunk->number > exchange.chunk_count + 1 || chunk->number > CHUNK_MAX)
        return (fail)(&call->ctx, ERR_PRECONDITION, "CHUNK_GAP", "not the next chunk");
    if (result.is_replay && memcmp(&digest, &exchange.chunks[chunk->number], sizeof(digest)) != 0)
        return (fail)(&call->ctx, ERR_EXISTS, "CHUNK_CONFLICT", "other bytes");
    exchange.replays += result.is_replay;
    exchange.chunks[chunk->number] = digest;
    if (!result.is_replay)
        exchange.chunk_count++;
    if (is_breaking)
        return false;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_CHUNK;
    response.chunk = &result;
    return rpc_write(call, &response.base);
}

static bool answer_commit(struct rpc_call *call, const Cix__V1__CommitSubmission *commit)
{
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;
    Cix__V1__SubmissionCommitted committed = CIX__V1__SUBMISSION_COMMITTED__INIT;

    if (commit->chunk_count != exchange.chunk_count)
        return (fail)(&call->ctx, ERR_PRECONDITION, "CHUNK_GAP", "chunks are missing");
    exchange.is_committed = true;
    if (atomic_exchange(&exchange.breaks_commit, false))
        return false;
    committed.accepted = exchange.chunk_count;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_COMMITTED;
    response.committed = &committed;
    return rpc_write(call, &response.base);
}

static bool answer_step(struct rpc_call *call, const struct rpc_message *message, bool is_breaking)
{
    const Cix__V1__SubmitRequest *request = (const Cix__V1__SubmitRequest *)message->message;

    if (request->step_case == CIX__V1__SUBMIT_REQUEST__STEP_OPEN)
        return answer_open(call);
    if (request->step_case == CIX__V1__SUBMIT_REQUEST__STEP_CHUNK)
        return answer_chunk(call, request->chunk, message->bytes, is_breaking);
    return answer_commit(call, request->commit);
}

static void *serve_stream(void *argument)
{
    struct rpc_call *call = argument;
    struct rpc_message message;
    struct arena arena;
    bool goes_on = true;

    arena_init(&arena, BUDGET);
    for (int count = 1; goes_on && rpc_read(call, &arena, &message) == 1; count++) {
        int break_after = atomic_load(&exchange.break_after);
        pthread_mutex_lock(&exchange.lock);
        goes_on = answer_step(call, &message, break_after && count > break_after);
        pthread_mutex_unlock(&exchange.lock);
        arena_reset(&arena);
    }
    if (!goes_on)
        (fail)(&call->ctx, ERR_UNAVAILABLE, "MADE_TO_FAIL", "made to break");
    arena_done(&arena);
    rpc_finish(call);
    return NULL;
}

static const struct rpc_method methods[] = {
    {.path = "/cix.v1.MemberService/GetMember",
     .request = &cix__v1__get_member_request__descriptor,
     .response = &cix__v1__get_member_response__descriptor,
     .request_max = MESSAGE_MAX,
     .budget = BUDGET},
    {.path = "/cix.v1.SubmissionService/GetSubmission",
     .request = &cix__v1__get_submission_request__descriptor,
     .response = &cix__v1__get_submission_response__descriptor,
     .request_max = MESSAGE_MAX,
     .budget = BUDGET},
    {.path = "/cix.v1.SubmissionService/Submit",
     .is_stream = true,
     .request = &cix__v1__submit_request__descriptor,
     .response = &cix__v1__submit_response__descriptor,
     .request_max = MESSAGE_MAX,
     .budget = BUDGET},
};

static void arrived(void *user, struct rpc_call *call)
{
    pthread_t thread;

    (void)user;
    if (call->method == &methods[0]) {
        serve_member(call);
    } else if (call->method == &methods[1]) {
        serve_totals(call);
    } else {
        assert_int_equal(pthread_create(&thread, NULL, serve_stream, call), 0);
        pthread_detach(thread);
    }
}

static void adopt(void *user, int fd)
{
    (void)user;
    rpc_adopt(exchange.server, fd);
}

static bool identify(void *user, int fd, struct guard_peer *peer)
{
    (void)user;
    return guard_peer_of(exchange.guard, fd, peer);
}

static bool is_ready(void *user)
{
    (void)user;
    return true;
}

static void finished(void *user, const struct rpc_call *call, enum err code)
{
    (void)user;
    (void)call;
    (void)code;
}

static const char *path(const char *name)
{
    return arena_format(&exchange.arena, "%s/%s", exchange.folder, name);
}

static void start(int port)
{
    struct rpc_options rpc = {.methods = methods,
                              .method_count = 3,
                              .threads = 1,
                              .calls_max = 100,
                              .streams_max = 100,
                              .identify = identify,
                              .arrived = arrived,
                              .is_ready = is_ready,
                              .finished = finished};
    struct guard_options guard = {.address = "127.0.0.1",
                                  .port = port,
                                  .certificate_file = path("server.pem"),
                                  .key_file = path("server.key"),
                                  .ca_file = path("ca.pem"),
                                  .trust_domain = PKI_TRUST_DOMAIN,
                                  .adopt = adopt};

    assert_true(rpc_start(&exchange.ctx, &rpc, &exchange.server));
    if (!guard_start(&exchange.ctx, &guard, &exchange.guard))
        fail_msg("%s", exchange.ctx.error.message);
    snprintf(exchange.address, sizeof(exchange.address), "127.0.0.1:%d",
             guard_port(exchange.guard));
}

static void stop(void)
{
    guard_drain(exchange.guard);
    rpc_drain(exchange.server, DRAIN_MS);
    guard_free(exchange.guard);
    rpc_free(exchange.server);
}

static struct cix_client *open_client(int repeat_max)
{
    struct cix_options options = {.address = exchange.address,
                                  .ca = path("ca.pem"),
                                  .cert = path("bank-a.pem"),
                                  .key = path("bank-a.key"),
                                  .deadline_ms = 10000,
                                  .repeat_max = repeat_max,
                                  .threads = 2};
    struct cix_error error;
    struct cix_client *opened;

    if (!cix_open(&options, &opened, &error))
        fail_msg("%s", error.message);
    return opened;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&exchange.arena, 0);
    ctx_init(&exchange.ctx, &exchange.arena);
    strcpy(exchange.folder, "/tmp/cix-client-test-XXXXXX");
    if (!mkdtemp(exchange.folder))
        return -1;
    exchange.pki = pki_new(exchange.folder, "ca");
    pki_server(exchange.pki, "server");
    pki_member(exchange.pki, "bank-a");
    start(0);
    return 0;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    stop();
    pki_free(exchange.pki);
    arena_done(&exchange.arena);
    snprintf(command, sizeof(command), "rm -r %s", exchange.folder);
    return system(command);
}

static int each_setup(void **state)
{
    (void)state;
    atomic_store(&exchange.failures, 0);
    atomic_store(&exchange.calls, 0);
    atomic_store(&exchange.break_after, 0);
    exchange.chunk_count = 0;
    exchange.is_committed = false;
    exchange.replays = 0;
    client = open_client(0);
    return 0;
}

static int each_teardown(void **state)
{
    (void)state;
    cix_close(client);
    return 0;
}

/* ---- Unary calls ---- */

static bool get_member(struct cix_client *by, struct cix_error *error)
{
    Cix__V1__GetMemberResponse *response;

    if (!cix_get_member(by, &response, error))
        return false;
    assert_string_equal(response->code, "bank-a");
    cix_free(response);
    return true;
}

static void fail_next(enum err code, int count)
{
    exchange.failure = code;
    atomic_store(&exchange.failures, count);
}

static void a_call_is_repeated_while_the_exchange_is_away(void **state)
{
    struct cix_error error;

    (void)state;
    fail_next(ERR_UNAVAILABLE, 2);
    assert_true(get_member(client, &error));
    assert_int_equal(atomic_load(&exchange.calls), 3);
}

static void the_pause_that_the_exchange_asks_for_is_kept(void **state)
{
    int64_t began_us = clock_monotonic_us();
    struct cix_error error;

    (void)state;
    fail_next(ERR_EXHAUSTED, 1);
    assert_true(get_member(client, &error));
    assert_true(clock_monotonic_us() - began_us >= 300 * 1000);
}

static void a_refusal_is_not_repeated_and_keeps_its_reason(void **state)
{
    struct cix_error error;

    (void)state;
    fail_next(ERR_DENIED, 1);
    assert_false(get_member(client, &error));
    assert_int_equal(atomic_load(&exchange.calls), 1);
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
    assert_string_equal(error.reason, "MADE_TO_FAIL");
    assert_string_equal(error.message, "made to fail");
    assert_non_null(cix_error_fact(&error, "request_id"));
}

static void a_client_may_be_told_not_to_repeat(void **state)
{
    struct cix_client *once = open_client(-1);
    struct cix_error error;

    (void)state;
    fail_next(ERR_UNAVAILABLE, 1);
    assert_false(get_member(once, &error));
    assert_int_equal(error.status, CIX_UNAVAILABLE);
    assert_int_equal(atomic_load(&exchange.calls), 1);
    cix_close(once);
}

static void repeats_end(void **state)
{
    struct cix_client *twice = open_client(2);
    struct cix_error error;

    (void)state;
    fail_next(ERR_UNAVAILABLE, 100);
    assert_false(get_member(twice, &error));
    assert_int_equal(atomic_load(&exchange.calls), 3);
    cix_close(twice);
}

static void an_exchange_that_starts_again_is_found_again(void **state)
{
    int port = guard_port(exchange.guard);
    struct cix_error error;

    (void)state;
    assert_true(get_member(client, &error));
    stop();
    start(port);
    assert_true(get_member(client, &error));
}

static void a_new_certificate_is_taken_up(void **state)
{
    uint8_t before[32];
    struct cix_error error;

    (void)state;
    assert_true(get_member(client, &error));
    memcpy(before, exchange.fingerprint, sizeof(before));
    pki_member(exchange.pki, "bank-a");
    for (int i = 0; i < 100 && !memcmp(before, exchange.fingerprint, sizeof(before)); i++) {
        usleep(100 * 1000);
        assert_true(get_member(client, &error));
    }
    assert_memory_not_equal(before, exchange.fingerprint, sizeof(before));
}

static void half_a_renewal_changes_nothing(void **state)
{
    struct cix_error error;
    FILE *file;

    (void)state;
    assert_true(get_member(client, &error));
    file = fopen(path("bank-a.pem"), "w");
    fputs("-----BEGIN CERT", file);
    fclose(file);
    for (int i = 0; i < 8; i++) {
        usleep(100 * 1000);
        assert_true(get_member(client, &error));
    }
    pki_member(exchange.pki, "bank-a");
}

/* ---- Calls at once ---- */

struct tally {
    atomic_int done, good;
};

static void count_answer(void *user, const struct cix_answer *answer)
{
    struct tally *tally = user;
    const Cix__V1__GetMemberResponse *response = cix_answer_response(answer, CIX_GET_MEMBER);

    if (response && !strcmp(response->code, "bank-a"))
        atomic_fetch_add(&tally->good, 1);
    atomic_fetch_add(&tally->done, 1);
}

static void closing_waits_for_every_call_that_was_begun(void **state)
{
    Cix__V1__GetMemberRequest request = CIX__V1__GET_MEMBER_REQUEST__INIT;
    struct cix_client *busy = open_client(0);
    struct tally tally = {0, 0};

    (void)state;
    for (int i = 0; i < 50; i++)
        cix_call_begin(busy, CIX_GET_MEMBER, &request, 0, count_answer, &tally);
    cix_close(busy);
    assert_int_equal(atomic_load(&tally.done), 50);
    assert_int_equal(atomic_load(&tally.good), 50);
}

static void take_error(void *user, const struct cix_answer *answer)
{
    cix_answer_error(answer, user);
}

static void a_call_that_was_begun_tells_its_failure(void **state)
{
    Cix__V1__GetMemberRequest request = CIX__V1__GET_MEMBER_REQUEST__INIT;
    struct cix_client *busy = open_client(0);
    struct cix_error error;

    (void)state;
    fail_next(ERR_PRECONDITION, 1);
    cix_call_begin(busy, CIX_GET_MEMBER, &request, 0, take_error, &error);
    cix_close(busy);
    assert_int_equal(error.status, CIX_FAILED_PRECONDITION);
    assert_string_equal(error.reason, "MADE_TO_FAIL");
}

/* ---- Submissions ---- */

/* The numbers that were answered must rise by one. */
static int32_t answered_last;

static void take_result(void *user, const Cix__V1__ChunkResult *result)
{
    (void)user;
    assert_int_equal(result->number, answered_last + 1);
    answered_last = result->number;
}

static struct cix_submission *open_submission(void)
{
    struct cix_submission_options options = {
        .submission_id = "01890000-0000-7000-8000-000000000001",
        .mode = CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY,
        .answered = take_result,
        .patience_ms = 15000,
    };
    struct cix_submission *submission;
    struct cix_error error;

    if (!cix_submission_open(client, &options, &submission, &error))
        fail_msg("%s", error.message);
    return submission;
}

/* Chunks of so many small records with numbers first to last. */
static bool send_chunks(struct cix_submission *submission, int32_t first, int32_t last,
                        size_t count, struct cix_error *error)
{
    Cix__V1__Account account = CIX__V1__ACCOUNT__INIT;
    Cix__V1__Record record = CIX__V1__RECORD__INIT;
    Cix__V1__Record *records[RECORD_MAX];
    bool is_sent = true;

    account.account_no = "0123456789012345678901234567890123456789012345678901234567890123";
    account.region = "990000";
    record.record_case = CIX__V1__RECORD__RECORD_ACCOUNT;
    record.account = &account;
    for (size_t i = 0; i < RECORD_MAX; i++)
        records[i] = &record;
    for (int32_t number = first; is_sent && number <= last; number++) {
        Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
        chunk.number = number;
        chunk.n_records = count;
        chunk.records = records;
        is_sent = cix_submission_send(submission, &chunk, error);
    }
    return is_sent;
}

static void commit(struct cix_submission *submission, int64_t expected)
{
    Cix__V1__SubmissionCommitted *committed;
    struct cix_error error;

    if (!cix_submission_commit(submission, &committed, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    assert_int_equal(committed->accepted, expected);
    assert_true(exchange.is_committed);
    cix_free(committed);
    cix_submission_close(submission);
}

static void chunks_are_answered_in_order(void **state)
{
    struct cix_submission *submission = open_submission();
    struct cix_error error;

    (void)state;
    answered_last = 0;
    assert_int_equal(cix_submission_next(submission), 1);
    assert_true(send_chunks(submission, 1, 20, RECORD_MAX, &error));
    commit(submission, 20);
    assert_int_equal(answered_last, 20);
    assert_int_equal(exchange.replays, 0);
}

static void a_submission_goes_on_over_breaks(void **state)
{
    struct cix_submission *submission = open_submission();
    struct cix_error error;

    (void)state;
    answered_last = 0;
    atomic_store(&exchange.break_after, 4);
    assert_true(send_chunks(submission, 1, 20, 100, &error));
    atomic_store(&exchange.break_after, 0);
    commit(submission, 20);
    assert_int_equal(answered_last, 20);
    assert_int_equal(exchange.chunk_count, 20);
    assert_true(exchange.replays > 0);
}

static void a_lost_answer_to_commit_is_asked_for(void **state)
{
    struct cix_submission *submission = open_submission();
    struct cix_error error;

    (void)state;
    answered_last = 0;
    assert_true(send_chunks(submission, 1, 3, 10, &error));
    atomic_store(&exchange.breaks_commit, true);
    commit(submission, 3);
}

static void a_second_run_begins_where_the_first_ended(void **state)
{
    struct cix_submission *submission = open_submission();
    struct cix_error error;

    (void)state;
    answered_last = 0;
    exchange.chunk_count = 0;
    assert_true(send_chunks(submission, 1, 5, 10, &error));
    while (exchange.chunk_count < 5)
        usleep(1000);
    cix_submission_close(submission);
    submission = open_submission();
    assert_int_equal(cix_submission_next(submission), 6);
    answered_last = 5;
    assert_true(send_chunks(submission, 6, 8, 10, &error));
    commit(submission, 8);
    assert_int_equal(exchange.replays, 0);
    submission = open_submission();
    assert_true(cix_submission_is_committed(submission));
    commit(submission, 8);
}

static void a_chunk_out_of_order_is_not_sent(void **state)
{
    struct cix_submission *submission = open_submission();
    struct cix_error error;

    (void)state;
    answered_last = 0;
    assert_false(send_chunks(submission, 2, 2, 10, &error));
    assert_string_equal(error.reason, "CHUNK_ORDER");
    assert_true(send_chunks(submission, 1, 1, 10, &error));
    assert_false(send_chunks(submission, 3, 3, 10, &error));
    assert_string_equal(error.reason, "CHUNK_ORDER");
    cix_submission_close(submission);
}

static void a_conflict_is_told(void **state)
{
    struct cix_submission *submission = open_submission();
    Cix__V1__SubmissionCommitted *committed;
    struct cix_error error;

    (void)state;
    answered_last = 0;
    assert_true(send_chunks(submission, 1, 1, 10, &error));
    while (exchange.chunk_count < 1)
        usleep(1000);
    cix_submission_close(submission);
    submission = open_submission();
    assert_true(send_chunks(submission, 1, 1, 11, &error));
    assert_false(cix_submission_commit(submission, &committed, &error));
    assert_int_equal(error.status, CIX_ALREADY_EXISTS);
    assert_string_equal(error.reason, "CHUNK_CONFLICT");
    cix_submission_close(submission);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {
        EACH(a_call_is_repeated_while_the_exchange_is_away),
        EACH(the_pause_that_the_exchange_asks_for_is_kept),
        EACH(a_refusal_is_not_repeated_and_keeps_its_reason),
        EACH(a_client_may_be_told_not_to_repeat),
        EACH(repeats_end),
        EACH(an_exchange_that_starts_again_is_found_again),
        EACH(a_new_certificate_is_taken_up),
        EACH(half_a_renewal_changes_nothing),
        EACH(closing_waits_for_every_call_that_was_begun),
        EACH(a_call_that_was_begun_tells_its_failure),
        EACH(chunks_are_answered_in_order),
        EACH(a_submission_goes_on_over_breaks),
        EACH(a_lost_answer_to_commit_is_asked_for),
        EACH(a_second_run_begins_where_the_first_ended),
        EACH(a_chunk_out_of_order_is_not_sent),
        EACH(a_conflict_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
