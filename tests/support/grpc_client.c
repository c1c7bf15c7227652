#include "support/grpc_client.h"

#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct grpc_client {
    grpc_channel *channel;
};

struct grpc_stream {
    grpc_call *call;
    grpc_completion_queue *queue;
    grpc_metadata_array initial, trailing;
    grpc_status_code status;
    grpc_slice message;
    bool is_greeted;
};

struct grpc_client *grpc_client_new(int fd)
{
    struct grpc_client *client = calloc(1, sizeof(*client));
    grpc_arg large = {.type = GRPC_ARG_INTEGER,
                      .key = (char *)(uintptr_t)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH};
    grpc_channel_args args = {.num_args = 1, .args = &large};

    CHECK(client);
    grpc_init();
    large.value.integer = 64 << 20;
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    client->channel = grpc_channel_create_from_fd("test", fd, credentials, &args);
    grpc_channel_credentials_release(credentials);
    CHECK(client->channel);
    return client;
}

void grpc_client_free(struct grpc_client *client)
{
    grpc_channel_destroy(client->channel);
    free(client);
    grpc_shutdown();
}

/* Runs one batch to its end; false when gRPC says that it failed. */
static bool run(struct grpc_stream *stream, const grpc_op *ops, size_t count)
{
    CHECK(grpc_call_start_batch(stream->call, ops, count, stream, NULL) == GRPC_CALL_OK);
    grpc_event event = grpc_completion_queue_pluck(stream->queue, stream,
                                                   gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    return event.success;
}

static struct grpc_stream *open_call(struct grpc_client *client, const char *path, int deadline_ms)
{
    struct grpc_stream *stream = calloc(1, sizeof(*stream));
    grpc_slice method = grpc_slice_from_copied_string(path);
    gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(deadline_ms, GPR_TIMESPAN));

    CHECK(stream);
    stream->queue = grpc_completion_queue_create_for_pluck(NULL);
    stream->call = grpc_channel_create_call(client->channel, NULL, 0, stream->queue, method, NULL,
                                            deadline, NULL);
    grpc_slice_unref(method);
    grpc_metadata_array_init(&stream->initial);
    grpc_metadata_array_init(&stream->trailing);
    stream->message = grpc_empty_slice();
    return stream;
}

static grpc_byte_buffer *buffer_of(struct bytes bytes)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes.data, bytes.size);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);

    grpc_slice_unref(slice);
    return buffer;
}

static struct bytes copy_of(const void *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    CHECK(copy);
    memcpy(copy, data, size);
    return (struct bytes){.data = copy, .size = size};
}

/* Takes the buffer; NULL gives no bytes. */
static struct bytes bytes_of(grpc_byte_buffer *buffer)
{
    grpc_byte_buffer_reader reader;

    if (!buffer)
        return (struct bytes){.data = NULL, .size = 0};
    CHECK(grpc_byte_buffer_reader_init(&reader, buffer));
    grpc_slice all = grpc_byte_buffer_reader_readall(&reader);
    struct bytes bytes = copy_of(GRPC_SLICE_START_PTR(all), GRPC_SLICE_LENGTH(all));
    grpc_slice_unref(all);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(buffer);
    return bytes;
}

static const grpc_metadata *find(const grpc_metadata_array *array, const char *key)
{
    for (size_t i = 0; i < array->count; i++)
        if (grpc_slice_str_cmp(array->metadata[i].key, key) == 0)
            return &array->metadata[i];
    return NULL;
}

static void text_of(grpc_slice slice, char *text, size_t size)
{
    snprintf(text, size, "%.*s", (int)GRPC_SLICE_LENGTH(slice),
             (const char *)GRPC_SLICE_START_PTR(slice));
}

static grpc_op status_op(struct grpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};

    op.data.recv_status_on_client.trailing_metadata = &stream->trailing;
    op.data.recv_status_on_client.status = &stream->status;
    op.data.recv_status_on_client.status_details = &stream->message;
    return op;
}

/* Fills the reply from what the status operation left, and releases the stream. */
static void finish(struct grpc_stream *stream, struct grpc_reply *reply)
{
    const grpc_metadata *id = find(&stream->initial, "x-request-id");
    const grpc_metadata *details = find(&stream->trailing, "grpc-status-details-bin");

    reply->code = (int)stream->status;
    text_of(stream->message, reply->message, sizeof(reply->message));
    if (id)
        text_of(id->value, reply->request_id, sizeof(reply->request_id));
    if (details)
        reply->details =
            copy_of(GRPC_SLICE_START_PTR(details->value), GRPC_SLICE_LENGTH(details->value));
    grpc_slice_unref(stream->message);
    grpc_metadata_array_destroy(&stream->initial);
    grpc_metadata_array_destroy(&stream->trailing);
    grpc_call_unref(stream->call);
    grpc_completion_queue_shutdown(stream->queue);
    grpc_completion_queue_destroy(stream->queue);
    free(stream);
}

static void call(struct grpc_client *client, const char *path, struct bytes request,
                 int deadline_ms, grpc_metadata *compression, struct grpc_reply *reply)
{
    struct grpc_stream *stream = open_call(client, path, deadline_ms);
    grpc_byte_buffer *sent = buffer_of(request), *got = NULL;
    grpc_op ops[6] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},  {.op = GRPC_OP_SEND_MESSAGE},
                      {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA},
                      {.op = GRPC_OP_RECV_MESSAGE},           status_op(stream)};

    *reply = (struct grpc_reply){.code = -1};
    ops[0].data.send_initial_metadata.metadata = compression;
    ops[0].data.send_initial_metadata.count = compression ? 1 : 0;
    ops[1].data.send_message.send_message = sent;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    ops[4].data.recv_message.recv_message = &got;
    run(stream, ops, 6);
    grpc_byte_buffer_destroy(sent);
    reply->body = bytes_of(got);
    finish(stream, reply);
}

void grpc_client_call(struct grpc_client *client, const char *path, struct bytes request,
                      int deadline_ms, struct grpc_reply *reply)
{
    call(client, path, request, deadline_ms, NULL, reply);
}

void grpc_client_call_gzip(struct grpc_client *client, const char *path, struct bytes request,
                           struct grpc_reply *reply)
{
    grpc_metadata gzip = {
        .key = grpc_slice_from_static_string(GRPC_COMPRESSION_REQUEST_ALGORITHM_MD_KEY),
        .value = grpc_slice_from_static_string("gzip")};

    call(client, path, request, 5000, &gzip, reply);
}

void grpc_reply_done(struct grpc_reply *reply)
{
    free((void *)(uintptr_t)reply->body.data);
    free((void *)(uintptr_t)reply->details.data);
    *reply = (struct grpc_reply){.code = -1};
}

/* Copies from the detail of that name with the given reader. */
static void with_detail(const struct grpc_reply *reply, const char *name,
                        void (*read)(const ProtobufCBinaryData *value, char text[200]),
                        char text[200])
{
    text[0] = '\0';
    Google__Rpc__Status *status =
        google__rpc__status__unpack(NULL, reply->details.size, reply->details.data);
    if (!status)
        return;
    for (size_t i = 0; i < status->n_details; i++)
        if (strstr(status->details[i]->type_url, name))
            read(&status->details[i]->value, text);
    google__rpc__status__free_unpacked(status, NULL);
}

static void read_reason(const ProtobufCBinaryData *value, char text[200])
{
    Google__Rpc__ErrorInfo *info = google__rpc__error_info__unpack(NULL, value->len, value->data);

    CHECK(info);
    snprintf(text, 200, "%s", info->reason);
    google__rpc__error_info__free_unpacked(info, NULL);
}

static void read_field(const ProtobufCBinaryData *value, char text[200])
{
    Google__Rpc__BadRequest *bad = google__rpc__bad_request__unpack(NULL, value->len, value->data);

    CHECK(bad && bad->n_field_violations > 0);
    snprintf(text, 200, "%s", bad->field_violations[0]->field);
    google__rpc__bad_request__free_unpacked(bad, NULL);
}

const char *grpc_reply_reason(const struct grpc_reply *reply)
{
    static char text[200];

    with_detail(reply, "google.rpc.ErrorInfo", read_reason, text);
    return text;
}

const char *grpc_reply_field(const struct grpc_reply *reply)
{
    static char text[200];

    with_detail(reply, "google.rpc.BadRequest", read_field, text);
    return text;
}

static void read_retry(const ProtobufCBinaryData *value, char text[200])
{
    Google__Rpc__RetryInfo *info = google__rpc__retry_info__unpack(NULL, value->len, value->data);

    CHECK(info && info->retry_delay);
    snprintf(text, 200, "%lld",
             (long long)info->retry_delay->seconds * 1000 + info->retry_delay->nanos / 1000000);
    google__rpc__retry_info__free_unpacked(info, NULL);
}

int64_t grpc_reply_retry_ms(const struct grpc_reply *reply)
{
    char text[200];

    with_detail(reply, "google.rpc.RetryInfo", read_retry, text);
    return strtoll(text, NULL, 10);
}

struct grpc_stream *grpc_stream_open(struct grpc_client *client, const char *path, int deadline_ms)
{
    struct grpc_stream *stream = open_call(client, path, deadline_ms);
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};

    run(stream, &op, 1);
    return stream;
}

bool grpc_stream_send(struct grpc_stream *stream, struct bytes message)
{
    grpc_byte_buffer *buffer = buffer_of(message);
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};

    op.data.send_message.send_message = buffer;
    bool is_sent = run(stream, &op, 1);
    grpc_byte_buffer_destroy(buffer);
    return is_sent;
}

void grpc_stream_close(struct grpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};

    run(stream, &op, 1);
}

static bool receive_greeting(struct grpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_INITIAL_METADATA};

    op.data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    stream->is_greeted = true;
    return run(stream, &op, 1);
}

bool grpc_stream_receive(struct grpc_stream *stream, struct bytes *message)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    grpc_byte_buffer *buffer = NULL;

    if (!stream->is_greeted && !receive_greeting(stream))
        return false;
    op.data.recv_message.recv_message = &buffer;
    if (!run(stream, &op, 1) || !buffer)
        return false;
    *message = bytes_of(buffer);
    return true;
}

void grpc_stream_cancel(struct grpc_stream *stream)
{
    grpc_call_cancel(stream->call, NULL);
}

void grpc_stream_end(struct grpc_stream *stream, struct grpc_reply *reply)
{
    grpc_op op = status_op(stream);

    *reply = (struct grpc_reply){.code = -1};
    if (!stream->is_greeted)
        receive_greeting(stream);
    run(stream, &op, 1);
    finish(stream, reply);
}
