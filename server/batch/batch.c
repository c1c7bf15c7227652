#include "batch/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "batch/pool.h"

enum {
    QUEUE_DEFAULT = 512,
    STREAM_WORKERS_DEFAULT = 8,
    REQUEST_DEFAULT = 64 * 1024,
    BUDGET_DEFAULT = 1024 * 1024,
    OVERLOAD_RETRY_MS = 200,
    PATIENCE_MS = 5000 /* a restart of PostgreSQL is waited for */
};

static const struct method *row_of(const struct service *service, const char *name)
{
    const struct method *found = NULL;

    for (int i = 0; i < service->method_count; i++) {
        if (strcmp(service->methods[i].name, name))
            continue;
        if (found)
            return NULL; /* twice is as wrong as never */
        found = &service->methods[i];
    }
    return found;
}

static bool row_is_whole(const struct method *row)
{
    bool is_stream = row->stream != NULL;

    return is_stream != (row->serve != NULL) && row->audit && row->audit_code > 0 &&
           row->pool < POOL_COUNT &&
           (is_stream ? row->pool != POOL_DIRECT
                      : (row->batch_max > 0 && row->batch_max <= BATCH_MAX));
}

static int bounded(int value, int bound)
{
    return bound > 0 && value > bound ? bound : value;
}

static void method_add(struct batch *batch, const struct service *service,
                       const ProtobufCMethodDescriptor *proto, const struct method *row)
{
    int i = batch->method_count++;
    int size = snprintf(batch->paths[i], sizeof(batch->paths[i]), "/%s/%s",
                        service->descriptor->name, proto->name);

    CHECK(size > 0 && (size_t)size < sizeof(batch->paths[i]));
    batch->methods[i] = (struct rpc_method){
        .path = batch->paths[i],
        .is_stream = row->stream != NULL,
        .request = proto->input,
        .response = proto->output,
        .request_max = row->request_max ? row->request_max : REQUEST_DEFAULT,
        .budget = row->budget ? row->budget : BUDGET_DEFAULT,
        .owner = row,
    };
    queue_init(&batch->queues[i], row, 1, QUEUE_DEFAULT); /* until batch_limit */
}

/* The proto is the only list: every method of it has one row, and no row is left over. */
static bool service_add(struct ctx *ctx, struct batch *batch, const struct service *service)
{
    const ProtobufCServiceDescriptor *descriptor = service->descriptor;

    if ((int)descriptor->n_methods != service->method_count)
        return fail(ctx, ERR_INTERNAL, "METHOD_TABLE", "%s: %u methods in the proto, %d rows",
                    descriptor->name, descriptor->n_methods, service->method_count);
    for (unsigned i = 0; i < descriptor->n_methods; i++) {
        const ProtobufCMethodDescriptor *proto = &descriptor->methods[i];
        const struct method *row = row_of(service, proto->name);
        if (!row || !row_is_whole(row) || batch->method_count == METHODS_MAX)
            return fail(ctx, ERR_INTERNAL, "METHOD_TABLE", "%s/%s: no whole row", descriptor->name,
                        proto->name);
        method_add(batch, service, proto, row);
    }
    return true;
}

static void state_init(struct pool_state *state, enum pool pool)
{
    state->pool = pool;
    pthread_mutex_init(&state->mutex, NULL);
    pthread_cond_init(&state->wake, NULL);
}

static void state_done(struct pool_state *state)
{
    pthread_cond_destroy(&state->wake);
    pthread_mutex_destroy(&state->mutex);
}

static struct pool_state *state_of(struct batch *batch, const struct method *row)
{
    return row->stream ? &batch->streams : &batch->pools[row->pool];
}

static void queues_share_out(struct batch *batch)
{
    for (int i = 0; i < batch->method_count; i++) {
        struct pool_state *state = state_of(batch, batch->queues[i].method);
        state->queues[state->queue_count++] = &batch->queues[i];
    }
}

static bool worker_add(struct ctx *ctx, struct batch *batch, struct pool_state *state,
                       void *(*body)(void *))
{
    struct worker *worker = &batch->workers[batch->worker_count];

    *worker = (struct worker){.batch = batch, .state = state};
    if (pthread_create(&worker->thread, NULL, body, worker))
        return fail(ctx, ERR_INTERNAL, "NO_THREAD", "a worker thread could not be started");
    batch->worker_count++;
    return true;
}

static bool workers_add(struct ctx *ctx, struct batch *batch, struct pool_state *state, int count,
                        void *(*body)(void *))
{
    for (int i = 0; i < count; i++) {
        if (!worker_add(ctx, batch, state, body))
            return false;
    }
    return true;
}

static bool workers_start(struct ctx *ctx, struct batch *batch)
{
    int *counts = batch->options.workers;
    int streams = batch->options.stream_workers;
    int total = streams;

    for (int pool = POOL_DIRECT + 1; pool < POOL_COUNT; pool++)
        total += counts[pool];
    batch->workers = calloc((size_t)total, sizeof(*batch->workers));
    CHECK(batch->workers);
    for (int pool = POOL_DIRECT + 1; pool < POOL_COUNT; pool++) {
        if (!workers_add(ctx, batch, &batch->pools[pool], counts[pool], worker_run))
            return false;
    }
    return workers_add(ctx, batch, &batch->streams, streams, stream_run);
}

/* Zero in an option means the value that its comment names. */
static void options_fill(struct batch_options *options)
{
    if (!options->patience_ms)
        options->patience_ms = PATIENCE_MS;
    if (!options->stream_workers)
        options->stream_workers = STREAM_WORKERS_DEFAULT;
    for (int pool = POOL_DIRECT + 1; pool < POOL_COUNT; pool++) {
        if (!options->workers[pool])
            options->workers[pool] = 1;
    }
}

void batch_limit(struct batch *batch, const struct batch_limits *limits)
{
    int streams = limits->streams_per_member;

    pthread_mutex_lock(&batch->limits_lock);
    batch->file_limits = limits->files;
    pthread_mutex_unlock(&batch->limits_lock);
    pthread_mutex_lock(&batch->streams.mutex);
    batch->streams_per_member = streams ? streams : (batch->options.stream_workers + 1) / 2;
    pthread_mutex_unlock(&batch->streams.mutex);
    for (int i = 0; i < batch->method_count; i++) {
        struct queue *queue = &batch->queues[i];
        const struct method *row = queue->method;
        struct pool_state *state = state_of(batch, row);

        pthread_mutex_lock(&state->mutex);
        queue->batch_max = row->stream ? 1 : bounded(row->batch_max, limits->batch_max);
        queue->depth_max = limits->queue_max ? limits->queue_max : QUEUE_DEFAULT;
        pthread_mutex_unlock(&state->mutex);
    }
}

bool batch_start(struct ctx *ctx, const struct batch_options *options, struct batch **result)
{
    struct batch *batch = calloc(1, sizeof(*batch));

    CHECK(batch);
    batch->options = *options;
    options_fill(&batch->options);
    pthread_mutex_init(&batch->limits_lock, NULL);
    batch->quota = quota_new();
    batch->refusals = refusals_new();
    for (int pool = 0; pool < POOL_COUNT; pool++)
        state_init(&batch->pools[pool], (enum pool)pool);
    state_init(&batch->streams, POOL_DIRECT);
    for (int i = 0; i < options->service_count; i++) {
        if (!service_add(ctx, batch, options->services[i]))
            goto out;
    }
    queues_share_out(batch);
    batch_limit(batch, &batch->options.limits);
    if (!workers_start(ctx, batch))
        goto out;
    *result = batch;
    return true;
out:
    batch_stop(batch);
    batch_free(batch);
    return false;
}

const struct rpc_method *batch_methods(const struct batch *batch, int *count)
{
    *count = batch->method_count;
    return batch->methods;
}

static struct call *call_new(struct batch *batch, struct rpc_call *rpc)
{
    struct call *call = arena_alloc(&rpc->arena, sizeof(*call));

    call->rpc = rpc;
    call->ctx = &rpc->ctx;
    call->method = rpc->method->owner;
    call->request = rpc->request;
    call->id = id_new();
    call->batch = batch;
    call->members = registry_hold(batch->options.registry);
    rpc->user = call;
    return call;
}

/* Who asks: the certificate decides, the code in it must be that member's own. */
static bool call_who(struct call *call)
{
    const struct guard_peer *peer = &call->rpc->peer;

    call->caller = registry_by_fingerprint(call->members, peer->fingerprint);
    if (!call->caller || strcmp(call->caller->code, peer->member_code)) {
        call->caller = NULL;
        return fail(call->ctx, ERR_UNAUTHENTICATED, "CERTIFICATE_UNKNOWN",
                    "no member of the exchange uses this certificate");
    }
    if (!member_is_admitted(call->caller))
        return fail(call->ctx, ERR_DENIED, "MEMBER_NOT_ADMITTED",
                    "the member's state does not permit calls");
    return true;
}

static bool call_may(struct call *call)
{
    uint32_t roles = call->method->roles;

    if (roles && !member_has_any_role(call->caller, roles))
        return fail(call->ctx, ERR_DENIED, "ROLE_REQUIRED",
                    "the member does not have the role that this method needs");
    return true;
}

bool call_spend(struct call *call, int tokens)
{
    int64_t wait_ms;

    if (tokens <= 0)
        return true;
    wait_ms =
        quota_spend(call->batch->quota, call->caller, tokens, clock_monotonic_us(), clock_now_us());
    if (wait_ms)
        return fail_retry(call->ctx, "QUOTA_EXCEEDED", wait_ms,
                          "the member's quota is used up for now");
    return true;
}

static bool call_queue(struct call *call)
{
    struct batch *batch = call->batch;
    int index = (int)(call->rpc->method - batch->methods);
    bool is_stream = call->method->stream != NULL;

    if (is_stream && !stream_enter(batch, call->caller->member_id))
        return fail_retry(call->ctx, "STREAMS_MAX", OVERLOAD_RETRY_MS,
                          "the member has as many streams open as it may");
    if (pool_put(state_of(batch, call->method), &batch->queues[index], call))
        return true;
    if (is_stream)
        stream_leave(batch, call->caller->member_id);
    if (batch->is_stopping)
        return fail(call->ctx, ERR_UNAVAILABLE, "DRAINING", "the server is stopping; ask again");
    return fail_retry(call->ctx, "OVERLOADED", OVERLOAD_RETRY_MS,
                      "too many calls wait for this method");
}

static void serve_direct(struct call *call)
{
    struct arena arena;
    struct session session = {.arena = &arena};

    arena_init(&arena, 0);
    session_begin(&session, call->batch);
    if (!call->method->serve(&session, &call, 1) && call->ctx->error.code == ERR_NONE)
        (void)fail(call->ctx, ERR_INTERNAL, "INTERNAL", "%s", session.ctx.error.message);
    session_end(&session, call->batch);
    call_answer(call);
    arena_done(&arena);
}

void batch_arrived(struct batch *batch, struct rpc_call *rpc)
{
    struct call *call = call_new(batch, rpc);
    bool is_direct = call->method->pool == POOL_DIRECT;

    if (call_who(call) && call_may(call) && call_spend(call, 1)) {
        if (is_direct) {
            serve_direct(call);
            return;
        }
        if (call_queue(call))
            return; /* a worker owns it now */
    }
    refusals_add(batch->refusals, call->caller ? call->caller->member_id : 0, call->method,
                 call->ctx->error.reason);
    call_answer(call);
}

bool batch_is_ready(const struct batch *batch)
{
    for (int pool = POOL_DIRECT + 1; pool < POOL_COUNT; pool++) {
        if (!batch->pools[pool].connected)
            return false;
    }
    return !batch->is_stopping;
}

int batch_depth(struct batch *batch, int index)
{
    struct pool_state *state = state_of(batch, batch->queues[index].method);
    int depth;

    pthread_mutex_lock(&state->mutex);
    depth = batch->queues[index].depth;
    pthread_mutex_unlock(&state->mutex);
    return depth;
}

int batch_refusals(struct batch *batch, struct refusal *rows, int max)
{
    return refusals_take(batch->refusals, rows, max);
}

int batch_spendings(struct batch *batch, struct day day, struct member_spending *rows)
{
    return quota_spendings(batch->quota, day, rows);
}

void batch_learn_spending(struct batch *batch, struct day day, const struct member_spending *known)
{
    quota_learn(batch->quota, day, known);
}

static void state_stop(struct pool_state *state)
{
    pthread_mutex_lock(&state->mutex);
    state->is_stopping = true;
    pthread_cond_broadcast(&state->wake);
    pthread_mutex_unlock(&state->mutex);
}

void batch_stop(struct batch *batch)
{
    batch->is_stopping = true;
    for (int pool = 0; pool < POOL_COUNT; pool++)
        state_stop(&batch->pools[pool]);
    state_stop(&batch->streams);
    for (int i = 0; i < batch->worker_count; i++)
        pthread_join(batch->workers[i].thread, NULL);
    batch->worker_count = 0;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    for (int i = 0; i < batch->method_count; i++)
        queue_done(&batch->queues[i]);
    for (int pool = 0; pool < POOL_COUNT; pool++)
        state_done(&batch->pools[pool]);
    state_done(&batch->streams);
    pthread_mutex_destroy(&batch->limits_lock);
    free(batch->workers);
    free(batch->loads);
    quota_free(batch->quota);
    refusals_free(batch->refusals);
    free(batch);
}
