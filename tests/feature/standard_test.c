/*
 * Goal: rating standards are loaded, published and retired by those who may, and what is in force
 * is in force on a running server within a second. Method: a whole exchange over mTLS; its log says
 * which set the server works with.
 */
#include "store/standard.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "support/cmocka.h"
#include "support/exchange.h"
#include "support/standard.h"

static struct exchange exchange;

static int set_up_all(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

/* The operator's act. */
static struct submission_act operator_act(int16_t method)
{
    static const uint8_t certificate[32];

    return (struct submission_act){.now_us = clock_now_us(),
                                   .audit_id = id_new(),
                                   .method = method,
                                   .certificate = {certificate, sizeof(certificate)}};
}

/* The small standard under another name and version, in force these days. */
static struct bytes small_text(struct arena *arena, const char *id, int version)
{
    const char *text = small_standard_with(arena, "valid ", "valid 2024-01-01 2099-12-31");
    const char *behind = strchr(text, '\n');

    text = arena_format(arena, "standard %s %d%s", id, version, behind);
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static void put(struct ctx *ctx, const char *id, int version, struct standard_loaded *loaded)
{
    struct submission_act act = operator_act(72);

    if (!standard_put(ctx, exchange.admin, &act, small_text(ctx->arena, id, version), loaded))
        fail_msg("%s", ctx->error.message);
}

/* What the operator loads and publishes reaches the running server, which reads it. */
static void what_the_operator_publishes_is_in_force(void **state)
{
    struct arena arena = {0};
    struct standard_loaded loaded;
    struct standard_published published;
    struct standard_version found;
    struct submission_act act = operator_act(73);
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    put(&ctx, "small", 3, &loaded);
    assert_true(loaded.is_new);
    put(&ctx, "small", 3, &loaded);
    assert_false(loaded.is_new);
    assert_int_equal(loaded.state, STANDARD_STATE_LOADED);
    assert_true(standard_publish(&ctx, exchange.admin, &act, "small", 3, &published));
    assert_true(published.is_new);
    act = operator_act(71);
    assert_true(standard_get(&ctx, exchange.admin, &act, "small", 0, &found));
    assert_int_equal(found.number, published.number);
    assert_int_equal(found.state, STANDARD_STATE_PUBLISHED);
    assert_true(found.published.is_taken && !found.retired.is_taken);
    assert_memory_equal(found.digest.bytes, loaded.digest.bytes, DIGEST_SIZE);
    struct bytes text = small_text(&arena, "small", 3);
    assert_int_equal(found.text.size, text.size);
    assert_memory_equal(found.text.data, text.data, text.size);
    exchange_settle();
    assert_true(exchange_log_has(&exchange, "\"event\":\"standards\",\"revision\":1,\"count\":1"));
    assert_false(exchange_log_has(&exchange, "standard_unreadable"));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_operator_publishes_is_in_force),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
