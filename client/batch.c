#include <stdlib.h>

#include "client.h"
#include "error.h"

struct cix_batch {
    struct cix_client *client;
    enum cix_method method;
    struct cix_stream *stream;
};

bool cix_batch_open(struct cix_client *client, enum cix_method method, struct cix_batch **batch,
                    struct cix_error *error)
{
    if (method != CIX_BATCH_GET_REPORTS && method != CIX_BATCH_GET_RATINGS &&
        method != CIX_BATCH_CHECK_FLAGS)
        return cix_error_set(error, CIX_INVALID_ARGUMENT, "OPTIONS_INVALID",
                             "the method is not a batch");
    struct cix_batch *made = calloc(1, sizeof(*made));
    CHECK(made);
    *made = (struct cix_batch){
        .client = client, .method = method, .stream = cix_stream_new(client->channel, method)};
    *batch = made;
    return true;
}

static bool fail_with_status(struct cix_batch *batch, struct cix_error *error)
{
    struct arena arena;
    struct cix_reply reply;

    arena_init(&arena, 0);
    cix_stream_status(batch->stream, &arena, &reply);
    if (reply.status == CIX_OK)
        cix_error_set(error, CIX_UNAVAILABLE, "UNREACHABLE", "the stream has ended");
    else if (reply.status == CIX_DEADLINE_EXCEEDED)
        cix_error_set(error, CIX_DEADLINE_EXCEEDED, "UNREACHABLE", "no answer in time");
    else
        cix_error_receive(error, reply.status, reply.message, reply.details);
    arena_done(&arena);
    return false;
}

bool cix_batch_send(struct cix_batch *batch, const void *request, struct cix_error *error)
{
    size_t size = protobuf_c_message_get_packed_size(request);
    uint8_t *data = malloc(size + 1);

    CHECK(data);
    protobuf_c_message_pack(request, data);
    bool is_sent = cix_stream_send(batch->stream, (struct bytes){.data = data, .size = size},
                                   batch->client->deadline_ms);
    free(data);
    return is_sent ? true : fail_with_status(batch, error);
}

bool cix_batch_receive(struct cix_batch *batch, void **response, struct cix_error *error)
{
    struct bytes message;

    if (!cix_stream_receive(batch->stream, &message, batch->client->deadline_ms))
        return fail_with_status(batch, error);
    bool is_read = cix_unpack(batch->method, message, response, error);
    free((void *)message.data);
    return is_read;
}

void cix_batch_close(struct cix_batch *batch)
{
    if (!batch)
        return;
    cix_stream_free(batch->stream);
    free(batch);
}
