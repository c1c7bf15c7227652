/*
 * cixd restore: a backup of cixd backup into an empty folder, or into a database that holds no
 * exchange. Everything is checked before it is used, and compared when it is there; until then
 * nothing has its place: broken off anywhere, it is run again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/commands.h"
#include "command/manifest.h"
#include "command/passphrase.h"
#include "db/cluster.h"
#include "db/dump.h"
#include "store/key.h"

static const char *from_folder;
static const char *from_ring;
static bool is_check;

const struct config_flag restore_flags[] = {{"from", &from_folder, NULL},
                                            {"keys-from", &from_ring, NULL},
                                            {"check", NULL, &is_check},
                                            PASSPHRASE_FLAGS,
                                            {NULL, NULL, NULL}};

/* What one run works with. */
struct run {
    const struct config *config;
    const char *keys;
    struct manifest manifest;
    struct vault_ring *ring;
    const char *draft; /* folder of the private cluster until it is whole; NULL with --database */
    struct cluster *cluster;
    struct db *db;
    const char *uri; /* of the owner */
};

static void say(const char *text)
{
    printf("%s\n", text);
    fflush(stdout);
}

/* From the wrapped file, or the one that lies in the key folder already. */
static bool open_ring(struct ctx *ctx, struct run *run)
{
    struct passphrase passphrase;
    bool is_done;

    if (!from_ring)
        return vault_ring_read(ctx, run->keys, &run->ring);
    if (!passphrase_read(ctx, false, &passphrase))
        return false;
    is_done = vault_ring_unwrap(ctx, from_ring, (struct bytes){passphrase.data, passphrase.size},
                                &run->ring);
    passphrase_wipe(&passphrase);
    return is_done;
}

/* Is the backup whole, of this ring, and one that this build can serve? */
static bool check_backup(struct ctx *ctx, struct run *run)
{
    if (!manifest_read(ctx, from_folder, &run->manifest) || !open_ring(ctx, run) ||
        !manifest_check_ring(ctx, &run->manifest, run->ring))
        return false;
    printf("backup made %s, schema version %d\n", run->manifest.made, run->manifest.schema);
    if (run->manifest.schema > command_schema_version())
        return fail(ctx, ERR_PRECONDITION, "SCHEMA_AHEAD",
                    "the backup has schema version %d, this build knows %d: use the newer cixd",
                    run->manifest.schema, command_schema_version());
    return manifest_check_dump(ctx, from_folder, &run->manifest);
}

static struct dump dump_of(struct ctx *ctx, const struct run *run)
{
    return (struct dump){.uri = run->uri,
                         .bin = run->config->postgres_bin,
                         .path = arena_format(ctx->arena, "%s/" MANIFEST_DUMP, from_folder)};
}

static bool fail_target(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_PRECONDITION, "DATA_FOLDER", "%.160s: %s", path, strerror(errno));
}

/* As root PostgreSQL is another user, who passes through. */
static bool open_folder(struct ctx *ctx, const char *path)
{
    struct stat status;

    if (mkdir(path, geteuid() == 0 ? 0711 : 0700) != 0 && errno != EEXIST)
        return fail_target(ctx, path);
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return fail(ctx, ERR_PRECONDITION, "DATA_FOLDER", "%.160s is no folder", path);
    if (geteuid() == 0 && !(status.st_mode & S_IXOTH) &&
        chmod(path, (status.st_mode & 07777) | S_IXOTH) != 0)
        return fail_target(ctx, path);
    return true;
}

/* A cluster beside the place where it will stand. */
static bool start_private(struct ctx *ctx, struct run *run)
{
    const char *place = arena_format(ctx->arena, "%s/postgres", run->config->data);
    struct cluster_options options = {
        .os_user = *run->config->os_user ? run->config->os_user : NULL,
        .bin = *run->config->postgres_bin ? run->config->postgres_bin : NULL};

    if (access(place, F_OK) == 0)
        return fail(ctx, ERR_EXISTS, "RESTORE_TARGET",
                    "%.160s holds a database already; nothing is overwritten: name another folder",
                    run->config->data);
    if (!open_folder(ctx, run->config->data) || !vault_ring_fits(ctx, run->ring, run->keys))
        return false;
    run->draft = arena_format(ctx->arena, "%s/restore.partial", run->config->data);
    options.data = run->draft;
    if (!cluster_discard(ctx, run->draft))
        return false;
    say("making a database");
    if (!cluster_start(ctx, &options, &run->cluster))
        return false;
    run->uri = cluster_owner_uri(run->cluster);
    return true;
}

static bool start(struct ctx *ctx, struct run *run)
{
    struct db_options options = {.role = DB_ROLE_OWNER, .application = "cixd restore"};
    bool is_taken;

    if (*run->config->database) {
        run->uri = run->config->database;
        if (!vault_ring_fits(ctx, run->ring, run->keys))
            return false;
    } else if (!start_private(ctx, run)) {
        return false;
    }
    options.uri = run->uri;
    if (!db_open(ctx, &options, &run->db) ||
        !db_script(ctx, run->db, "set statement_timeout = 0") ||
        !backup_is_taken(ctx, run->db, &is_taken))
        return false;
    return !is_taken || fail(ctx, ERR_EXISTS, "RESTORE_TARGET",
                             "the database holds an exchange already; nothing is overwritten: name "
                             "an empty one");
}

/* A ring from before a rotation opens nothing that was sealed since. */
static bool require_keys(struct ctx *ctx, struct run *run)
{
    struct key_use *uses;
    int count;

    if (!key_count(ctx, run->db, &uses, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!vault_ring_has(run->ring, uses[i].key_id, from_ring != NULL))
            return fail(
                ctx, ERR_PRECONDITION, "RING_LACKS_KEY",
                "values are sealed under key %u, which is not in the ring: use a newer ring "
                "file, or put seal-%08u.key (once retired, retired-%08u.key) into the folder",
                uses[i].key_id, uses[i].key_id, uses[i].key_id);
    return true;
}

/* The rows, and the proof that they are those of the backup. */
static bool load(struct ctx *ctx, struct run *run)
{
    struct dump dump = dump_of(ctx, run);
    struct backup_tables tables;

    say("restoring");
    if (!db_script(ctx, run->db, command_role_script()) || !dump_read(ctx, &dump))
        return false;
    say("comparing every table with the backup");
    return backup_settle(ctx, run->db) && backup_list(ctx, run->db, &tables) &&
           manifest_check_tables(ctx, &run->manifest, &tables) && require_keys(ctx, run) &&
           db_script(ctx, run->db, "analyze");
}

static bool sync_folder(struct ctx *ctx, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is_good || fail_target(ctx, path);
}

/* The keys first: a database in its place is the sign that all is there. */
static bool put_in_place(struct ctx *ctx, struct run *run)
{
    const char *from;
    const char *to;

    db_close(run->db);
    run->db = NULL;
    cluster_stop(run->cluster);
    run->cluster = NULL;
    if (!vault_ring_write(ctx, run->ring, run->keys))
        return false;
    if (!run->draft)
        return true;
    from = arena_format(ctx->arena, "%s/postgres", run->draft);
    to = arena_format(ctx->arena, "%s/postgres", run->config->data);
    return (rename(from, to) == 0 || fail_target(ctx, to)) && sync_folder(ctx, run->config->data);
}

/* After a failure nothing stays but roles, which belong to no database. */
static void undo(struct ctx *ctx, struct run *run)
{
    struct ctx trial;

    ctx_init(&trial, ctx->arena);
    if (!run->draft && run->db && !db_script(&trial, run->db, "drop schema if exists cix cascade"))
        fprintf(stderr, "cixd: drop schema cix by hand: %s\n", trial.error.message);
}

static bool restore(struct ctx *ctx, struct run *run)
{
    bool is_done;

    if (!start(ctx, run))
        return false;
    is_done = load(ctx, run);
    if (!is_done)
        undo(ctx, run);
    return is_done && put_in_place(ctx, run);
}

/* Also on success: locks and sockets of the cluster's first start are left in the draft. */
static void close_run(struct ctx *ctx, struct run *run)
{
    struct ctx trial;

    command_close(run->cluster, run->db);
    vault_ring_free(run->ring);
    ctx_init(&trial, ctx->arena);
    if (run->draft && !cluster_discard(&trial, run->draft))
        fprintf(stderr, "cixd: %s\n", trial.error.message);
}

static bool run_check(struct ctx *ctx, struct run *run)
{
    struct dump dump = dump_of(ctx, run);

    return dump_check(ctx, &dump);
}

int command_restore(struct ctx *ctx, const struct command_call *call)
{
    struct run run = {.config = call->config};
    bool is_done;

    if (call->word_count || !from_folder)
        return command_usage(call, "restore --from FOLDER [--keys-from FILE] [--check]");
    run.keys = command_keys_folder(ctx, call->config);
    is_done = check_backup(ctx, &run) && (is_check ? run_check(ctx, &run) : restore(ctx, &run));
    close_run(ctx, &run);
    if (!is_done)
        return 1;
    if (is_check)
        printf("the backup is whole and belongs to the key ring\n");
    else
        printf("restored: every table has the backup's rows; the keys are in %s\n%s", run.keys,
               run.manifest.schema < command_schema_version()
                   ? "next: cixd migrate, then cixd fsck\n"
                   : "next: cixd fsck\n");
    return 0;
}
