/*
 * gRPC C core, and the only place that knows it: calls, streams, codec, status details.
 *
 * The guard hands over clean plaintext connections (rpc_adopt). rpc reads a call, checks its bytes
 * against the descriptor before anything is unpacked, unpacks into the call's arena within a
 * budget, and gives it to `arrived`. Every call that arrived is answered exactly once, from any
 * thread. Health, reflection and unknown methods are answered here.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/id.h"
#include "guard/peer.h"

struct rpc_server;

/* One method as the wire sees it. Static or long-lived. */
struct rpc_method {
    const char *path; /* "/cix.v1.ReportService/GetReport" */
    bool is_stream;   /* bidirectional: read and write many messages */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
    uint32_t request_max; /* bytes of one message; beyond: RESOURCE_EXHAUSTED */
    uint32_t budget;      /* bytes of arena for one unpacked message */
    const void *owner;    /* the row of the method table, for whoever serves it */
};

/* One call. The fields are read by whoever serves it; the rest is private to rpc. */
struct rpc_call {
    const struct rpc_method *method;
    struct arena arena;         /* lives until the status has been sent */
    struct ctx ctx;             /* on that arena; its error becomes the status */
    struct guard_peer peer;     /* copied at arrival */
    char traceparent[56];       /* W3C trace context as the caller sent it; empty without */
    struct uuid request_id;     /* in the log line, the error details and the response metadata */
    int64_t arrived_us;         /* monotonic */
    int64_t deadline_us;        /* monotonic; INT64_MAX when the caller set none */
    ProtobufCMessage *request;  /* unary: unpacked, in the arena; streams: NULL */
    struct bytes request_bytes; /* unary: the message as it arrived */
    void *user;                 /* for whoever serves it */
};

struct rpc_options {
    const struct rpc_method *methods;
    int method_count;
    int threads;            /* completion queue threads; 0: one per two cores, at least 1 */
    int calls_max;          /* calls of these methods not yet answered; beyond: refused at once */
    uint32_t streams_max;   /* concurrent streams a connection (SETTINGS); 0: 256 */
    int stream_idle_ms;     /* a stream may wait this long for its caller; 0: 5 minutes */
    int connection_idle_ms; /* a connection without calls is told to go; 0: never */
    int connection_age_ms;  /* a connection is told to come anew after this; 0: never */
    /* Who is behind a connection, by gRPC's end of the pair: the guard's identity table. */
    bool (*identify)(void *user, int fd, struct guard_peer *peer);
    void (*arrived)(void *user, struct rpc_call *call); /* on a completion thread: must not block */
    bool (*is_ready)(void *user);                       /* health: SERVING or NOT_SERVING */
    /* For log and metrics: after the status was sent, on a completion thread, also for calls that
       never arrived (refused, malformed; call->user is NULL). Own methods only, not health. */
    void (*finished)(void *user, const struct rpc_call *call, enum err code);
    void *user;
};

MUST_USE bool rpc_start(struct ctx *ctx, const struct rpc_options *options,
                        struct rpc_server **server);

/* Port of connections: takes gRPC's end of a socketpair (guard_options.adopt). */
void rpc_adopt(struct rpc_server *server, int fd);

/*
 * Tells those who watch health what has changed, and ends streams of health and reflection whose
 * caller has gone. To be called several times a second, by any one thread.
 */
void rpc_tell_health(struct rpc_server *server);

/*
 * GOAWAY to all; running calls finish, at most grace_ms; then the rest is cancelled. Blocks. A
 * stream whose caller is silent, or that has had half of grace_ms, ends at rpc_read: UNAVAILABLE
 * DRAINING.
 */
void rpc_drain(struct rpc_server *server, int grace_ms);
void rpc_free(struct rpc_server *server);

/* True when the caller has gone or its deadline has passed. Any thread. */
bool rpc_is_over(const struct rpc_call *call);

/* Answers a unary call; the response is packed before this returns. Any thread; then hands off. */
void rpc_answer(struct rpc_call *call, const ProtobufCMessage *response);

/* Ends any call with the error of call->ctx (ERR_NONE: OK, for streams). Any thread; then hands
 * off. */
void rpc_finish(struct rpc_call *call);

/* One message of a stream, unpacked into an arena of the reader's choice. */
struct rpc_message {
    ProtobufCMessage *message;
    struct bytes bytes; /* as it arrived */
};

/*
 * Waits for the next message of a stream (one reader at a time), at most until the deadline.
 * Answers 1 with a message, 0 at the end of the caller's side, -1 when the call is over or the
 * message is malformed (call->ctx says why). Checked and unpacked like a unary request.
 */
MUST_USE int rpc_read(struct rpc_call *call, struct arena *arena, struct rpc_message *message);

/* Sends one message of a stream and waits until gRPC has taken it. False when the call is over. */
MUST_USE bool rpc_write(struct rpc_call *call, const ProtobufCMessage *response);
