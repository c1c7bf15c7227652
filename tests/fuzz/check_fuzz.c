/*
 * Whatever the wire check lets through must unpack within the budget or fail cleanly, and pack
 * again into something that passes. The first byte chooses the message type.
 */
#include <cix/v1/flag.pb-c.h>
#include <cix/v1/report.pb-c.h>
#include <cix/v1/submission.pb-c.h>
#include <grpc/reflection/v1/reflection.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCMessageDescriptor *const types[] = {
    &cix__v1__submit_request__descriptor,
    &cix__v1__get_report_request__descriptor,
    &cix__v1__batch_get_reports_request__descriptor,
    &cix__v1__check_flag_request__descriptor,
    &cix__v1__batch_check_flags_request__descriptor,
    &cix__v1__remove_flag_request__descriptor,
    &cix__v1__get_report_response__descriptor, /* the deepest */
    &grpc__reflection__v1__server_reflection_request__descriptor,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct ctx ctx;
    ProtobufCMessage *message, *again;

    if (size == 0)
        return 0;
    struct rpc_method method = {
        .request = types[data[0] % ARRAY_LENGTH(types)], .request_max = 1 << 20, .budget = 4 << 20};
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (codec_unpack(&ctx, &arena, &method, (struct bytes){data + 1, size - 1}, &message)) {
        CHECK(arena.used <= 8 << 20);
        size_t packed_size = protobuf_c_message_get_packed_size(message);
        uint8_t *packed = arena_alloc(&arena, packed_size);
        CHECK(protobuf_c_message_pack(message, packed) == packed_size);
        method.budget = 64 << 20;
        method.request_max = UINT32_MAX;
        CHECK(codec_unpack(&ctx, &arena, &method, (struct bytes){packed, packed_size}, &again));
    } else
        CHECK(ctx.error.code == ERR_INVALID || ctx.error.code == ERR_EXHAUSTED);
    arena_done(&arena);
    return 0;
}
