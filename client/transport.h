/*
 * What channel.c and stream.c share of gRPC core: how a call is made and what it receives into.
 * Private to these two; nobody else of the client knows gRPC.
 */
#pragma once

#include <grpc/grpc.h>

#include "base/arena.h"
#include "channel.h"

/* What a call receives into. */
struct receipt {
    grpc_metadata_array initial, trailing;
    grpc_byte_buffer *payload;
    grpc_status_code status;
    grpc_slice message;
};

/* The instant so many milliseconds from now. */
gpr_timespec transport_deadline(int ms);

/* A call on the current connection, renewed first when the identity changed. deadline_ms 0: none.
 */
grpc_call *transport_call(struct cix_channel *channel, grpc_completion_queue *queue,
                          enum cix_method method, int deadline_ms);

/* A slice, copied into the arena. */
struct bytes transport_bytes(struct arena *arena, grpc_slice slice);

/* The bytes of google.rpc.Status in the trailer; none when there are none. */
struct bytes transport_details(struct arena *arena, const grpc_metadata_array *trailing);
