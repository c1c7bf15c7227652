#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "transport.h"

enum { STREAM_KEPT_MAX = 64 }; /* messages kept while nobody receives */

/* The tags of a stream's batches. */
enum stream_tag { TAG_OPEN, TAG_SEND, TAG_RECEIVE, TAG_STATUS, TAG_COUNT };

struct cix_stream {
    grpc_completion_queue *queue;
    grpc_call *call;
    bool is_pending[TAG_COUNT];
    bool is_ended;   /* nothing more will arrive */
    bool is_timeout; /* cancelled because the time was up */
    bool is_sent;    /* what the latest send came to */
    grpc_byte_buffer *arriving;
    struct receipt receipt;
    struct bytes kept[STREAM_KEPT_MAX]; /* arrived, not yet received; a ring */
    size_t kept_first, kept_count;
};

static void start(struct cix_stream *stream, const grpc_op *ops, size_t count, enum stream_tag tag)
{
    stream->is_pending[tag] = true;
    CHECK(grpc_call_start_batch(stream->call, ops, count, &stream->is_pending[tag], NULL) ==
          GRPC_CALL_OK);
}

static void start_receive(struct cix_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &stream->arriving};

    if (!stream->is_ended && !stream->is_pending[TAG_RECEIVE] &&
        stream->kept_count < STREAM_KEPT_MAX)
        start(stream, &op, 1, TAG_RECEIVE);
}

struct cix_stream *cix_stream_new(struct cix_channel *channel, enum cix_method method)
{
    struct cix_stream *stream = calloc(1, sizeof(*stream));

    CHECK(stream);
    stream->queue = grpc_completion_queue_create_for_next(NULL);
    stream->call = transport_call(channel, stream->queue, method, 0);
    grpc_metadata_array_init(&stream->receipt.initial);
    grpc_metadata_array_init(&stream->receipt.trailing);
    grpc_op open[] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_INITIAL_METADATA,
         .data.recv_initial_metadata.recv_initial_metadata = &stream->receipt.initial},
    };
    grpc_op status = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT,
                      .data.recv_status_on_client = {.trailing_metadata = &stream->receipt.trailing,
                                                     .status = &stream->receipt.status,
                                                     .status_details = &stream->receipt.message}};
    start(stream, open, 2, TAG_OPEN);
    start(stream, &status, 1, TAG_STATUS);
    start_receive(stream);
    return stream;
}

static void keep_message(struct cix_stream *stream)
{
    size_t size = grpc_byte_buffer_length(stream->arriving);
    uint8_t *data = malloc(size + 1);
    grpc_byte_buffer_reader reader;

    CHECK(data && grpc_byte_buffer_reader_init(&reader, stream->arriving));
    grpc_slice whole = grpc_byte_buffer_reader_readall(&reader);
    memcpy(data, GRPC_SLICE_START_PTR(whole), size);
    grpc_slice_unref(whole);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(stream->arriving);
    stream->arriving = NULL;
    size_t last = (stream->kept_first + stream->kept_count++) % STREAM_KEPT_MAX;
    stream->kept[last] = (struct bytes){.data = data, .size = size};
}

/* Takes one completion. False: the time is up. */
static bool step(struct cix_stream *stream, gpr_timespec deadline)
{
    grpc_event event = grpc_completion_queue_next(stream->queue, deadline, NULL);

    if (event.type != GRPC_OP_COMPLETE)
        return false;
    bool *tag = event.tag;
    *tag = false;
    if (tag == &stream->is_pending[TAG_SEND])
        stream->is_sent = event.success;
    if (tag == &stream->is_pending[TAG_RECEIVE]) {
        if (stream->arriving)
            keep_message(stream);
        else
            stream->is_ended = true;
        start_receive(stream);
    }
    return true;
}

static bool give_up(struct cix_stream *stream)
{
    stream->is_timeout = true;
    grpc_call_cancel(stream->call, NULL);
    return false;
}

bool cix_stream_send(struct cix_stream *stream, struct bytes message, int timeout_ms)
{
    gpr_timespec deadline = transport_deadline(timeout_ms);
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)message.data, message.size);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = buffer};

    grpc_slice_unref(slice);
    if (stream->is_ended) {
        grpc_byte_buffer_destroy(buffer);
        return false;
    }
    start(stream, &op, 1, TAG_SEND);
    while (stream->is_pending[TAG_SEND] && step(stream, deadline))
        ;
    if (stream->is_pending[TAG_SEND]) {
        give_up(stream);
        while (stream->is_pending[TAG_SEND])
            step(stream, gpr_inf_future(GPR_CLOCK_MONOTONIC));
        stream->is_sent = false;
    }
    grpc_byte_buffer_destroy(buffer);
    return stream->is_sent;
}

bool cix_stream_poll(struct cix_stream *stream, struct bytes *message)
{
    if (!stream->kept_count)
        return false;
    *message = stream->kept[stream->kept_first];
    stream->kept_first = (stream->kept_first + 1) % STREAM_KEPT_MAX;
    stream->kept_count--;
    start_receive(stream);
    return true;
}

bool cix_stream_receive(struct cix_stream *stream, struct bytes *message, int timeout_ms)
{
    gpr_timespec deadline = transport_deadline(timeout_ms);

    while (!stream->kept_count && !stream->is_ended) {
        if (!step(stream, deadline))
            return give_up(stream);
    }
    return cix_stream_poll(stream, message);
}

static bool has_pending(const struct cix_stream *stream)
{
    for (int i = 0; i < TAG_COUNT; i++) {
        if (stream->is_pending[i])
            return true;
    }
    return false;
}

/* Waits for every batch; nothing starts a new one once is_ended is set. */
static void settle(struct cix_stream *stream)
{
    if (stream->is_pending[TAG_STATUS] && !stream->is_ended)
        grpc_call_cancel(stream->call, NULL);
    stream->is_ended = true;
    while (has_pending(stream))
        step(stream, gpr_inf_future(GPR_CLOCK_MONOTONIC));
}

void cix_stream_status(struct cix_stream *stream, struct arena *arena, struct cix_reply *reply)
{
    settle(stream);
    *reply = (struct cix_reply){.status = (enum cix_status)stream->receipt.status,
                                .message = transport_bytes(arena, stream->receipt.message),
                                .details = transport_details(arena, &stream->receipt.trailing)};
    if (stream->is_timeout)
        *reply = (struct cix_reply){.status = CIX_DEADLINE_EXCEEDED};
}

void cix_stream_free(struct cix_stream *stream)
{
    if (!stream)
        return;
    settle(stream);
    for (size_t i = 0; i < stream->kept_count; i++)
        free((void *)stream->kept[(stream->kept_first + i) % STREAM_KEPT_MAX].data);
    grpc_slice_unref(stream->receipt.message);
    grpc_metadata_array_destroy(&stream->receipt.initial);
    grpc_metadata_array_destroy(&stream->receipt.trailing);
    grpc_call_unref(stream->call);
    grpc_completion_queue_shutdown(stream->queue);
    grpc_completion_queue_destroy(stream->queue);
    free(stream);
}
