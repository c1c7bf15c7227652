/*
 * A gRPC client of few lines over raw HTTP/2: one connection, one call at a time, for measuring and
 * probing beside an attack without a gRPC library's retries, threads and back-off.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/tlsclient.h"

enum caller_outcome {
    CALLER_ANSWERED, /* with a message */
    CALLER_REFUSED,  /* with a status only */
    CALLER_LOST      /* no answer in time, or the connection ended */
};

struct caller {
    struct tls_client client;
    uint32_t stream; /* next to open */
    uint8_t input[65536];
    size_t have;
};

/* Connects. False when the server does not let us in; close in any case. */
bool caller_open(struct caller *caller, const struct tls_client_options *options);
void caller_close(struct caller *caller);

/* One unary call. body: the request's protobuf bytes, at most 64 KiB. */
enum caller_outcome caller_call(struct caller *caller, const char *path, const void *body,
                                size_t size);
