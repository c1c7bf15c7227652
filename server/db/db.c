#include "db/db.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/connection.h"

enum { DEFAULT_TIMEOUT_MS = 30000, NEWS_MAX = 4 };

static const char *const logins[] = {
    [DB_ROLE_SUBMIT] = "cix_submit",
    [DB_ROLE_INQUIRE] = "cix_inquire",
    [DB_ROLE_REGULATE] = "cix_regulate",
    [DB_ROLE_ADMIN] = "cix_admin",
    [DB_ROLE_OWNER] = NULL,
};

static void on_notice(void *argument, const PGresult *notice)
{
    struct db *db = argument;
    if (sqlstate_is_unreplicated(notice))
        db->is_unreplicated = true;
}

/*
 * Keywords before dbname are defaults that the URI may change; those behind it win over the URI.
 * A NULL value ends nothing in libpq: it only means "not given".
 */
static PGconn *connect_with(const struct db *db)
{
    const char *const keywords[] = {"connect_timeout",
                                    "tcp_user_timeout",
                                    "target_session_attrs",
                                    "gssencmode",
                                    "dbname",
                                    "client_encoding",
                                    "application_name",
                                    "user",
                                    NULL};
    const char *const values[] = {"5",    "10000",         "read-write",     "disable", db->uri,
                                  "UTF8", db->application, logins[db->role], NULL};
    return PQconnectdbParams(keywords, values, 1);
}

/* Session settings go by SET, not by start-up options, which poolers refuse. */
static bool session_set_up(struct ctx *ctx, struct db *db)
{
    char sql[512];
    int size = snprintf(sql, sizeof(sql),
                        "set statement_timeout = %d; set idle_in_transaction_session_timeout = %d; "
                        "set plan_cache_mode = force_generic_plan; set jit = off; "
                        "set client_min_messages = warning; set timezone = 'UTC'",
                        db->statement_timeout_ms, 2 * DEFAULT_TIMEOUT_MS);
    CHECK(size > 0 && (size_t)size < sizeof(sql));
    return connection_execute(ctx, db, sql);
}

static void replace_cancel(struct db *db, PGcancel *cancel)
{
    pthread_mutex_lock(&db->cancel_lock);
    PQfreeCancel(db->cancel);
    db->cancel = cancel;
    pthread_mutex_unlock(&db->cancel_lock);
}

bool connection_open(struct ctx *ctx, struct db *db)
{
    replace_cancel(db, NULL);
    PQfinish(db->connection);
    db->prepared_count = 0;
    db->is_stale = false;
    db->connection = connect_with(db);
    if (PQstatus(db->connection) != CONNECTION_OK) {
        /* libpq's message names host and role, never the password. One line of it is enough. */
        const char *message = PQerrorMessage(db->connection);
        return fail(ctx, ERR_UNAVAILABLE, "DATABASE_LOST", "no database: %.*s",
                    (int)strcspn(message, "\n"), message);
    }
    replace_cancel(db, PQgetCancel(db->connection));
    PQsetNoticeReceiver(db->connection, on_notice, db);
    return session_set_up(ctx, db);
}

bool db_open(struct ctx *ctx, const struct db_options *options, struct db **db)
{
    struct db *opened = calloc(1, sizeof(*opened));
    CHECK(opened);
    opened->uri = strdup(options->uri);
    opened->application = strdup(options->application ? options->application : "cixd");
    CHECK(opened->uri && opened->application);
    pthread_mutex_init(&opened->cancel_lock, NULL);
    opened->role = options->role;
    opened->statement_timeout_ms =
        options->statement_timeout_ms ? options->statement_timeout_ms : DEFAULT_TIMEOUT_MS;
    if (!connection_open(ctx, opened)) {
        db_close(opened);
        return false;
    }
    *db = opened;
    return true;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    PQfreeCancel(db->cancel);
    pthread_mutex_destroy(&db->cancel_lock);
    PQfinish(db->connection);
    free(db->uri);
    free(db->application);
    free(db);
}

static bool has_news(const struct db *db)
{
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
    return socket.fd >= 0 && poll(&socket, 1, 0) > 0;
}

bool db_is_alive(const struct db *db)
{
    /* Takes in what the server said meanwhile, mostly its farewell and then, by another read, the
       end; does not wait. */
    for (int i = 0; i < NEWS_MAX && has_news(db); i++)
        if (!PQconsumeInput(db->connection))
            return false;
    return PQstatus(db->connection) == CONNECTION_OK &&
           PQpipelineStatus(db->connection) == PQ_PIPELINE_OFF;
}

bool db_reopen(struct ctx *ctx, struct db *db)
{
    return connection_open(ctx, db);
}

/* That it was not told is no failure: the caller looks whether the statement ended. */
void db_cancel(struct db *db)
{
    char message[256];

    db->is_cancelled = true;
    pthread_mutex_lock(&db->cancel_lock);
    if (db->cancel)
        (void)!PQcancel(db->cancel, message, sizeof(message));
    pthread_mutex_unlock(&db->cancel_lock);
}

bool db_is_cancelled(const struct db *db)
{
    return db->is_cancelled;
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

static bool is_prepared(const struct db *db, const char *name)
{
    for (int i = 0; i < db->prepared_count; i++)
        if (db->prepared[i] == name || strcmp(db->prepared[i], name) == 0)
            return true;
    return false;
}

/* Not inside a transaction: there the failure has to reach the caller first. */
static bool forget_stale(struct ctx *ctx, struct db *db)
{
    if (!db->is_stale || PQtransactionStatus(db->connection) != PQTRANS_IDLE)
        return true;
    db->is_stale = false;
    db->prepared_count = 0;
    return connection_execute(ctx, db, "deallocate all");
}

bool connection_prepare(struct ctx *ctx, struct db *db, const struct statement *statement,
                        const struct params *params)
{
    if (!forget_stale(ctx, db))
        return false;
    if (is_prepared(db, statement->name))
        return true;
    CHECK(db->prepared_count < PREPARED_MAX);
    PGresult *result = PQprepare(db->connection, statement->name, statement->sql,
                                 params ? params->count : 0, params ? params->type : NULL);
    bool is_good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (is_good)
        db->prepared[db->prepared_count++] = statement->name;
    else
        sqlstate_fail(ctx, db, result, statement->name);
    PQclear(result);
    return is_good;
}

bool connection_execute(struct ctx *ctx, struct db *db, const char *sql)
{
    PGresult *result = PQexec(db->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!is_good)
        sqlstate_fail(ctx, db, result, "script");
    PQclear(result);
    return is_good;
}

bool connection_require_replicated(struct ctx *ctx, struct db *db)
{
    if (!db->is_unreplicated)
        return true;
    return fail(ctx, ERR_UNAVAILABLE, "DATABASE_LOST", "a commit was not confirmed by the standby");
}

bool db_begin(struct ctx *ctx, struct db *db)
{
    return connection_execute(ctx, db, "begin");
}

/* COMMIT of a failed transaction succeeds with the tag ROLLBACK: nothing was kept. */
static bool require_committed(struct ctx *ctx, struct db *db, PGresult *result)
{
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return sqlstate_fail(ctx, db, result, "commit");
    if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        return fail(ctx, ERR_INTERNAL, "DATABASE_ERROR", "commit of a failed transaction");
    return connection_require_replicated(ctx, db);
}

bool db_commit(struct ctx *ctx, struct db *db)
{
    db->is_unreplicated = false;
    PGresult *result = PQexec(db->connection, "commit");
    bool is_good = require_committed(ctx, db, result);
    PQclear(result);
    return is_good;
}

void db_rollback(struct db *db)
{
    PGTransactionStatusType status = PQtransactionStatus(db->connection);
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR)
        PQclear(PQexec(db->connection, "rollback"));
}

bool db_script(struct ctx *ctx, struct db *db, const char *sql)
{
    CHECK(db->role == DB_ROLE_OWNER);
    db->is_unreplicated = false;
    return connection_execute(ctx, db, sql) && connection_require_replicated(ctx, db);
}
