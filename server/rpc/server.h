/*
 * The server behind the calls: private to rpc/.
 */
#pragma once

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>

#include "rpc/call.h"

struct rpc_server {
    struct rpc_options options;
    struct call_entry *entries; /* the caller's methods, then ours */
    int entry_count;
    grpc_server *core;
    grpc_server_credentials *credentials;
    grpc_completion_queue **queues; /* one a thread */
    pthread_t *threads;
    int thread_count;
    atomic_int waiting; /* calls not yet answered */
    atomic_int calls;   /* objects of calls, slots for those to come too */
    atomic_bool is_draining;
    int64_t streams_end_us; /* while draining: streams end at their next message; written before */
    pthread_mutex_t lock;   /* the fields below, and adoption against shutdown */
    pthread_cond_t changed;
    bool is_down; /* gRPC has let go of all connections and calls */
    struct call_event down;
    pthread_mutex_t standing_lock;
    struct standing *standing;
};

/*
 * A stream of our own that may stand for as long as its caller likes, in the arena of its call: who
 * watches health, who asks for reflection. It is on the server's list until it ends, and all of
 * this happens with standing_lock held. Blocks no thread.
 */
struct standing {
    struct standing *next;
    struct live_call *live;
    bool is_busy; /* gRPC has what must be done before the stream may end */
    /* Called several times a second and at the stop, unless it is busy. */
    void (*look)(struct standing *standing);
};

void standing_add(struct standing *standing);

/* Takes it off the list and ends its call with the error of the call. */
void standing_end(struct standing *standing);

/* False, with the error in the call, when the stream has to end: caller gone, or a drain. */
MUST_USE bool standing_fail(struct standing *standing);

/* Cancels all, since their callers do not read what they are told. Takes the lock. */
void standing_cut_off(struct rpc_server *server);

/* health.c: the entries of Check and Watch. */
struct call_entry health_check_entry(void);
struct call_entry health_watch_entry(void);

/* reflection.c: the entries of both versions. */
struct call_entry reflection_entry(const char *path);
