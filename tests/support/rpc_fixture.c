#include "support/rpc_fixture.h"

#include <cix/v1/flag.pb-c.h>
#include <cix/v1/member.pb-c.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELD_MAX = 64 };

struct rpc_fixture fixture;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rpc_call *held[HELD_MAX];
static int held_count;

static const struct rpc_method methods[] = {
    {.path = "/cix.v1.MemberService/GetMember",
     .request = &cix__v1__get_member_request__descriptor,
     .response = &cix__v1__get_member_response__descriptor,
     .request_max = FIXTURE_REQUEST_MAX,
     .budget = FIXTURE_BUDGET},
    {.path = "/cix.v1.FlagService/RemoveFlag",
     .request = &cix__v1__remove_flag_request__descriptor,
     .response = &cix__v1__remove_flag_response__descriptor,
     .request_max = FIXTURE_REQUEST_MAX,
     .budget = FIXTURE_BUDGET},
    {.path = "/cix.v1.FlagService/BatchCheckFlags",
     .is_stream = true,
     .request = &cix__v1__batch_check_flags_request__descriptor,
     .response = &cix__v1__batch_check_flags_response__descriptor,
     .request_max = FIXTURE_REQUEST_MAX,
     .budget = FIXTURE_BUDGET},
};

static bool identify(void *user, int fd, struct guard_peer *peer)
{
    (void)user;
    CHECK(fd >= 0);
    *peer = (struct guard_peer){.generation = 1};
    strcpy(peer->member_code, "bank-a");
    return atomic_load(&fixture.is_known);
}

static void answer_member(struct rpc_call *call)
{
    Cix__V1__GetMemberResponse response = CIX__V1__GET_MEMBER_RESPONSE__INIT;

    response.code = call->peer.member_code;
    rpc_answer(call, &response.base);
}

static void serve_member(struct rpc_call *call)
{
    if (!atomic_load(&fixture.is_holding)) {
        answer_member(call);
        return;
    }
    pthread_mutex_lock(&lock);
    CHECK(held_count < HELD_MAX);
    held[held_count++] = call;
    pthread_mutex_unlock(&lock);
}

/* True when the flag's id asks for a failure. */
static bool has_failed(struct rpc_call *call, const char *flag_id)
{
    struct ctx *ctx = &call->ctx;

    if (strcmp(flag_id, "denied") == 0) {
        fail(ctx, ERR_DENIED, "NOT_YOURS", "flag belongs to another court: \xe6\xb3\x95");
        fail_fact(ctx, "traceparent", "%s", call->traceparent);
    }
    if (strcmp(flag_id, "broken") == 0)
        fail(ctx, ERR_INTERNAL, "BROKEN", "secret detail");
    for (int i = 0; strcmp(flag_id, "long") == 0 && i < ERROR_FIELD_MAX; i++)
        fail_field(ctx, "LONG", "a.field", "%0500d", i);
    return ctx->error.code != ERR_NONE;
}

static void serve_remove(struct rpc_call *call)
{
    const Cix__V1__RemoveFlagRequest *request = (const void *)call->request;
    Cix__V1__RemoveFlagResponse response = CIX__V1__REMOVE_FLAG_RESPONSE__INIT;

    if (has_failed(call, request->flag_id)) {
        rpc_finish(call);
        return;
    }
    response.recorded_at_us = (int64_t)call->request_bytes.size;
    rpc_answer(call, &response.base);
}

static bool answer_flags(struct rpc_call *call, struct arena *arena,
                         const ProtobufCMessage *message)
{
    const Cix__V1__BatchCheckFlagsRequest *request = (const void *)message;
    Cix__V1__BatchCheckFlagsResponse response = CIX__V1__BATCH_CHECK_FLAGS_RESPONSE__INIT;
    Cix__V1__BatchedFlagAnswer one = CIX__V1__BATCHED_FLAG_ANSWER__INIT;

    response.n_results = request->n_inquiries;
    response.results = arena_array(arena, request->n_inquiries, sizeof(response.results[0]));
    for (size_t i = 0; i < request->n_inquiries; i++)
        response.results[i] = &one;
    return rpc_write(call, &response.base);
}

static void *serve_flags(void *data)
{
    struct rpc_call *call = data;
    struct rpc_message message;
    struct arena arena;

    arena_init(&arena, 0);
    while (rpc_read(call, &arena, &message) == 1 && answer_flags(call, &arena, message.message))
        arena_reset(&arena);
    arena_done(&arena);
    rpc_finish(call);
    return NULL;
}

static void arrived(void *user, struct rpc_call *call)
{
    pthread_t thread;

    (void)user;
    atomic_fetch_add(&fixture.arrived, 1);
    if (call->method == &methods[0])
        serve_member(call);
    else if (call->method == &methods[1])
        serve_remove(call);
    else {
        CHECK(pthread_create(&thread, NULL, serve_flags, call) == 0);
        pthread_detach(thread);
    }
}

static void finished(void *user, const struct rpc_call *call, enum err code)
{
    (void)user;
    CHECK(call->method);
    atomic_store(&fixture.last_code, (int)code);
    atomic_fetch_add(&fixture.finished, 1);
}

static bool is_ready(void *user)
{
    (void)user;
    return atomic_load(&fixture.is_ready);
}

struct grpc_client *fixture_connect(void)
{
    int pair[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    rpc_adopt(fixture.server, pair[0]);
    return grpc_client_new(pair[1]);
}

static int start(int stream_idle_ms)
{
    const struct rpc_options options = {
        .methods = methods,
        .method_count = ARRAY_LENGTH(methods),
        .threads = 1,
        .calls_max = FIXTURE_CALLS_MAX,
        .stream_idle_ms = stream_idle_ms,
        .identify = identify,
        .arrived = arrived,
        .is_ready = is_ready,
        .finished = finished,
    };
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    atomic_store(&fixture.is_known, true);
    atomic_store(&fixture.is_ready, true);
    atomic_store(&fixture.is_holding, false);
    atomic_store(&fixture.arrived, 0);
    atomic_store(&fixture.finished, 0);
    held_count = 0;
    bool is_started = rpc_start(&ctx, &options, &fixture.server);
    arena_done(&arena);
    if (!is_started)
        return -1;
    fixture.client = fixture_connect();
    return 0;
}

int fixture_setup(void **state)
{
    (void)state;
    return start(1500);
}

int fixture_setup_patient(void **state)
{
    (void)state;
    return start(60 * 60 * 1000);
}

int fixture_teardown(void **state)
{
    (void)state;
    fixture_answer_held();
    if (fixture.client)
        grpc_client_free(fixture.client);
    fixture.client = NULL;
    rpc_free(fixture.server);
    return 0;
}

void fixture_answer_held(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < held_count; i++)
        answer_member(held[i]);
    held_count = 0;
    pthread_mutex_unlock(&lock);
}

struct rpc_call *fixture_held(void)
{
    pthread_mutex_lock(&lock);
    struct rpc_call *first = held_count ? held[0] : NULL;
    pthread_mutex_unlock(&lock);
    return first;
}

bool fixture_holds(int count)
{
    for (int i = 0; i < FIXTURE_WAIT_MS; i++) {
        pthread_mutex_lock(&lock);
        bool is_so = held_count == count;
        pthread_mutex_unlock(&lock);
        if (is_so)
            return true;
        usleep(1000);
    }
    return false;
}

bool fixture_finishes(int count)
{
    for (int i = 0; i < FIXTURE_WAIT_MS; i++) {
        if (atomic_load(&fixture.finished) == count)
            return true;
        usleep(1000);
    }
    return false;
}

void fixture_call(const char *path, struct bytes request, struct grpc_reply *reply)
{
    grpc_client_call(fixture.client, path, request, FIXTURE_WAIT_MS, reply);
}
