/*
 * Batches that form by themselves: method tables, queues, workers, streams, quotas.
 *
 * A call waits in the queue of its method. A worker (one database connection, one arena) takes
 * everything that waits for one method, at most batch_max, members taking turns, and serves it by
 * one handler call. There is no timer: alone, a call is a batch of one and waits for nobody. One
 * bad call hurts no other: a data error halves the batch until it stands alone, and is counted.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/day.h"
#include "batch/registry.h"
#include "batch/standards.h"
#include "db/db.h"
#include "domain/file.h"
#include "domain/member.h"
#include "rpc/rpc.h"

struct vault;
struct batch;

enum { BATCH_MAX = 1000 };

/* A class of methods with workers of its own; the database role follows from it. */
enum pool {
    POOL_DIRECT,   /* answered where it arrives: no database, no waiting */
    POOL_REPORT,   /* role cix_inquire */
    POOL_FLAG,     /* role cix_inquire, workers apart so that a check never waits for reports */
    POOL_SUBMIT,   /* role cix_submit */
    POOL_REGULATE, /* role cix_regulate */
    POOL_COUNT
};

/* One call, as a handler sees it. Lives in the call's arena. */
struct call {
    struct rpc_call *rpc;
    struct ctx *ctx; /* &rpc->ctx: fail(call->ctx, ...) fails this call alone */
    const struct method *method;
    const struct member *caller; /* held until the call is answered */
    const struct registry_view *members;
    const void *request;        /* unary: the unpacked message; streams: NULL */
    ProtobufCMessage *response; /* unary: set by the handler unless the call failed */
    int64_t id;                 /* idempotency key: the same when a batch is run again */
    struct batch *batch;        /* private */
    struct call *next;          /* private: the queue */
};

/* What a handler works with: one thread's connection and the arena of this batch. */
struct session {
    struct ctx ctx;      /* on the arena; an error here concerns the whole batch */
    struct arena *arena; /* released when all calls of the batch are answered */
    struct db *db;
    struct vault *vault;
    const struct file_limits *file_limits;
    const char *key_file; /* of the server's certificate; for vault/attest.h alone */
    const struct registry_view *members;
    const struct standards_set *standards; /* in force; of one revision for the batch */
    int64_t now_us;                        /* one instant for the batch */
    struct day today;                      /* business date of now_us */
};

/*
 * Serves count calls (1..batch_max) that all passed the role check. Each call gets a response or
 * an error of its own. False: the whole batch failed with session->ctx.error (database); it may be
 * run again, so a handler changes nothing but its arena and its transactions.
 */
typedef bool serve_fn(struct session *session, struct call **calls, int count);

/*
 * Serves one stream until its end: rpc_read, work, rpc_write. False: call->ctx or session->ctx
 * holds the error. The handler resets arenas of its own between messages.
 */
typedef bool stream_fn(struct session *session, struct call *call);

/* One row of a service's method table: index, policy and audit catalogue in one. */
struct method {
    const char *name;   /* as in the proto, "GetReport" */
    uint32_t roles;     /* any of these (enum member_role); 0: every admitted member */
    const char *audit;  /* event, "REPORT_READ" */
    int16_t audit_code; /* its permanent number in audit rows, 1.. */
    enum pool pool;
    int batch_max;        /* 1..BATCH_MAX; the configuration may lower it */
    uint32_t request_max; /* bytes; 0: 64 KiB */
    uint32_t budget;      /* bytes of arena for one unpacked message; 0: 1 MiB */
    serve_fn *serve;      /* unary */
    stream_fn *stream;    /* bidirectional; exactly one of the two is set */
};

struct service {
    const ProtobufCServiceDescriptor *descriptor;
    const struct method *methods;
    int method_count;
};

/* What happened, for metrics: called from many threads, must not block. */
struct batch_observer {
    void (*batch_served)(void *user, const struct method *method, int calls, int64_t duration_us);
    /* A batch met a data error: it is halved, or it is the one call that did it. */
    void (*batch_bisected)(void *user, const struct method *method);
    /* Run once more, after a lost race or a lost connection. */
    void (*batch_repeated)(void *user, const struct method *method);
    /* A worker is without the database; told once until it is back. */
    void (*database_lost)(void *user, enum pool pool, const struct error *error);
    void *user;
};

/* Bounds that may change while the batch runs. */
struct batch_limits {
    int streams_per_member;   /* served and waiting; 0: half of stream_workers, at least 1 */
    int batch_max;            /* upper bound for every method; 0: none */
    int queue_max;            /* calls that may wait for one method (batch/queue.h); 0: 512 */
    struct file_limits files; /* for the services; of a stream those of its beginning */
};

struct batch_options {
    const struct service *const *services;
    int service_count;
    struct registry *registry;
    struct standards *standards;
    struct vault *vault;
    const char *database_uri;
    int workers[POOL_COUNT]; /* threads a pool; POOL_DIRECT is ignored; 0: 1 */
    int stream_workers;      /* streams served at once; 0: 8 */
    struct batch_limits limits;
    const char *key_file; /* for the services: the server's key, PEM */
    int patience_ms;      /* how long calls wait for a lost database; 0: 5 seconds */
    struct batch_observer observer;
};

/*
 * Checks every table against its proto (a missing, extra or doubled method fails with
 * METHOD_TABLE) and starts the workers; connections are opened by the workers themselves and
 * awaited as long as the database is away.
 */
MUST_USE bool batch_start(struct ctx *ctx, const struct batch_options *options,
                          struct batch **batch);

/* Puts other bounds in force. What waits already keeps its place. Any thread. */
void batch_limit(struct batch *batch, const struct batch_limits *limits);

/* The methods for rpc_options; owned by the batch. */
const struct rpc_method *batch_methods(const struct batch *batch, int *count);

/*
 * Takes a call over: who (certificate), may they (role), limits (quota, queue), then the queue.
 * What is refused here is answered at once and counted. Does not block.
 */
void batch_arrived(struct batch *batch, struct rpc_call *rpc);

/*
 * Spends tokens of the caller's quota beyond the one that every call costs: for the elements of a
 * stream's message. Fails the call with QUOTA_EXCEEDED and RetryInfo.
 */
MUST_USE bool call_spend(struct call *call, int tokens);

/*
 * Whether the failure of a call is its own. One of the database goes to the session instead: false,
 * and the batch is run again.
 */
MUST_USE bool call_fails_alone(struct session *session, struct call *call);

/*
 * Takes the rating standards of now into a session that lives long: between messages of a stream.
 */
void session_renew(struct session *session, const struct call *call);

/* True when at least one worker of every pool has a database connection. */
bool batch_is_ready(const struct batch *batch);

/* Calls waiting for a method, for metrics. index: as in batch_methods. */
int batch_depth(struct batch *batch, int index);

/* Counts of what was refused before the queue, since the last call; see batch/refusal.h. */
struct refusal;
int batch_refusals(struct batch *batch, struct refusal *rows, int max);

/* What members spent of daily quotas here, and what is known of it; see batch/quota.h. */
enum { BATCH_SPENDINGS_MAX = 4096 };
int batch_spendings(struct batch *batch, struct day day, struct member_spending *rows);
void batch_learn_spending(struct batch *batch, struct day day, const struct member_spending *known);

/* Refuses what arrives, finishes what waits, ends the workers. After rpc_drain: streams end by it.
 */
void batch_stop(struct batch *batch);
void batch_free(struct batch *batch);
