#include "support/speaker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "json.h"
#include "message.h"
#include "method.h"
#include "support/bridge.h"
#include "support/cmocka.h"
#include "support/grpc_client.h"

enum { DEADLINE_MS = 20000 };

struct speaker {
    struct bridge *bridge;
    struct grpc_client *client;
    struct arena arena;
};

struct speech {
    struct speaker *speaker;
    struct grpc_stream *stream;
    enum cix_method method;
};

struct speaker *speaker_open(const struct exchange *exchange, const char *name)
{
    char certificate[PKI_PATH_MAX];
    char key[PKI_PATH_MAX];
    char ca[PKI_PATH_MAX];
    struct tls_client_options options = {
        .port = exchange->port,
        .certificate_file = name ? pki_path(exchange->pki, name, ".pem", certificate) : NULL,
        .key_file = name ? pki_path(exchange->pki, name, ".key", key) : NULL,
        .ca_file = pki_path(exchange->pki, "ca", ".pem", ca),
    };
    struct speaker *speaker = calloc(1, sizeof(*speaker));
    int fd;

    CHECK(speaker);
    if (!bridge_open(&options, &speaker->bridge, &fd)) {
        free(speaker);
        return NULL;
    }
    speaker->client = grpc_client_new(fd);
    arena_init(&speaker->arena, 0);
    return speaker;
}

void speaker_close(struct speaker *speaker)
{
    if (!speaker)
        return;
    grpc_client_free(speaker->client);
    bridge_close(speaker->bridge);
    arena_done(&speaker->arena);
    free(speaker);
}

bool speaker_is_cut(const struct speaker *speaker)
{
    return bridge_is_cut(speaker->bridge);
}

struct bytes speaker_pack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                          const char *json)
{
    const struct cix_json_text text = {.data = json, .size = strlen(json)};
    ProtobufCMessage *message;
    struct ctx ctx;

    ctx_init(&ctx, arena);
    if (!cix_json_read(&ctx, &text, type, &message))
        fail_msg("%s: %s in %.200s", ctx.error.fields[0].field, ctx.error.message, json);
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = arena_alloc(arena, size + 1);
    protobuf_c_message_pack(message, data);
    return (struct bytes){.data = data, .size = size};
}

static void read_error(const struct grpc_reply *reply, struct cix_error *error)
{
    const struct bytes message = {.data = (const uint8_t *)reply->message,
                                  .size = strlen(reply->message)};

    *error = (struct cix_error){.status = CIX_OK};
    if (reply->code != 0)
        (void)cix_error_receive(error, (enum cix_status)reply->code, message, reply->details);
}

static const void *unpack(struct arena *arena, enum cix_method method, struct bytes bytes)
{
    ProtobufCAllocator allocator = cix_message_allocator(arena);
    const void *message =
        protobuf_c_message_unpack(cix_method_response(method), &allocator, bytes.size, bytes.data);

    assert_non_null(message);
    return message;
}

const void *speaker_ask(struct speaker *speaker, enum cix_method method, const char *json,
                        struct cix_error *error)
{
    struct bytes bytes = speaker_pack(&speaker->arena, cix_method_request(method), json);
    const void *response = NULL;
    struct grpc_reply reply;

    grpc_client_call(speaker->client, cix_method_path(method), bytes, DEADLINE_MS, &reply);
    read_error(&reply, error);
    if (error->status == CIX_OK)
        response = unpack(&speaker->arena, method, reply.body);
    grpc_reply_done(&reply);
    return response;
}

void speaker_ask_bytes(struct speaker *speaker, const char *path, struct bytes bytes,
                       struct cix_error *error)
{
    struct grpc_reply reply;

    grpc_client_call(speaker->client, path, bytes, DEADLINE_MS, &reply);
    read_error(&reply, error);
    grpc_reply_done(&reply);
}

struct speech *speaker_begin(struct speaker *speaker, enum cix_method method)
{
    struct speech *speech = calloc(1, sizeof(*speech));

    CHECK(speech);
    *speech = (struct speech){.speaker = speaker, .method = method};
    speech->stream = grpc_stream_open(speaker->client, cix_method_path(method), DEADLINE_MS);
    return speech;
}

const void *speaker_say_bytes(struct speech *speech, struct bytes bytes)
{
    struct arena *arena = &speech->speaker->arena;
    struct bytes answer;
    const void *message;

    if (!grpc_stream_send(speech->stream, bytes) || !grpc_stream_receive(speech->stream, &answer))
        return NULL;
    message = unpack(arena, speech->method, answer);
    free((void *)(uintptr_t)answer.data);
    return message;
}

const void *speaker_say(struct speech *speech, const char *json)
{
    return speaker_say_bytes(
        speech, speaker_pack(&speech->speaker->arena, cix_method_request(speech->method), json));
}

void speaker_end(struct speech *speech, struct cix_error *error)
{
    struct grpc_reply reply;

    grpc_stream_close(speech->stream);
    grpc_stream_end(speech->stream, &reply);
    read_error(&reply, error);
    grpc_reply_done(&reply);
    free(speech);
}
