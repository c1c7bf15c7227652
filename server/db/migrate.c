#include "db/migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "db/connection.h"

enum { SCHEMA_FILE_MAX = 1000, FILE_MAX = 2000 };

enum kind {
    KIND_FIRST,  /* role.sql, migration.sql: run each time, in this order */
    KIND_SCHEMA, /* schema/NNNN_name.sql */
    KIND_API,    /* api/name.sql */
    KIND_LAST,   /* grant.sql: behind the functions */
    KIND_OTHER,  /* not ours to run */
};

struct file {
    const struct sql_file *sql;
    enum kind kind;
    int version; /* of a schema file */
    struct digest digest;
};

/* The files of the binary in the order in which they run. */
struct plan {
    struct file *files;
    int count;
    int newest; /* schema version */
};

static const struct {
    const char *prefix;
    enum kind kind;
} kinds[] = {
    {"role.sql", KIND_FIRST}, {"migration.sql", KIND_FIRST}, {"schema/", KIND_SCHEMA},
    {"api/", KIND_API},       {"grant.sql", KIND_LAST},
};

static const char begin_sql[] = "begin; set local statement_timeout = 0; "
                                "select pg_advisory_xact_lock(6515064)";

static const struct statement schema_list = {
    "migration_schema_list",
    "select version, name, sha256 from cix.schema_version order by version"};
static const struct statement schema_note = {
    "migration_schema_note",
    "insert into cix.schema_version (version, name, sha256) values ($1, $2, $3)"};
static const struct statement api_list = {"migration_api_list",
                                          "select path, sha256 from cix.api_version"};
static const struct statement api_drop = {"migration_api_drop", "select cix.api_drop()"};
static const struct statement api_note = {"migration_api_note", "select cix.api_note($1, $2)"};
static const struct statement list_all = {"migration_list",
                                          "select path, sha256 from cix.migration_list()"};

static enum kind kind_of(const char *path)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (strncmp(path, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return kinds[i].kind;
    return KIND_OTHER;
}

/* Files come sorted by path; one pass a rule of kinds[] brings them into the order of running. */
static void collect(struct plan *plan, const struct sql_file *files, size_t count, size_t rule)
{
    for (size_t i = 0; i < count; i++) {
        const char *prefix = kinds[rule].prefix;
        if (strncmp(files[i].path, prefix, strlen(prefix)) != 0)
            continue;
        struct file *file = &plan->files[plan->count++];
        file->sql = &files[i];
        file->kind = kinds[rule].kind;
        file->digest = digest_of(files[i].text, strlen(files[i].text));
    }
}

static bool number_schema(struct ctx *ctx, struct plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        struct file *file = &plan->files[i];
        if (file->kind != KIND_SCHEMA)
            continue;
        if (sscanf(file->sql->path, "schema/%4d_", &file->version) != 1 ||
            file->version != plan->newest + 1)
            return fail(ctx, ERR_PRECONDITION, "SCHEMA_FILES",
                        "%s should be number %04d: numbers rise by one", file->sql->path,
                        plan->newest + 1);
        plan->newest = file->version;
    }
    return true;
}

static bool make_plan(struct ctx *ctx, const struct sql_file *files, size_t count,
                      struct plan *plan)
{
    if (count > FILE_MAX)
        return fail(ctx, ERR_PRECONDITION, "SCHEMA_FILES", "more than %d files", FILE_MAX);
    *plan = (struct plan){.files = arena_array(ctx->arena, count, sizeof(struct file))};
    for (size_t rule = 0; rule < ARRAY_LENGTH(kinds); rule++)
        collect(plan, files, count, rule);
    return number_schema(ctx, plan);
}

static const struct file *seek_file(const struct plan *plan, const char *path)
{
    for (int i = 0; i < plan->count; i++)
        if (strcmp(plan->files[i].sql->path, path) == 0)
            return &plan->files[i];
    return NULL;
}

static const struct file *seek_version(const struct plan *plan, int version)
{
    for (int i = 0; i < plan->count; i++)
        if (plan->files[i].kind == KIND_SCHEMA && plan->files[i].version == version)
            return &plan->files[i];
    return NULL;
}

static bool is_digest(struct bytes stored, const struct digest *digest)
{
    return stored.size == DIGEST_SIZE && memcmp(stored.data, digest->bytes, DIGEST_SIZE) == 0;
}

static bool run_script(struct ctx *ctx, struct db *db, const struct sql_file *file)
{
    if (!db_script(ctx, db, file->text)) {
        char said[sizeof(ctx->error.message)];
        snprintf(said, sizeof(said), "%s", ctx->error.message);
        snprintf(ctx->error.message, sizeof(ctx->error.message), "%s: %.180s", file->path, said);
        return false;
    }
    if (PQtransactionStatus(db->connection) != PQTRANS_INTRANS)
        return fail(ctx, ERR_PRECONDITION, "SCHEMA_FILES",
                    "%s ends the transaction that it runs in", file->path);
    return true;
}

static bool become_owner(struct ctx *ctx, struct db *db)
{
    return db_script(ctx, db, "set local role cix_owner");
}

/* One transaction under the lock; rolled back when the body fails. */
static bool in_transaction(struct ctx *ctx, struct db *db,
                           bool (*body)(struct ctx *ctx, struct db *db, void *argument),
                           void *argument)
{
    if (db_script(ctx, db, begin_sql) && body(ctx, db, argument) && db_commit(ctx, db))
        return true;
    db_rollback(db);
    return false;
}

/* role.sql runs as the login, the rest as the owner. */
static bool run_first(struct ctx *ctx, struct db *db, void *argument)
{
    const struct plan *plan = argument;
    for (int i = 0; i < plan->count && plan->files[i].kind == KIND_FIRST; i++) {
        bool is_role = strcmp(plan->files[i].sql->path, "role.sql") == 0;
        if (!is_role && !become_owner(ctx, db))
            return false;
        if (!run_script(ctx, db, plan->files[i].sql))
            return false;
    }
    return true;
}

static bool require_same(struct ctx *ctx, const struct plan *plan, const struct rows *rows)
{
    int version = rows_int4(rows, rows_column(rows, "version"));
    const struct file *file = seek_version(plan, version);
    if (!file)
        return fail(ctx, ERR_PRECONDITION, "SCHEMA_AHEAD",
                    "the database is at schema version %d, this cixd knows %d: use the newer cixd",
                    version, plan->newest);
    if (is_digest(rows_bytes(rows, rows_column(rows, "sha256")), &file->digest))
        return true;
    return fail(ctx, ERR_PRECONDITION, "SCHEMA_EDITED",
                "%s was edited after it was applied: restore it, and put the change into "
                "sql/schema/%04d_....sql",
                file->sql->path, plan->newest + 1);
}

/* Newest version of the database; every applied file must still be what it was. */
static bool read_version(struct ctx *ctx, struct db *db, const struct plan *plan, int *version)
{
    struct rows rows = {0};
    if (!db_run(ctx, db, &schema_list, NULL, &rows))
        return false;
    int newest = 0;
    bool is_good = true;
    while (is_good && rows_next(&rows)) {
        newest = rows_int4(&rows, rows_column(&rows, "version"));
        is_good = require_same(ctx, plan, &rows);
    }
    rows_done(&rows);
    *version = newest;
    return is_good;
}

static bool note_schema(struct ctx *ctx, struct db *db, const struct file *file)
{
    struct params params;
    params_init(&params, ctx->arena);
    params_int4(&params, file->version);
    params_text(&params, file->sql->path);
    params_bytes(&params, file->digest.bytes, DIGEST_SIZE);
    return db_run(ctx, db, &schema_note, &params, NULL);
}

struct schema_step {
    const struct plan *plan;
    int version; /* reached so far */
    bool is_applied;
};

/* The lock was free a moment ago, but another migration may have held it: look again. */
static bool run_next_schema(struct ctx *ctx, struct db *db, void *argument)
{
    struct schema_step *step = argument;
    step->is_applied = false;
    if (!become_owner(ctx, db) || !read_version(ctx, db, step->plan, &step->version))
        return false;
    const struct file *file = seek_version(step->plan, step->version + 1);
    if (!file)
        return true;
    if (!run_script(ctx, db, file->sql) || !become_owner(ctx, db) || !note_schema(ctx, db, file))
        return false;
    step->version = file->version;
    step->is_applied = true;
    return true;
}

static bool run_schema(struct ctx *ctx, struct db *db, const struct plan *plan,
                       struct migrate_report *report)
{
    struct schema_step step = {.plan = plan};
    do {
        if (!in_transaction(ctx, db, run_next_schema, &step))
            return false;
        report->schema_applied += step.is_applied;
    } while (step.is_applied);
    report->version = step.version;
    return true;
}

static bool is_api_same(struct ctx *ctx, struct db *db, const struct plan *plan, bool *is_same)
{
    struct rows rows = {0};
    if (!db_run(ctx, db, &api_list, NULL, &rows))
        return false;
    int expected = 0;
    for (int i = 0; i < plan->count; i++)
        expected += plan->files[i].kind != KIND_SCHEMA;
    bool same = rows.count == expected;
    while (same && rows_next(&rows)) {
        const struct file *file = seek_file(plan, rows_text(&rows, rows_column(&rows, "path")));
        same = file && is_digest(rows_bytes(&rows, rows_column(&rows, "sha256")), &file->digest);
    }
    rows_done(&rows);
    *is_same = same;
    return true;
}

static bool note_api(struct ctx *ctx, struct db *db, const struct plan *plan)
{
    size_t room = (size_t)plan->count;
    const char **paths = arena_array(ctx->arena, room, sizeof(*paths));
    struct bytes *digests = arena_array(ctx->arena, room, sizeof(*digests));
    struct params params;
    int count = 0;
    for (int i = 0; i < plan->count; i++) {
        const struct file *file = &plan->files[i];
        if (file->kind == KIND_SCHEMA)
            continue;
        paths[count] = file->sql->path;
        digests[count++] = (struct bytes){file->digest.bytes, DIGEST_SIZE};
    }
    params_init(&params, ctx->arena);
    params_texts(&params, paths, count);
    params_bytess(&params, digests, count);
    return db_run(ctx, db, &api_note, &params, NULL);
}

static bool run_api_files(struct ctx *ctx, struct db *db, const struct plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        enum kind kind = plan->files[i].kind;
        if (kind != KIND_API && kind != KIND_LAST)
            continue;
        if (!run_script(ctx, db, plan->files[i].sql) || !become_owner(ctx, db))
            return false;
    }
    return true;
}

struct api_step {
    const struct plan *plan;
    bool is_applied;
};

static bool run_api(struct ctx *ctx, struct db *db, void *argument)
{
    struct api_step *step = argument;
    bool is_same = false;
    if (!become_owner(ctx, db) || !is_api_same(ctx, db, step->plan, &is_same))
        return false;
    step->is_applied = !is_same;
    return is_same || (db_run(ctx, db, &api_drop, NULL, NULL) &&
                       run_api_files(ctx, db, step->plan) && note_api(ctx, db, step->plan));
}

bool migrate_run(struct ctx *ctx, struct db *db, const struct sql_file *files, size_t count,
                 struct migrate_report *report)
{
    struct plan plan;
    struct migrate_report done = {0};
    if (!make_plan(ctx, files, count, &plan))
        return false;
    struct api_step api = {.plan = &plan};
    if (!in_transaction(ctx, db, run_first, &plan) || !run_schema(ctx, db, &plan, &done) ||
        !in_transaction(ctx, db, run_api, &api))
        return false;
    done.api_applied = api.is_applied;
    *report = done;
    return true;
}

static bool fail_behind(struct ctx *ctx, const char *what)
{
    return fail(ctx, ERR_PRECONDITION, "SCHEMA_BEHIND",
                "%s: run cixd migrate as a user who may create roles, then start again", what);
}

/* What no file of ours accounts for: a newer binary was here, or an old file was edited. */
static bool fail_strange(struct ctx *ctx, const struct plan *plan, const char *path)
{
    const struct file *file = seek_file(plan, path);
    if (file && file->kind != KIND_SCHEMA)
        return fail_behind(ctx, arena_format(ctx->arena, "%s is another in the database", path));
    if (file)
        return fail(ctx, ERR_PRECONDITION, "SCHEMA_EDITED",
                    "%s differs from what the database was migrated with: use the cixd that "
                    "belongs to it",
                    path);
    if (kind_of(path) != KIND_SCHEMA)
        return fail_behind(ctx, arena_format(ctx->arena, "%s is left over in the database", path));
    return fail(ctx, ERR_PRECONDITION, "SCHEMA_AHEAD",
                "the database has %s, which this cixd does not know: use the newer cixd", path);
}

static bool compare(struct ctx *ctx, const struct plan *plan, struct rows *rows)
{
    int path = rows_column(rows, "path");
    int sha256 = rows_column(rows, "sha256");
    while (rows_next(rows)) {
        const struct file *file = seek_file(plan, rows_text(rows, path));
        if (!file || !is_digest(rows_bytes(rows, sha256), &file->digest))
            return fail_strange(ctx, plan, rows_text(rows, path));
    }
    if (rows->count < plan->count)
        return fail_behind(ctx, arena_format(ctx->arena, "%d files are not applied yet",
                                             plan->count - rows->count));
    return true;
}

/* A database that was never migrated lacks the schema or the function, or grants neither. */
static bool is_unmigrated(const struct db *db)
{
    static const char *const states[] = {"3F000", "42883", "42P01", "42501"};
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
        if (strcmp(db_sqlstate(db), states[i]) == 0)
            return true;
    return false;
}

bool migrate_check(struct ctx *ctx, struct db *db, const struct sql_file *files, size_t count)
{
    struct plan plan;
    struct rows rows = {0};
    if (!make_plan(ctx, files, count, &plan))
        return false;
    if (!db_run(ctx, db, &list_all, NULL, &rows)) {
        if (!is_unmigrated(db))
            return false;
        ctx_clear(ctx);
        return fail_behind(ctx, "the database was never migrated");
    }
    bool is_good = compare(ctx, &plan, &rows);
    rows_done(&rows);
    return is_good;
}
