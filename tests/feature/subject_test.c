/*
 * Goal: a merge of two subjects keeps nobody waiting while it cannot begin anyway.
 * Method: the built cixd as the operator's command beside a lock that the test holds; it waits for
 * its locks before it looks at the subjects, so these need not be there.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "support/exchange.h"
#include "support/kept.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct db *owner;

static int64_t number(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct rows rows = {.count = 0};
    struct arena arena;
    struct ctx ctx;
    int64_t value;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_run(&ctx, owner, &statement, NULL, &rows) || !rows_next(&rows))
        fail_msg("%s", ctx.error.message);
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    arena_done(&arena);
    return value;
}

struct merging {
    struct arena arena;
    int code;
    const char *output;
    atomic_bool is_over;
};

static void *merge(void *argument)
{
    struct merging *merging = argument;

    merging->code = kept_command(&exchange, &merging->arena, "subject merge 1 2 --reason other",
                                 &merging->output);
    merging->is_over = true;
    return NULL;
}

static void nobody_waits_while_a_merge_waits_for_the_roll_ups(void **state)
{
    struct merging merging = {.is_over = false};
    pthread_t thread;

    (void)state;
    arena_init(&merging.arena, 0);
    number("hold", "select count(*) from pg_advisory_lock("
                   " hashtextextended('cix.rollup_merge', 0))");
    assert_int_equal(pthread_create(&thread, NULL, merge, &merging), 0);
    while (!merging.is_over &&
           !number("waits", "select count(*) from pg_locks where locktype = 'advisory'"
                            " and not granted"))
        usleep(10 * 1000);
    assert_int_equal(number("free", "select (pg_try_advisory_lock_shared("
                                    "  hashtextextended('cix.subject_merge', 0))"
                                    " and pg_try_advisory_lock_shared("
                                    "  hashtextextended('cix.subject_ask', 0)))::int::bigint"),
                     1);
    pthread_join(thread, NULL);
    assert_int_equal(merging.code, 1);
    assert_non_null(strstr(merging.output, "SUBJECT_BUSY"));
    number("let_go", "select count(*) from pg_advisory_unlock_all()");
    (void)merge(&merging);
    assert_non_null(strstr(merging.output, "SUBJECT_UNKNOWN"));
    arena_done(&merging.arena);
}

static int set_up_all(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    owner = exchange_owner(&exchange);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    db_close(owner);
    exchange_stop(&exchange);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_while_a_merge_waits_for_the_roll_ups),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
