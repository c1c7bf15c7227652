#include "db/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "db/home.h"

enum {
    PORT = 5432,
    START_LIMIT_MS = 120000, /* recovery after a crash may replay 4 GB of WAL */
    LEAVE_LIMIT_MS = 60000,
    STOP_LIMIT_MS = 60000,
    QUIT_LIMIT_MS = 10000,
    POLL_MS = 20,
    PAUSE_FIRST_MS = 100,
    PAUSE_LAST_MS = 5000,
    STEADY_MS = 30000, /* having run that long, the next death starts from the first pause */
};

struct cluster {
    struct arena arena;
    struct home home;
    pid_t pid;    /* postmaster, our child; 0: none at the moment, or not ours */
    bool is_ours; /* started by this process */
    int lock;     /* descriptors of the two lock files, -1 when not held */
    int postgres_lock;
    int pause_ms;
    int64_t started_us;
    int64_t restart_us; /* when to start again, 0: nothing pending */
    const char *uri;
    const char *owner_uri;
    const char *program;
    const char *log;
};

static void pause_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
}

static bool open_lock(struct ctx *ctx, const struct home *home, const char *name, int *fd)
{
    const char *path = home_path(home, name);
    *fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return *fd >= 0 || fail(ctx, ERR_PRECONDITION, "CLUSTER_FOLDER", "cannot open %s: %s", path,
                            strerror(errno));
}

static bool is_locked_within(int fd, int limit_ms)
{
    for (int waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited_ms += POLL_MS) {
        if (waited_ms >= limit_ms)
            return false;
        pause_ms(POLL_MS);
    }
    return true;
}

/* The second lock is inherited by PostgreSQL: it is free once the last process of it is gone. */
static bool lock_folder(struct ctx *ctx, struct cluster *cluster)
{
    if (!open_lock(ctx, &cluster->home, "lock", &cluster->lock) ||
        !open_lock(ctx, &cluster->home, "postgres.lock", &cluster->postgres_lock))
        return false;
    if (!is_locked_within(cluster->lock, 10 * POLL_MS))
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_IN_USE",
                    "another cixd serves %s: stop it first, or choose another folder",
                    cluster->home.folder);
    if (!is_locked_within(cluster->postgres_lock, LEAVE_LIMIT_MS))
        return fail(ctx, ERR_UNAVAILABLE, "CLUSTER_IN_USE",
                    "PostgreSQL of an earlier cixd still runs in %s: wait, or stop it with pg_ctl",
                    cluster->home.folder);
    return true;
}

/* A libpq keyword string. Inside quotes, backslash and quote are escaped. */
static const char *uri_of(struct cluster *cluster, const char *database, const char *user)
{
    struct builder out = {.arena = &cluster->arena};
    builder_text(&out, "host='");
    for (const char *next = cluster->home.socket; *next; next++) {
        if (*next == '\'' || *next == '\\')
            builder_text(&out, "\\");
        builder_put(&out, next, 1);
    }
    builder_format(&out, "' port=%d dbname=%s", PORT, database);
    if (user)
        builder_format(&out, " user=%s", user);
    return out.data;
}

static bool launch(struct ctx *ctx, struct cluster *cluster)
{
    const struct home *home = &cluster->home;
    const char *const argv[] = {cluster->program, "-D", home->cluster, NULL};
    const char *log = cluster->log;
    int output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (output < 0)
        return fail(ctx, ERR_PRECONDITION, "CLUSTER_FOLDER", "cannot write %s: %s", log,
                    strerror(errno));
    struct process process = {.argv = argv,
                              .user = &home->user,
                              .output = output,
                              .kept = cluster->postgres_lock,
                              .dies_with_us = true};
    bool is_started = process_start(ctx, &process, &cluster->pid);
    close(output);
    cluster->started_us = clock_monotonic_us();
    return is_started;
}

static bool answers(const struct cluster *cluster)
{
    return PQping(cluster->owner_uri) == PQPING_OK;
}

static bool has_ended(struct cluster *cluster)
{
    if (cluster->pid == 0 || waitpid(cluster->pid, NULL, WNOHANG) != cluster->pid)
        return false;
    cluster->pid = 0;
    return true;
}

/* What PostgreSQL said last before it ended; it says the reason there. */
static bool fail_start(struct ctx *ctx, struct cluster *cluster)
{
    char line[256] = "nothing";
    char next[256];
    FILE *log = fopen(cluster->log, "re");
    while (log && fgets(next, sizeof(next), log))
        memcpy(line, next, sizeof(line));
    if (log)
        fclose(log);
    line[strcspn(line, "\n")] = '\0';
    return fail(ctx, ERR_UNAVAILABLE, "CLUSTER_START",
                "PostgreSQL ended at its start and said: %.120s; see %s and %s/log", line,
                cluster->log, cluster->home.cluster);
}

static bool wait_until_ready(struct ctx *ctx, struct cluster *cluster)
{
    for (int waited_ms = 0; !answers(cluster); waited_ms += POLL_MS) {
        if (cluster->is_ours && has_ended(cluster))
            return fail_start(ctx, cluster);
        if (waited_ms >= START_LIMIT_MS)
            return fail(ctx, ERR_UNAVAILABLE, "CLUSTER_START",
                        "PostgreSQL does not answer within %d s; see %s", START_LIMIT_MS / 1000,
                        cluster->log);
        pause_ms(POLL_MS);
    }
    return true;
}

/* CREATE DATABASE knows no "if not exists": 42P04 says that it is there. */
static bool make_database(struct ctx *ctx, struct cluster *cluster)
{
    const char *uri = uri_of(cluster, "postgres", "postgres");
    const struct db_options options = {.uri = uri, .role = DB_ROLE_OWNER, .application = "cixd"};
    struct db *db = NULL;
    if (!db_open(ctx, &options, &db))
        return false;
    bool is_there = db_script(ctx, db, "create database cix");
    if (!is_there && strcmp(db_sqlstate(db), "42P04") == 0) {
        ctx_clear(ctx);
        is_there = true;
    }
    db_close(db);
    return is_there;
}

static void set_paths(struct cluster *cluster)
{
    cluster->program = arena_format(&cluster->arena, "%s/postgres", cluster->home.bin);
    cluster->log = home_path(&cluster->home, "postgres.log");
    cluster->uri = uri_of(cluster, "cix", NULL);
    cluster->owner_uri = uri_of(cluster, "cix", "postgres");
}

static bool start(struct ctx *ctx, struct cluster *cluster)
{
    struct home *home = &cluster->home;
    if (!lock_folder(ctx, cluster))
        return false;
    if (!home_has_cluster(home) && !home_make_cluster(ctx, home))
        return false;
    if (!home_configure(ctx, home))
        return false;
    set_paths(cluster);
    cluster->is_ours = true;
    return launch(ctx, cluster) && wait_until_ready(ctx, cluster) && make_database(ctx, cluster);
}

static struct cluster *cluster_new(const struct cluster_options *options)
{
    struct cluster *cluster = calloc(1, sizeof(*cluster));
    CHECK(cluster);
    arena_init(&cluster->arena, 0);
    cluster->lock = -1;
    cluster->postgres_lock = -1;
    cluster->pause_ms = PAUSE_FIRST_MS;
    cluster->home = (struct home){.arena = &cluster->arena,
                                  .folder = arena_string(&cluster->arena, options->data),
                                  .bin = arena_string(&cluster->arena, options->bin),
                                  .is_ephemeral = options->is_ephemeral};
    return cluster;
}

static bool open_home(struct ctx *ctx, struct cluster *cluster,
                      const struct cluster_options *options)
{
    const char *os_user = options->os_user ? options->os_user : "postgres";
    return process_user_find(ctx, os_user, &cluster->home.user) && home_open(ctx, &cluster->home);
}

bool cluster_start(struct ctx *ctx, const struct cluster_options *options, struct cluster **cluster)
{
    struct cluster *started = cluster_new(options);
    if (!open_home(ctx, started, options) || !start(ctx, started)) {
        cluster_stop(started);
        return false;
    }
    *cluster = started;
    return true;
}

static bool is_served(struct ctx *ctx, const struct home *home)
{
    int fd = -1;
    if (!open_lock(ctx, home, "lock", &fd))
        return false;
    bool is_taken = !is_locked_within(fd, 0);
    close(fd);
    return is_taken;
}

static bool attach(struct ctx *ctx, struct cluster *cluster)
{
    if (!home_has_cluster(&cluster->home))
        return fail(ctx, ERR_NOT_FOUND, "CLUSTER_FOLDER", "%s holds no cluster: run cixd init",
                    cluster->home.folder);
    if (!is_served(ctx, &cluster->home))
        return ctx->error.code == ERR_NONE && start(ctx, cluster);
    if (!home_read_socket(ctx, &cluster->home))
        return false;
    set_paths(cluster);
    return wait_until_ready(ctx, cluster);
}

bool cluster_attach(struct ctx *ctx, const struct cluster_options *options,
                    struct cluster **cluster)
{
    struct cluster *attached = cluster_new(options);
    if (access(options->data, F_OK) != 0) {
        cluster_stop(attached);
        return fail(ctx, ERR_NOT_FOUND, "CLUSTER_FOLDER", "there is no folder %s", options->data);
    }
    if (!open_home(ctx, attached, options) || !attach(ctx, attached)) {
        cluster_stop(attached);
        return false;
    }
    *cluster = attached;
    return true;
}

const char *cluster_uri(const struct cluster *cluster)
{
    return cluster->uri;
}

const char *cluster_owner_uri(const struct cluster *cluster)
{
    return cluster->owner_uri;
}

const char *cluster_socket(const struct cluster *cluster)
{
    return cluster->home.socket;
}

int64_t cluster_pid(const struct cluster *cluster)
{
    return cluster->pid;
}

/* Processes of a killed postmaster leave by themselves; until then a start fails and is repeated.
 */
static void plan_restart(struct cluster *cluster)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us - cluster->started_us > STEADY_MS * INT64_C(1000))
        cluster->pause_ms = PAUSE_FIRST_MS;
    cluster->restart_us = now_us + cluster->pause_ms * INT64_C(1000);
    cluster->pause_ms =
        cluster->pause_ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : cluster->pause_ms * 2;
}

/* As process 1 of a container we inherit everybody's orphans. */
static void reap_orphans(const struct cluster *cluster)
{
    siginfo_t info = {0};
    while (getpid() == 1 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0 && info.si_pid != cluster->pid)
        waitpid(info.si_pid, NULL, WNOHANG);
}

enum cluster_news cluster_watch(struct cluster *cluster)
{
    struct ctx trial;
    if (!cluster->is_ours)
        return CLUSTER_QUIET;
    reap_orphans(cluster);
    if (has_ended(cluster)) {
        plan_restart(cluster);
        return CLUSTER_DIED;
    }
    if (cluster->restart_us == 0 || clock_monotonic_us() < cluster->restart_us)
        return CLUSTER_QUIET;
    cluster->restart_us = 0;
    ctx_init(&trial, &cluster->arena);
    if (launch(&trial, cluster))
        return CLUSTER_RESTARTED;
    plan_restart(cluster);
    return CLUSTER_QUIET;
}

static bool ends_within(struct cluster *cluster, int signal_number, int limit_ms)
{
    kill(cluster->pid, signal_number);
    for (int waited_ms = 0; waited_ms < limit_ms; waited_ms += POLL_MS) {
        if (has_ended(cluster))
            return true;
        pause_ms(POLL_MS);
    }
    return false;
}

/* Fast, then without a last checkpoint, then by force: the next start recovers from either. */
static void stop(struct cluster *cluster)
{
    if (ends_within(cluster, SIGINT, STOP_LIMIT_MS) || ends_within(cluster, SIGQUIT, QUIT_LIMIT_MS))
        return;
    kill(cluster->pid, SIGKILL);
    waitpid(cluster->pid, NULL, 0);
}

void cluster_stop(struct cluster *cluster)
{
    if (!cluster)
        return;
    if (cluster->is_ours && cluster->pid > 0)
        stop(cluster);
    if (cluster->postgres_lock >= 0)
        close(cluster->postgres_lock);
    if (cluster->lock >= 0)
        close(cluster->lock);
    arena_done(&cluster->arena);
    free(cluster);
}

bool cluster_discard(struct ctx *ctx, const char *folder)
{
    const struct home home = {.arena = ctx->arena, .folder = folder};
    bool is_free;
    int fd = -1;

    if (access(folder, F_OK) != 0)
        return true;
    if (!open_lock(ctx, &home, "postgres.lock", &fd))
        return false;
    is_free = is_locked_within(fd, LEAVE_LIMIT_MS) ||
              fail(ctx, ERR_UNAVAILABLE, "CLUSTER_IN_USE", "PostgreSQL still runs in %s", folder);
    is_free = is_free && home_discard(ctx, folder);
    close(fd);
    return is_free;
}
