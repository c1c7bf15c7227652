/*
 * From an error to what leaves the server: a gRPC status, its message, and google.rpc.Status with
 * details for `grpc-status-details-bin`. ErrorInfo is always there; an internal error tells nothing
 * but the request id. Bounded, so that no client's limit on metadata is hit.
 */
#pragma once

#include "base/ctx.h"
#include "base/id.h"

/* Bytes of packed details at most; base64 makes a third more of it, clients take 8 KiB in all. */
enum { STATUS_DETAILS_MAX = 4096 };

/* Everything a failed call ends with. Texts live in the arena they were made in. */
struct status {
    int code;             /* of gRPC */
    const char *message;  /* UTF-8 */
    struct bytes details; /* google.rpc.Status, packed; empty for OK */
};

/* The gRPC status code of an error code. */
int status_code(enum err code);

/* The status of an error; ERR_NONE makes OK without details. */
void status_make(struct arena *arena, const struct error *error, const struct uuid *request_id,
                 struct status *status);
