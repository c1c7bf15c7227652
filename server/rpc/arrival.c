/*
 * A call comes in: the slot that gRPC fills, who is behind it, whether it may wait, its message.
 */
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/call.h"
#include "rpc/codec.h"
#include "rpc/server.h"

enum { RETRY_AFTER_MS = 1000 }; /* what a caller is told when too many calls wait */

static void on_arrival(struct live_call *live, bool is_ok);

static struct live_call *live_new(struct rpc_server *server, const struct call_entry *entry,
                                  grpc_completion_queue *queue)
{
    struct live_call *live = calloc(1, sizeof(*live));

    CHECK(live);
    atomic_fetch_add(&server->calls, 1);
    live->server = server;
    live->entry = entry;
    live->queue = queue;
    live->arrival = (struct call_event){live, on_arrival};
    live->request_id = grpc_empty_slice();
    live->status_message = grpc_empty_slice();
    live->status_details = grpc_empty_slice();
    grpc_metadata_array_init(&live->metadata);
    grpc_call_details_init(&live->details);
    return live;
}

void call_await(struct rpc_server *server, const struct call_entry *entry,
                grpc_completion_queue *queue)
{
    struct live_call *live = live_new(server, entry, queue);
    grpc_call_error error;

    if (!entry)
        error = grpc_server_request_call(server->core, &live->call, &live->details, &live->metadata,
                                         queue, queue, &live->arrival);
    else
        error = grpc_server_request_registered_call(
            server->core, entry->handle, &live->call, &live->deadline, &live->metadata,
            entry->method.is_stream ? NULL : &live->payload, queue, queue, &live->arrival);
    if (error != GRPC_CALL_OK) /* the queue is shut down */
        call_free(live);
}

static int64_t deadline_us_of(gpr_timespec deadline)
{
    if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0)
        return INT64_MAX;
    deadline = gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC);
    return deadline.tv_sec * 1000000 + deadline.tv_nsec / 1000;
}

/* "00-<32 hex>-<16 hex>-<2 hex>", else it is dropped. */
static void read_traceparent(struct live_call *live)
{
    enum { SIZE = 55 };

    for (size_t i = 0; i < live->metadata.count; i++) {
        const grpc_metadata *entry = &live->metadata.metadata[i];
        char *text = live->open.traceparent;

        if (grpc_slice_str_cmp(entry->key, "traceparent") != 0 ||
            GRPC_SLICE_LENGTH(entry->value) != SIZE)
            continue;
        memcpy(text, GRPC_SLICE_START_PTR(entry->value), SIZE);
        text[SIZE] = '\0';
        if (strspn(text, "0123456789abcdef-") != SIZE || text[2] != '-' || text[35] != '-' ||
            text[52] != '-')
            text[0] = '\0';
    }
}

static void open_call(struct live_call *live)
{
    struct rpc_call *call = &live->open;
    const struct call_entry *entry = live->entry;

    if (entry)
        call->method = entry->own ? entry->own : &entry->method;
    arena_init(&call->arena, call->method ? call->method->request_max + call->method->budget : 0);
    ctx_init(&call->ctx, &call->arena);
    call->request_id = uuid_new();
    call->arrived_us = clock_monotonic_us();
    call->deadline_us = deadline_us_of(entry ? live->deadline : live->details.deadline);
    read_traceparent(live);
    if (call->method && call->method->is_stream)
        stream_init(&live->stream);
}

/* gRPC names an adopted connection by its descriptor: "fd:17". */
static bool identify(struct live_call *live)
{
    struct rpc_options *options = &live->server->options;
    struct rpc_call *call = &live->open;
    char *name = grpc_call_get_peer(live->call);
    char *end = NULL;
    long fd = name && strncmp(name, "fd:", 3) == 0 ? strtol(name + 3, &end, 10) : -1;
    bool is_known =
        end && *end == '\0' && fd >= 0 && options->identify(options->user, (int)fd, &call->peer);

    gpr_free(name);
    return is_known || fail(&call->ctx, ERR_UNAUTHENTICATED, "PEER_UNKNOWN",
                            "no member is known behind this connection");
}

static bool admit(struct live_call *live)
{
    struct rpc_server *server = live->server;

    if (!live->entry->own)
        return true;
    live->is_counted = true;
    if (atomic_fetch_add(&server->waiting, 1) >= server->options.calls_max)
        return fail_retry(&live->open.ctx, "TOO_MANY_CALLS", RETRY_AFTER_MS,
                          "server has too many calls waiting");
    return true;
}

static bool take_request(struct live_call *live)
{
    struct rpc_call *call = &live->open;

    if (call->method->is_stream)
        return true;
    if (!live->payload)
        return fail(&call->ctx, ERR_INVALID, "MESSAGE_MISSING", "call has no message");
    call->request_bytes = codec_view(&call->arena, live->payload);
    return codec_unpack(&call->ctx, &call->arena, call->method, call->request_bytes,
                        &call->request);
}

static bool has_method(struct live_call *live)
{
    return live->entry ||
           fail(&live->open.ctx, ERR_UNIMPLEMENTED, "METHOD_UNKNOWN", "no such method");
}

static void on_arrival(struct live_call *live, bool is_ok)
{
    if (!is_ok) { /* the server shuts down */
        call_free(live);
        return;
    }
    call_await(live->server, live->entry, live->queue);
    atomic_store(&live->references, 1);
    open_call(live);
    call_await_end(live);
    if (has_method(live) && identify(live) && admit(live) && take_request(live))
        live->entry->serve(live);
    else
        rpc_finish(&live->open);
}
