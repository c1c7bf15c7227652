#include "rpc/call.h"

#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/codec.h"
#include "rpc/server.h"
#include "rpc/status.h"

enum { RETRY_AFTER_MS = 1000 }; /* what a caller is told when too many calls wait */

static void on_arrival(struct live_call *live, bool is_ok);
static void on_closing(struct live_call *live, bool is_ok);
static void on_status(struct live_call *live, bool is_ok);

static struct live_call *live_new(struct rpc_server *server, const struct call_entry *entry,
                                  grpc_completion_queue *queue)
{
    struct live_call *live = calloc(1, sizeof(*live));

    CHECK(live);
    live->server = server;
    live->entry = entry;
    live->queue = queue;
    live->arrival = (struct call_event){live, on_arrival};
    live->closing = (struct call_event){live, on_closing};
    live->status = (struct call_event){live, on_status};
    live->request_id = grpc_empty_slice();
    live->status_message = grpc_empty_slice();
    live->status_details = grpc_empty_slice();
    grpc_metadata_array_init(&live->metadata);
    grpc_call_details_init(&live->details);
    return live;
}

static void live_free(struct live_call *live)
{
    if (live->call)
        grpc_call_unref(live->call);
    if (live->payload)
        grpc_byte_buffer_destroy(live->payload);
    if (live->response)
        grpc_byte_buffer_destroy(live->response);
    if (live->open.method && live->open.method->is_stream)
        stream_done(&live->stream);
    grpc_slice_unref(live->request_id);
    grpc_slice_unref(live->status_message);
    grpc_slice_unref(live->status_details);
    grpc_metadata_array_destroy(&live->metadata);
    grpc_call_details_destroy(&live->details);
    arena_done(&live->open.arena);
    free(live);
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
        live_free(live);
}

void call_hold(struct live_call *live)
{
    atomic_fetch_add(&live->references, 1);
}

static bool is_late(const struct rpc_call *call)
{
    return call->deadline_us != INT64_MAX && clock_monotonic_us() >= call->deadline_us;
}

static void report(const struct live_call *live)
{
    const struct rpc_options *options = &live->server->options;
    enum err code = live->code;

    if (!options->finished || !live->entry || !live->entry->own)
        return;
    if (!live->is_sent)
        code = is_late(&live->open) ? ERR_DEADLINE : ERR_CANCELLED;
    options->finished(options->user, &live->open, code);
}

void call_drop(struct live_call *live)
{
    if (atomic_fetch_sub(&live->references, 1) != 1)
        return;
    report(live);
    live_free(live);
}

bool rpc_is_over(const struct rpc_call *call)
{
    const struct live_call *live = (const struct live_call *)call;

    return atomic_load_explicit(&live->is_cancelled, memory_order_relaxed) || is_late(call);
}

bool call_fail_over(struct live_call *live)
{
    struct rpc_call *call = &live->open;

    if (is_late(call))
        return fail(&call->ctx, ERR_DEADLINE, "DEADLINE_PASSED", "deadline has passed");
    return fail(&call->ctx, ERR_CANCELLED, "CALLER_GONE", "caller has gone");
}

/* --- arrival --- */

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

/* The end of a call is asked for at once: that is how cancellation gets known. */
static void await_closing(struct live_call *live)
{
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};

    op.data.recv_close_on_server.cancelled = &live->close_is_cancelled;
    call_hold(live);
    CHECK(grpc_call_start_batch(live->call, &op, 1, &live->closing, NULL) == GRPC_CALL_OK);
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
        live_free(live);
        return;
    }
    call_await(live->server, live->entry, live->queue);
    atomic_store(&live->references, 1);
    open_call(live);
    await_closing(live);
    if (has_method(live) && identify(live) && admit(live) && take_request(live))
        live->entry->serve(live);
    else
        rpc_finish(&live->open);
}

static void on_closing(struct live_call *live, bool is_ok)
{
    (void)is_ok;
    if (live->close_is_cancelled) {
        atomic_store(&live->is_cancelled, true);
        if (live->open.method && live->open.method->is_stream)
            stream_wake(live);
    }
    call_drop(live);
}

/* --- answer --- */

grpc_op call_greeting(struct live_call *live, grpc_metadata *request_id)
{
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    char text[37];

    uuid_format(&live->open.request_id, text);
    live->request_id = grpc_slice_from_copied_string(text);
    *request_id = (grpc_metadata){.key = grpc_slice_from_static_string("x-request-id"),
                                  .value = live->request_id};
    op.data.send_initial_metadata.count = 1;
    op.data.send_initial_metadata.metadata = request_id;
    live->has_greeted = true;
    return op;
}

static grpc_op status_op(struct live_call *live, grpc_metadata *details)
{
    grpc_op op = {.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    struct rpc_call *call = &live->open;
    struct status status;

    status_make(&call->arena, &call->ctx.error, &call->request_id, &status);
    live->code = call->ctx.error.code;
    live->status_message = grpc_slice_from_copied_string(status.message);
    op.data.send_status_from_server.status = (grpc_status_code)status.code;
    op.data.send_status_from_server.status_details = &live->status_message;
    if (status.details.size == 0)
        return op;
    live->status_details =
        grpc_slice_from_copied_buffer((const char *)status.details.data, status.details.size);
    *details = (grpc_metadata){.key = grpc_slice_from_static_string("grpc-status-details-bin"),
                               .value = live->status_details};
    op.data.send_status_from_server.trailing_metadata_count = 1;
    op.data.send_status_from_server.trailing_metadata = details;
    return op;
}

/* One batch ends the call. The reference of whoever served it passes to the operation. */
static void send_end(struct live_call *live)
{
    grpc_op ops[3] = {0};
    grpc_metadata request_id, details;
    size_t count = 0;

    if (live->is_counted)
        atomic_fetch_sub(&live->server->waiting, 1);
    if (!live->has_greeted)
        ops[count++] = call_greeting(live, &request_id);
    if (live->response) {
        ops[count].op = GRPC_OP_SEND_MESSAGE;
        ops[count++].data.send_message.send_message = live->response;
    }
    ops[count++] = status_op(live, &details);
    CHECK(grpc_call_start_batch(live->call, ops, count, &live->status, NULL) == GRPC_CALL_OK);
}

void rpc_answer(struct rpc_call *call, const ProtobufCMessage *response)
{
    struct live_call *live = live_of(call);

    CHECK(!call->method->is_stream && response->descriptor == call->method->response);
    ctx_clear(&call->ctx);
    live->response = codec_pack(response);
    send_end(live);
}

void rpc_finish(struct rpc_call *call)
{
    bool is_stream = call->method && call->method->is_stream;

    if (!is_stream && call->ctx.error.code == ERR_NONE)
        fail(&call->ctx, ERR_INTERNAL, "NO_ANSWER", "call was ended without an answer");
    send_end(live_of(call));
}

static void on_status(struct live_call *live, bool is_ok)
{
    live->is_sent = is_ok;
    call_drop(live);
}
