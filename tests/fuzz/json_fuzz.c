/*
 * Records from any bytes as JSON: what is taken packs, and its JSON is taken again with the same
 * bytes.
 */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "cix/v1/record.pb-c.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ProtobufCMessage *read_text(struct ctx *ctx, const char *data, size_t size)
{
    struct cix_json_text text = {.data = data, .size = size, .ignored = "cix"};
    ProtobufCMessage *message = NULL;

    if (cix_json_read(ctx, &text, &cix__v1__record__descriptor, &message))
        return message;
    CHECK(ctx->error.code == ERR_INVALID && ctx->error.reason);
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    ProtobufCMessage *first = read_text(&ctx, (const char *)data, size);
    if (first) {
        char *text = cix_json_write(&arena, first, 0);
        ProtobufCMessage *second = read_text(&ctx, text, strlen(text));
        size_t packed = protobuf_c_message_get_packed_size(first);
        CHECK(second && protobuf_c_message_get_packed_size(second) == packed);
        uint8_t *a = arena_alloc(&arena, packed + 1);
        uint8_t *b = arena_alloc(&arena, packed + 1);
        protobuf_c_message_pack(first, a);
        protobuf_c_message_pack(second, b);
        CHECK(!memcmp(a, b, packed));
    }
    arena_done(&arena);
    return 0;
}
