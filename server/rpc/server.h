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
    pthread_mutex_t watch_lock;
    struct watcher *watchers; /* of health; see health.c */
};

/* health.c: the entries of Check and Watch. */
struct call_entry health_check_entry(void);
struct call_entry health_watch_entry(void);

/* health.c: cancels who watches still, since their callers do not read what they are told. */
void health_cut_off(struct rpc_server *server);

/* reflection.c: the entries of both versions. */
struct call_entry reflection_entry(const char *path);
