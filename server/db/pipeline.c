#include "db/connection.h"

static const int formats[PARAMS_MAX] = {[0 ... PARAMS_MAX - 1] = 1};

/* Before a sync at most an error and the NULL behind it; NULL for ever on a broken connection. */
enum { SYNC_TRIES_MAX = 8 };

static bool send_step(struct db *db, const struct statement *statement, const struct params *params)
{
    return PQsendQueryPrepared(db->connection, statement->name, params ? params->count : 0,
                               params ? params->value : NULL, params ? params->size : NULL, formats,
                               1);
}

static bool is_success(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Reads the one result of a statement and the NULL behind it. May be NULL on a lost connection. */
static PGresult *read_result(struct db *db)
{
    PGresult *result = PQgetResult(db->connection);
    for (PGresult *more = result ? PQgetResult(db->connection) : NULL; more;
         more = PQgetResult(db->connection)) {
        PQclear(result);
        result = more;
    }
    return result;
}

static bool keep_result(struct ctx *ctx, struct db *db, const struct db_step *step,
                        PGresult *result)
{
    if (!is_success(result)) {
        /* A step that was skipped says nothing new: the one before it holds the error. */
        if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
            sqlstate_fail(ctx, db, result, step->statement->name);
        PQclear(result);
        return false;
    }
    if (step->rows)
        rows_take(step->rows, result);
    else
        PQclear(result);
    return true;
}

bool db_run(struct ctx *ctx, struct db *db, const struct statement *statement,
            const struct params *params, struct rows *rows)
{
    struct db_step step = {.statement = statement, .params = params, .rows = rows};
    if (rows)
        *rows = (struct rows){.current = -1};
    db->is_unreplicated = false;
    if (!connection_prepare(ctx, db, statement, params))
        return false;
    if (!send_step(db, statement, params))
        return sqlstate_fail(ctx, db, NULL, statement->name);
    if (!keep_result(ctx, db, &step, read_result(db)))
        return false;
    if (connection_require_replicated(ctx, db))
        return true;
    if (rows)
        rows_done(rows);
    return false;
}

static bool send_steps(struct ctx *ctx, struct db *db, const struct db_step *steps, int count)
{
    for (int i = 0; i < count; i++) {
        const struct db_step *step = &steps[i];
        if (!send_step(db, step->statement, step->params))
            return sqlstate_fail(ctx, db, NULL, step->statement->name);
        if ((step->sync || i == count - 1) && !PQpipelineSync(db->connection))
            return sqlstate_fail(ctx, db, NULL, step->statement->name);
    }
    return true;
}

/* The commit of a segment may fail by itself (a deferred constraint): its error comes before the
 * sync. */
static bool read_sync(struct ctx *ctx, struct db *db, const char *name)
{
    bool is_good = true;
    bool is_synced = false;
    for (int i = 0; i < SYNC_TRIES_MAX && !is_synced; i++) {
        PGresult *result = PQgetResult(db->connection);
        ExecStatusType status = PQresultStatus(result);
        is_synced = status == PGRES_PIPELINE_SYNC;
        if (result && !is_synced)
            is_good = sqlstate_fail(ctx, db, result, name);
        PQclear(result);
    }
    return is_synced ? is_good : sqlstate_fail(ctx, db, NULL, name);
}

/* Reads to the end also behind an error, so that the connection can be used again. */
static bool read_steps(struct ctx *ctx, struct db *db, const struct db_step *steps, int count)
{
    bool is_good = true;
    for (int i = 0; i < count; i++) {
        const struct db_step *step = &steps[i];
        is_good = keep_result(ctx, db, step, read_result(db)) && is_good;
        if (step->sync || i == count - 1)
            is_good = read_sync(ctx, db, step->statement->name) && is_good;
        if (PQstatus(db->connection) != CONNECTION_OK)
            return sqlstate_fail(ctx, db, NULL, step->statement->name);
    }
    return is_good;
}

/* What is missing is prepared before, in round trips of its own: once a connection. */
static bool prepare_steps(struct ctx *ctx, struct db *db, const struct db_step *steps, int count)
{
    for (int i = 0; i < count; i++)
        if (!connection_prepare(ctx, db, steps[i].statement, steps[i].params))
            return false;
    return true;
}

static void forget_rows(const struct db_step *steps, int count)
{
    for (int i = 0; i < count; i++)
        if (steps[i].rows)
            *steps[i].rows = (struct rows){.current = -1};
}

static void release_rows(const struct db_step *steps, int count)
{
    for (int i = 0; i < count; i++)
        if (steps[i].rows)
            rows_done(steps[i].rows);
}

bool db_pipeline(struct ctx *ctx, struct db *db, const struct db_step *steps, int count)
{
    forget_rows(steps, count);
    db->is_unreplicated = false;
    if (!prepare_steps(ctx, db, steps, count))
        return false;
    if (!PQenterPipelineMode(db->connection))
        return sqlstate_fail(ctx, db, NULL, "pipeline");
    bool is_good = send_steps(ctx, db, steps, count) && read_steps(ctx, db, steps, count);
    /* Leaving fails only on a broken connection, which db_is_alive tells. */
    is_good = PQexitPipelineMode(db->connection) && is_good;
    if (is_good && connection_require_replicated(ctx, db))
        return true;
    release_rows(steps, count);
    return ctx->error.code == ERR_NONE ? sqlstate_fail(ctx, db, NULL, "pipeline") : false;
}
