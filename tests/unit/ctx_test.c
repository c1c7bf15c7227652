/*
 * Goal: the first failure is the one that is told, with its fields and facts, within bounds.
 */
#include "base/ctx.h"
#include "support/cmocka.h"

#include <string.h>

#undef fail /* cmocka has a macro of this name */

static struct arena arena;
static struct ctx ctx;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void first_failure_wins(void **state)
{
    (void)state;
    assert_false(fail(&ctx, ERR_NOT_FOUND, "FIRST", "message %d", 1));
    assert_false(fail(&ctx, ERR_INTERNAL, "SECOND", "message %d", 2));
    assert_int_equal(ctx.error.code, ERR_NOT_FOUND);
    assert_string_equal(ctx.error.reason, "FIRST");
    assert_string_equal(ctx.error.message, "message 1");
    ctx_clear(&ctx);
    assert_int_equal(ctx.error.code, ERR_NONE);
    assert_false(fail(&ctx, ERR_INTERNAL, "SECOND", "again"));
    assert_string_equal(ctx.error.reason, "SECOND");
}

static void long_messages_are_cut(void **state)
{
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(fail(&ctx, ERR_INVALID, "LONG", "%s", text));
    assert_int_equal(strlen(ctx.error.message), sizeof(ctx.error.message) - 1);
}

static void fields_gather_up_to_the_limit(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * ERROR_FIELD_MAX; i++)
        assert_false(fail_field(&ctx, "FIELDS", "name", "wrong %d", i));
    assert_int_equal(ctx.error.code, ERR_INVALID);
    assert_int_equal(ctx.error.field_count, ERROR_FIELD_MAX);
    assert_string_equal(ctx.error.message, "wrong 0");
    assert_string_equal(ctx.error.fields[3].field, "name");
    assert_string_equal(ctx.error.fields[3].description, "wrong 3");
}

static void fields_do_not_join_another_failure(void **state)
{
    (void)state;
    assert_false(fail(&ctx, ERR_INVALID, "WHOLE", "the whole is wrong"));
    assert_false(fail_field(&ctx, "FIELD", "name", "wrong"));
    assert_int_equal(ctx.error.field_count, 0);
    assert_string_equal(ctx.error.reason, "WHOLE");
}

static void facts_belong_to_a_failure(void **state)
{
    (void)state;
    fail_fact(&ctx, "limit", "%d", 1);
    assert_int_equal(ctx.error.fact_count, 0);
    assert_false(fail(&ctx, ERR_INVALID, "X", "x"));
    for (int i = 0; i < 2 * ERROR_FACT_MAX; i++)
        fail_fact(&ctx, "limit", "%d", i);
    assert_int_equal(ctx.error.fact_count, ERROR_FACT_MAX);
    assert_string_equal(ctx.error.facts[1].value, "1");
}

static void retry_and_precondition_carry_their_detail(void **state)
{
    (void)state;
    assert_false(fail_retry(&ctx, "QUOTA", 250, "too many calls"));
    assert_int_equal(ctx.error.code, ERR_EXHAUSTED);
    assert_int_equal(ctx.error.retry_after_ms, 250);
    ctx_clear(&ctx);
    assert_false(fail_precondition(&ctx, "CHUNK_ORDER", "chunk 4", "expected chunk %d", 4));
    assert_int_equal(ctx.error.code, ERR_PRECONDITION);
    assert_string_equal(ctx.error.precondition, "CHUNK_ORDER");
    assert_string_equal(ctx.error.precondition_subject, "chunk 4");
    assert_int_equal(ctx.error.retry_after_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(first_failure_wins, begin, end),
        cmocka_unit_test_setup_teardown(long_messages_are_cut, begin, end),
        cmocka_unit_test_setup_teardown(fields_gather_up_to_the_limit, begin, end),
        cmocka_unit_test_setup_teardown(fields_do_not_join_another_failure, begin, end),
        cmocka_unit_test_setup_teardown(facts_belong_to_a_failure, begin, end),
        cmocka_unit_test_setup_teardown(retry_and_precondition_carry_their_detail, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
