/*
 * cixd backup: the database as one consistent snapshot in a folder of its own, and the key ring,
 * apart from it, in one file under a passphrase. Beside a running server; whole or not there at
 * all.
 *
 * pg_dump rather than pg_basebackup: it needs no more than an owner's login, so that a managed
 * PostgreSQL is backed up the same way; it goes back into any later major version and from one rung
 * of deployment into another; and its snapshot can be shared, so that rows and digest of every
 * table are taken of exactly what the file holds, while members submit. What that costs: a restore
 * makes the indexes anew, and there is no way to a point between two backups; deploy/README.md says
 * what to add.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/commands.h"
#include "command/manifest.h"
#include "command/passphrase.h"
#include "db/cluster.h"
#include "db/dump.h"
#include "db/migrate.h"
#include "sql_embedded.h"

static const char *to_folder;
static const char *to_ring;

const struct config_flag backup_flags[] = {
    {"to", &to_folder, NULL}, {"keys-to", &to_ring, NULL}, PASSPHRASE_FLAGS, {NULL, NULL, NULL}};

/* What one run works with. */
struct run {
    const struct config *config;
    const char *keys;
    const char *draft; /* where the backup grows until it is whole */
    int draft_fd;      /* held and locked; -1: none */
    struct cluster *cluster;
    struct db *db;
    struct passphrase passphrase;
};

static bool fail_unwritten(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_INTERNAL, "BACKUP_UNWRITTEN", "cannot write %.160s: %s", path,
                strerror(errno));
}

static bool fail_exists(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_EXISTS, "BACKUP_EXISTS", "%.160s is there already; nothing is overwritten",
                path);
}

static void clear_draft(const struct run *run)
{
    unlinkat(run->draft_fd, MANIFEST_DUMP, 0);
    unlinkat(run->draft_fd, MANIFEST_NAME, 0);
}

/* What an earlier run left when it was killed is taken over; a running one is not disturbed. */
static bool open_draft(struct ctx *ctx, struct run *run)
{
    run->draft = arena_format(ctx->arena, "%s.partial", to_folder);
    if (access(to_folder, F_OK) == 0)
        return fail_exists(ctx, to_folder);
    if (mkdir(run->draft, 0700) != 0 && errno != EEXIST)
        return fail_unwritten(ctx, run->draft);
    run->draft_fd = open(run->draft, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (run->draft_fd < 0)
        return fail_unwritten(ctx, run->draft);
    if (flock(run->draft_fd, LOCK_EX | LOCK_NB) != 0) {
        close(run->draft_fd);
        run->draft_fd = -1;
        return fail(ctx, ERR_PRECONDITION, "BACKUP_RUNNING", "another backup writes %.160s",
                    run->draft);
    }
    clear_draft(run);
    return fchmod(run->draft_fd, 0700) == 0 || fail_unwritten(ctx, run->draft);
}

/* Nothing stays of a backup that is not whole. */
static void drop_draft(struct run *run)
{
    if (run->draft_fd < 0)
        return;
    clear_draft(run);
    rmdir(run->draft);
    close(run->draft_fd);
    run->draft_fd = -1;
}

static bool sync_parent(struct ctx *ctx, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *parent = !slash ? "."
                         : slash == path
                             ? "/"
                             : arena_format(ctx->arena, "%.*s", (int)(slash - path), path);
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is_good || fail_unwritten(ctx, parent);
}

/* From here on it is a backup. */
static bool name_draft(struct ctx *ctx, struct run *run)
{
    if (fsync(run->draft_fd) != 0)
        return fail_unwritten(ctx, run->draft);
    if (access(to_folder, F_OK) == 0)
        return fail_exists(ctx, to_folder);
    if (rename(run->draft, to_folder) != 0)
        return fail_unwritten(ctx, to_folder);
    close(run->draft_fd);
    run->draft_fd = -1;
    return sync_parent(ctx, to_folder);
}

static void show_progress(int64_t bytes)
{
    printf("  %lld MiB written\n", (long long)(bytes >> 20));
    fflush(stdout);
}

static int64_t sum_of(const struct backup_tables *tables)
{
    int64_t sum = 0;

    for (int i = 0; i < tables->count; i++)
        sum += tables->tables[i].rows;
    return sum;
}

/* The file and what it must hold, of one snapshot. */
static bool take_snapshot(struct ctx *ctx, struct run *run, const struct dump *dump,
                          struct backup_tables *tables)
{
    const char *snapshot;
    bool is_done = backup_begin(ctx, run->db, &snapshot);

    if (is_done) {
        printf("writing the database\n");
        fflush(stdout);
        is_done = dump_write(ctx, dump, snapshot);
    }
    if (is_done) {
        printf("counting what it must hold\n");
        fflush(stdout);
        is_done = backup_list(ctx, run->db, tables);
    }
    db_rollback(run->db);
    return is_done;
}

static bool open_database(struct ctx *ctx, struct run *run)
{
    return command_open_owner(ctx, run->config, &run->cluster, &run->db) &&
           migrate_check(ctx, run->db, sql_files, sql_file_count);
}

static bool write_draft(struct ctx *ctx, struct run *run)
{
    struct manifest manifest = {.schema = command_schema_version()};
    struct dump dump = {.uri =
                            run->cluster ? cluster_owner_uri(run->cluster) : run->config->database,
                        .bin = run->config->postgres_bin,
                        .path = arena_format(ctx->arena, "%s/" MANIFEST_DUMP, run->draft),
                        .progress = show_progress};
    struct vault_ring *ring = NULL;
    bool is_done;

    if (!take_snapshot(ctx, run, &dump, &manifest.tables))
        return false;
    printf("reading it again\n");
    fflush(stdout);
    is_done = dump_check(ctx, &dump) &&
              manifest_measure(ctx, dump.path, &manifest.dump_bytes, &manifest.dump_digest) &&
              vault_ring_read(ctx, run->keys, &ring) &&
              manifest_write(ctx, run->draft, &manifest, ring) && name_draft(ctx, run);
    vault_ring_free(ring);
    if (is_done)
        printf("%s: %lld bytes, %d tables, %lld rows, schema version %d\n", to_folder,
               (long long)manifest.dump_bytes, manifest.tables.count,
               (long long)sum_of(&manifest.tables), manifest.schema);
    return is_done;
}

/* Behind the database: a ring holds every key of the values before it, never too few. */
static bool write_ring(struct ctx *ctx, struct run *run)
{
    struct bytes passphrase = {run->passphrase.data, run->passphrase.size};
    struct vault_ring *ring = NULL;
    bool is_done =
        vault_ring_read(ctx, run->keys, &ring) && vault_ring_wrap(ctx, ring, passphrase, to_ring);

    vault_ring_free(ring);
    if (is_done)
        printf("%s: the key ring, under the passphrase; keep the two apart from the database\n",
               to_ring);
    return is_done;
}

/* Slips are told before anything takes its time. */
static bool prepare(struct ctx *ctx, struct run *run)
{
    struct vault_ring *ring = NULL;

    if (!vault_ring_read(ctx, run->keys, &ring))
        return false;
    vault_ring_free(ring);
    if (to_ring && access(to_ring, F_OK) == 0)
        return fail(ctx, ERR_EXISTS, "RING_FILE_EXISTS",
                    "%.160s is there already; nothing is overwritten", to_ring);
    return !to_ring || passphrase_read(ctx, true, &run->passphrase);
}

int command_backup(struct ctx *ctx, const struct command_call *call)
{
    struct run run = {.config = call->config, .draft_fd = -1};
    bool is_done;

    if (call->word_count || (!to_folder && !to_ring))
        return command_usage(call, "backup [--to FOLDER] [--keys-to FILE]; at least one of them");
    run.keys = command_keys_folder(ctx, call->config);
    is_done = prepare(ctx, &run) &&
              (!to_folder ||
               (open_draft(ctx, &run) && open_database(ctx, &run) && write_draft(ctx, &run)));
    drop_draft(&run);
    command_close(run.cluster, run.db);
    is_done = is_done && (!to_ring || write_ring(ctx, &run));
    passphrase_wipe(&run.passphrase);
    if (is_done && !to_ring)
        printf(
            "the key ring is not in it: without %s, or a file of --keys-to, nothing can be read\n",
            run.keys);
    return is_done ? 0 : 1;
}
