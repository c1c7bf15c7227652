#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/pool.h"

enum {
    RECONNECT_PAUSE_US = 100 * 1000,
    RECONNECT_TRIES = 50, /* five seconds: a restart of PostgreSQL is waited for */
    RETRY_AFTER_MS = 1000
};

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

void session_begin(struct session *session, const struct batch *batch)
{
    ctx_init(&session->ctx, session->arena);
    session->members = registry_hold(batch->options.registry);
    session->now_us = clock_now_us();
    session->today = clock_day_of(session->now_us);
}

void session_end(struct session *session, const struct batch *batch)
{
    registry_drop(batch->options.registry, session->members);
    session->members = NULL;
}

void call_answer(struct call *call)
{
    struct registry *registry = call->batch->options.registry;
    const struct registry_view *members = call->members;
    struct rpc_call *rpc = call->rpc;

    if (call->ctx->error.code == ERR_NONE && !call->response)
        (void)fail(call->ctx, ERR_INTERNAL, "NO_RESPONSE", "the handler gave no response");
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

/* Gives the error of the whole batch to each call that has none of its own. */
static void fail_all(const struct session *session, struct call **calls, int count)
{
    const struct error *error = &session->ctx.error;

    for (int i = 0; i < count; i++) {
        if (calls[i]->ctx->error.code != ERR_NONE)
            continue;
        if (error->code == ERR_UNAVAILABLE)
            (void)fail(calls[i]->ctx, ERR_UNAVAILABLE, "DATABASE_AWAY",
                       "the database is away; ask again");
        else
            (void)fail(calls[i]->ctx, ERR_INTERNAL, error->reason ? error->reason : "INTERNAL",
                       "%s", error->message);
        calls[i]->ctx->error.retry_after_ms = error->code == ERR_UNAVAILABLE ? RETRY_AFTER_MS : 0;
    }
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

static bool serve(struct session *session, struct call **calls, int count)
{
    return calls[0]->method->serve(session, calls, count);
}

/* Waits for the database as long as a restart takes. False: it stays away. */
static bool reconnect(struct batch *batch, struct session *session)
{
    for (int i = 0; i < RECONNECT_TRIES && !batch->is_stopping; i++) {
        ctx_clear(&session->ctx);
        if (db_reopen(&session->ctx, session->db))
            return true;
        usleep(RECONNECT_PAUSE_US);
    }
    return false;
}

/* A data error that no check foresaw: halve until it stands alone. */
static void bisect(struct batch *batch, struct session *session, struct call **calls, int count)
{
    int half = count / 2;

    if (batch->options.observer.batch_bisected)
        batch->options.observer.batch_bisected(batch->options.observer.user, calls[0]->method);
    clear_all(session, calls, count);
    serve_batch(batch, session, calls, half);
    ctx_clear(&session->ctx);
    serve_batch(batch, session, calls + half, count - half);
}

/* One more try after a lost connection (outcome unknown, same ids) or a lost race. */
static bool serve_again(struct batch *batch, struct session *session, struct call **calls,
                        int count)
{
    enum err code = session->ctx.error.code;

    if (code == ERR_UNAVAILABLE) {
        if (batch->options.observer.database_lost)
            batch->options.observer.database_lost(batch->options.observer.user,
                                                  calls[0]->method->pool);
        if (!reconnect(batch, session))
            return false;
    } else if (code != ERR_ABORTED) {
        return false;
    }
    clear_all(session, calls, count);
    return serve(session, calls, count);
}

void serve_batch(struct batch *batch, struct session *session, struct call **calls, int count)
{
    if (serve(session, calls, count) || serve_again(batch, session, calls, count)) {
        answer_all(calls, count);
        return;
    }
    if (session->ctx.error.code == ERR_INVALID && count > 1) {
        bisect(batch, session, calls, count);
        return;
    }
    fail_all(session, calls, count);
    answer_all(calls, count);
}

/* The first connection of a worker; the database may not be there yet. */
static bool connect_first(struct worker *worker, struct session *session)
{
    while (!worker->batch->is_stopping) {
        ctx_init(&session->ctx, session->arena);
        if (session_connect(&session->ctx, worker->batch, worker->state->pool, &session->db)) {
            worker->state->connected++;
            return true;
        }
        arena_reset(session->arena);
        usleep(RECONNECT_PAUSE_US);
    }
    return false;
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
    if (!connect_first(worker, &session))
        return NULL;
    while ((count = pool_take(worker->state, calls)) > 0) {
        const struct method *method = calls[0]->method;
        int64_t started_us = clock_monotonic_us();
        count = drop_over(calls, count);
        if (!count)
            continue;
        session_begin(&session, worker->batch);
        serve_batch(worker->batch, &session, calls, count);
        session_end(&session, worker->batch);
        arena_reset(&arena);
        observe(worker->batch, method, count, started_us);
    }
    db_close(session.db);
    arena_done(&arena);
    return NULL;
}
