/*
 * The private cluster: it is made once, keeps its data, lets in whom it should, outlives the
 * postmaster's violent death, and refuses a folder that is in use or of another version. Each test
 * has a folder of its own; all clusters are ephemeral but one.
 */
#include "db/cluster.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"
#include "db/migrate.h"
#include "support/cluster.h"
#include "support/cmocka.h"

enum { WAIT_LIMIT_MS = 60000, POLL_MS = 50 };

static struct arena arena;
static struct ctx ctx;
static const char *folder;

static int set_up(void **state)
{
    (void)state;
    arena_reset(&arena);
    ctx_init(&ctx, &arena);
    folder = test_folder();
    return 0;
}

static void assert_failed(enum err code, const char *reason)
{
    assert_int_equal(ctx.error.code, code);
    assert_string_equal(ctx.error.reason, reason);
    ctx_clear(&ctx);
}

static struct cluster *start_in(const char *data)
{
    const struct cluster_options options = {.data = data, .is_ephemeral = true};
    struct cluster *cluster = NULL;
    if (!cluster_start(&ctx, &options, &cluster))
        fail_msg("cluster: %s", ctx.error.message);
    return cluster;
}

static struct db *connect_as(const struct cluster *cluster, enum db_role role)
{
    const struct db_options options = {.uri = role == DB_ROLE_OWNER ? cluster_owner_uri(cluster)
                                                                    : cluster_uri(cluster),
                                       .role = role};
    struct db *db = NULL;
    return db_open(&ctx, &options, &db) ? db : NULL;
}

static void execute(const struct cluster *cluster, const char *sql)
{
    struct db *db = connect_as(cluster, DB_ROLE_OWNER);
    assert_non_null(db);
    assert_true(db_script(&ctx, db, sql));
    db_close(db);
}

static const char *value_of(const struct cluster *cluster, const char *sql)
{
    const struct statement statement = {"value_of", sql};
    struct rows rows = {0};
    struct db *db = connect_as(cluster, DB_ROLE_OWNER);
    assert_non_null(db);
    assert_true(db_run(&ctx, db, &statement, NULL, &rows));
    assert_true(rows_next(&rows));
    const char *value = arena_string(&arena, rows_text(&rows, 0));
    rows_done(&rows);
    db_close(db);
    return value;
}

static void data_stays_when_it_is_started_again(void **state)
{
    (void)state;
    struct cluster *cluster = start_in(folder);
    execute(cluster, "create table kept as select 'here' as word");
    cluster_stop(cluster);
    cluster = start_in(folder);
    assert_string_equal(value_of(cluster, "select word from kept"), "here");
    cluster_stop(cluster);
}

/* Checksums, encoding and order are chosen for ever; the rest may be changed later. */
static void a_real_cluster_is_durable_and_private(void **state)
{
    const struct cluster_options options = {.data = folder};
    struct cluster *cluster = NULL;
    struct stat status;
    (void)state;
    assert_true(cluster_start(&ctx, &options, &cluster));
    assert_string_equal(value_of(cluster, "select string_agg(setting, ' ' order by name) "
                                          "from pg_settings where name in ('data_checksums', "
                                          "'fsync', 'full_page_writes', 'jit', "
                                          "'listen_addresses', 'synchronous_commit')"),
                        "on on on off  on");
    assert_string_equal(value_of(cluster, "select pg_encoding_to_char(encoding) || ' ' || "
                                          "datcollate from pg_database where datname = 'cix'"),
                        "UTF8 C.UTF-8");
    assert_int_equal(stat(cluster_socket(cluster), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(arena_format(&arena, "%s/postgres", folder), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    cluster_stop(cluster);
}

/* PostgreSQL's log may not hold a value of a row: neither statement, parameter nor detail. */
static void postgresql_logs_no_values(void **state)
{
    (void)state;
    struct cluster *cluster = start_in(folder);
    struct db *db = connect_as(cluster, DB_ROLE_OWNER);
    assert_true(db_script(&ctx, db, "create table t (v text primary key)"));
    assert_true(db_script(&ctx, db, "insert into t values ('secret-990001')"));
    assert_false(db_script(&ctx, db, "insert into t values ('secret-990001')"));
    ctx_clear(&ctx);
    db_close(db);
    cluster_stop(cluster);
    char line[1024];
    bool has_error = false;
    FILE *log = fopen(arena_format(&arena, "%s/postgres.log", folder), "r");
    assert_non_null(log);
    while (fgets(line, sizeof(line), log)) {
        has_error = has_error || strstr(line, "t_pkey");
        assert_null(strstr(line, "990001"));
    }
    fclose(log);
    assert_true(has_error);
}

static void only_the_mapped_roles_may_log_in(void **state)
{
    static const enum db_role roles[] = {DB_ROLE_SUBMIT, DB_ROLE_INQUIRE, DB_ROLE_REGULATE,
                                         DB_ROLE_ADMIN};
    (void)state;
    struct cluster *cluster = start_in(folder);
    execute(cluster, "create role cix_submit login; create role cix_inquire login;"
                     "create role cix_regulate login; create role cix_admin login;"
                     "create role stranger login superuser; create role cix_owner login");
    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++) {
        struct db *db = connect_as(cluster, roles[i]);
        assert_non_null(db);
        db_close(db);
    }
    static const char *const others[] = {"stranger", "cix_owner"};
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        const struct db_options options = {
            .uri = arena_format(&arena, "%s user=%s", cluster_uri(cluster), others[i]),
            .role = DB_ROLE_OWNER};
        struct db *db = NULL;
        assert_false(db_open(&ctx, &options, &db));
        assert_failed(ERR_UNAVAILABLE, "DATABASE_LOST");
    }
    cluster_stop(cluster);
}

/* Watches until the wanted news comes. */
static void watch_for(struct cluster *cluster, enum cluster_news wanted)
{
    for (int waited_ms = 0; cluster_watch(cluster) != wanted; waited_ms += POLL_MS) {
        assert_true(waited_ms < WAIT_LIMIT_MS);
        usleep(POLL_MS * 1000);
    }
}

static void reopen(struct cluster *cluster, struct db *db)
{
    for (int waited_ms = 0; !db_reopen(&ctx, db); waited_ms += POLL_MS) {
        assert_failed(ERR_UNAVAILABLE, "DATABASE_LOST");
        assert_true(waited_ms < WAIT_LIMIT_MS);
        cluster_watch(cluster);
        usleep(POLL_MS * 1000);
    }
}

static void a_killed_postgresql_is_started_again(void **state)
{
    static const struct statement put = {"put_word", "insert into word values ('kept')"};
    (void)state;
    struct cluster *cluster = start_in(folder);
    execute(cluster, "create table word (word text)");
    struct db *db = connect_as(cluster, DB_ROLE_OWNER);
    for (int64_t i = 1; i <= 2; i++) {
        int64_t before = cluster_pid(cluster);
        assert_true(db_run(&ctx, db, &put, NULL, NULL));
        assert_int_equal(kill((pid_t)before, SIGKILL), 0);
        watch_for(cluster, CLUSTER_DIED);
        assert_int_equal(cluster_pid(cluster), 0);
        watch_for(cluster, CLUSTER_RESTARTED);
        reopen(cluster, db);
        assert_true(cluster_pid(cluster) != before);
    }
    assert_string_equal(value_of(cluster, "select count(*)::text from word"), "2");
    db_close(db);
    cluster_stop(cluster);
}

/* Cancels three commits, one after another, that wait for a standby which never comes. */
static void *cancel_waiting(void *argument)
{
    static const struct statement cancel = {"cancel_waiting",
                                            "select pg_cancel_backend(pid) from pg_stat_activity "
                                            "where wait_event = 'SyncRep'"};
    struct arena own = {0};
    struct ctx mine;
    ctx_init(&mine, &own);
    int cancelled = 0;
    for (int waited_ms = 0; cancelled < 3 && waited_ms < WAIT_LIMIT_MS; waited_ms += POLL_MS) {
        struct rows rows = {0};
        if (!db_run(&mine, argument, &cancel, NULL, &rows))
            break;
        cancelled += rows.count;
        rows_done(&rows);
        usleep(POLL_MS * 1000);
    }
    arena_done(&own);
    return NULL;
}

static void assert_lost_but_alive(struct db *db)
{
    assert_failed(ERR_UNAVAILABLE, "DATABASE_LOST");
    assert_true(db_is_alive(db));
}

/* PostgreSQL reports such a commit as done and only warns. A failover would lose it. */
static void a_commit_that_no_standby_confirmed_is_lost(void **state)
{
    static const struct statement put = {"put_word", "insert into word values ('unsure')"};
    pthread_t thread;
    (void)state;
    struct cluster *cluster = start_in(folder);
    execute(cluster, "create table word (word text)");
    struct db *db = connect_as(cluster, DB_ROLE_OWNER);
    struct db *beside = connect_as(cluster, DB_ROLE_OWNER);
    execute(cluster, "alter system set synchronous_standby_names = 'nobody'");
    execute(cluster, "select pg_reload_conf()");
    while (strcmp(value_of(cluster, "show synchronous_standby_names"), "nobody") != 0)
        usleep(POLL_MS * 1000);
    assert_int_equal(pthread_create(&thread, NULL, cancel_waiting, beside), 0);

    const struct db_step steps[] = {{.statement = &put}, {.statement = &put, .sync = true}};
    assert_false(db_run(&ctx, db, &put, NULL, NULL));
    assert_lost_but_alive(db);
    assert_false(db_pipeline(&ctx, db, steps, 2));
    assert_lost_but_alive(db);
    assert_true(db_begin(&ctx, db));
    assert_true(db_run(&ctx, db, &put, NULL, NULL));
    assert_false(db_commit(&ctx, db));
    assert_lost_but_alive(db);

    assert_int_equal(pthread_join(thread, NULL), 0);
    db_close(db);
    db_close(beside);
    cluster_stop(cluster);
}

/* Runs a server process that is killed without warning; its postmaster must leave by itself. */
static pid_t start_in_child(const char *data)
{
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        const struct cluster_options options = {.data = data, .is_ephemeral = true};
        struct cluster *cluster = NULL;
        if (!cluster_start(&ctx, &options, &cluster) || write(ends[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

static void a_killed_server_leaves_no_orphan_behind(void **state)
{
    (void)state;
    pid_t pid = start_in_child(folder);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    /* The next one waits for the last process of the old cluster, then starts. */
    struct cluster *cluster = start_in(folder);
    assert_string_equal(value_of(cluster, "select 'up'"), "up");
    cluster_stop(cluster);
}

static void a_folder_in_use_is_refused_and_can_be_attached(void **state)
{
    const struct cluster_options options = {.data = folder, .is_ephemeral = true};
    struct cluster *second = NULL;
    (void)state;
    pid_t pid = start_in_child(folder);
    assert_false(cluster_start(&ctx, &options, &second));
    assert_failed(ERR_PRECONDITION, "CLUSTER_IN_USE");
    assert_true(cluster_attach(&ctx, &options, &second));
    assert_int_equal(cluster_pid(second), 0);
    assert_string_equal(value_of(second, "select 'shared'"), "shared");
    cluster_stop(second);
    assert_true(cluster_attach(&ctx, &options, &second));
    assert_string_equal(value_of(second, "select 'still up'"), "still up");
    cluster_stop(second);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void attaching_starts_what_does_not_run(void **state)
{
    const struct cluster_options options = {.data = folder, .is_ephemeral = true};
    struct cluster *cluster = NULL;
    (void)state;
    assert_false(cluster_attach(&ctx, &options, &cluster));
    assert_failed(ERR_NOT_FOUND, "CLUSTER_FOLDER");
    cluster_stop(start_in(folder));
    assert_true(cluster_attach(&ctx, &options, &cluster));
    assert_true(cluster_pid(cluster) > 0);
    assert_string_equal(value_of(cluster, "select 'up'"), "up");
    cluster_stop(cluster);
}

static void another_version_is_refused_with_what_to_do(void **state)
{
    const struct cluster_options options = {.data = folder, .is_ephemeral = true};
    struct cluster *cluster = NULL;
    (void)state;
    assert_int_equal(mkdir(arena_format(&arena, "%s/postgres", folder), 0700), 0);
    FILE *file = fopen(arena_format(&arena, "%s/postgres/PG_VERSION", folder), "w");
    assert_non_null(file);
    assert_true(fputs("9\n", file) >= 0);
    fclose(file);
    assert_false(cluster_start(&ctx, &options, &cluster));
    assert_non_null(strstr(ctx.error.message, "postgresql-9"));
    assert_failed(ERR_PRECONDITION, "CLUSTER_VERSION");
}

static void a_half_made_cluster_is_made_anew(void **state)
{
    (void)state;
    assert_int_equal(mkdir(arena_format(&arena, "%s/postgres.new", folder), 0700), 0);
    FILE *file = fopen(arena_format(&arena, "%s/postgres.new/junk", folder), "w");
    assert_non_null(file);
    fclose(file);
    struct cluster *cluster = start_in(folder);
    assert_string_equal(value_of(cluster, "select 'up'"), "up");
    cluster_stop(cluster);
}

static void a_long_path_gets_a_short_socket(void **state)
{
    char name[121];
    (void)state;
    memset(name, 'd', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const char *data = arena_format(&arena, "%s/%s, it's long", folder, name);
    struct cluster *cluster = start_in(data);
    const char *socket = arena_string(&arena, cluster_socket(cluster));
    assert_true(strlen(socket) < 60);
    assert_string_equal(value_of(cluster, "select 'up'"), "up");
    cluster_stop(cluster);
    cluster = start_in(data);
    assert_string_equal(cluster_socket(cluster), socket);
    cluster_stop(cluster);
    assert_int_equal(rmdir(socket), 0);
}

static void a_closed_folder_above_is_named(void **state)
{
    struct cluster *cluster = NULL;
    (void)state;
    if (geteuid() != 0)
        skip();
    const char *closed = arena_format(&arena, "%s/closed", folder);
    const char *data = arena_format(&arena, "%s/data", closed);
    const struct cluster_options options = {.data = data, .is_ephemeral = true};
    assert_int_equal(mkdir(closed, 0700), 0);
    assert_false(cluster_start(&ctx, &options, &cluster));
    assert_non_null(strstr(ctx.error.message, arena_format(&arena, "through %s:", closed)));
    assert_failed(ERR_PRECONDITION, "CLUSTER_FOLDER");
}

static void a_wrong_setting_of_the_operator_is_quoted(void **state)
{
    const struct cluster_options options = {.data = folder, .is_ephemeral = true};
    struct cluster *cluster = NULL;
    (void)state;
    cluster_stop(start_in(folder));
    FILE *file = fopen(arena_format(&arena, "%s/postgres/operator.conf", folder), "w");
    assert_non_null(file);
    assert_true(fputs("no_such_setting = 1\n", file) >= 0);
    fclose(file);
    assert_false(cluster_start(&ctx, &options, &cluster));
    assert_non_null(strstr(ctx.error.message, "FATAL"));
    assert_failed(ERR_UNAVAILABLE, "CLUSTER_START");
}

static void missing_programs_are_told(void **state)
{
    const struct cluster_options options = {.data = folder, .bin = "/nonexistent"};
    struct cluster *cluster = NULL;
    (void)state;
    assert_false(cluster_start(&ctx, &options, &cluster));
    assert_failed(ERR_PRECONDITION, "CLUSTER_PROGRAM");
}

/* What a root shell does beside a server that systemd runs as its own user. */
static void a_cluster_of_another_user_is_left_alone(void **state)
{
    const struct cluster_options options = {.data = folder, .is_ephemeral = true};
    struct cluster *cluster = NULL;
    struct stat before, after;
    (void)state;
    if (geteuid() != 0)
        skip();
    cluster_stop(start_in(folder));
    const char *inside = arena_format(&arena, "%s/postgres", folder);
    const char *socket = arena_format(&arena, "%s/run", folder);
    assert_int_equal(stat(inside, &before), 0);
    assert_int_equal(chown(inside, 1, 1), 0);
    assert_int_equal(chown(socket, 1, 1), 0);
    assert_false(cluster_attach(&ctx, &options, &cluster));
    assert_failed(ERR_PRECONDITION, "CLUSTER_USER");
    assert_false(cluster_start(&ctx, &options, &cluster));
    assert_failed(ERR_PRECONDITION, "CLUSTER_USER");
    assert_int_equal(stat(socket, &after), 0);
    assert_int_equal(after.st_uid, 1);
    assert_int_equal(chown(inside, before.st_uid, before.st_gid), 0);
}

static void an_unknown_user_is_told(void **state)
{
    const struct cluster_options options = {.data = folder, .os_user = "no-such-user"};
    struct cluster *cluster = NULL;
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_false(cluster_start(&ctx, &options, &cluster));
    assert_failed(ERR_PRECONDITION, "CLUSTER_USER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(data_stays_when_it_is_started_again, set_up),
        cmocka_unit_test_setup(a_real_cluster_is_durable_and_private, set_up),
        cmocka_unit_test_setup(postgresql_logs_no_values, set_up),
        cmocka_unit_test_setup(only_the_mapped_roles_may_log_in, set_up),
        cmocka_unit_test_setup(a_killed_postgresql_is_started_again, set_up),
        cmocka_unit_test_setup(a_commit_that_no_standby_confirmed_is_lost, set_up),
        cmocka_unit_test_setup(a_killed_server_leaves_no_orphan_behind, set_up),
        cmocka_unit_test_setup(a_folder_in_use_is_refused_and_can_be_attached, set_up),
        cmocka_unit_test_setup(attaching_starts_what_does_not_run, set_up),
        cmocka_unit_test_setup(another_version_is_refused_with_what_to_do, set_up),
        cmocka_unit_test_setup(a_half_made_cluster_is_made_anew, set_up),
        cmocka_unit_test_setup(a_long_path_gets_a_short_socket, set_up),
        cmocka_unit_test_setup(a_closed_folder_above_is_named, set_up),
        cmocka_unit_test_setup(a_wrong_setting_of_the_operator_is_quoted, set_up),
        cmocka_unit_test_setup(missing_programs_are_told, set_up),
        cmocka_unit_test_setup(a_cluster_of_another_user_is_left_alone, set_up),
        cmocka_unit_test_setup(an_unknown_user_is_told, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
