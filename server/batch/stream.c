#include <stdlib.h>
#include <string.h>

#include "batch/pool.h"

static struct stream_load *load_of(struct batch *batch, int32_t member_id)
{
    for (int i = 0; i < batch->load_count; i++) {
        if (batch->loads[i].member_id == member_id)
            return &batch->loads[i];
    }
    return NULL;
}

bool stream_enter(struct batch *batch, int32_t member_id)
{
    struct stream_load *load;
    bool is_free;

    pthread_mutex_lock(&batch->streams.mutex);
    load = load_of(batch, member_id);
    if (!load) {
        batch->loads = reallocarray(batch->loads, (size_t)batch->load_count + 1, sizeof(*load));
        CHECK(batch->loads);
        load = &batch->loads[batch->load_count++];
        *load = (struct stream_load){.member_id = member_id};
    }
    is_free = load->count < batch->streams_per_member;
    load->count += is_free;
    pthread_mutex_unlock(&batch->streams.mutex);
    return is_free;
}

void stream_leave(struct batch *batch, int32_t member_id)
{
    struct stream_load *load;

    pthread_mutex_lock(&batch->streams.mutex);
    load = load_of(batch, member_id);
    CHECK(load && load->count > 0);
    if (!--load->count)
        *load = batch->loads[--batch->load_count];
    pthread_mutex_unlock(&batch->streams.mutex);
}

/* What db/ says is for us: it names statements and constraints. */
static bool is_of_database(const struct error *error)
{
    static const char *const reasons[] = {"DATABASE_LOST",    "DATABASE_FULL", "DATABASE_ERROR",
                                          "DATABASE_DENIED",  "DATA_ERROR",    "SERIALIZATION",
                                          "STATEMENT_TIMEOUT"};

    for (size_t i = 0; error->code != ERR_NONE && i < ARRAY_LENGTH(reasons); i++) {
        if (!strcmp(error->reason, reasons[i]))
            return true;
    }
    return false;
}

/* Ends a stream with its own error, or with the session's when the call has none. */
static void stream_end(const struct session *session, struct call *call, bool is_served)
{
    struct error own = call->ctx->error;

    if (is_of_database(&own)) {
        ctx_clear(call->ctx);
        call_refuse(call, &own);
    } else if (!is_served) {
        call_refuse(call, &session->ctx.error);
    }
    call_count_form(call);
    stream_leave(call->batch, call->caller->member_id);
    registry_drop(call->batch->options.registry, call->members);
    rpc_finish(call->rpc);
}

/* The connection of a pool's role, opened at first use and again after a loss. */
static bool stream_connect(struct batch *batch, struct session *session, enum pool pool,
                           struct db **connections)
{
    struct db **db = &connections[pool];

    if (!*db && !session_connect(&session->ctx, batch, pool, db))
        return false;
    if (!db_is_alive(*db) && !db_reopen(&session->ctx, *db))
        return false;
    session->db = *db;
    return true;
}

static void stream_serve(struct batch *batch, struct call *call, struct db **connections)
{
    struct arena arena;
    struct session session = {.arena = &arena, .vault = batch->options.vault};
    enum pool pool = call->method->pool;
    bool is_served;

    arena_init(&arena, 0);
    arena.is_wiped = true;
    session_begin(&session, batch);
    if (rpc_is_over(call->rpc))
        is_served =
            fail(call->ctx, ERR_DEADLINE, "CALL_OVER", "the call ended before it was served");
    else
        is_served = stream_connect(batch, &session, pool, connections) &&
                    call->method->stream(&session, call);
    if (session.db)
        db_rollback(session.db);
    stream_end(&session, call, is_served);
    session_end(&session, batch);
    arena_done(&arena);
}

void *stream_run(void *argument)
{
    struct worker *worker = argument;
    struct db *connections[POOL_COUNT] = {NULL};
    struct call *calls[BATCH_MAX];

    while (pool_take(worker->state, calls) > 0)
        stream_serve(worker->batch, calls[0], connections);
    for (int i = 0; i < POOL_COUNT; i++)
        db_close(connections[i]);
    return NULL;
}
