/*
 * The inside of struct db, for the files of this folder.
 *
 * One PostgreSQL connection, the names prepared on it, and what the server said last. Nothing here
 * is seen outside server/db.
 */
#pragma once

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "db/db.h"

/* Far above the number of statements of all features together. */
enum { PREPARED_MAX = 256, SQLSTATE_SIZE = 6 };

struct db {
    PGconn *connection; /* never NULL after db_open; may be broken */
    pthread_mutex_t cancel_lock;
    PGcancel *cancel; /* of this connection, for any thread; NULL while there is none */
    atomic_bool is_cancelled;
    char *uri;
    char *application;
    enum db_role role;
    int statement_timeout_ms;
    const char *prepared[PREPARED_MAX]; /* names, static storage of the features */
    int prepared_count;
    bool is_stale;        /* plans no longer fit the schema: forget them before the next use */
    bool is_unreplicated; /* a COMMIT since notice_forget warned that no standby confirmed it */
    char sqlstate[SQLSTATE_SIZE];
};

/* Connects anew and sets the session up; the old connection, if any, is closed. */
MUST_USE bool connection_open(struct ctx *ctx, struct db *db);

/* Runs text without parameters; the answer must be of one of the two OK kinds. */
MUST_USE bool connection_execute(struct ctx *ctx, struct db *db, const char *sql);

/* Prepares the statement on this connection unless it is. Not inside a pipeline. */
MUST_USE bool connection_prepare(struct ctx *ctx, struct db *db, const struct statement *statement,
                                 const struct params *params);

/* Fails when a commit since the start of the operation was not replicated. */
MUST_USE bool connection_require_replicated(struct ctx *ctx, struct db *db);

/*
 * Turns a failed result, or a broken connection (result NULL), into the error of ctx. name: the
 * statement, for the message. Always false.
 */
bool sqlstate_fail(struct ctx *ctx, struct db *db, const PGresult *result, const char *name);

/* True when the warning says that a commit is not on the standby. */
bool sqlstate_is_unreplicated(const PGresult *notice);

/* Puts a result into rows and takes it over. */
void rows_take(struct rows *rows, PGresult *result);
