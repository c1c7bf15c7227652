/*
 * One call from gRPC's slot to the last completion: private to rpc/.
 *
 * A live_call is held by references: one by whoever must answer it, which the status operation
 * takes over, and one for each operation that gRPC has not completed. Only completion threads drop
 * references, so the last is dropped where nobody waits, and with it go the arena and the call.
 */
#pragma once

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>

#include "rpc/rpc.h"

struct live_call;

/* What gRPC gives back when an operation completes: the tag. */
struct call_event {
    struct live_call *live;
    void (*done)(struct live_call *live, bool is_ok);
};

/* A method with what serves it on the completion thread. */
struct call_entry {
    struct rpc_method method;
    const struct rpc_method *own;          /* the caller's row; NULL for health and reflection */
    void *handle;                          /* of gRPC's registration */
    void (*serve)(struct live_call *live); /* the request is unpacked (unary) */
};

/* The state of a stream beside the call: one reader and one writer, who wait for completions. */
struct stream {
    pthread_mutex_t lock;
    pthread_cond_t moved; /* a read or a write completed, or the call is over */
    bool is_reading;      /* an operation is with gRPC */
    bool is_writing;
    bool is_written;                      /* the last write was taken */
    grpc_byte_buffer *incoming;           /* of the last read; NULL at the end */
    grpc_byte_buffer *outgoing;           /* of the write under way */
    void (*read)(struct live_call *live); /* not NULL: called instead of waking the reader */
    void (*written)(struct live_call *live);
};

struct live_call {
    struct rpc_call open; /* first: what whoever serves it sees */
    struct rpc_server *server;
    const struct call_entry *entry; /* NULL: no such method */
    grpc_completion_queue *queue;
    grpc_call *call;
    grpc_call_details details; /* of calls without a method */
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_byte_buffer *payload;  /* unary: keeps request_bytes */
    grpc_byte_buffer *response; /* unary: until it is sent */
    grpc_slice request_id;
    grpc_slice status_message;
    grpc_slice status_details;
    int close_is_cancelled; /* written by gRPC */
    atomic_bool is_cancelled;
    atomic_int references;
    bool is_counted;  /* among the calls not yet answered */
    bool has_greeted; /* initial metadata was sent */
    bool is_sent;
    enum err code; /* what it was answered with */
    struct call_event arrival, closing, status, read, write;
    struct stream stream;
};

/* Puts one slot for a method (NULL: for calls without one) up for gRPC to fill. */
void call_await(struct rpc_server *server, const struct call_entry *entry,
                grpc_completion_queue *queue);

/* Asks for the end of the call, at its arrival: that is how a lost caller gets known. */
void call_await_end(struct live_call *live);

/* Releases a call, or a slot that no call came to. */
void call_free(struct live_call *live);

static inline struct live_call *live_of(struct rpc_call *call)
{
    return (struct live_call *)call;
}

/* Adds a reference for an operation, and drops one when it has completed. */
void call_hold(struct live_call *live);
void call_drop(struct live_call *live);

/* The initial metadata operation, with the request id; once a call. */
grpc_op call_greeting(struct live_call *live, grpc_metadata *request_id);

/* Makes the arena hold the reason why the call is over: deadline or caller. Always false. */
bool call_fail_over(struct live_call *live);

/* stream.c */
void stream_init(struct stream *stream);
void stream_done(struct stream *stream);
/* Wakes whoever waits, after the call was found over. */
void stream_wake(struct live_call *live);
/* Asks for the next message; read is called on a completion thread when it is in incoming. */
void stream_expect(struct live_call *live, void (*read)(struct live_call *live));
/* Sends a buffer, which it takes; written is called on a completion thread. */
void stream_send(struct live_call *live, grpc_byte_buffer *buffer,
                 void (*written)(struct live_call *live));
