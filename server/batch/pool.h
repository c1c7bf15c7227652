/*
 * Inside of batch/: a pool of workers for one class of methods, and the threads that serve streams.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "batch/batch.h"
#include "batch/queue.h"
#include "batch/quota.h"
#include "batch/refusal.h"

enum { METHODS_MAX = 64 };

struct pool_state {
    enum pool pool;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct queue *queues[METHODS_MAX];
    int queue_count;
    uint64_t turn; /* rises with every put and take */
    int idle;      /* workers that sleep */
    bool is_stopping;
    atomic_int connected; /* workers with a database connection */
};

struct batch {
    struct batch_options options; /* limits: those of the start */
    pthread_mutex_t limits_lock;
    struct file_limits file_limits; /* under limits_lock */
    int streams_per_member;         /* under the streams' mutex */
    struct rpc_method methods[METHODS_MAX];
    struct queue queues[METHODS_MAX]; /* as methods */
    char paths[METHODS_MAX][96];
    int method_count;
    struct pool_state pools[POOL_COUNT];
    struct pool_state streams; /* one queue a stream method, batch_max 1 */
    struct stream_load {
        int32_t member_id;
        int count; /* streams served or waiting */
    } * loads;     /* at most one for each stream that may be open */
    int load_count;
    struct quota *quota;
    struct refusals *refusals;
    atomic_bool is_stopping;
    struct worker {
        struct batch *batch;
        struct pool_state *state;
        pthread_t thread;
        bool is_connected;     /* counted in state->connected */
        bool is_away;          /* the database is, and the observer was told */
        int64_t away_since_us; /* monotonic */
    } * workers;
    int worker_count;
};

/* Puts a call into its queue and wakes a worker. False when the queue is full or ending. */
MUST_USE bool pool_put(struct pool_state *state, struct queue *queue, struct call *call);

/* Waits for work of any queue of the pool; the queue that waited longest first. 0: the pool ends.
 */
int pool_take(struct pool_state *state, struct call **calls);

/* True when calls wait that no connected worker will take, or the pool ends. */
bool pool_is_forsaken(struct pool_state *state);

/* Thread bodies. */
void *worker_run(void *worker);
void *stream_run(void *worker);

/*
 * Counts a stream of a member in and out, so that one member cannot hold all stream workers.
 * False: the member has its share already.
 */
MUST_USE bool stream_enter(struct batch *batch, int32_t member_id);
void stream_leave(struct batch *batch, int32_t member_id);

/* Opens the connection of a pool's role. */
MUST_USE bool session_connect(struct ctx *ctx, const struct batch *batch, enum pool pool,
                              struct db **db);

/* Begins a batch or a stream's message: instant, day and the picture of the members. */
void session_begin(struct session *session, struct batch *batch);
void session_end(struct session *session, const struct batch *batch);

/* Counts a call that its handler refused for its form: no function of the database saw it. */
void call_count_form(const struct call *call);

/* Answers a call and lets its picture of the members go. */
void call_answer(struct call *call);

/* Gives the failure of the database to a call that has no error of its own. */
void call_refuse(struct call *call, const struct error *error);
