#include "store/backup.h"

#include <string.h>

static const struct statement export_snapshot = {"backup_snapshot",
                                                 "select pg_export_snapshot() as snapshot"};
static const struct statement list = {"backup_tables",
                                      "select name, row_count, digest from cix.backup_tables()"};
static const struct statement find = {
    "backup_is_taken",
    "select exists (select from pg_namespace n join pg_class c on c.relnamespace = n.oid"
    " where n.nspname = 'cix') as is_taken"};
static const struct statement settle = {"backup_settle",
                                        "select chunks from cix.backup_settle() chunks"};

static const struct params no_params;

bool backup_begin(struct ctx *ctx, struct db *db, const char **snapshot)
{
    struct rows rows = {0};
    bool has_row;

    if (!db_begin(ctx, db) ||
        !db_script(ctx, db,
                   "set transaction isolation level repeatable read, read only;"
                   "set local idle_in_transaction_session_timeout = 0;"
                   "set local statement_timeout = 0") ||
        !db_run(ctx, db, &export_snapshot, &no_params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *snapshot = arena_string(ctx->arena, rows_text(&rows, rows_column(&rows, "snapshot")));
    rows_done(&rows);
    return true;
}

bool backup_list(struct ctx *ctx, struct db *db, struct backup_tables *tables)
{
    struct rows rows = {0};
    struct backup_table *table;

    if (!db_run(ctx, db, &list, &no_params, &rows))
        return false;
    table = arena_array(ctx->arena, (size_t)rows.count, sizeof(*table));
    tables->tables = table;
    tables->count = rows.count;
    for (; rows_next(&rows); table++) {
        struct bytes digest = rows_bytes(&rows, rows_column(&rows, "digest"));
        CHECK(digest.size == DIGEST_SIZE);
        table->name = arena_string(ctx->arena, rows_text(&rows, rows_column(&rows, "name")));
        table->rows = rows_int8(&rows, rows_column(&rows, "row_count"));
        memcpy(table->digest.bytes, digest.data, DIGEST_SIZE);
    }
    rows_done(&rows);
    return true;
}

bool backup_is_taken(struct ctx *ctx, struct db *db, bool *is_taken)
{
    struct rows rows = {0};
    bool has_row;

    if (!db_run(ctx, db, &find, &no_params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *is_taken = rows_bool(&rows, rows_column(&rows, "is_taken"));
    rows_done(&rows);
    return true;
}

bool backup_settle(struct ctx *ctx, struct db *db)
{
    return db_run(ctx, db, &settle, &no_params, NULL);
}
