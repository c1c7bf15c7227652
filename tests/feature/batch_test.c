/*
 * Goal: batches form by themselves, are fair, and hurt nobody who did nothing wrong, whatever the
 * database does; what cannot be served is answered at once and says when to come again.
 * Method: a made service over real rpc and a real database (support/batch_fixture.h); one worker,
 * which a call that waits holds busy, so that what waits behind it is known.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/refusal.h"
#include "support/batch_fixture.h"
#include "support/cmocka.h"

enum { OK = 0, DEADLINE = 4, DENIED = 7, EXHAUSTED = 8, PRECONDITION = 9, ABORTED = 10 };
enum { INTERNAL = 13, UNAVAILABLE = 14, UNAUTHENTICATED = 16, CLIENTS = 3 };

static struct grpc_client *clients[CLIENTS + 1];
static char reason[64];

/* A fresh server, a client for each of the members 1 to 3. */
static void start(const struct batch_options *options)
{
    batch_fixture_start(options);
    for (int i = 1; i <= CLIENTS; i++)
        clients[i] = batch_fixture_connect(i, i);
}

static void stop(void)
{
    batch_fixture_open();
    for (int i = 1; i <= CLIENTS; i++)
        grpc_client_free(clients[i]);
    batch_fixture_stop();
}

static void start_plain(void)
{
    struct batch_options options = batch_fixture_options();

    start(&options);
}

/* Holds the only worker with one call. */
static struct grpc_stream *hold(void)
{
    struct grpc_stream *call = batch_fixture_begin(clients[1], "wait", FIXTURE_WAIT_MS);

    batch_fixture_await_seen(1);
    return call;
}

/* Begins count calls of a member and waits until they are in the queue. */
static void flood(int member, int count, const char *item, struct grpc_stream **calls)
{
    int depth = batch_depth(batch_fixture.batch, 2);

    for (int i = 0; i < count; i++)
        calls[i] = batch_fixture_begin(clients[member], item, FIXTURE_WAIT_MS);
    batch_fixture_await_depth(depth + count);
}

static void all_end(struct grpc_stream **calls, int count, int code)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(batch_fixture_end(calls[i], reason, NULL), code);
}

static void alone_a_call_is_a_batch_of_one(void **state)
{
    (void)state;
    start_plain();
    assert_int_equal(batch_fixture_call(clients[1], "one", NULL), OK);
    assert_int_equal(batch_fixture.seen_count, 1);
    assert_int_equal(batch_fixture.seen[0].count, 1);
    assert_int_equal(batch_fixture_traces("one"), 1);
    stop();
}

static void what_waits_is_taken_together_up_to_the_batch(void **state)
{
    struct grpc_stream *calls[20];
    struct grpc_stream *held;

    (void)state;
    start_plain();
    held = hold();
    flood(1, 20, "more", calls);
    batch_fixture_open();
    all_end(calls, 20, OK);
    all_end(&held, 1, OK);
    assert_int_equal(batch_fixture.seen_count, 3);
    assert_int_equal(batch_fixture.seen[1].count, 16); /* the row's batch_max */
    assert_int_equal(batch_fixture.seen[2].count, 4);
    assert_int_equal(batch_fixture_traces("more"), 20);
    stop();
}

static void the_configuration_lowers_the_batch(void **state)
{
    struct batch_options options = batch_fixture_options();
    struct grpc_stream *calls[10];
    struct grpc_stream *held;

    (void)state;
    options.limits.batch_max = 4;
    start(&options);
    held = hold();
    flood(1, 10, "more", calls);
    batch_fixture_open();
    all_end(calls, 10, OK);
    all_end(&held, 1, OK);
    for (int i = 1; i < batch_fixture.seen_count; i++)
        assert_in_range(batch_fixture.seen[i].count, 1, 4);
    stop();
}

static int of_member(const struct seen_batch *seen, int member_id)
{
    int count = 0;

    for (int i = 0; i < seen->count; i++)
        count += seen->member_ids[i] == member_id;
    return count;
}

static void members_take_turns_under_a_flood(void **state)
{
    struct grpc_stream *many[40], *few[4], *held;

    (void)state;
    start_plain();
    held = hold();
    flood(1, 40, "many", many);
    flood(2, 3, "few", few);
    flood(3, 1, "few", few + 3);
    batch_fixture_open();
    all_end(few, 4, OK);
    all_end(many, 40, OK);
    all_end(&held, 1, OK);
    assert_int_equal(of_member(&batch_fixture.seen[1], 2), 3);
    assert_int_equal(of_member(&batch_fixture.seen[1], 3), 1);
    assert_int_equal(of_member(&batch_fixture.seen[1], 1), 12);
    stop();
}

static void a_data_error_is_halved_until_it_stands_alone(void **state)
{
    struct grpc_stream *good[7], *bad, *held;

    (void)state;
    start_plain();
    held = hold();
    flood(1, 5, "good", good);
    flood(2, 1, "bad", &bad);
    flood(3, 2, "good", good + 5);
    batch_fixture_open();
    all_end(good, 7, OK);
    assert_int_equal(batch_fixture_end(bad, reason, NULL), INTERNAL);
    assert_string_equal(reason, "INTERNAL"); /* our fault, not the caller's */
    all_end(&held, 1, OK);
    assert_int_equal(batch_fixture.bisected, 4); /* of eight, four, two, and the one itself */
    assert_int_equal(batch_fixture_traces("good"), 7);
    assert_int_equal(batch_fixture_traces("bad"), 0);
    stop();
}

static void a_call_that_fails_alone_leaves_the_others(void **state)
{
    struct grpc_stream *good[3], *refused, *held;

    (void)state;
    start_plain();
    held = hold();
    flood(1, 3, "good", good);
    flood(2, 1, "refused", &refused);
    batch_fixture_open();
    all_end(good, 3, OK);
    assert_int_equal(batch_fixture_end(refused, reason, NULL), PRECONDITION);
    assert_string_equal(reason, "REFUSED_ALONE");
    all_end(&held, 1, OK);
    assert_int_equal(batch_fixture.seen_count, 2);
    stop();
}

static void a_lost_race_is_run_once_more(void **state)
{
    (void)state;
    start_plain();
    assert_int_equal(batch_fixture_call(clients[1], "race", NULL), OK);
    assert_int_equal(batch_fixture.repeated, 1);
    assert_int_equal(batch_fixture_call(clients[1], "races", reason), ABORTED);
    assert_string_equal(reason, "SERIALIZATION");
    assert_int_equal(batch_fixture.repeated, 2);
    assert_int_equal(batch_fixture.bisected, 0);
    stop();
}

/* The connection breaks behind the commit: the outcome is unknown, the same id finds it done. */
static void a_lost_connection_is_run_again_under_the_same_ids(void **state)
{
    struct grpc_stream *call;
    int64_t id;

    (void)state;
    start_plain();
    call = batch_fixture_begin(clients[1], "kill", FIXTURE_WAIT_MS);
    assert_int_equal(batch_fixture_end(call, NULL, &id), OK);
    assert_int_equal(batch_fixture.seen_count, 2);
    assert_true(batch_fixture.seen[0].ids[0] == id && batch_fixture.seen[1].ids[0] == id);
    assert_int_equal(batch_fixture.repeated, 1);
    assert_int_equal(batch_fixture.lost, 1);
    assert_int_equal(batch_fixture_traces("kill"), 1);
    assert_int_equal(batch_fixture_call(clients[1], "after", NULL), OK);
    stop();
}

static void a_full_queue_refuses_and_keeps_room_for_others(void **state)
{
    struct batch_options options = batch_fixture_options();
    struct grpc_stream *calls[4], *other, *held;

    (void)state;
    options.limits.queue_max = 8;
    start(&options);
    held = hold();
    flood(1, 4, "more", calls); /* half of the queue */
    assert_int_equal(batch_fixture_call(clients[1], "beyond", reason), EXHAUSTED);
    assert_string_equal(reason, "OVERLOADED");
    flood(2, 1, "other", &other);
    batch_fixture_open();
    all_end(calls, 4, OK);
    all_end(&other, 1, OK);
    all_end(&held, 1, OK);
    assert_int_equal(batch_fixture_traces("beyond"), 0);
    stop();
}

static void a_quota_is_spent_and_refuses(void **state)
{
    struct member member = {
        .member_id = 2, .code = "bank-2", .state = MEMBER_STATE_ACTIVE, .quota = {.per_day = 2}};
    struct refusal refusals[8];

    (void)state;
    start_plain();
    batch_fixture_member(&member);
    assert_int_equal(batch_fixture_call(clients[2], "one", NULL), OK);
    assert_int_equal(batch_fixture_call(clients[2], "two", NULL), OK);
    assert_int_equal(batch_fixture_call(clients[2], "three", reason), EXHAUSTED);
    assert_string_equal(reason, "QUOTA_EXCEEDED");
    assert_int_equal(batch_fixture_call(clients[2], "three", reason), EXHAUSTED);
    assert_int_equal(batch_fixture_call(clients[3], "other", NULL), OK);
    assert_int_equal(batch_fixture_traces("three"), 0);
    assert_int_equal(batch_refusals(batch_fixture.batch, refusals, 8), 1);
    assert_int_equal(refusals[0].member_id, 2);
    assert_int_equal(refusals[0].count, 2);
    assert_string_equal(refusals[0].reason, "QUOTA_EXCEEDED");
    assert_int_equal(batch_refusals(batch_fixture.batch, refusals, 8), 0);
    stop();
}

static void a_call_that_is_over_costs_no_sql(void **state)
{
    struct grpc_stream *late, *held;

    (void)state;
    start_plain();
    held = hold();
    late = batch_fixture_begin(clients[2], "late", 300);
    batch_fixture_await_depth(1);
    assert_int_equal(batch_fixture_end(late, NULL, NULL), DEADLINE);
    batch_fixture_open();
    all_end(&held, 1, OK);
    assert_int_equal(batch_fixture_call(clients[2], "next", NULL), OK);
    assert_int_equal(batch_fixture_traces("late"), 0);
    assert_int_equal(batch_fixture.seen_count, 2);
    stop();
}

static struct grpc_stream *open_stream(struct grpc_client *client)
{
    return grpc_stream_open(client, batch_fixture_stream_path, FIXTURE_WAIT_MS);
}

static void asks_on(struct grpc_stream *stream)
{
    struct bytes body = {.data = NULL};

    assert_true(grpc_stream_send(stream, (struct bytes){NULL, 0}));
    assert_true(grpc_stream_receive(stream, &body));
    free((void *)(uintptr_t)body.data);
}

static int ends(struct grpc_stream *stream)
{
    struct bytes body;
    struct grpc_reply reply;
    int code;

    assert_false(grpc_stream_receive(stream, &body));
    grpc_stream_end(stream, &reply);
    code = reply.code;
    snprintf(reason, sizeof(reason), "%s", grpc_reply_reason(&reply));
    grpc_reply_done(&reply);
    return code;
}

/* Opens a stream when the member's share is free again; it is counted out a moment after its end.
 */
static struct grpc_stream *open_stream_soon(struct grpc_client *client)
{
    struct bytes body = {.data = NULL};

    for (int i = 0; i < FIXTURE_WAIT_MS / 10; i++) {
        struct grpc_stream *stream = open_stream(client);
        grpc_stream_send(stream, (struct bytes){NULL, 0});
        if (grpc_stream_receive(stream, &body)) {
            free((void *)(uintptr_t)body.data);
            return stream;
        }
        (void)ends(stream);
        usleep(10000);
    }
    fail_msg("the share is never free again");
    return NULL;
}

static void a_member_has_its_share_of_streams(void **state)
{
    struct batch_options options = batch_fixture_options();
    struct grpc_stream *streams[4];

    (void)state;
    options.stream_workers = 3;
    options.limits.streams_per_member = 2;
    start(&options);
    for (int i = 0; i < 2; i++) {
        streams[i] = open_stream(clients[1]);
        asks_on(streams[i]);
    }
    streams[2] = open_stream(clients[2]);
    asks_on(streams[2]);
    assert_int_equal(ends(open_stream(clients[1])), EXHAUSTED);
    assert_string_equal(reason, "STREAMS_MAX");
    asks_on(streams[0]);
    grpc_stream_close(streams[0]);
    assert_int_equal(ends(streams[0]), OK);
    streams[3] = open_stream_soon(clients[1]);
    for (int i = 1; i < 4; i++) {
        grpc_stream_close(streams[i]);
        assert_int_equal(ends(streams[i]), OK);
    }
    stop();
}

static void a_direct_method_waits_for_nobody(void **state)
{
    struct member lender = {.member_id = 2,
                            .code = "bank-2",
                            .state = MEMBER_STATE_ACTIVE,
                            .roles = MEMBER_ROLE_LENDER};
    struct grpc_stream *held;
    struct grpc_reply reply;

    (void)state;
    start_plain();
    held = hold();
    batch_fixture_member(&lender);
    grpc_client_call(clients[2], batch_fixture_direct_path, (struct bytes){NULL, 0},
                     FIXTURE_WAIT_MS, &reply);
    assert_int_equal(reply.code, OK);
    grpc_reply_done(&reply);
    batch_fixture_open();
    all_end(&held, 1, OK);
    stop();
}

static void who_may_not_is_refused_before_the_queue(void **state)
{
    struct member suspended = {.member_id = 3, .code = "bank-3", .state = MEMBER_STATE_SUSPENDED};
    struct grpc_client *stranger, *thief;
    struct grpc_reply reply;

    (void)state;
    start_plain();
    stranger = batch_fixture_connect(1, 99);
    thief = batch_fixture_connect(1, 2);
    batch_fixture_member(&suspended);
    assert_int_equal(batch_fixture_call(stranger, "x", reason), UNAUTHENTICATED);
    assert_string_equal(reason, "CERTIFICATE_UNKNOWN");
    assert_int_equal(batch_fixture_call(thief, "x", reason), UNAUTHENTICATED);
    assert_int_equal(batch_fixture_call(clients[3], "x", reason), DENIED);
    assert_string_equal(reason, "MEMBER_NOT_ADMITTED");
    grpc_client_call(clients[1], batch_fixture_direct_path, (struct bytes){NULL, 0},
                     FIXTURE_WAIT_MS, &reply);
    assert_int_equal(reply.code, DENIED);
    assert_string_equal(grpc_reply_reason(&reply), "ROLE_REQUIRED");
    grpc_reply_done(&reply);
    assert_int_equal(batch_fixture.seen_count, 0);
    grpc_client_free(stranger);
    grpc_client_free(thief);
    stop();
}

static void *stop_batch(void *unused)
{
    (void)unused;
    batch_stop(batch_fixture.batch);
    return NULL;
}

static void a_stop_serves_what_waits(void **state)
{
    struct grpc_stream *calls[10], *held;
    pthread_t thread;

    (void)state;
    start_plain();
    held = hold();
    flood(1, 10, "waiting", calls);
    assert_int_equal(pthread_create(&thread, NULL, stop_batch, NULL), 0);
    while (batch_is_ready(batch_fixture.batch))
        usleep(1000);
    batch_fixture_open();
    all_end(calls, 10, OK);
    all_end(&held, 1, OK);
    pthread_join(thread, NULL);
    assert_int_equal(batch_fixture_call(clients[1], "after", reason), UNAVAILABLE);
    assert_string_equal(reason, "DRAINING");
    assert_int_equal(batch_fixture_traces("waiting"), 10);
    stop();
}

/* Nobody waits for ever for a database that is not there, and the stop does neither. */
static void without_a_database_calls_are_answered(void **state)
{
    struct batch_options options = batch_fixture_options();
    struct grpc_stream *calls[3], *stream;
    struct grpc_client *client;

    (void)state;
    options.database_uri = "host=/nonexistent port=5432 dbname=none";
    options.patience_ms = 300;
    batch_fixture_start(&options);
    client = batch_fixture_connect(1, 1);
    assert_false(batch_is_ready(batch_fixture.batch));
    for (int i = 0; i < 3; i++)
        calls[i] = batch_fixture_begin(client, "lost", FIXTURE_WAIT_MS);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(batch_fixture_end(calls[i], reason, NULL), UNAVAILABLE);
        assert_string_equal(reason, "DATABASE_AWAY");
    }
    stream = open_stream(client);
    assert_int_equal(ends(stream), UNAVAILABLE);
    assert_string_equal(reason, "DATABASE_AWAY");
    assert_int_equal(batch_fixture.lost, 1); /* told once, not at every try */
    calls[0] = batch_fixture_begin(client, "lost", FIXTURE_WAIT_MS);
    batch_stop(batch_fixture.batch);
    assert_int_equal(batch_fixture_end(calls[0], reason, NULL), UNAVAILABLE);
    grpc_client_free(client);
    batch_fixture_stop();
}

/* --- the table --- */

/* Starts over a spoiled table; it must be refused with its reason. */
static void is_refused(const struct service *service)
{
    const struct service *const services[] = {service};
    struct batch_options options = batch_fixture_options();
    struct registry *registry = registry_new();
    struct batch *batch;
    struct arena arena;
    struct ctx ctx;

    options.services = services;
    options.registry = registry;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    assert_false(batch_start(&ctx, &options, &batch));
    assert_string_equal(ctx.error.reason, "METHOD_TABLE");
    arena_done(&arena);
    registry_free(registry);
}

static void a_table_that_differs_from_its_proto_does_not_start(void **state)
{
    struct method methods[4];
    struct service service = batch_fixture_service(methods);

    (void)state;
    service.method_count = 2; /* one is missing */
    is_refused(&service);
    methods[3] = methods[0]; /* one is left over */
    service.method_count = 4;
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[1] = methods[0]; /* one is doubled, one is missing */
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[2].name = "RemoveFlags"; /* another name */
    is_refused(&service);
}

static void a_row_that_is_not_whole_does_not_start(void **state)
{
    struct method methods[4];
    struct service service = batch_fixture_service(methods);

    (void)state;
    methods[1].serve = methods[2].serve; /* unary and stream */
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[2].serve = NULL; /* neither */
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[2].batch_max = 0;
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[2].batch_max = BATCH_MAX + 1;
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[2].audit = NULL;
    is_refused(&service);
    service = batch_fixture_service(methods);
    methods[1].pool = POOL_DIRECT; /* a stream needs a worker */
    is_refused(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_a_call_is_a_batch_of_one),
        cmocka_unit_test(what_waits_is_taken_together_up_to_the_batch),
        cmocka_unit_test(the_configuration_lowers_the_batch),
        cmocka_unit_test(members_take_turns_under_a_flood),
        cmocka_unit_test(a_data_error_is_halved_until_it_stands_alone),
        cmocka_unit_test(a_call_that_fails_alone_leaves_the_others),
        cmocka_unit_test(a_lost_race_is_run_once_more),
        cmocka_unit_test(a_lost_connection_is_run_again_under_the_same_ids),
        cmocka_unit_test(a_full_queue_refuses_and_keeps_room_for_others),
        cmocka_unit_test(a_quota_is_spent_and_refuses),
        cmocka_unit_test(a_call_that_is_over_costs_no_sql),
        cmocka_unit_test(a_member_has_its_share_of_streams),
        cmocka_unit_test(a_direct_method_waits_for_nobody),
        cmocka_unit_test(who_may_not_is_refused_before_the_queue),
        cmocka_unit_test(a_stop_serves_what_waits),
        cmocka_unit_test(without_a_database_calls_are_answered),
        cmocka_unit_test(a_table_that_differs_from_its_proto_does_not_start),
        cmocka_unit_test(a_row_that_is_not_whole_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
