#include "rpc/codec.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>
#include <string.h>

#include "rpc/check.h"

/* protobuf-c's allocator over an arena. Nothing is given back before the arena is. */
struct budget {
    struct arena *arena;
    size_t left;
};

static void *budget_alloc(void *data, size_t size)
{
    struct budget *budget = data;

    if (size > budget->left)
        return NULL;
    budget->left -= size;
    return arena_try(budget->arena, size);
}

static void budget_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

static bool check_bytes(struct ctx *ctx, const struct rpc_method *method, struct bytes bytes)
{
    struct wire_fault fault;

    if (bytes.size > method->request_max) {
        fail(ctx, ERR_EXHAUSTED, "MESSAGE_TOO_LARGE", "message is larger than %u bytes",
             method->request_max);
        fail_fact(ctx, "limit_bytes", "%u", method->request_max);
        return false;
    }
    if (wire_check(method->request, bytes, &fault))
        return true;
    if (fault.field[0])
        return fail_field(ctx, "MALFORMED_MESSAGE", fault.field, "%s %s", fault.field,
                          fault.expected);
    return fail(ctx, ERR_INVALID, "MALFORMED_MESSAGE", "message %s", fault.expected);
}

bool codec_unpack(struct ctx *ctx, struct arena *arena, const struct rpc_method *method,
                  struct bytes bytes, ProtobufCMessage **message)
{
    struct budget budget = {.arena = arena, .left = method->budget};
    ProtobufCAllocator allocator = {
        .alloc = budget_alloc, .free = budget_free, .allocator_data = &budget};

    if (!check_bytes(ctx, method, bytes))
        return false;
    ProtobufCMessage *unpacked =
        protobuf_c_message_unpack(method->request, &allocator, bytes.size, bytes.data);
    if (!unpacked) /* the bytes were found good, so it was memory */
        return fail(ctx, ERR_EXHAUSTED, "MESSAGE_TOO_COSTLY",
                    "message takes more memory than its method allows");
    *message = unpacked;
    return true;
}

grpc_byte_buffer *codec_pack(const ProtobufCMessage *message)
{
    grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(message));

    protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

struct bytes codec_copy(struct arena *arena, grpc_byte_buffer *buffer)
{
    size_t size = grpc_byte_buffer_length(buffer), filled = 0;
    uint8_t *copy = arena_alloc(arena, size);
    grpc_byte_buffer_reader reader;
    grpc_slice *slice;

    if (!grpc_byte_buffer_reader_init(&reader, buffer))
        return (struct bytes){.data = NULL, .size = 0};
    while (grpc_byte_buffer_reader_peek(&reader, &slice)) {
        memcpy(copy + filled, GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
        filled += GRPC_SLICE_LENGTH(*slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    return (struct bytes){.data = copy, .size = filled};
}

struct bytes codec_view(struct arena *arena, grpc_byte_buffer *buffer)
{
    size_t size = grpc_byte_buffer_length(buffer);
    grpc_byte_buffer_reader reader;
    grpc_slice *slice;
    struct bytes view = {.data = NULL, .size = 0};

    if (!grpc_byte_buffer_reader_init(&reader, buffer))
        return view;
    if (grpc_byte_buffer_reader_peek(&reader, &slice) && GRPC_SLICE_LENGTH(*slice) == size)
        view = (struct bytes){.data = GRPC_SLICE_START_PTR(*slice), .size = size};
    grpc_byte_buffer_reader_destroy(&reader);
    return view.size == size ? view : codec_copy(arena, buffer);
}
