/*
 * libpq, and the only place that knows it: connections, binary parameters, rows, pipelines.
 *
 * Statements are named functions of sql/api; nothing builds SQL in C. Failures become enum err: a
 * lost connection is ERR_UNAVAILABLE with reason DATABASE_LOST (outcome unknown), SQLSTATE 22/23
 * is ERR_INVALID with reason DATA_ERROR (the batch bisects), 40001/40P01 ERR_ABORTED with reason
 * SERIALIZATION, a full disk ERR_UNAVAILABLE with reason DATABASE_FULL, a statement_timeout
 * ERR_DEADLINE, everything else ERR_INTERNAL (sqlstate.c holds the table). A COMMIT that warns
 * 01000 (not replicated) counts as lost. Not thread-safe: one struct db a thread; but db_cancel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/day.h"
#include "base/id.h"

struct db;

enum db_role { DB_ROLE_SUBMIT, DB_ROLE_INQUIRE, DB_ROLE_REGULATE, DB_ROLE_ADMIN, DB_ROLE_OWNER };

/* What a connection needs: a libpq URI or keyword string, and the login role. */
struct db_options {
    const char *uri;
    enum db_role role;        /* login cix_submit, ..., cix_admin; OWNER: as the URI says */
    int statement_timeout_ms; /* 0: 30,000 */
    const char *application;  /* application_name, e.g. "cixd inquire 1" */
};

/* Opens a connection; ERR_UNAVAILABLE when there is no server. */
MUST_USE bool db_open(struct ctx *ctx, const struct db_options *options, struct db **db);
void db_close(struct db *db);

/*
 * True while the connection looks usable: not known to be lost, nor closed by the server since.
 * Does not wait. After a lost connection: db_reopen.
 */
bool db_is_alive(const struct db *db);
MUST_USE bool db_reopen(struct ctx *ctx, struct db *db);

/*
 * Ends the statement that runs, as though its time were over (ERR_DEADLINE); between two statements
 * nothing. May be called by another thread until db_close. Waits until the server was told, for a
 * server that is out of reach at most 10 s.
 */
void db_cancel(struct db *db);

/*
 * True from the first db_cancel on, however often it connects anew: whoever works on for long looks
 * here, since between two statements there is none to end. May be called by another thread until
 * db_close.
 */
bool db_is_cancelled(const struct db *db);

/* SQLSTATE of the last failure on this connection, five characters; "" before the first. */
const char *db_sqlstate(const struct db *db);

/* A statement of one feature. Prepared at first use on each connection, under its name. */
struct statement {
    const char *name; /* e.g. "report_read" */
    const char *sql;  /* e.g. "select * from cix.report_read($1, $2)" */
};

/* Binary parameters of one run, in order. Values are copied into the arena. At most 64. */
enum { PARAMS_MAX = 64 };
struct params {
    struct arena *arena;
    int count;
    unsigned type[PARAMS_MAX]; /* PostgreSQL type oids */
    const char *value[PARAMS_MAX];
    int size[PARAMS_MAX];
};
void params_init(struct params *params, struct arena *arena);

/* Single values. The _or_null forms write NULL when is_present is false. */
void params_bool(struct params *params, bool value);
void params_int2(struct params *params, int16_t value);
void params_int4(struct params *params, int32_t value);
void params_int8(struct params *params, int64_t value);
void params_int8_or_null(struct params *params, bool is_present, int64_t value);
void params_text(struct params *params, const char *value);              /* NULL: NULL */
void params_bytes(struct params *params, const void *data, size_t size); /* data NULL: NULL */
void params_uuid(struct params *params, const struct uuid *value);       /* NULL: NULL */
void params_day(struct params *params, struct day value);                /* date */
void params_day_or_null(struct params *params, bool is_present, struct day value);
void params_instant(struct params *params, int64_t us); /* timestamptz from us since 1970 */

/*
 * Arrays of count items for `unnest` or plpgsql, one dimension, lower bound 1. is_present may be
 * NULL (all present) or one bool an item; texts and bytes are NULL by themselves.
 */
void params_bools(struct params *params, const bool *items, int count);
void params_int2s(struct params *params, const int16_t *items, const bool *is_present, int count);
void params_int4s(struct params *params, const int32_t *items, const bool *is_present, int count);
void params_int8s(struct params *params, const int64_t *items, const bool *is_present, int count);
void params_texts(struct params *params, const char *const *items, int count);
void params_bytess(struct params *params, const struct bytes *items, int count);
void params_uuids(struct params *params, const struct uuid *items, const bool *is_present,
                  int count);
void params_days(struct params *params, const struct day *items, const bool *is_present, int count);
void params_instants(struct params *params, const int64_t *us, const bool *is_present, int count);

/* An item of an array in which some may be NULL. */
struct optional_int8 {
    bool is_present;
    int64_t value;
};

/* Rows of one result, binary. Zero-initialise; release with rows_done. */
struct rows {
    void *result; /* PGresult */
    int count;
    int current; /* rows_next moves it; -1 before the first */
};
bool rows_next(struct rows *rows);
/* Number of a column by name; CHECKs that it exists. */
int rows_column(const struct rows *rows, const char *name);
bool rows_is_null(const struct rows *rows, int column);
/* Single values. A NULL reads as zero: ask rows_is_null where one may stand. */
bool rows_bool(const struct rows *rows, int column);
int16_t rows_int2(const struct rows *rows, int column);
int32_t rows_int4(const struct rows *rows, int column);
int64_t rows_int8(const struct rows *rows, int column);
struct day rows_day(const struct rows *rows, int column);
int64_t rows_instant_us(const struct rows *rows, int column);
struct uuid rows_uuid(const struct rows *rows, int column);
/* Views into the result: valid until rows_done. Text is NUL-terminated. NULL gives NULL / size 0.
 */
const char *rows_text(const struct rows *rows, int column);
struct bytes rows_bytes(const struct rows *rows, int column);
/* One-dimensional arrays without NULLs, copied into the arena; count written; NULL gives none. */
const int64_t *rows_int8s(const struct rows *rows, int column, struct arena *arena, int *count);
/* Items that may be NULL: those and what the array is short of read as absent. At most max are
 * read. */
void rows_optional_int8s(const struct rows *rows, int column, struct optional_int8 *items, int max);
const int32_t *rows_int4s(const struct rows *rows, int column, struct arena *arena, int *count);
const int16_t *rows_int2s(const struct rows *rows, int column, struct arena *arena, int *count);
/* Of timestamptz[], microseconds since 1970. */
const int64_t *rows_instants_us(const struct rows *rows, int column, struct arena *arena,
                                int *count);
void rows_done(struct rows *rows);

/* Runs one statement in a transaction of its own (or inside db_begin). rows may be NULL. */
MUST_USE bool db_run(struct ctx *ctx, struct db *db, const struct statement *statement,
                     const struct params *params, struct rows *rows);

/* One step of a pipeline. */
struct db_step {
    const struct statement *statement;
    const struct params *params;
    struct rows *rows; /* result, or NULL when it is not wanted */
    bool sync;         /* a sync, hence a commit, behind this step; the last step always has one */
};

/*
 * Sends all steps at once and reads all results: one round trip. Steps between two syncs are one
 * transaction. Fails with the first error; rows of earlier steps are released then.
 */
MUST_USE bool db_pipeline(struct ctx *ctx, struct db *db, const struct db_step *steps, int count);

/* An explicit transaction over several round trips (mode FILE, migrations, tests). */
MUST_USE bool db_begin(struct ctx *ctx, struct db *db);
MUST_USE bool db_commit(struct ctx *ctx, struct db *db);
void db_rollback(struct db *db);

/* Runs a script of several statements without parameters (migrations). Owner connections only. */
MUST_USE bool db_script(struct ctx *ctx, struct db *db, const char *sql);
