#include <grpc/byte_buffer.h>
#include <grpc/health/v1/health.pb-c.h>
#include <string.h>

#include "rpc/codec.h"
#include "rpc/server.h"

/* What clients of one connection may watch at once, and when one that has too many may come again.
 */
enum { WATCHERS_MAX = 4, WATCHERS_RETRY_MS = 60 * 1000 };

/* Shorter names for what protoc-c writes out. */
#define STATUS(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

/* A call of Watch, in its arena. It is busy while gRPC reads or writes. */
struct watcher {
    struct standing standing; /* first */
    bool is_known;            /* it watches a service that is here */
    int told;                 /* the status that was sent last; UNKNOWN: none yet */
};

/* True for the part of "/cix.v1.FlagService/CheckFlag" between the slashes. */
static bool names_service(const char *path, const char *service)
{
    size_t size = strlen(service);

    return strncmp(path + 1, service, size) == 0 && path[1 + size] == '/';
}

static bool has_service(const struct rpc_server *server, const char *service)
{
    if (service[0] == '\0') /* the whole server */
        return true;
    for (int i = 0; i < server->entry_count; i++)
        if (names_service(server->entries[i].method.path, service))
            return true;
    return false;
}

static bool is_serving(struct rpc_server *server)
{
    const struct rpc_options *options = &server->options;

    return !atomic_load(&server->is_draining) &&
           (!options->is_ready || options->is_ready(options->user));
}

static void serve_check(struct live_call *live)
{
    struct rpc_call *call = &live->open;
    const Grpc__Health__V1__HealthCheckRequest *request = (const void *)call->request;
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;

    if (!has_service(live->server, request->service)) {
        fail(&call->ctx, ERR_NOT_FOUND, "SERVICE_UNKNOWN", "no such service");
        rpc_finish(call);
        return;
    }
    response.status = is_serving(live->server) ? STATUS(SERVING) : STATUS(NOT_SERVING);
    rpc_answer(call, &response.base);
}

struct call_entry health_check_entry(void)
{
    return (struct call_entry){
        .method = {.path = "/grpc.health.v1.Health/Check",
                   .request = &grpc__health__v1__health_check_request__descriptor,
                   .response = &grpc__health__v1__health_check_response__descriptor,
                   .request_max = 1024,
                   .budget = 4096},
        .serve = serve_check,
    };
}

static void on_told(struct live_call *live);

static void tell(struct watcher *watcher, int status)
{
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;

    response.status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)status;
    watcher->told = status;
    watcher->standing.is_busy = true;
    stream_send(watcher->standing.live, codec_pack(&response.base), on_told);
}

/* What comes next for a watcher that knows what it wants: an answer, its end, or nothing. */
static void step(struct standing *standing)
{
    struct watcher *watcher = (struct watcher *)(void *)standing;
    struct live_call *live = standing->live;
    int status = STATUS(SERVICE_UNKNOWN);

    if (watcher->is_known)
        status = is_serving(live->server) ? STATUS(SERVING) : STATUS(NOT_SERVING);
    if (status != watcher->told && !rpc_is_over(&live->open))
        tell(watcher, status);
    else if (!standing_fail(standing))
        standing_end(standing);
}

static void on_told(struct live_call *live)
{
    struct watcher *watcher = live->open.user;

    pthread_mutex_lock(&live->server->standing_lock);
    watcher->standing.is_busy = false;
    if (live->stream.is_written) {
        step(&watcher->standing);
    } else {
        call_fail_over(live);
        standing_end(&watcher->standing);
    }
    pthread_mutex_unlock(&live->server->standing_lock);
}

/* Reads whom the caller watches; false when the message is none or malformed. */
static bool take_watched(struct watcher *watcher, grpc_byte_buffer *incoming)
{
    struct rpc_call *call = &watcher->standing.live->open;
    const Grpc__Health__V1__HealthCheckRequest *request;
    ProtobufCMessage *message;

    if (!incoming)
        return fail(&call->ctx, ERR_INVALID, "MESSAGE_MISSING", "call has no message");
    if (!codec_unpack(&call->ctx, &call->arena, call->method, codec_view(&call->arena, incoming),
                      &message))
        return false;
    request = (const void *)message;
    watcher->is_known = has_service(watcher->standing.live->server, request->service);
    return true;
}

static void on_watched(struct live_call *live)
{
    struct watcher *watcher = live->open.user;
    grpc_byte_buffer *incoming = live->stream.incoming;
    bool is_taken = take_watched(watcher, incoming);

    live->stream.incoming = NULL;
    if (incoming)
        grpc_byte_buffer_destroy(incoming);
    pthread_mutex_lock(&live->server->standing_lock);
    watcher->standing.is_busy = false;
    if (is_taken)
        step(&watcher->standing);
    else
        standing_end(&watcher->standing);
    pthread_mutex_unlock(&live->server->standing_lock);
}

/* Puts a call on the list, unless its connection has its share already. */
static bool add(struct live_call *live)
{
    struct rpc_server *server = live->server;
    struct watcher *watcher = arena_alloc(&live->open.arena, sizeof(*watcher));
    int count = 0;

    *watcher = (struct watcher){.standing = {.live = live, .is_busy = true, .look = step},
                                .told = STATUS(UNKNOWN)};
    live->open.user = watcher;
    pthread_mutex_lock(&server->standing_lock);
    for (const struct standing *other = server->standing; other; other = other->next)
        count +=
            other->look == step && other->live->open.peer.generation == live->open.peer.generation;
    if (count < WATCHERS_MAX)
        standing_add(&watcher->standing);
    pthread_mutex_unlock(&server->standing_lock);
    return count < WATCHERS_MAX ||
           fail_retry(&live->open.ctx, "WATCHERS_MAX", WATCHERS_RETRY_MS,
                      "connection watches health %d times already", WATCHERS_MAX);
}

static void serve_watch(struct live_call *live)
{
    if (add(live))
        stream_expect(live, on_watched);
    else
        rpc_finish(&live->open);
}

struct call_entry health_watch_entry(void)
{
    return (struct call_entry){
        .method = {.path = "/grpc.health.v1.Health/Watch",
                   .is_stream = true,
                   .request = &grpc__health__v1__health_check_request__descriptor,
                   .response = &grpc__health__v1__health_check_response__descriptor,
                   .request_max = 1024,
                   .budget = 4096},
        .serve = serve_watch,
    };
}
