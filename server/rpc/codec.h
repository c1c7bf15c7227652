/*
 * Between bytes and messages: checked unpacking within a budget, packing in place, and the bytes
 * of gRPC's buffers.
 */
#pragma once

#include <grpc/byte_buffer.h>

#include "rpc/rpc.h"

/*
 * Checks the bytes and unpacks them into the arena, at most method->budget bytes of it.
 * ERR_EXHAUSTED: beyond method->request_max or the budget; ERR_INVALID: malformed, with the field.
 */
MUST_USE bool codec_unpack(struct ctx *ctx, struct arena *arena, const struct rpc_method *method,
                           struct bytes bytes, ProtobufCMessage **message);

/* Packs a message into a new buffer; the caller destroys it. */
grpc_byte_buffer *codec_pack(const ProtobufCMessage *message);

/* The content of a buffer: a view where it is in one piece, so keep the buffer; else a copy in the
 * arena. */
struct bytes codec_view(struct arena *arena, grpc_byte_buffer *buffer);

/* The content of a buffer, copied into the arena. */
struct bytes codec_copy(struct arena *arena, grpc_byte_buffer *buffer);
