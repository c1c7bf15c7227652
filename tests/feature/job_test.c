/*
 * Goal: background work ends when it is told to, and one job keeps no other of its thread from its
 * turn.
 * Method: jobs of the test over a real database; a statement that would run for an hour is cut off.
 */
#include "job/job.h"

#include <stdatomic.h>
#include <unistd.h>

#include "support/cluster.h"

#include "support/cmocka.h"

enum { NEVER_MS = 24 * 60 * 60 * 1000, TURNS = 5, SLICES = 50 };

static struct test_database database;
static struct arena arena;
static struct ctx ctx;
static _Atomic int failures;

static void on_failure(void *user, const char *job, const struct error *error, int in_row)
{
    (void)user;
    (void)job;
    (void)error;
    (void)in_row;
    failures++;
}

static struct jobs *begin(const struct job *list, int count)
{
    const struct job_options options = {.database_uri = database.uri,
                                        .role = DB_ROLE_ADMIN,
                                        .application = "cixd test",
                                        .statement_timeout_ms = NEVER_MS,
                                        .jobs = list,
                                        .job_count = count,
                                        .failed = on_failure};
    struct jobs *jobs;

    failures = 0;
    assert_true(jobs_start(&ctx, &options, &jobs));
    return jobs;
}

static bool sleep_long(struct ctx *job_ctx, struct db *db, void *has_begun, bool *has_more)
{
    static const struct statement sleep = {"sleep", "select pg_sleep(3600)"};

    (void)has_more;
    *(_Atomic int *)has_begun = 1;
    return db_run(job_ctx, db, &sleep, NULL, NULL);
}

/* Takes an hour when it is not cut off. */
static void a_stop_cuts_a_statement_off(void **state)
{
    _Atomic int has_begun = 0;
    const struct job job = {"sleep", NEVER_MS, sleep_long, &has_begun};
    struct jobs *jobs = begin(&job, 1);

    (void)state;
    while (!has_begun)
        usleep(1000);
    jobs_stop(jobs);
    assert_int_equal(failures, 0);
}

static bool fail_always(struct ctx *job_ctx, struct db *db, void *count, bool *has_more)
{
    static const struct statement divide = {"divide", "select 1 / 0"};

    *has_more = true; /* a failure waits for its period all the same */
    ++*(_Atomic int *)count;
    return db_run(job_ctx, db, &divide, NULL, NULL);
}

static bool go_on(struct ctx *job_ctx, struct db *db, void *count, bool *has_more)
{
    (void)job_ctx;
    (void)db;
    *has_more = ++*(_Atomic int *)count < SLICES;
    return true;
}

static bool go_on_for_ever(struct ctx *job_ctx, struct db *db, void *count, bool *has_more)
{
    (void)job_ctx;
    (void)db;
    *has_more = true;
    ++*(_Atomic int *)count;
    return true;
}

static bool have_a_turn(struct ctx *job_ctx, struct db *db, void *count, bool *has_more)
{
    (void)job_ctx;
    (void)db;
    (void)has_more;
    ++*(_Atomic int *)count;
    return true;
}

static void who_has_more_to_do_is_run_again_at_once(void **state)
{
    _Atomic int slices = 0, failed = 0;
    const struct job list[] = {{"slices", NEVER_MS, go_on, &slices},
                               {"fails", NEVER_MS, fail_always, &failed}};
    struct jobs *jobs = begin(list, 2);

    (void)state;
    while (slices < SLICES || !failed)
        usleep(1000);
    jobs_stop(jobs);
    assert_int_equal(slices, SLICES);
    assert_int_equal(failed, 1);
    assert_int_equal(failures, 1);
}

static void others_of_its_thread_keep_their_turn(void **state)
{
    _Atomic int slices = 0, turns = 0;
    const struct job list[] = {{"endless", NEVER_MS, go_on_for_ever, &slices},
                               {"often", 1, have_a_turn, &turns}};
    struct jobs *jobs = begin(list, 2);

    (void)state;
    while (turns < TURNS)
        usleep(1000);
    jobs_stop(jobs);
    assert_true(slices >= turns);
}

static int set_up_all(void **state)
{
    (void)state;
    test_database_open(&database);
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_cuts_a_statement_off),
        cmocka_unit_test(who_has_more_to_do_is_run_again_at_once),
        cmocka_unit_test(others_of_its_thread_keep_their_turn),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
