#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/pool.h"

enum { RECONNECT_PAUSE_US = 100 * 1000, AWAY_RETRY_MS = 1000, FULL_RETRY_MS = 30 * 1000 };

static const enum db_role roles[POOL_COUNT] = {
    [POOL_REPORT] = DB_ROLE_INQUIRE,
    [POOL_FLAG] = DB_ROLE_INQUIRE,
    [POOL_SUBMIT] = DB_ROLE_SUBMIT,
    [POOL_REGULATE] = DB_ROLE_REGULATE,
};

bool session_connect(struct ctx *ctx, const struct batch *batch, enum pool pool, struct db **db)
{
    struct db_options options = {
        .uri = batch->options.database_uri, .role = roles[pool], .application = "cixd"};

    return db_open(ctx, &options, db);
}

/* A copy, since the bounds may change under who reads them. */
static const struct file_limits *file_limits_now(struct arena *arena, struct batch *batch)
{
    struct file_limits *limits = arena_alloc(arena, sizeof(*limits));

    pthread_mutex_lock(&batch->limits_lock);
    *limits = batch->file_limits;
    pthread_mutex_unlock(&batch->limits_lock);
    return limits;
}

void session_begin(struct session *session, struct batch *batch)
{
    ctx_init(&session->ctx, session->arena);
    session->file_limits = file_limits_now(session->arena, batch);
    session->key_file = batch->options.key_file;
    session->members = registry_hold(batch->options.registry);
    session->standards = standards_acquire(batch->options.standards);
    session->now_us = clock_now_us();
    session->today = clock_day_of(session->now_us);
}

void session_end(struct session *session, const struct batch *batch)
{
    registry_drop(batch->options.registry, session->members);
    session->members = NULL;
    standards_release(batch->options.standards, session->standards);
    session->standards = NULL;
}

void session_renew(struct session *session, const struct call *call)
{
    struct standards *standards = call->batch->options.standards;
    const struct standards_set *old = session->standards;

    session->standards = standards_acquire(standards);
    standards_release(standards, old);
}

bool call_fails_alone(struct session *session, struct call *call)
{
    const struct error *error = &call->ctx->error;

    if (error->code != ERR_UNAVAILABLE && error->code != ERR_ABORTED)
        return true;
    session->ctx.error = *error;
    ctx_clear(call->ctx);
    return false;
}

void call_count_form(const struct call *call)
{
    const struct error *error = &call->ctx->error;

    if (error->code == ERR_INVALID)
        refusals_add(call->batch->refusals, call->caller->member_id, call->method, error->reason);
}

void call_answer(struct call *call)
{
    struct registry *registry = call->batch->options.registry;
    const struct registry_view *members = call->members;
    struct rpc_call *rpc = call->rpc;

    if (call->ctx->error.code == ERR_NONE && !call->response)
        (void)fail(call->ctx, ERR_INTERNAL, "NO_RESPONSE", "the handler gave no response");
    call_count_form(call);
    if (call->ctx->error.code == ERR_NONE)
        rpc_answer(rpc, call->response);
    else
        rpc_finish(rpc);
    registry_drop(registry, members);
}

/* Answers those whose caller has gone: they cost no SQL. */
static int drop_over(struct call **calls, int count)
{
    int kept = 0;

    for (int i = 0; i < count; i++) {
        if (!rpc_is_over(calls[i]->rpc)) {
            calls[kept++] = calls[i];
            continue;
        }
        (void)fail(calls[i]->ctx, ERR_DEADLINE, "CALL_OVER", "the call ended before it was served");
        call_answer(calls[i]);
    }
    return kept;
}

static void answer_all(struct call **calls, int count)
{
    for (int i = 0; i < count; i++)
        call_answer(calls[i]);
}

void call_refuse(struct call *call, const struct error *error)
{
    struct error *own = &call->ctx->error;

    if (own->code != ERR_NONE)
        return;
    if (error->code == ERR_UNAVAILABLE && !strcmp(error->reason, "DATABASE_FULL")) {
        (void)fail(call->ctx, ERR_UNAVAILABLE, "DATABASE_FULL",
                   "the database has no room; ask again later");
        own->retry_after_ms = FULL_RETRY_MS;
    } else if (error->code == ERR_UNAVAILABLE) {
        (void)fail(call->ctx, ERR_UNAVAILABLE, "DATABASE_AWAY", "the database is away; ask again");
        own->retry_after_ms = AWAY_RETRY_MS;
    } else if (error->code == ERR_ABORTED) {
        (void)fail(call->ctx, ERR_ABORTED, "SERIALIZATION", "lost a race twice; ask again");
    } else if (error->code == ERR_DEADLINE) {
        (void)fail(call->ctx, ERR_DEADLINE, "STATEMENT_TIMEOUT",
                   "the database took too long; nothing was done");
    } else {
        (void)fail(call->ctx, ERR_INTERNAL, error->reason ? error->reason : "INTERNAL", "%s",
                   error->message);
    }
}

static void refuse_all(const struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++)
        call_refuse(calls[i], &session->ctx.error);
    answer_all(calls, count);
}

/* Forgets what a failed try left in the calls; their ids stay, so that the next try is the same. */
static void clear_all(struct session *session, struct call **calls, int count)
{
    ctx_clear(&session->ctx);
    for (int i = 0; i < count; i++) {
        ctx_clear(calls[i]->ctx);
        calls[i]->response = NULL;
    }
}

/* The connection is lost, or could not be made: told once, until it is there again. */
static void mark_away(struct worker *worker, const struct session *session)
{
    const struct batch_observer *observer = &worker->batch->options.observer;

    if (worker->is_connected)
        worker->state->connected--;
    worker->is_connected = false;
    if (worker->is_away)
        return;
    worker->is_away = true;
    worker->away_since_us = clock_monotonic_us();
    if (observer->database_lost)
        observer->database_lost(observer->user, worker->state->pool, &session->ctx.error);
}

/* One try to get the connection, or to get it back. */
static bool reach(struct worker *worker, struct session *session)
{
    struct ctx *ctx = &session->ctx;

    ctx_clear(ctx);
    if (session->db ? !db_reopen(ctx, session->db)
                    : !session_connect(ctx, worker->batch, worker->state->pool, &session->db)) {
        mark_away(worker, session);
        return false;
    }
    worker->is_connected = true;
    worker->is_away = false;
    worker->state->connected++;
    return true;
}

/* Waits for the database, counted from its loss. False: it stays away. */
static bool reach_patiently(struct worker *worker, struct session *session)
{
    int64_t patience_us = worker->batch->options.patience_ms * INT64_C(1000);

    while (!worker->batch->is_stopping) {
        if (reach(worker, session))
            return true;
        if (clock_monotonic_us() - worker->away_since_us > patience_us)
            return false;
        usleep(RECONNECT_PAUSE_US);
    }
    return false;
}

/* A lost connection is never used again; nor is a transaction that a handler left open. */
static bool serve(struct worker *worker, struct session *session, struct call **calls, int count)
{
    const struct error *error = &session->ctx.error;

    if (!worker->is_connected)
        return fail(&session->ctx, ERR_UNAVAILABLE, "DATABASE_LOST", "no connection");
    if (calls[0]->method->serve(session, calls, count))
        return true;
    db_rollback(session->db);
    if ((error->code == ERR_UNAVAILABLE && strcmp(error->reason, "DATABASE_FULL")) ||
        !db_is_alive(session->db))
        mark_away(worker, session);
    return false;
}

/* Whether the batch is run once more: after a lost connection (outcome unknown) or a lost race. */
static bool may_repeat(struct worker *worker, struct session *session, const struct method *method)
{
    const struct batch_observer *observer = &worker->batch->options.observer;

    if (session->ctx.error.code == ERR_UNAVAILABLE && !worker->is_connected) {
        if (!reach_patiently(worker, session))
            return false;
    } else if (session->ctx.error.code != ERR_ABORTED) {
        return false;
    }
    if (observer->batch_repeated)
        observer->batch_repeated(observer->user, method);
    return true;
}

static void serve_batch(struct worker *worker, struct session *session, struct call **calls,
                        int count);

/* A data error that no check foresaw: halve until it stands alone. */
static void divide(struct worker *worker, struct session *session, struct call **calls, int count)
{
    const struct batch_observer *observer = &worker->batch->options.observer;
    int half = count / 2;

    if (observer->batch_bisected)
        observer->batch_bisected(observer->user, calls[0]->method);
    if (count == 1) {
        refuse_all(session, calls, count);
        return;
    }
    clear_all(session, calls, count);
    serve_batch(worker, session, calls, half);
    ctx_clear(&session->ctx);
    serve_batch(worker, session, calls + half, count - half);
}

static void serve_batch(struct worker *worker, struct session *session, struct call **calls,
                        int count)
{
    bool is_served = serve(worker, session, calls, count);

    if (!is_served && may_repeat(worker, session, calls[0]->method)) {
        clear_all(session, calls, count);
        count = drop_over(calls, count); /* the wait may have outlasted some */
        is_served = !count || serve(worker, session, calls, count);
    }
    if (is_served)
        answer_all(calls, count);
    else if (session->ctx.error.code == ERR_INVALID)
        divide(worker, session, calls, count);
    else
        refuse_all(session, calls, count);
}

/*
 * Waits for work. Without a connection it tries to get one meanwhile, and leaves the calls to the
 * workers that have one, as long as there are any.
 */
static int next_batch(struct worker *worker, struct session *session, struct call **calls)
{
    while (!worker->is_connected && !pool_is_forsaken(worker->state) && !reach(worker, session))
        usleep(RECONNECT_PAUSE_US);
    return pool_take(worker->state, calls);
}

static void observe(const struct batch *batch, const struct method *method, int count,
                    int64_t started_us)
{
    if (batch->options.observer.batch_served)
        batch->options.observer.batch_served(batch->options.observer.user, method, count,
                                             clock_monotonic_us() - started_us);
}

void *worker_run(void *argument)
{
    struct worker *worker = argument;
    struct call *calls[BATCH_MAX];
    struct arena arena;
    struct session session = {.arena = &arena, .vault = worker->batch->options.vault};
    int count;

    arena_init(&arena, 0);
    arena.is_wiped = true;
    ctx_init(&session.ctx, &arena);
    while ((count = next_batch(worker, &session, calls)) > 0) {
        const struct method *method = calls[0]->method;
        int64_t started_us = clock_monotonic_us();
        count = drop_over(calls, count);
        if (!count)
            continue;
        session_begin(&session, worker->batch);
        serve_batch(worker, &session, calls, count);
        session_end(&session, worker->batch);
        arena_reset(&arena);
        observe(worker->batch, method, count, started_us);
    }
    db_close(session.db);
    arena_done(&arena);
    return NULL;
}
