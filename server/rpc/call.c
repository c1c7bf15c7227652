#include "rpc/call.h"

#include <grpc/slice.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/codec.h"
#include "rpc/server.h"
#include "rpc/status.h"

void call_free(struct live_call *live)
{
    struct rpc_server *server = live->server;

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
    atomic_fetch_sub(&server->calls, 1); /* the last word: the server may go now */
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
    call_free(live);
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

void call_await_end(struct live_call *live)
{
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};

    op.data.recv_close_on_server.cancelled = &live->close_is_cancelled;
    live->closing = (struct call_event){live, on_closing};
    call_hold(live);
    CHECK(grpc_call_start_batch(live->call, &op, 1, &live->closing, NULL) == GRPC_CALL_OK);
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

static void on_status(struct live_call *live, bool is_ok)
{
    live->is_sent = is_ok;
    call_drop(live);
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
    live->status = (struct call_event){live, on_status};
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
