/*
 * cixd init and cixd migrate, and what serve and the other commands need of a database.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/commands.h"
#include "db/cluster.h"
#include "db/migrate.h"
#include "sql_embedded.h"
#include "vault/vault.h"

/* Somebody waits for a command and can end it: counting sealed values may take minutes. */
enum { STATEMENT_MS = 3600 * 1000 };

int command_usage(const struct command_call *call, const char *what)
{
    (void)call;
    fprintf(stderr, "usage: cixd %s\n", what);
    return 2;
}

const char *command_keys_folder(struct ctx *ctx, const struct config *config)
{
    return arena_string(ctx->arena, config->keys);
}

static struct cluster_options cluster_options_of(const struct config *config)
{
    return (struct cluster_options){.data = config->data,
                                    .os_user = *config->os_user ? config->os_user : NULL,
                                    .bin = *config->postgres_bin ? config->postgres_bin : NULL};
}

static bool migrate(struct ctx *ctx, const char *owner_uri, struct migrate_report *report)
{
    struct db_options options = {
        .uri = owner_uri, .role = DB_ROLE_OWNER, .application = "cixd migrate"};
    struct db *db;
    bool is_done;

    if (!db_open(ctx, &options, &db))
        return false;
    is_done = migrate_run(ctx, db, sql_files, sql_file_count, report);
    db_close(db);
    return is_done;
}

bool command_migrate_apart(struct ctx *ctx, const char *owner_uri)
{
    struct migrate_report report;
    int status;
    pid_t child = fork();

    if (child < 0)
        return fail(ctx, ERR_INTERNAL, "FORK", "no process for the migration: %s", strerror(errno));
    if (child == 0) {
        bool is_done = migrate(ctx, owner_uri, &report);
        if (!is_done)
            fprintf(stderr, "cixd: %s (%s)\n", ctx->error.message, ctx->error.reason);
        _exit(is_done ? 0 : 1);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return fail(ctx, ERR_PRECONDITION, "MIGRATION_FAILED",
                "the schema could not be brought up to date");
}

int command_schema_version(void)
{
    int count = 0;

    for (size_t i = 0; i < sql_file_count; i++)
        count += strncmp(sql_files[i].path, "schema/", 7) == 0;
    return count;
}

const char *command_role_script(void)
{
    const char *text = NULL;

    for (size_t i = 0; i < sql_file_count; i++)
        if (strcmp(sql_files[i].path, "role.sql") == 0)
            text = sql_files[i].text;
    CHECK(text);
    return text;
}

bool command_check_schema(struct ctx *ctx, const char *uri)
{
    struct db_options options = {.uri = uri, .role = DB_ROLE_ADMIN, .application = "cixd start"};
    struct db *db;
    bool is_done;

    if (!db_open(ctx, &options, &db))
        return false;
    is_done = migrate_check(ctx, db, sql_files, sql_file_count);
    db_close(db);
    return is_done;
}

static bool open_as(struct ctx *ctx, const struct config *config, enum db_role role,
                    struct cluster **cluster, struct db **db)
{
    struct cluster_options options = cluster_options_of(config);
    struct db_options connection = {.uri = config->database,
                                    .role = role,
                                    .application = "cixd command",
                                    .statement_timeout_ms = STATEMENT_MS};

    if (!*config->database) {
        if (!cluster_attach(ctx, &options, cluster))
            return false;
        connection.uri =
            role == DB_ROLE_OWNER ? cluster_owner_uri(*cluster) : cluster_uri(*cluster);
    }
    return db_open(ctx, &connection, db);
}

bool command_open(struct ctx *ctx, const struct config *config, struct cluster **cluster,
                  struct db **db)
{
    return open_as(ctx, config, DB_ROLE_ADMIN, cluster, db);
}

bool command_open_owner(struct ctx *ctx, const struct config *config, struct cluster **cluster,
                        struct db **db)
{
    return open_as(ctx, config, DB_ROLE_OWNER, cluster, db);
}

void command_close(struct cluster *cluster, struct db *db)
{
    db_close(db);
    cluster_stop(cluster);
}

int command_run(struct ctx *ctx, const struct command_call *call,
                bool (*work)(struct ctx *ctx, const struct command_call *call, struct db *db))
{
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    bool is_done = command_open(ctx, call->config, &cluster, &db) && work(ctx, call, db);

    command_close(cluster, db);
    return is_done ? 0 : 1;
}

static bool make_folder(struct ctx *ctx, const char *path)
{
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return true;
    return fail(ctx, ERR_PRECONDITION, "DATA_FOLDER", "%s: %s", path, strerror(errno));
}

/* The key ring is never made anew over data: an exchange whose keys are lost cannot be read. */
static bool make_keys(struct ctx *ctx, const struct config *config)
{
    struct vault *vault = NULL;
    const char *folder = command_keys_folder(ctx, config);

    if (vault_create(ctx, folder))
        return true;
    if (ctx->error.code != ERR_EXISTS)
        return false;
    ctx_clear(ctx);
    if (!vault_open(ctx, folder, &vault))
        return false;
    vault_free(vault);
    return true;
}

static bool make_database(struct ctx *ctx, const struct config *config,
                          struct migrate_report *report)
{
    struct cluster_options options = cluster_options_of(config);
    struct cluster *cluster = NULL;
    bool is_done;

    if (*config->database)
        return migrate(ctx, config->database, report);
    is_done =
        cluster_start(ctx, &options, &cluster) && migrate(ctx, cluster_owner_uri(cluster), report);
    cluster_stop(cluster);
    return is_done;
}

int command_init(struct ctx *ctx, const struct command_call *call)
{
    struct migrate_report report;

    if (call->word_count)
        return command_usage(call, "init --data DIR");
    if (!make_folder(ctx, call->config->data) || !make_keys(ctx, call->config) ||
        !make_database(ctx, call->config, &report))
        return 1;
    printf("the exchange is in %s, schema version %d\n", call->config->data, report.version);
    printf("back up %s apart from the data: without the keys nothing can be read\n",
           command_keys_folder(ctx, call->config));
    return 0;
}

int command_migrate(struct ctx *ctx, const struct command_call *call)
{
    struct migrate_report report;
    struct cluster_options options = cluster_options_of(call->config);
    struct cluster *cluster = NULL;
    bool is_done;

    if (call->word_count)
        return command_usage(call, "migrate [--database URI]");
    is_done = *call->config->database ? migrate(ctx, call->config->database, &report)
                                      : cluster_attach(ctx, &options, &cluster) &&
                                            migrate(ctx, cluster_owner_uri(cluster), &report);
    cluster_stop(cluster);
    if (is_done)
        printf("schema version %d, %d applied\n", report.version, report.schema_applied);
    return is_done ? 0 : 1;
}
