/*
 * libpq as the server uses it, against a real PostgreSQL: binary values come back as they went in,
 * a pipeline is as many transactions as it has syncs, and each kind of failure has its own error.
 */
#include "db/db.h"

#include <string.h>

#include "support/cluster.h"
#include "support/cmocka.h"

static struct test_database database;
static struct arena arena;
static struct ctx ctx;
static struct db *db;

static int set_up_all(void **state)
{
    (void)state;
    test_database_open(&database);
    db = test_database_connect(&database, DB_ROLE_OWNER);
    ctx_init(&ctx, &arena);
    assert_true(db_script(&ctx, db,
                          "create table note (id int primary key, text text);"
                          "create table late (id int unique deferrable initially deferred)"));
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    db_close(db);
    arena_done(&arena);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    arena_reset(&arena);
    ctx_init(&ctx, &arena);
    assert_true(db_script(&ctx, db, "truncate note, late"));
    return 0;
}

static void assert_failed(enum err code, const char *reason)
{
    assert_int_equal(ctx.error.code, code);
    assert_string_equal(ctx.error.reason, reason);
    ctx_clear(&ctx);
}

static int64_t count_of(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct rows rows = {0};
    assert_true(db_run(&ctx, db, &statement, NULL, &rows));
    assert_true(rows_next(&rows));
    int64_t count = rows_int8(&rows, 0);
    rows_done(&rows);
    return count;
}

static int64_t note_count(void)
{
    return count_of("note_count", "select count(*) from note");
}

static const struct statement note_put = {"note_put", "insert into note values ($1, $2)"};

static struct params *note(int id, const char *text)
{
    struct params *params = arena_alloc(&arena, sizeof(*params));
    params_init(params, &arena);
    params_int4(params, id);
    params_text(params, text);
    return params;
}

static void single_values_come_back_as_they_went_in(void **state)
{
    static const struct statement echo = {
        "echo_single", "select $1 a, $2 b, $3 c, $4 d, $5 e, $6 f, $7 g, $8 h, $9 i, $10 j, "
                       "$8 = date '1969-12-31' k, $9 = timestamptz '1970-01-01 00:00:01Z' l"};
    const struct uuid uuid = uuid_new();
    const struct day day = {-1};
    struct params params;
    struct rows rows = {0};
    (void)state;
    params_init(&params, &arena);
    params_bool(&params, true);
    params_int2(&params, INT16_MIN);
    params_int4(&params, INT32_MIN);
    params_int8(&params, INT64_MIN);
    params_text(&params, "\xe5\xbc\xa0 'x'");
    params_bytes(&params, "a\0b", 3);
    params_uuid(&params, &uuid);
    params_day(&params, day);
    params_instant(&params, 1000000);
    params_int8_or_null(&params, false, 7);
    assert_true(db_run(&ctx, db, &echo, &params, &rows));
    assert_true(rows_next(&rows));
    assert_true(rows_bool(&rows, 0));
    assert_int_equal(rows_int2(&rows, rows_column(&rows, "b")), INT16_MIN);
    assert_int_equal(rows_int4(&rows, 2), INT32_MIN);
    assert_int_equal(rows_int8(&rows, 3), INT64_MIN);
    assert_string_equal(rows_text(&rows, 4), "\xe5\xbc\xa0 'x'");
    assert_int_equal(rows_bytes(&rows, 5).size, 3);
    assert_memory_equal(rows_bytes(&rows, 5).data, "a\0b", 3);
    const struct uuid back = rows_uuid(&rows, 6);
    assert_true(uuid_equal(&back, &uuid));
    assert_int_equal(rows_day(&rows, 7).number, -1);
    assert_int_equal(rows_instant_us(&rows, 8), 1000000);
    assert_true(rows_is_null(&rows, 9));
    assert_true(rows_bool(&rows, rows_column(&rows, "k")));
    assert_true(rows_bool(&rows, rows_column(&rows, "l")));
    assert_false(rows_next(&rows));
    rows_done(&rows);
}

/* PostgreSQL renders the arrays, so that a wrong byte shows as a wrong text. */
static void arrays_arrive_as_postgresql_writes_them(void **state)
{
    static const struct statement render = {
        "render_arrays", "select $1::text a, $2::text b, $3::text c, $4::text d, $5::text e, "
                         "$6::text f, $7::text g, $8::text h, $9::text i, $10::text j"};
    static const char *const expected[] = {
        "{t,f}",
        "{-1,NULL}",
        "{1,2}",
        "{9223372036854775807,NULL}",
        "{\"a b\",NULL,\"\"}",
        "{\"\\\\x00ff\",NULL}",
        "{NULL,00000000-0000-0000-0000-000000000007}",
        "{1970-01-02,NULL}",
        "{\"1970-01-01 00:00:00.000001+00\",NULL}",
        "{}",
    };
    static const bool flags[] = {true, false};
    static const int16_t int2s[] = {-1, 5};
    static const int32_t int4s[] = {1, 2};
    static const int64_t int8s[] = {INT64_MAX, 5};
    static const char *const texts[] = {"a b", NULL, ""};
    static const struct bytes bytess[] = {{(const uint8_t *)"\x00\xff", 2}, {NULL, 0}};
    static const struct uuid uuids[] = {{{9}}, {{[15] = 7}}};
    static const struct day days[] = {{1}, {2}};
    static const int64_t instants[] = {1, 2};
    static const bool second[] = {false, true};
    struct params params;
    struct rows rows = {0};
    (void)state;
    params_init(&params, &arena);
    params_bools(&params, flags, 2);
    params_int2s(&params, int2s, flags, 2);
    params_int4s(&params, int4s, NULL, 2);
    params_int8s(&params, int8s, flags, 2);
    params_texts(&params, texts, 3);
    params_bytess(&params, bytess, 2);
    params_uuids(&params, uuids, second, 2);
    params_days(&params, days, flags, 2);
    params_instants(&params, instants, flags, 2);
    params_int8s(&params, NULL, NULL, 0);
    assert_true(db_run(&ctx, db, &render, &params, &rows));
    assert_true(rows_next(&rows));
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_string_equal(rows_text(&rows, (int)i), expected[i]);
    rows_done(&rows);
}

static void arrays_of_a_result_are_read(void **state)
{
    static const struct statement arrays = {
        "read_arrays", "select array[1, -2]::int8[], array[3]::int4[], array[-4, 5]::int2[], "
                       "array[]::int8[], null::int4[]"};
    struct rows rows = {0};
    int count = -1;
    (void)state;
    assert_true(db_run(&ctx, db, &arrays, NULL, &rows));
    assert_true(rows_next(&rows));
    const int64_t *int8s = rows_int8s(&rows, 0, &arena, &count);
    assert_int_equal(count, 2);
    assert_int_equal(int8s[0], 1);
    assert_int_equal(int8s[1], -2);
    assert_int_equal(rows_int4s(&rows, 1, &arena, &count)[0], 3);
    assert_int_equal(count, 1);
    const int16_t *int2s = rows_int2s(&rows, 2, &arena, &count);
    assert_int_equal(int2s[0], -4);
    assert_int_equal(int2s[1], 5);
    rows_int8s(&rows, 3, &arena, &count);
    assert_int_equal(count, 0);
    count = -1;
    rows_int4s(&rows, 4, &arena, &count);
    assert_int_equal(count, 0);
    rows_done(&rows);
}

static void items_of_an_array_may_be_absent(void **state)
{
    static const struct statement arrays = {
        "read_optional", "select array[7, null, -8]::int8[], array[null, null]::int8[], "
                         "array[]::int8[], null::int8[]"};
    struct optional_int8 items[4];
    struct rows rows = {0};

    (void)state;
    assert_true(db_run(&ctx, db, &arrays, NULL, &rows));
    assert_true(rows_next(&rows));
    for (int column = 0; column < 4; column++) {
        memset(items, 0xff, sizeof(items));
        rows_optional_int8s(&rows, column, items, 4);
        assert_int_equal(items[0].is_present, column == 0);
        assert_int_equal(items[2].is_present, column == 0);
        assert_false(items[1].is_present || items[3].is_present);
        assert_int_equal(items[0].value, column == 0 ? 7 : 0);
        assert_int_equal(items[2].value, column == 0 ? -8 : 0);
    }
    rows_optional_int8s(&rows, 0, items, 1); /* the rest of the array is left alone */
    assert_int_equal(items[0].value, 7);
    rows_done(&rows);
}

/* A failure in the second segment leaves the first one committed, and undoes its own. */
static void a_sync_in_a_pipeline_is_a_commit(void **state)
{
    struct rows rows = {0};
    static const struct statement all = {"note_all", "select id, text from note order by id"};
    const struct db_step steps[] = {
        {.statement = &note_put, .params = note(1, "first"), .sync = true},
        {.statement = &note_put, .params = note(2, "second")},
        {.statement = &note_put, .params = note(1, "twice")},
        {.statement = &all, .rows = &rows},
    };
    (void)state;
    assert_false(db_pipeline(&ctx, db, steps, 4));
    assert_null(rows.result);
    assert_failed(ERR_INVALID, "DATA_ERROR");
    assert_string_equal(db_sqlstate(db), "23505");
    assert_true(db_is_alive(db));
    assert_int_equal(note_count(), 1);
}

static void a_pipeline_reads_what_its_first_step_wrote(void **state)
{
    struct rows rows = {0};
    static const struct statement all = {"note_list", "select id, text from note order by id"};
    const struct db_step steps[] = {
        {.statement = &note_put, .params = note(1, "one"), .sync = true},
        {.statement = &note_put, .params = note(2, NULL)},
        {.statement = &all, .rows = &rows},
    };
    (void)state;
    assert_true(db_pipeline(&ctx, db, steps, 3));
    assert_int_equal(rows.count, 2);
    assert_true(rows_next(&rows));
    assert_string_equal(rows_text(&rows, rows_column(&rows, "text")), "one");
    assert_true(rows_next(&rows));
    assert_null(rows_text(&rows, rows_column(&rows, "text")));
    rows_done(&rows);
}

/* The segment behind the failing one runs: syncs part them. Its rows are still released. */
static void an_error_before_a_sync_does_not_stop_the_next_segment(void **state)
{
    static const struct statement bad = {"divide", "select 1 / $1"};
    struct params zero;
    struct rows rows = {0};
    (void)state;
    params_init(&zero, &arena);
    params_int4(&zero, 0);
    const struct db_step steps[] = {
        {.statement = &bad, .params = &zero, .rows = &rows, .sync = true},
        {.statement = &note_put, .params = note(5, "runs")},
    };
    assert_false(db_pipeline(&ctx, db, steps, 2));
    assert_null(rows.result);
    assert_failed(ERR_INVALID, "DATA_ERROR");
    assert_int_equal(note_count(), 1);
}

static const struct statement late_put = {"late_put", "insert into late values ($1)"};

static struct params *number(int32_t value)
{
    struct params *params = arena_alloc(&arena, sizeof(*params));
    params_init(params, &arena);
    params_int4(params, value);
    return params;
}

/* A deferred constraint fails only at the commit, behind a result that looked good. */
static void a_failing_commit_is_a_failure(void **state)
{
    const struct db_step steps[] = {
        {.statement = &late_put, .params = number(1)},
        {.statement = &late_put, .params = number(1), .sync = true},
        {.statement = &note_put, .params = note(1, "behind")},
    };
    (void)state;
    assert_false(db_pipeline(&ctx, db, steps, 3));
    assert_failed(ERR_INVALID, "DATA_ERROR");
    assert_true(db_is_alive(db));
    assert_int_equal(note_count(), 1);

    static const struct statement both = {"late_both", "insert into late values ($1), ($1)"};
    assert_false(db_run(&ctx, db, &both, number(2), NULL));
    assert_failed(ERR_INVALID, "DATA_ERROR");
    assert_int_equal(count_of("late_count", "select count(*) from late"), 0);
}

static void an_explicit_transaction_is_all_or_nothing(void **state)
{
    (void)state;
    assert_true(db_begin(&ctx, db));
    assert_true(db_run(&ctx, db, &note_put, note(1, "a"), NULL));
    db_rollback(db);
    assert_int_equal(note_count(), 0);

    assert_true(db_begin(&ctx, db));
    assert_true(db_run(&ctx, db, &note_put, note(1, "a"), NULL));
    const struct db_step step = {.statement = &note_put, .params = note(2, "b"), .sync = true};
    assert_true(db_pipeline(&ctx, db, &step, 1));
    assert_true(db_commit(&ctx, db));
    assert_int_equal(note_count(), 2);
}

/* PostgreSQL answers COMMIT of a failed transaction with success and the tag ROLLBACK. */
static void a_commit_that_kept_nothing_is_a_failure(void **state)
{
    (void)state;
    assert_true(db_begin(&ctx, db));
    assert_true(db_run(&ctx, db, &note_put, note(1, "a"), NULL));
    assert_false(db_run(&ctx, db, &note_put, note(1, "b"), NULL));
    ctx_clear(&ctx);
    assert_false(db_commit(&ctx, db));
    assert_failed(ERR_INTERNAL, "DATABASE_ERROR");
    assert_int_equal(note_count(), 0);
}

/* Far more than the socket buffers hold in both directions: neither side may wait for the other. */
static void a_large_pipeline_does_not_stand_still(void **state)
{
    enum { STEPS = 64, SIZE = 1 << 20 };
    static const struct statement echo = {"echo_text", "select $1::text"};
    static struct db_step steps[STEPS];
    static struct rows rows[STEPS];
    struct params params;
    char *text = arena_alloc(&arena, SIZE + 1);
    (void)state;
    memset(text, 'x', SIZE);
    params_init(&params, &arena);
    params_text(&params, text);
    for (int i = 0; i < STEPS; i++)
        steps[i] = (struct db_step){.statement = &echo, .params = &params, .rows = &rows[i]};
    assert_true(db_pipeline(&ctx, db, steps, STEPS));
    for (int i = 0; i < STEPS; i++) {
        assert_true(rows_next(&rows[i]));
        assert_int_equal(strlen(rows_text(&rows[i], 0)), SIZE);
        rows_done(&rows[i]);
    }
}

static void a_replaced_function_is_prepared_again(void **state)
{
    static const struct statement call = {"call_changing", "select * from changing()"};
    struct rows rows = {0};
    (void)state;
    assert_true(
        db_script(&ctx, db, "create function changing() returns int language sql return 1"));
    assert_true(db_run(&ctx, db, &call, NULL, &rows));
    rows_done(&rows);
    assert_true(db_script(&ctx, db,
                          "drop function changing();"
                          "create function changing() returns text language sql return 'x'"));
    assert_false(db_run(&ctx, db, &call, NULL, &rows));
    assert_failed(ERR_ABORTED, "SERIALIZATION");
    assert_true(db_run(&ctx, db, &call, NULL, &rows));
    assert_true(rows_next(&rows));
    assert_string_equal(rows_text(&rows, 0), "x");
    rows_done(&rows);
}

/* The words of PostgreSQL quote values; a server role's errors hold none of them. */
static void an_error_of_a_server_role_quotes_no_value(void **state)
{
    static const struct statement bad = {"cast_bad", "select $1::text::int"};
    struct db *server = test_database_connect(&database, DB_ROLE_INQUIRE);
    struct params params;
    (void)state;
    params_init(&params, &arena);
    params_text(&params, "secret-990001");
    assert_false(db_run(&ctx, server, &bad, &params, NULL));
    assert_null(strstr(ctx.error.message, "990001"));
    assert_non_null(strstr(ctx.error.message, "22P02"));
    assert_failed(ERR_INVALID, "DATA_ERROR");
    db_close(server);
}

static void a_server_role_reads_no_table(void **state)
{
    static const struct statement peek = {"peek", "select 1 from cix.member"};
    static const enum db_role roles[] = {DB_ROLE_SUBMIT, DB_ROLE_INQUIRE, DB_ROLE_REGULATE,
                                         DB_ROLE_ADMIN};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++) {
        struct db *server = test_database_connect(&database, roles[i]);
        assert_false(db_run(&ctx, server, &peek, NULL, NULL));
        assert_failed(ERR_INTERNAL, "DATABASE_DENIED");
        db_close(server);
    }
}

static void a_statement_has_its_time(void **state)
{
    static const struct statement sleep = {"sleep", "select pg_sleep(60)"};
    const struct db_options options = {
        .uri = database.owner_uri, .role = DB_ROLE_OWNER, .statement_timeout_ms = 50};
    struct db *hasty = NULL;
    (void)state;
    assert_true(db_open(&ctx, &options, &hasty));
    assert_false(db_run(&ctx, hasty, &sleep, NULL, NULL));
    assert_failed(ERR_DEADLINE, "STATEMENT_TIMEOUT");
    assert_true(db_is_alive(hasty));
    db_close(hasty);
}

/* The session ends under a statement; what it did is unknown, and a new one works. */
static void a_lost_connection_is_told_and_opened_again(void **state)
{
    static const struct statement end = {"end_me", "select pg_terminate_backend(pg_backend_pid())"};
    struct db *server = test_database_connect(&database, DB_ROLE_OWNER);
    const struct db_step steps[] = {
        {.statement = &note_put, .params = note(1, "kept"), .sync = true},
        {.statement = &end, .sync = true},
        {.statement = &note_put, .params = note(2, "lost")},
    };
    (void)state;
    assert_false(db_pipeline(&ctx, server, steps, 3));
    assert_failed(ERR_UNAVAILABLE, "DATABASE_LOST");
    assert_false(db_is_alive(server));
    assert_false(db_run(&ctx, server, &note_put, note(3, "lost"), NULL));
    assert_failed(ERR_UNAVAILABLE, "DATABASE_LOST");
    assert_true(db_reopen(&ctx, server));
    assert_true(db_run(&ctx, server, &note_put, note(4, "again"), NULL));
    assert_int_equal(note_count(), 2);
    db_close(server);
}

static void no_database_is_unavailable(void **state)
{
    const struct db_options options = {.uri = "host=/nonexistent dbname=cix password=hidden"};
    struct db *none = NULL;
    (void)state;
    assert_false(db_open(&ctx, &options, &none));
    assert_null(strstr(ctx.error.message, "hidden"));
    assert_failed(ERR_UNAVAILABLE, "DATABASE_LOST");
}

static void sessions_use_generic_plans_and_no_jit(void **state)
{
    (void)state;
    assert_int_equal(count_of("settings",
                              "select count(*) from pg_settings where (name, setting) in "
                              "(('plan_cache_mode', 'force_generic_plan'), ('jit', 'off'), "
                              "('statement_timeout', '30000'), ('TimeZone', 'UTC'))"),
                     4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(single_values_come_back_as_they_went_in, set_up),
        cmocka_unit_test_setup(arrays_arrive_as_postgresql_writes_them, set_up),
        cmocka_unit_test_setup(arrays_of_a_result_are_read, set_up),
        cmocka_unit_test_setup(items_of_an_array_may_be_absent, set_up),
        cmocka_unit_test_setup(a_sync_in_a_pipeline_is_a_commit, set_up),
        cmocka_unit_test_setup(a_pipeline_reads_what_its_first_step_wrote, set_up),
        cmocka_unit_test_setup(an_error_before_a_sync_does_not_stop_the_next_segment, set_up),
        cmocka_unit_test_setup(a_failing_commit_is_a_failure, set_up),
        cmocka_unit_test_setup(an_explicit_transaction_is_all_or_nothing, set_up),
        cmocka_unit_test_setup(a_commit_that_kept_nothing_is_a_failure, set_up),
        cmocka_unit_test_setup(a_large_pipeline_does_not_stand_still, set_up),
        cmocka_unit_test_setup(a_replaced_function_is_prepared_again, set_up),
        cmocka_unit_test_setup(an_error_of_a_server_role_quotes_no_value, set_up),
        cmocka_unit_test_setup(a_server_role_reads_no_table, set_up),
        cmocka_unit_test_setup(a_statement_has_its_time, set_up),
        cmocka_unit_test_setup(a_lost_connection_is_told_and_opened_again, set_up),
        cmocka_unit_test_setup(no_database_is_unavailable, set_up),
        cmocka_unit_test_setup(sessions_use_generic_plans_and_no_jit, set_up),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
