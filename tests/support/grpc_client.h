/*
 * A gRPC client for tests that speaks bytes, so that it can send what no honest client would.
 *
 * Plaintext over a connected socket; blocking; a test failure rather than an error code when the
 * library itself refuses. Each call has a deadline, so no test waits for ever.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct grpc_client;
struct grpc_stream;

/* How a call ended. Released by grpc_reply_done. */
struct grpc_reply {
    int code;
    char message[512];
    char request_id[64];  /* x-request-id; empty without */
    struct bytes body;    /* unary: the message; NULL data without one */
    struct bytes details; /* grpc-status-details-bin */
};

/* A client over a connected stream socket, which it takes. */
struct grpc_client *grpc_client_new(int fd);
void grpc_client_free(struct grpc_client *client);

/* One unary call; the second compresses its message. */
void grpc_client_call(struct grpc_client *client, const char *path, struct bytes request,
                      int deadline_ms, struct grpc_reply *reply);
void grpc_client_call_gzip(struct grpc_client *client, const char *path, struct bytes request,
                           struct grpc_reply *reply);
void grpc_reply_done(struct grpc_reply *reply);

/* The reason of the reply's ErrorInfo, "" without one. Valid until the next call. */
const char *grpc_reply_reason(const struct grpc_reply *reply);
/* Milliseconds of the reply's RetryInfo, 0 without one. */
int64_t grpc_reply_retry_ms(const struct grpc_reply *reply);
/* The first wrong field of the reply's BadRequest, "" without one. Valid until the next call. */
const char *grpc_reply_field(const struct grpc_reply *reply);

/* A bidirectional stream. End each with grpc_stream_end. */
struct grpc_stream *grpc_stream_open(struct grpc_client *client, const char *path, int deadline_ms);
/* False when the stream is over. */
bool grpc_stream_send(struct grpc_stream *stream, struct bytes message);
/* No more messages from this side. */
void grpc_stream_close(struct grpc_stream *stream);
/* The next message in malloc'ed memory; false at the end. */
bool grpc_stream_receive(struct grpc_stream *stream, struct bytes *message);
void grpc_stream_cancel(struct grpc_stream *stream);
/* Waits for the status and releases the stream. */
void grpc_stream_end(struct grpc_stream *stream, struct grpc_reply *reply);
