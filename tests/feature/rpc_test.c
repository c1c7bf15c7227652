/* rpc/ from outside: what an honest client sends, what none would send, and how calls end. */
#include "support/rpc_fixture.h"

#include <cix/v1/member.pb-c.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/cmocka.h"

static const char get_member[] = "/cix.v1.MemberService/GetMember";
static const char remove_flag[] = "/cix.v1.FlagService/RemoveFlag";
static const char batch_flags[] = "/cix.v1.FlagService/BatchCheckFlags";

/* Calls and compares code, reason and field of the refusal. */
static void refused(const char *path, struct bytes request, int code, const char *reason,
                    const char *field)
{
    struct grpc_reply reply;

    fixture_call(path, request, &reply);
    assert_int_equal(reply.code, code);
    assert_string_equal(grpc_reply_reason(&reply), reason);
    assert_string_equal(grpc_reply_field(&reply), field);
    assert_int_equal(strlen(reply.request_id), 36);
    grpc_reply_done(&reply);
}

static void still_serves(void)
{
    struct grpc_reply reply;

    fixture_call(get_member, EMPTY, &reply);
    assert_int_equal(reply.code, 0);
    grpc_reply_done(&reply);
}

static void finishes_as(enum err code)
{
    assert_true(fixture_finishes(1));
    assert_int_equal(atomic_load(&fixture.last_code), code);
}

static void a_call_is_answered_with_the_peer_of_its_connection(void **state)
{
    struct grpc_reply reply;

    (void)state;
    fixture_call(get_member, EMPTY, &reply);
    assert_int_equal(reply.code, 0);
    assert_int_equal(strlen(reply.request_id), 36);
    Cix__V1__GetMemberResponse *response =
        cix__v1__get_member_response__unpack(NULL, reply.body.size, reply.body.data);
    assert_non_null(response);
    assert_string_equal(response->code, "bank-a");
    cix__v1__get_member_response__free_unpacked(response, NULL);
    grpc_reply_done(&reply);
    finishes_as(ERR_NONE);
}

static void a_connection_without_a_member_is_refused(void **state)
{
    (void)state;
    atomic_store(&fixture.is_known, false);
    refused(get_member, EMPTY, 16, "PEER_UNKNOWN", "");
    assert_int_equal(atomic_load(&fixture.arrived), 0);
}

static void bad_bytes_are_refused_before_they_arrive(void **state)
{
    (void)state;
    refused(remove_flag, LITERAL("\x0a\x02\xff\xfe"), 3, "MALFORMED_MESSAGE", "flag_id");
    refused(remove_flag,
            LITERAL("\x0a\x03"
                    "a\0b"),
            3, "MALFORMED_MESSAGE", "flag_id");
    refused(remove_flag, LITERAL("\x08\x01"), 3, "MALFORMED_MESSAGE", "flag_id");
    refused(remove_flag, LITERAL("\x0a\x7fshort"), 3, "MALFORMED_MESSAGE", "");
    refused(remove_flag, LITERAL("garbage, not a message"), 3, "MALFORMED_MESSAGE", "");
    assert_int_equal(atomic_load(&fixture.arrived), 0);
    still_serves();
}

static void a_message_beyond_its_method_is_refused(void **state)
{
    uint8_t *large = calloc(1, 10 << 20);
    struct grpc_reply reply;

    (void)state;
    assert_non_null(large);
    refused(remove_flag, (struct bytes){large, FIXTURE_REQUEST_MAX + 1}, 8, "MESSAGE_TOO_LARGE",
            "");
    fixture_call(remove_flag, (struct bytes){large, 10 << 20}, &reply);
    assert_int_equal(reply.code, 8); /* gRPC itself cuts this one off */
    grpc_reply_done(&reply);
    free(large);
    assert_int_equal(atomic_load(&fixture.arrived), 0);
    still_serves();
}

static void a_message_beyond_its_budget_is_refused(void **state)
{
    uint8_t many[64 * 1024];
    struct grpc_stream *stream = grpc_stream_open(fixture.client, batch_flags, FIXTURE_WAIT_MS);
    struct grpc_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(many); i += 2)
        memcpy(many + i, "\x0a\x00", 2); /* 32,768 empty inquiries: 3 MB unpacked */
    grpc_stream_send(stream, (struct bytes){many, sizeof(many)});
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, 8);
    assert_string_equal(grpc_reply_reason(&reply), "MESSAGE_TOO_COSTLY");
    grpc_reply_done(&reply);
}

static void compression_is_refused(void **state)
{
    static uint8_t zeros[32 * 1024]; /* would shrink to some 50 bytes */
    struct grpc_reply reply;

    (void)state;
    grpc_client_call_gzip(fixture.client, remove_flag, (struct bytes){zeros, sizeof(zeros)},
                          &reply);
    assert_int_equal(reply.code, 12);
    grpc_reply_done(&reply);
    assert_int_equal(atomic_load(&fixture.arrived), 0);
    still_serves();
}

static void an_unknown_method_is_unimplemented_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) /* more than there are slots for such calls */
        refused("/cix.v1.FlagService/NoSuchMethod", EMPTY, 12, "METHOD_UNKNOWN", "");
    refused("/", EMPTY, 12, "METHOD_UNKNOWN", "");
}

static void a_refusal_carries_its_reason_and_text(void **state)
{
    struct grpc_reply reply;

    (void)state;
    fixture_call(remove_flag,
                 LITERAL("\x0a\x06"
                         "denied"),
                 &reply);
    assert_int_equal(reply.code, 7);
    assert_string_equal(reply.message, "flag belongs to another court: \xe6\xb3\x95");
    assert_string_equal(grpc_reply_reason(&reply), "NOT_YOURS");
    grpc_reply_done(&reply);
    finishes_as(ERR_DENIED);
}

static void our_own_failure_tells_nothing(void **state)
{
    struct grpc_reply reply;

    (void)state;
    fixture_call(remove_flag,
                 LITERAL("\x0a\x06"
                         "broken"),
                 &reply);
    assert_int_equal(reply.code, 13);
    assert_string_equal(reply.message, "internal error");
    assert_string_equal(grpc_reply_reason(&reply), "INTERNAL");
    grpc_reply_done(&reply);
    finishes_as(ERR_INTERNAL);
}

static void long_details_still_reach_the_client(void **state)
{
    (void)state;
    refused(remove_flag, LITERAL("\x0a\x04long"), 3, "LONG", "a.field");
}

/* --- deadline, cancellation, overload --- */

/* A unary call whose answer is not waited for. */
static struct grpc_stream *started(void)
{
    struct grpc_stream *stream = grpc_stream_open(fixture.client, get_member, FIXTURE_WAIT_MS);

    assert_true(grpc_stream_send(stream, EMPTY));
    grpc_stream_close(stream);
    return stream;
}

static void ends_as(struct grpc_stream *stream, int code)
{
    struct grpc_reply reply;
    struct bytes message;

    if (grpc_stream_receive(stream, &message)) /* the status comes behind it */
        free((void *)(uintptr_t)message.data);
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, code);
    grpc_reply_done(&reply);
}

static void a_deadline_ends_a_call_that_nobody_answers(void **state)
{
    struct grpc_reply reply;

    (void)state;
    atomic_store(&fixture.is_holding, true);
    grpc_client_call(fixture.client, get_member, EMPTY, 300, &reply);
    assert_int_equal(reply.code, 4);
    grpc_reply_done(&reply);
    assert_true(fixture_holds(1));
    for (int i = 0; i < 1000 && !rpc_is_over(fixture_held()); i++)
        usleep(1000);
    assert_true(rpc_is_over(fixture_held()));
    assert_true(fixture_held()->deadline_us < clock_monotonic_us() + 1000000);
    fixture_answer_held(); /* too late, and harmless */
    finishes_as(ERR_DEADLINE);
    atomic_store(&fixture.is_holding, false);
    still_serves();
}

static void a_cancelled_call_is_seen_while_it_waits(void **state)
{
    struct grpc_stream *stream;

    (void)state;
    atomic_store(&fixture.is_holding, true);
    stream = started();
    assert_true(fixture_holds(1));
    assert_false(rpc_is_over(fixture_held()));
    grpc_stream_cancel(stream);
    ends_as(stream, 1);
    for (int i = 0; i < FIXTURE_WAIT_MS && !rpc_is_over(fixture_held()); i++)
        usleep(1000);
    assert_true(rpc_is_over(fixture_held()));
    fixture_answer_held();
    finishes_as(ERR_CANCELLED);
}

static void too_many_waiting_calls_are_refused_at_once(void **state)
{
    struct grpc_stream *streams[FIXTURE_CALLS_MAX];
    struct grpc_reply reply;

    (void)state;
    atomic_store(&fixture.is_holding, true);
    for (int i = 0; i < FIXTURE_CALLS_MAX; i++)
        streams[i] = started();
    assert_true(fixture_holds(FIXTURE_CALLS_MAX));
    refused(remove_flag, EMPTY, 8, "TOO_MANY_CALLS", "");
    fixture_call("/grpc.health.v1.Health/Check", EMPTY, &reply); /* overloaded is still healthy */
    assert_int_equal(reply.code, 0);
    grpc_reply_done(&reply);
    fixture_answer_held();
    for (int i = 0; i < FIXTURE_CALLS_MAX; i++)
        ends_as(streams[i], 0);
    atomic_store(&fixture.is_holding, false);
    still_serves();
}

/* --- streams --- */

static struct grpc_stream *opened(int deadline_ms)
{
    return grpc_stream_open(fixture.client, batch_flags, deadline_ms);
}

/* Sends two inquiries and takes the two results. */
static void exchange(struct grpc_stream *stream)
{
    struct bytes message;

    assert_true(grpc_stream_send(stream, LITERAL("\x0a\x00\x0a\x00")));
    assert_true(grpc_stream_receive(stream, &message));
    assert_int_equal(message.size, 4);
    free((void *)(uintptr_t)message.data);
}

static void a_stream_answers_each_message(void **state)
{
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);
    struct grpc_reply reply;
    struct bytes message;

    (void)state;
    for (int i = 0; i < 200; i++)
        exchange(stream);
    grpc_stream_close(stream);
    assert_false(grpc_stream_receive(stream, &message));
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, 0);
    assert_int_equal(strlen(reply.request_id), 36);
    grpc_reply_done(&reply);
    finishes_as(ERR_NONE);
}

/* Larger than a stream's window and than a frame. */
static void a_message_of_a_megabyte_arrives_whole(void **state)
{
    enum { NAMES = 20, NAME = 50000, INQUIRY = NAME + 8 };
    uint8_t *large = calloc(NAMES, INQUIRY);
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);
    struct bytes message;

    (void)state;
    assert_non_null(large);
    memset(large, 'n', (size_t)NAMES * INQUIRY);
    for (size_t i = 0; i < NAMES; i++) /* inquiry { name } */
        memcpy(large + i * INQUIRY, "\x0a\xd4\x86\x03\x12\xd0\x86\x03", 8);
    assert_true(grpc_stream_send(stream, (struct bytes){large, (size_t)NAMES * INQUIRY}));
    assert_true(grpc_stream_receive(stream, &message));
    assert_int_equal(message.size, 2 * NAMES);
    free((void *)(uintptr_t)message.data);
    free(large);
    grpc_stream_close(stream);
    ends_as(stream, 0);
}

static void a_bad_message_ends_its_stream(void **state)
{
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);
    struct grpc_reply reply;

    (void)state;
    grpc_stream_send(stream, LITERAL("\x0a\x00\x0a\x04\x12\x02\xff\xfe"));
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, 3);
    assert_string_equal(grpc_reply_field(&reply), "inquiries[1].name");
    grpc_reply_done(&reply);
}

/* The reader of this fixture waits for an hour when nobody wakes it. */
static void a_deadline_wakes_a_reader(void **state)
{
    int code;

    (void)state;
    /* Longer and longer, until a call arrives before its deadline. */
    for (int deadline_ms = 50; atomic_load(&fixture.arrived) == 0; deadline_ms *= 2)
        ends_as(opened(deadline_ms), 4);
    while (atomic_load(&fixture.finished) < atomic_load(&fixture.arrived))
        usleep(1000);
    /* The caller's own clock may have ended it a little before the server's did. */
    code = atomic_load(&fixture.last_code);
    assert_true(code == ERR_DEADLINE || code == ERR_CANCELLED);
}

static void cancellation_wakes_a_reader(void **state)
{
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);

    (void)state;
    exchange(stream);
    grpc_stream_cancel(stream);
    ends_as(stream, 1);
    finishes_as(ERR_CANCELLED);
}

static void a_silent_stream_is_ended(void **state)
{
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);
    struct grpc_reply reply;

    (void)state;
    exchange(stream);
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, 4);
    assert_string_equal(grpc_reply_reason(&reply), "STREAM_IDLE");
    grpc_reply_done(&reply);
    finishes_as(ERR_DEADLINE);
}

/* Sends and never reads: the answers fill the window, the server stops reading, and gives up. */
static void *send_only(void *data)
{
    struct grpc_stream *stream = data;
    uint8_t many[512];

    for (size_t i = 0; i < sizeof(many); i += 2)
        memcpy(many + i, "\x0a\x00", 2);
    while (grpc_stream_send(stream, (struct bytes){many, sizeof(many)}))
        ;
    return NULL;
}

static void a_caller_that_does_not_read_is_ended(void **state)
{
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, send_only, stream), 0);
    bool is_ended = fixture_finishes(1);
    grpc_stream_cancel(stream);
    pthread_join(thread, NULL);
    ends_as(stream, 1);
    assert_true(is_ended);
}

/* --- drain --- */

static void *drain(void *data)
{
    (void)data;
    rpc_drain(fixture.server, FIXTURE_WAIT_MS);
    return NULL;
}

static void a_drain_lets_running_calls_finish(void **state)
{
    struct grpc_stream *stream;
    pthread_t thread;

    (void)state;
    atomic_store(&fixture.is_holding, true);
    stream = started();
    assert_true(fixture_holds(1));
    assert_int_equal(pthread_create(&thread, NULL, drain, NULL), 0);
    usleep(50 * 1000);
    fixture_answer_held();
    ends_as(stream, 0);
    pthread_join(thread, NULL);
    finishes_as(ERR_NONE);
}

static void a_drain_cancels_what_outlasts_its_grace(void **state)
{
    struct grpc_stream *stream = opened(FIXTURE_WAIT_MS);
    struct grpc_reply reply;

    (void)state;
    exchange(stream);
    rpc_drain(fixture.server, 100); /* wakes the reader, who finishes the call */
    grpc_stream_end(stream, &reply);
    assert_int_not_equal(reply.code, 0);
    grpc_reply_done(&reply);
    finishes_as(ERR_CANCELLED);
}

enum { LOADERS = 4 };

/* Calls until the server goes; no call has a third end. */
static void *load(void *data)
{
    struct grpc_client *own = fixture_connect();
    struct grpc_reply reply;
    int *answered = data, code;

    do {
        grpc_client_call(own, get_member, EMPTY, FIXTURE_WAIT_MS, &reply);
        code = reply.code;
        *answered += code == 0;
        grpc_reply_done(&reply);
    } while (code == 0);
    CHECK(code == 14 || code == 1); /* the connection is gone */
    grpc_client_free(own);
    return NULL;
}

static void a_drain_under_load_loses_no_answer(void **state)
{
    pthread_t threads[LOADERS];
    int answered[LOADERS] = {0}, sum = 0;

    (void)state;
    for (int i = 0; i < LOADERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load, &answered[i]), 0);
    usleep(300 * 1000);
    rpc_drain(fixture.server, FIXTURE_WAIT_MS);
    for (int i = 0; i < LOADERS; i++) {
        pthread_join(threads[i], NULL);
        sum += answered[i];
    }
    assert_true(sum > 0);
    assert_int_equal(atomic_load(&fixture.finished), atomic_load(&fixture.arrived));
    assert_int_equal(atomic_load(&fixture.arrived), sum);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_is_answered_with_the_peer_of_its_connection),
        TEST(a_connection_without_a_member_is_refused),
        TEST(bad_bytes_are_refused_before_they_arrive),
        TEST(a_message_beyond_its_method_is_refused),
        TEST(a_message_beyond_its_budget_is_refused),
        TEST(compression_is_refused),
        TEST(an_unknown_method_is_unimplemented_at_once),
        TEST(a_refusal_carries_its_reason_and_text),
        TEST(our_own_failure_tells_nothing),
        TEST(long_details_still_reach_the_client),
        TEST(a_deadline_ends_a_call_that_nobody_answers),
        TEST(a_cancelled_call_is_seen_while_it_waits),
        TEST(too_many_waiting_calls_are_refused_at_once),
        TEST(a_stream_answers_each_message),
        TEST(a_message_of_a_megabyte_arrives_whole),
        TEST(a_bad_message_ends_its_stream),
        cmocka_unit_test_setup_teardown(a_deadline_wakes_a_reader, fixture_setup_patient,
                                        fixture_teardown),
        TEST(cancellation_wakes_a_reader),
        TEST(a_silent_stream_is_ended),
        TEST(a_caller_that_does_not_read_is_ended),
        TEST(a_drain_lets_running_calls_finish),
        TEST(a_drain_cancels_what_outlasts_its_grace),
        TEST(a_drain_under_load_loses_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
