/*
 * Batches under a real gRPC server and a real database, with a small made service in place of ours:
 * FlagService, whose RemoveFlag does what the flag's id says.
 *
 *     anything    one row in made.trace, under the call's id; answered with that id
 *     "wait"      its batch waits until fixture_open
 *     "bad"       a data error (22012)
 *     "race"      a serialization failure, the first time
 *     "races"     a serialization failure, every time
 *     "kill"      the connection is lost behind the commit, the first time
 *     "refused"   fails this call alone
 *
 * BatchCheckFlags is a stream that answers each message; CheckFlag is direct.
 */
#pragma once

#include <stdatomic.h>

#include "batch/batch.h"
#include "support/grpc_client.h"

enum { BATCHES_MAX = 256, FIXTURE_MEMBERS = 4, FIXTURE_WAIT_MS = 20000 };

/* What the handler saw: one entry for each time it was called. */
struct seen_batch {
    int count;
    int member_ids[64];
    int64_t ids[64];
};

struct batch_fixture {
    struct batch *batch;
    struct registry *registry;
    struct standards *standards;
    struct rpc_server *rpc;
    struct seen_batch seen[BATCHES_MAX];
    atomic_int seen_count;
    atomic_int bisected, repeated, lost, finished;
    atomic_bool is_open; /* "wait" does not wait */
};

extern struct batch_fixture batch_fixture;

/* The made service, to be spoiled by a test of its table. */
struct service batch_fixture_service(struct method methods[3]);

/* Options over the made service and the test's database: one worker a pool. */
struct batch_options batch_fixture_options(void);

/* Starts batch and rpc; member n (1..4) has the code "bank-n" and the certificate n. */
void batch_fixture_start(const struct batch_options *options);
/* The same picture of the members, but for one. */
void batch_fixture_member(const struct member *changed);
/* Drains and frees all. */
void batch_fixture_stop(void);

/* Lets "wait" go on. */
void batch_fixture_open(void);
/* Waits until so many calls of RemoveFlag wait; and until the handler was called so often. */
void batch_fixture_await_depth(int depth);
void batch_fixture_await_seen(int count);
/* Rows of made.trace with this item. */
int64_t batch_fixture_traces(const char *item);

/* A client of member n; certificate_of another one when the member must not match. */
struct grpc_client *batch_fixture_connect(int member, int certificate);

/* Begins RemoveFlag; end it with batch_fixture_end. */
struct grpc_stream *batch_fixture_begin(struct grpc_client *client, const char *item,
                                        int deadline_ms);
/* The answer: gRPC's code; reason gets the reply's reason; id the call's id. Both may be NULL. */
int batch_fixture_end(struct grpc_stream *call, char reason[64], int64_t *id);
/* Both. */
int batch_fixture_call(struct grpc_client *client, const char *item, char reason[64]);

extern const char *const batch_fixture_stream_path;
extern const char *const batch_fixture_direct_path;
