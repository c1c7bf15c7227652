#include "support/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/text.h"
#include "db/cluster.h"
#include "db/migrate.h"
#include "sql_embedded.h"

/*
 * Three locks in the shared folder. users: shared by every program that uses the cluster, so the
 * keeper knows when it is alone. keeper: held by the keeper while it lives. making: one program at
 * a time starts a keeper or makes the template.
 */
enum { POLL_MS = 50, IDLE_LIMIT_MS = 4000, START_LIMIT_MS = 60000, DATABASES_MAX = 64 };

static struct {
    struct arena arena;
    char folder[256];
    char socket[128];
    pid_t owner; /* the program; children that it forks clean nothing up */
    const char *names[DATABASES_MAX];
    int name_count;
    const char *scratch[DATABASES_MAX];
    int scratch_count;
} state;

__attribute__((noreturn)) static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "test cluster: %s: %s\n", what, why);
    exit(1);
}

static void sleep_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
}

static int open_lock(const char *name)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", state.folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        give_up(path, strerror(errno));
    return fd;
}

/* One folder a user and build, in /tmp: build folders may be closed to PostgreSQL's user. */
static void find_folder(void)
{
    const char *build = getenv("CIX_BUILD");
    struct digest digest = digest_of(build ? build : "", build ? strlen(build) : 0);
    char hex[9];
    text_to_hex(digest.bytes, 4, hex);
    snprintf(state.folder, sizeof(state.folder), "/tmp/cix-test-%u-%s", (unsigned)geteuid(), hex);
    if (mkdir(state.folder, 0711) != 0 && errno != EEXIST)
        give_up(state.folder, strerror(errno));
    struct stat status;
    if (lstat(state.folder, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid())
        give_up(state.folder, "belongs to another user");
}

static void remove_tree(const char *path)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", "--", path, (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void write_socket(const char *socket)
{
    char path[300];
    char draft[310];
    snprintf(path, sizeof(path), "%s/ready", state.folder);
    snprintf(draft, sizeof(draft), "%s.new", path);
    FILE *file = fopen(draft, "w");
    if (!file || fprintf(file, "%s\n", socket) < 0 || fclose(file) != 0 || rename(draft, path) != 0)
        give_up(path, strerror(errno));
}

/*
 * Until nobody held the users' lock for a while; killed programs let go of it too. Returns with the
 * lock held, so that a program that comes now waits for the end and starts another keeper.
 */
static void keep(struct cluster *cluster)
{
    int users = open_lock("users");
    int idle_ms = 0;
    while (true) {
        cluster_watch(cluster);
        bool is_idle = flock(users, LOCK_EX | LOCK_NB) == 0;
        idle_ms = is_idle ? idle_ms + POLL_MS : 0;
        if (idle_ms >= IDLE_LIMIT_MS)
            return;
        if (is_idle)
            flock(users, LOCK_UN);
        sleep_ms(POLL_MS);
    }
}

/* The keeper detaches from ctest's pipes, which ctest would otherwise wait for. */
__attribute__((noreturn)) static void keeper_main(int keeper_lock)
{
    char data[300];
    char ready[300];
    struct cluster *cluster = NULL;
    struct arena arena = {0};
    struct ctx ctx;
    snprintf(data, sizeof(data), "%s/data", state.folder);
    snprintf(ready, sizeof(ready), "%s/ready", state.folder);
    setsid();
    int log = open_lock("keeper.log");
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(ftruncate(log, 0) == 0 && dup2(null, 0) == 0 && dup2(log, 1) == 1 && dup2(log, 2) == 2);
    CHECK(dup2(keeper_lock, 3) == 3 && close_range(4, ~0U, 0) == 0);
    CHECK(fcntl(3, F_SETFD, FD_CLOEXEC) == 0);
    remove_tree(data);
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    const struct cluster_options options = {.data = data, .is_ephemeral = true};
    if (!cluster_start(&ctx, &options, &cluster))
        give_up("start", ctx.error.message);
    write_socket(cluster_socket(cluster));
    keep(cluster);
    unlink(ready);
    cluster_stop(cluster);
    remove_tree(data);
    _exit(0);
}

static bool read_socket(void)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/ready", state.folder);
    FILE *file = fopen(path, "re");
    bool is_read = file && fscanf(file, "%127s", state.socket) == 1;
    if (file)
        fclose(file);
    return is_read;
}

/* Twice forked, so that the keeper is nobody's child and outlives the program that started it. */
static void start_keeper(int keeper_lock)
{
    char ready[300];
    snprintf(ready, sizeof(ready), "%s/ready", state.folder);
    unlink(ready);
    fflush(NULL);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0)
            keeper_main(keeper_lock);
        _exit(0);
    }
    while (waitpid(middle, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static bool is_keeper_alive(int keeper_lock)
{
    if (flock(keeper_lock, LOCK_EX | LOCK_NB) != 0)
        return true;
    flock(keeper_lock, LOCK_UN);
    return false;
}

static void wait_for_keeper(void)
{
    for (int waited_ms = 0; !read_socket(); waited_ms += POLL_MS) {
        int lock = open_lock("keeper");
        bool is_gone = waited_ms > 0 && !is_keeper_alive(lock);
        close(lock);
        if (is_gone || waited_ms > START_LIMIT_MS) {
            char log[300];
            snprintf(log, sizeof(log), "see %s/keeper.log", state.folder);
            give_up("no keeper", log);
        }
        sleep_ms(POLL_MS);
    }
}

/* With the users' lock held no keeper ends; one that was ending is waited for by its own lock. */
static void join(void)
{
    int users = open_lock("users");
    int making = open_lock("making");
    if (flock(making, LOCK_EX) != 0 || flock(users, LOCK_SH) != 0)
        give_up("lock", strerror(errno));
    for (int waited_ms = 0;; waited_ms += POLL_MS) {
        int keeper = open_lock("keeper");
        if (flock(keeper, LOCK_EX | LOCK_NB) == 0) {
            start_keeper(keeper);
            close(keeper);
            wait_for_keeper();
            break;
        }
        close(keeper);
        if (read_socket())
            break;
        sleep_ms(POLL_MS);
        if (waited_ms > START_LIMIT_MS)
            give_up("keeper", "neither ready nor gone");
    }
    close(making);
    /* users stays open, and locked, until this program ends. */
}

static struct db *connect_to(const char *name, enum db_role role, const char *user)
{
    struct arena arena = {0};
    struct ctx ctx;
    struct db *db = NULL;
    char uri[300];
    snprintf(uri, sizeof(uri), "host='%s' port=5432 dbname=%s%s%s", state.socket, name,
             user ? " user=" : "", user ? user : "");
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    const struct db_options options = {.uri = uri, .role = role, .application = "test"};
    if (!db_open(&ctx, &options, &db))
        give_up(name, ctx.error.message);
    arena_done(&arena);
    return db;
}

static void execute(struct db *db, const char *sql)
{
    struct arena arena = {0};
    struct ctx ctx;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, db, sql))
        give_up(sql, ctx.error.message);
    arena_done(&arena);
}

static void execute_in(const char *database, const char *sql)
{
    struct db *db = connect_to(database, DB_ROLE_OWNER, "postgres");
    execute(db, sql);
    db_close(db);
}

static bool is_known(const char *name)
{
    static const struct statement find = {"test_database",
                                          "select 1 from pg_database where datname = $1"};
    struct db *db = connect_to("postgres", DB_ROLE_OWNER, "postgres");
    struct params params;
    struct rows rows = {0};
    struct ctx ctx;
    ctx_init(&ctx, &state.arena);
    params_init(&params, &state.arena);
    params_text(&params, name);
    if (!db_run(&ctx, db, &find, &params, &rows))
        give_up(name, ctx.error.message);
    bool is_there = rows.count > 0;
    rows_done(&rows);
    db_close(db);
    return is_there;
}

static void migrate(const char *name)
{
    struct migrate_report report;
    struct ctx ctx;
    struct db *db = connect_to(name, DB_ROLE_OWNER, "postgres");
    ctx_init(&ctx, &state.arena);
    if (!migrate_run(&ctx, db, sql_files, sql_file_count, &report))
        give_up("migration", ctx.error.message);
    db_close(db);
}

/* One template for each state of sql/: a rebuilt tree under a living keeper makes another. */
static const char *find_template(void)
{
    char hex[17];
    struct builder all = {.arena = &state.arena};
    for (size_t i = 0; i < sql_file_count; i++)
        builder_text(&all, sql_files[i].text);
    struct digest digest = digest_of(all.data, all.size);
    text_to_hex(digest.bytes, 8, hex);
    const char *name = arena_format(&state.arena, "template_%s", hex);
    int making = open_lock("making");
    if (flock(making, LOCK_EX) != 0)
        give_up("lock", strerror(errno));
    if (!is_known(name)) {
        execute_in("postgres", "drop database if exists template_draft with (force)");
        execute_in("postgres", "create database template_draft");
        migrate("template_draft");
        execute_in("postgres",
                   arena_format(&state.arena, "alter database template_draft rename to %s", name));
    }
    close(making);
    return name;
}

static void clean_up(void)
{
    if (getpid() != state.owner)
        return;
    for (int i = 0; i < state.name_count; i++)
        execute_in("postgres", arena_format(&state.arena, "drop database if exists %s with (force)",
                                            state.names[i]));
    for (int i = 0; i < state.scratch_count; i++)
        remove_tree(state.scratch[i]);
    state.name_count = 0;
    state.scratch_count = 0;
    arena_done(&state.arena);
}

static void begin(void)
{
    if (state.owner == getpid())
        return;
    state.owner = getpid();
    arena_init(&state.arena, 0);
    atexit(clean_up);
}

static void create_database(struct test_database *database, const char *template)
{
    begin();
    CHECK(state.name_count < DATABASES_MAX);
    if (state.socket[0] == '\0') {
        find_folder();
        join();
    }
    snprintf(database->name, sizeof(database->name), "test_%d_%d", (int)getpid(), state.name_count);
    template = template ? template : find_template();
    execute_in("postgres", arena_format(&state.arena, "create database %s template %s",
                                        database->name, template));
    state.names[state.name_count++] = arena_string(&state.arena, database->name);
    database->socket = state.socket;
    database->uri =
        arena_format(&state.arena, "host='%s' port=5432 dbname=%s", state.socket, database->name);
    database->owner_uri = arena_format(&state.arena, "%s user=postgres", database->uri);
}

void test_database_open(struct test_database *database)
{
    create_database(database, NULL);
}

void test_database_open_empty(struct test_database *database)
{
    create_database(database, "template1");
}

struct db *test_database_connect(const struct test_database *database, enum db_role role)
{
    return connect_to(database->name, role, role == DB_ROLE_OWNER ? "postgres" : NULL);
}

const char *test_folder(void)
{
    char path[] = "/tmp/cix-test-XXXXXX";
    begin();
    CHECK(state.scratch_count < DATABASES_MAX);
    if (!mkdtemp(path) || chmod(path, 0711) != 0)
        give_up(path, strerror(errno));
    const char *kept = arena_string(&state.arena, path);
    state.scratch[state.scratch_count++] = kept;
    return kept;
}
