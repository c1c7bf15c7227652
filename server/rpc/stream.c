#include <grpc/byte_buffer.h>
#include <time.h>

#include "base/clock.h"
#include "rpc/call.h"
#include "rpc/codec.h"
#include "rpc/server.h"

enum {
    IDLE_MS = 5 * 60 * 1000,
    LOOK_MS = 250,       /* a waiting reader looks so often whether the server drains */
    DRAIN_IDLE_MS = 1000 /* what a caller may be silent for then */
};

static void on_read(struct live_call *live, bool is_ok);
static void on_write(struct live_call *live, bool is_ok);

void stream_init(struct stream *stream)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&stream->moved, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&stream->lock, NULL);
}

void stream_done(struct stream *stream)
{
    if (stream->incoming)
        grpc_byte_buffer_destroy(stream->incoming);
    if (stream->outgoing)
        grpc_byte_buffer_destroy(stream->outgoing);
    pthread_cond_destroy(&stream->moved);
    pthread_mutex_destroy(&stream->lock);
}

void stream_wake(struct live_call *live)
{
    pthread_mutex_lock(&live->stream.lock);
    pthread_cond_broadcast(&live->stream.moved);
    pthread_mutex_unlock(&live->stream.lock);
}

/* With the lock held. */
static void start_read(struct live_call *live)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};

    live->read = (struct call_event){live, on_read};
    live->stream.is_reading = true;
    op.data.recv_message.recv_message = &live->stream.incoming;
    call_hold(live);
    CHECK(grpc_call_start_batch(live->call, &op, 1, &live->read, NULL) == GRPC_CALL_OK);
}

/*
 * With the lock held; takes the buffer. No GRPC_WRITE_BUFFER_HINT: waiting for each write under it
 * can wait for ever.
 */
static void start_write(struct live_call *live, grpc_byte_buffer *buffer)
{
    grpc_op ops[2] = {0};
    grpc_metadata request_id;
    size_t count = 0;

    live->write = (struct call_event){live, on_write};
    live->stream.is_writing = true;
    live->stream.outgoing = buffer;
    if (!live->has_greeted)
        ops[count++] = call_greeting(live, &request_id);
    ops[count].op = GRPC_OP_SEND_MESSAGE;
    ops[count++].data.send_message.send_message = buffer;
    call_hold(live);
    CHECK(grpc_call_start_batch(live->call, ops, count, &live->write, NULL) == GRPC_CALL_OK);
}

static void on_read(struct live_call *live, bool is_ok)
{
    struct stream *stream = &live->stream;

    (void)is_ok; /* incoming is NULL then */
    pthread_mutex_lock(&stream->lock);
    stream->is_reading = false;
    pthread_cond_broadcast(&stream->moved);
    pthread_mutex_unlock(&stream->lock);
    if (stream->read)
        stream->read(live);
    call_drop(live);
}

static void on_write(struct live_call *live, bool is_ok)
{
    struct stream *stream = &live->stream;

    pthread_mutex_lock(&stream->lock);
    stream->is_writing = false;
    stream->is_written = is_ok;
    grpc_byte_buffer_destroy(stream->outgoing);
    stream->outgoing = NULL;
    pthread_cond_broadcast(&stream->moved);
    pthread_mutex_unlock(&stream->lock);
    if (stream->written)
        stream->written(live);
    call_drop(live);
}

void stream_expect(struct live_call *live, void (*read)(struct live_call *live))
{
    live->stream.read = read;
    pthread_mutex_lock(&live->stream.lock);
    start_read(live);
    pthread_mutex_unlock(&live->stream.lock);
}

void stream_send(struct live_call *live, grpc_byte_buffer *buffer,
                 void (*written)(struct live_call *live))
{
    live->stream.written = written;
    pthread_mutex_lock(&live->stream.lock);
    start_write(live, buffer);
    pthread_mutex_unlock(&live->stream.lock);
}

/* When a wait that starts now ends: the call's deadline or the bound on idle streams. */
static int64_t wait_end_us(const struct live_call *live)
{
    int idle_ms = live->server->options.stream_idle_ms;
    int64_t end_us = clock_monotonic_us() + (idle_ms ? idle_ms : IDLE_MS) * INT64_C(1000);

    return live->open.deadline_us < end_us ? live->open.deadline_us : end_us;
}

/* Sleeps with the lock held until something moves; false when the time is up. */
static bool sleep_until(struct stream *stream, int64_t end_us)
{
    struct timespec end = {.tv_sec = end_us / 1000000, .tv_nsec = end_us % 1000000 * 1000};

    return pthread_cond_timedwait(&stream->moved, &stream->lock, &end) == 0;
}

/* Waits with the lock held until the operation is done; false when the time is up before. */
static bool wait_while(struct live_call *live, const bool *is_busy)
{
    int64_t end_us = wait_end_us(live);

    while (*is_busy && !atomic_load(&live->is_cancelled))
        if (!sleep_until(&live->stream, end_us))
            break;
    return !*is_busy;
}

/*
 * A draining server goes on with a stream while its caller keeps it busy, at most for half of the
 * time that running calls get: then it ends between two messages, where it costs the caller least.
 */
static bool is_told_to_go(const struct live_call *live, int64_t silent_since_us)
{
    const struct rpc_server *server = live->server;
    int64_t now_us;

    if (!atomic_load(&server->is_draining))
        return false;
    now_us = clock_monotonic_us();
    return now_us >= server->streams_end_us ||
           now_us - silent_since_us >= DRAIN_IDLE_MS * INT64_C(1000);
}

/* The same for the next message, as long as the server may wait for it. */
static bool wait_read(struct live_call *live)
{
    int64_t since_us = clock_monotonic_us();
    int64_t end_us = wait_end_us(live);
    int64_t look_us;

    while (live->stream.is_reading && !atomic_load(&live->is_cancelled) &&
           !is_told_to_go(live, since_us)) {
        look_us = clock_monotonic_us() + LOOK_MS * INT64_C(1000);
        if (!sleep_until(&live->stream, look_us < end_us ? look_us : end_us) &&
            clock_monotonic_us() >= end_us)
            break;
    }
    return !live->stream.is_reading;
}

static bool fail_waiting(struct live_call *live)
{
    if (rpc_is_over(&live->open))
        return call_fail_over(live);
    if (atomic_load(&live->server->is_draining))
        return fail(&live->open.ctx, ERR_UNAVAILABLE, "DRAINING",
                    "server is stopping; go on with another connection");
    return fail(&live->open.ctx, ERR_DEADLINE, "STREAM_IDLE",
                "caller let the stream wait too long");
}

/* The next message's buffer; NULL at the end. False when the call is over. */
static bool next_buffer(struct live_call *live, grpc_byte_buffer **buffer)
{
    struct stream *stream = &live->stream;

    pthread_mutex_lock(&stream->lock);
    if (!stream->is_reading && !stream->incoming)
        start_read(live);
    bool is_done = wait_read(live);
    if (is_done) {
        *buffer = stream->incoming;
        stream->incoming = NULL;
    }
    pthread_mutex_unlock(&stream->lock);
    if (!is_done)
        return fail_waiting(live);
    if (!*buffer && grpc_call_failed_before_recv_message(live->call))
        return call_fail_over(live);
    return true;
}

int rpc_read(struct rpc_call *call, struct arena *arena, struct rpc_message *message)
{
    struct live_call *live = live_of(call);
    struct rpc_message got;
    grpc_byte_buffer *buffer = NULL;

    CHECK(call->method->is_stream);
    if (call->ctx.error.code != ERR_NONE)
        return -1;
    if (is_told_to_go(live, clock_monotonic_us())) {
        fail_waiting(live);
        return -1;
    }
    if (!next_buffer(live, &buffer))
        return -1;
    if (!buffer)
        return 0;
    got.bytes = codec_copy(arena, buffer);
    grpc_byte_buffer_destroy(buffer);
    if (!codec_unpack(&call->ctx, arena, call->method, got.bytes, &got.message))
        return -1;
    *message = got;
    return 1;
}

bool rpc_write(struct rpc_call *call, const ProtobufCMessage *response)
{
    struct live_call *live = live_of(call);
    struct stream *stream = &live->stream;

    CHECK(call->method->is_stream && response->descriptor == call->method->response);
    if (rpc_is_over(call))
        return call_fail_over(live);
    pthread_mutex_lock(&stream->lock);
    CHECK(!stream->is_writing);
    start_write(live, codec_pack(response));
    bool is_done = wait_while(live, &stream->is_writing);
    bool is_written = is_done && stream->is_written;
    pthread_mutex_unlock(&stream->lock);
    if (is_written)
        return true;
    if (is_done)
        return call_fail_over(live);
    fail_waiting(live);
    /* Nothing can be sent behind a write that is stuck. */
    atomic_store(&live->is_cancelled, true);
    grpc_call_cancel(live->call, NULL);
    return false;
}
