/*
 * Migrations on empty databases, with files of the test's own behind the real role.sql and
 * migration.sql: each applied once, edited ones refused, functions replaced as one set, and a
 * server that finds another state than its own told what to do.
 */
#include "db/migrate.h"

#include <pthread.h>
#include <string.h>

#include "support/cluster.h"
#include "support/cmocka.h"

enum { FILES_MAX = 16 };

static struct test_database database;
static struct arena arena;
static struct ctx ctx;
static struct db *db;
static struct db *server;
static struct sql_file files[FILES_MAX];
static size_t count;
static struct migrate_report report;

/* Kept sorted by path, as the embedded list is. Another text for a known path replaces it. */
static void put_file(const char *path, const char *text)
{
    size_t at = 0;
    while (at < count && strcmp(files[at].path, path) < 0)
        at++;
    if (at == count || strcmp(files[at].path, path) != 0) {
        assert_true(count < FILES_MAX);
        memmove(&files[at + 1], &files[at], (count - at) * sizeof(files[0]));
        count++;
    }
    files[at] = (struct sql_file){path, text};
}

static void drop_file(const char *path)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].path, path) != 0)
            files[kept++] = files[i];
    count = kept;
}

static int set_up(void **state)
{
    (void)state;
    arena_reset(&arena);
    ctx_init(&ctx, &arena);
    test_database_open_empty(&database);
    db = test_database_connect(&database, DB_ROLE_OWNER);
    server = test_database_connect(&database, DB_ROLE_INQUIRE);
    count = 0;
    for (size_t i = 0; i < sql_file_count; i++)
        if (strcmp(sql_files[i].path, "role.sql") == 0 ||
            strcmp(sql_files[i].path, "migration.sql") == 0)
            put_file(sql_files[i].path, sql_files[i].text);
    put_file("schema/0001_first.sql", "create table cix.first (id int)");
    put_file("api/one.sql", "create function cix.one(int) returns int language sql return 1");
    put_file("grant.sql", "revoke execute on all functions in schema cix from public;"
                          "grant execute on function cix.one to cix_inquire");
    put_file("distribute.sql", "this is not run");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    db_close(server);
    return 0;
}

static bool run(void)
{
    return migrate_run(&ctx, db, files, count, &report);
}

static void run_well(void)
{
    if (!run())
        fail_msg("migration: %s", ctx.error.message);
}

static bool check(void)
{
    return migrate_check(&ctx, server, files, count);
}

static void assert_failed(const char *reason)
{
    assert_string_equal(ctx.error.reason, reason);
    assert_int_equal(ctx.error.code, ERR_PRECONDITION);
    ctx_clear(&ctx);
}

static const char *value_of(const char *sql)
{
    const struct statement statement = {arena_string(&arena, sql), sql};
    struct rows rows = {0};
    assert_true(db_run(&ctx, db, &statement, NULL, &rows));
    assert_true(rows_next(&rows));
    const char *value = arena_string(&arena, rows_text(&rows, 0));
    rows_done(&rows);
    return value;
}

static void files_are_applied_once(void **state)
{
    (void)state;
    run_well();
    assert_int_equal(report.version, 1);
    assert_int_equal(report.schema_applied, 1);
    assert_true(report.api_applied);
    assert_true(check());
    run_well();
    assert_int_equal(report.schema_applied, 0);
    assert_false(report.api_applied);
    put_file("schema/0002_second.sql", "alter table cix.first add word text");
    run_well();
    assert_int_equal(report.version, 2);
    assert_int_equal(report.schema_applied, 1);
    assert_true(check());
}

static void objects_belong_to_the_owner(void **state)
{
    (void)state;
    run_well();
    assert_string_equal(value_of("select string_agg(distinct pg_get_userbyid(relowner), ' ') "
                                 "from pg_class where relnamespace = 'cix'::regnamespace"),
                        "cix_owner");
    assert_string_equal(value_of("select string_agg(distinct pg_get_userbyid(proowner), ' ') "
                                 "from pg_proc where pronamespace = 'cix'::regnamespace"),
                        "cix_owner");
}

static void an_edited_file_stops_both(void **state)
{
    (void)state;
    run_well();
    put_file("schema/0001_first.sql", "create table cix.first (id bigint)");
    assert_false(run());
    assert_non_null(strstr(ctx.error.message, "schema/0001_first.sql"));
    assert_failed("SCHEMA_EDITED");
    assert_false(check());
    assert_failed("SCHEMA_EDITED");
}

static void a_server_does_not_serve_an_older_database(void **state)
{
    (void)state;
    assert_false(check());
    assert_non_null(strstr(ctx.error.message, "cixd migrate"));
    assert_failed("SCHEMA_BEHIND");
    run_well();
    put_file("schema/0002_second.sql", "select 1");
    assert_false(check());
    assert_failed("SCHEMA_BEHIND");
    run_well();
    assert_true(check());
    put_file("api/one.sql", "create function cix.one(int) returns int language sql return 2");
    assert_false(check());
    assert_non_null(strstr(ctx.error.message, "api/one.sql"));
    assert_failed("SCHEMA_BEHIND");
}

static void an_older_binary_does_not_touch_a_newer_database(void **state)
{
    (void)state;
    put_file("schema/0002_second.sql", "select 1");
    run_well();
    drop_file("schema/0002_second.sql");
    assert_false(run());
    assert_failed("SCHEMA_AHEAD");
    assert_false(check());
    assert_failed("SCHEMA_AHEAD");
}

static void a_failing_file_leaves_those_before_it(void **state)
{
    (void)state;
    put_file("schema/0002_second.sql", "create table cix.second (id int)");
    put_file("schema/0003_third.sql", "create table cix.third (id int); select 1 / 0");
    assert_false(run());
    assert_non_null(strstr(ctx.error.message, "schema/0003_third.sql"));
    assert_non_null(strstr(ctx.error.message, "division by zero"));
    ctx_clear(&ctx);
    assert_string_equal(value_of("select max(version)::text from cix.schema_version"), "2");
    assert_string_equal(value_of("select (to_regclass('cix.third') is null)::text"), "true");
    put_file("schema/0003_third.sql", "create table cix.third (id int)");
    run_well();
    assert_int_equal(report.version, 3);
}

static void a_file_may_not_end_its_transaction(void **state)
{
    (void)state;
    put_file("schema/0002_second.sql", "commit");
    assert_false(run());
    assert_failed("SCHEMA_FILES");
}

static void numbers_have_no_gaps(void **state)
{
    (void)state;
    put_file("schema/0003_third.sql", "select 1");
    assert_false(run());
    assert_non_null(strstr(ctx.error.message, "schema/0003_third.sql"));
    assert_failed("SCHEMA_FILES");
}

static const char *functions(void)
{
    return value_of("select coalesce(string_agg(oid::regprocedure::text, ' ' order by 1), '') "
                    "from pg_proc where pronamespace = 'cix'::regnamespace "
                    "and proname not in ('migration_list', 'api_drop', 'api_note', 'fixed')");
}

/* No function of an earlier set stays callable, and what depends on another may change with it. */
static void the_functions_are_exactly_the_files(void **state)
{
    (void)state;
    put_file("schema/0002_second.sql",
             "create function cix.fixed() returns int language sql return 1");
    put_file("api/two.sql", "create function cix.two() returns int language sql "
                            "begin atomic select cix.one(1); end");
    run_well();
    assert_string_equal(functions(), "cix.one(integer) cix.two()");
    put_file("api/one.sql", "create function cix.one(int, int) returns text language sql "
                            "return 'x'");
    drop_file("api/two.sql");
    put_file("grant.sql", "grant execute on function cix.one to cix_inquire");
    run_well();
    assert_true(report.api_applied);
    assert_string_equal(functions(), "cix.one(integer,integer)");
    assert_string_equal(value_of("select cix.fixed()::text"), "1");
    assert_true(check());
}

static void a_failing_function_keeps_the_old_set(void **state)
{
    (void)state;
    run_well();
    put_file("api/one.sql", "create function cix.one(int) returns int language sql return 2");
    put_file("api/two.sql", "create function broken");
    assert_false(run());
    assert_non_null(strstr(ctx.error.message, "api/two.sql"));
    ctx_clear(&ctx);
    assert_string_equal(value_of("select cix.one(0)::text"), "1");
}

static void *migrate_beside(void *argument)
{
    struct arena own = {0};
    struct ctx mine;
    struct migrate_report done;
    ctx_init(&mine, &own);
    bool is_good = migrate_run(&mine, argument, files, count, &done);
    arena_done(&own);
    return is_good ? argument : NULL;
}

static void two_migrations_at_once_are_one_after_the_other(void **state)
{
    pthread_t thread;
    void *beside = NULL;
    (void)state;
    put_file("schema/0002_second.sql", "create table cix.second (id int); select pg_sleep(0.1)");
    struct db *other = test_database_connect(&database, DB_ROLE_OWNER);
    assert_int_equal(pthread_create(&thread, NULL, migrate_beside, other), 0);
    bool is_good = run();
    assert_int_equal(pthread_join(thread, &beside), 0);
    assert_true(is_good);
    assert_non_null(beside);
    assert_true(check());
    db_close(other);
}

static void the_tree_itself_migrates(void **state)
{
    (void)state;
    assert_true(migrate_run(&ctx, db, sql_files, sql_file_count, &report));
    assert_true(migrate_check(&ctx, server, sql_files, sql_file_count));
    assert_true(migrate_run(&ctx, db, sql_files, sql_file_count, &report));
    assert_int_equal(report.schema_applied, 0);
    assert_false(report.api_applied);
}

#define MIGRATE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int set_up_all(void **state)
{
    /* The template's migration makes the roles that the empty databases' connections log in as. */
    (void)state;
    test_database_open(&database);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MIGRATE_TEST(files_are_applied_once),
        MIGRATE_TEST(objects_belong_to_the_owner),
        MIGRATE_TEST(an_edited_file_stops_both),
        MIGRATE_TEST(a_server_does_not_serve_an_older_database),
        MIGRATE_TEST(an_older_binary_does_not_touch_a_newer_database),
        MIGRATE_TEST(a_failing_file_leaves_those_before_it),
        MIGRATE_TEST(a_file_may_not_end_its_transaction),
        MIGRATE_TEST(numbers_have_no_gaps),
        MIGRATE_TEST(the_functions_are_exactly_the_files),
        MIGRATE_TEST(a_failing_function_keeps_the_old_set),
        MIGRATE_TEST(two_migrations_at_once_are_one_after_the_other),
        MIGRATE_TEST(the_tree_itself_migrates),
    };
    return cmocka_run_group_tests(tests, set_up_all, NULL);
}
