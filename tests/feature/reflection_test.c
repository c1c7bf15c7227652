/* Health and reflection, as clients of any language ask for them. */
#include "support/rpc_fixture.h"

#include <grpc/health/v1/health.pb-c.h>
#include <grpc/reflection/v1/reflection.pb-c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cmocka.h"

static const char v1[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
static const char v1alpha[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

#define ANSWER_IS(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

/* The status of health, or the negative code of a refusal. */
static int health_of(struct bytes request)
{
    struct grpc_reply reply;
    int status;

    fixture_call("/grpc.health.v1.Health/Check", request, &reply);
    status = -reply.code;
    if (reply.code == 0) {
        Grpc__Health__V1__HealthCheckResponse *response =
            grpc__health__v1__health_check_response__unpack(NULL, reply.body.size, reply.body.data);
        assert_non_null(response);
        status = (int)response->status;
        grpc__health__v1__health_check_response__free_unpacked(response, NULL);
    }
    grpc_reply_done(&reply);
    return status;
}

static void health_follows_readiness(void **state)
{
    (void)state;
    assert_int_equal(health_of(EMPTY), 1);
    assert_int_equal(health_of(LITERAL("\x0a\x12"
                                       "cix.v1.FlagService")),
                     1);
    assert_int_equal(health_of(LITERAL("\x0a\x11"
                                       "cix.v1.FlagServic")),
                     -5);
    assert_int_equal(health_of(LITERAL("\x0a\x04nope")), -5);
    atomic_store(&fixture.is_ready, false);
    assert_int_equal(health_of(EMPTY), 2);
}

static struct grpc_stream *watch(struct bytes request)
{
    struct grpc_stream *stream =
        grpc_stream_open(fixture.client, "/grpc.health.v1.Health/Watch", FIXTURE_WAIT_MS);

    (void)grpc_stream_send(stream, request);
    grpc_stream_close(stream);
    return stream;
}

/* The next status of a watched service; 0 when there is none any more. */
static int watched(struct grpc_stream *stream)
{
    Grpc__Health__V1__HealthCheckResponse *response;
    struct bytes message;
    int status;

    if (!grpc_stream_receive(stream, &message))
        return 0;
    response = grpc__health__v1__health_check_response__unpack(NULL, message.size, message.data);
    free((void *)(uintptr_t)message.data);
    assert_non_null(response);
    status = (int)response->status;
    grpc__health__v1__health_check_response__free_unpacked(response, NULL);
    return status;
}

static void watching_ends_as(struct grpc_stream *stream, int code, const char *reason)
{
    struct grpc_reply reply;

    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, code);
    assert_string_equal(grpc_reply_reason(&reply), reason);
    grpc_reply_done(&reply);
}

static void become(bool is_ready)
{
    atomic_store(&fixture.is_ready, is_ready);
    rpc_tell_health(fixture.server);
}

static void who_watches_is_told_at_once_and_at_each_change(void **state)
{
    struct grpc_stream *whole = watch(EMPTY);
    struct grpc_stream *flags = watch(LITERAL("\x0a\x12"
                                              "cix.v1.FlagService"));

    (void)state;
    assert_int_equal(watched(whole), 1);
    assert_int_equal(watched(flags), 1);
    rpc_tell_health(fixture.server); /* nothing has changed: nothing is told */
    become(false);
    assert_int_equal(watched(whole), 2);
    assert_int_equal(watched(flags), 2);
    become(true);
    assert_int_equal(watched(whole), 1);
    assert_int_equal(watched(flags), 1);
    grpc_stream_cancel(whole);
    watching_ends_as(whole, 1, "");
    grpc_stream_cancel(flags);
    watching_ends_as(flags, 1, "");
}

static void a_service_that_is_not_here_is_watched_as_unknown(void **state)
{
    struct grpc_stream *stream = watch(LITERAL("\x0a\x04nope"));

    (void)state;
    assert_int_equal(watched(stream), 3);
    become(false);
    grpc_stream_cancel(stream);
    assert_int_equal(watched(stream), 0);
    watching_ends_as(stream, 1, "");
}

static void a_malformed_question_ends_its_watch(void **state)
{
    struct grpc_stream *stream = watch(LITERAL("\x0a\x04no"));

    (void)state;
    assert_int_equal(watched(stream), 0);
    watching_ends_as(stream, 3, "MALFORMED_MESSAGE");
}

/* Until a place is free again, since the end of a watch takes its time. */
static void watch_when_there_is_room(void)
{
    struct grpc_stream *stream = watch(EMPTY);

    while (!watched(stream)) {
        watching_ends_as(stream, 8, "WATCHERS_MAX");
        rpc_tell_health(fixture.server);
        stream = watch(EMPTY);
    }
    grpc_stream_cancel(stream);
    watching_ends_as(stream, 1, "");
}

static void a_connection_watches_a_few_times_at_most(void **state)
{
    struct grpc_stream *streams[4], *more;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(streams); i++) {
        streams[i] = watch(EMPTY);
        assert_int_equal(watched(streams[i]), 1);
    }
    more = watch(EMPTY);
    assert_int_equal(watched(more), 0);
    watching_ends_as(more, 8, "WATCHERS_MAX");
    for (size_t i = 0; i < ARRAY_LENGTH(streams); i++) {
        grpc_stream_cancel(streams[i]);
        watching_ends_as(streams[i], 1, "");
    }
    watch_when_there_is_room();
}

static void *drain(void *unused)
{
    (void)unused;
    rpc_drain(fixture.server, 100 * FIXTURE_WAIT_MS);
    return NULL;
}

/* Also whoever never asked, and would hold the drain up for its whole grace. */
static void a_drain_tells_who_watches_and_ends(void **state)
{
    struct grpc_stream *stream = watch(EMPTY);
    struct grpc_stream *silent =
        grpc_stream_open(fixture.client, "/grpc.health.v1.Health/Watch", 200 * FIXTURE_WAIT_MS);
    struct grpc_reply reply;
    pthread_t thread;

    (void)state;
    assert_int_equal(watched(stream), 1);
    assert_int_equal(pthread_create(&thread, NULL, drain, NULL), 0);
    assert_int_equal(watched(stream), 2);
    assert_int_equal(watched(stream), 0);
    watching_ends_as(stream, 14, "DRAINING");
    assert_int_equal(watched(silent), 0);
    grpc_stream_end(silent, &reply);
    grpc_reply_done(&reply);
    pthread_join(thread, NULL);
}

/* Asks one question on a stream of its own; the answer is the caller's. */
static Grpc__Reflection__V1__ServerReflectionResponse *ask(const char *path, struct bytes question)
{
    struct grpc_stream *stream = grpc_stream_open(fixture.client, path, FIXTURE_WAIT_MS);
    Grpc__Reflection__V1__ServerReflectionResponse *response;
    struct grpc_reply reply;
    struct bytes message;

    assert_true(grpc_stream_send(stream, question));
    assert_true(grpc_stream_receive(stream, &message));
    grpc_stream_close(stream);
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, 0);
    grpc_reply_done(&reply);
    response =
        grpc__reflection__v1__server_reflection_response__unpack(NULL, message.size, message.data);
    assert_non_null(response);
    free((void *)(uintptr_t)message.data);
    return response;
}

static void release(Grpc__Reflection__V1__ServerReflectionResponse *response)
{
    grpc__reflection__v1__server_reflection_response__free_unpacked(response, NULL);
}

static void both_versions_list_the_services(void **state)
{
    static const char *const paths[] = {v1, v1alpha};
    static const char *const services[] = {
        "cix.v1.MemberService",
        "cix.v1.FlagService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        Grpc__Reflection__V1__ServerReflectionResponse *response =
            ask(paths[i], LITERAL("\x3a\x00"));
        Grpc__Reflection__V1__ListServiceResponse *list = response->list_services_response;

        assert_int_equal(response->message_response_case, ANSWER_IS(LIST_SERVICES_RESPONSE));
        assert_int_equal(list->n_service, ARRAY_LENGTH(services));
        for (size_t k = 0; k < ARRAY_LENGTH(services); k++)
            assert_string_equal(list->service[k]->name, services[k]);
        release(response);
    }
}

/* How many files answer a question by filename (3) or by symbol (4); 0 for NOT_FOUND. */
static size_t files_for(int kind, const char *name)
{
    char question[128];
    int size =
        snprintf(question, sizeof(question), "%c%c%s", kind << 3 | 2, (int)strlen(name), name);
    Grpc__Reflection__V1__ServerReflectionResponse *response =
        ask(v1, (struct bytes){(const uint8_t *)question, (size_t)size});
    size_t count = 0;

    if (response->message_response_case == ANSWER_IS(FILE_DESCRIPTOR_RESPONSE))
        count = response->file_descriptor_response->n_file_descriptor_proto;
    else
        assert_int_equal(response->error_response->error_code, 5);
    release(response);
    return count;
}

static void files_are_found_by_name_and_symbol(void **state)
{
    enum { BY_NAME = 3, BY_SYMBOL = 4 };

    (void)state;
    assert_int_equal(files_for(BY_NAME, "cix/v1/common.proto"), 1);
    assert_int_equal(files_for(BY_NAME, "cix/v1/flag.proto"),
                     6); /* + report, score, record, fact, common */
    assert_int_equal(files_for(BY_NAME, "no/such.proto"), 0);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.FlagService"), 6);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.FlagService.CheckFlag"), 6);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.Identifier.value"), 1);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.Purpose"), 1);
    assert_int_equal(files_for(BY_SYMBOL, "grpc.health.v1.HealthCheckResponse.ServingStatus"), 1);
    assert_int_equal(files_for(BY_SYMBOL, "google.rpc.BadRequest.FieldViolation.field"), 2);
    assert_int_equal(files_for(BY_SYMBOL, "google.protobuf.Any"), 1);
}

static void what_is_not_declared_is_not_found(void **state)
{
    enum { BY_SYMBOL = 4 };

    (void)state;
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.FlagServic"), 0);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.FlagService.CheckFlag.x"), 0);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1.FlagService."), 0);
    assert_int_equal(files_for(BY_SYMBOL, "cix.v1"), 0);
    assert_int_equal(files_for(BY_SYMBOL, "."), 0);
    assert_int_equal(files_for(BY_SYMBOL, ""), 0);
}

static void other_questions_have_an_answer_too(void **state)
{
    static const struct {
        struct bytes question;
        int code;
    } rows[] = {
        {{(const uint8_t *)"\x2a\x00", 2}, 5}, /* an extension */
        {{(const uint8_t *)"\x32\x00", 2}, 5}, /* extension numbers */
        {{NULL, 0}, 3},                        /* nothing asked */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Grpc__Reflection__V1__ServerReflectionResponse *response = ask(v1, rows[i].question);

        assert_int_equal(response->message_response_case, ANSWER_IS(ERROR_RESPONSE));
        assert_int_equal(response->error_response->error_code, rows[i].code);
        release(response);
    }
}

static void a_malformed_question_ends_its_stream(void **state)
{
    struct grpc_stream *stream = grpc_stream_open(fixture.client, v1, FIXTURE_WAIT_MS);
    struct grpc_reply reply;

    (void)state;
    assert_true(grpc_stream_send(stream, LITERAL("\x22\x02\xff\xfe")));
    grpc_stream_end(stream, &reply);
    assert_int_equal(reply.code, 3);
    assert_string_equal(grpc_reply_field(&reply), "file_containing_symbol");
    grpc_reply_done(&reply);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* One that has asked and one that never did: neither holds the drain up. */
static void a_drain_ends_who_asks_for_nothing(void **state)
{
    struct grpc_stream *asked = grpc_stream_open(fixture.client, v1, 200 * FIXTURE_WAIT_MS);
    struct grpc_stream *silent = grpc_stream_open(fixture.client, v1alpha, 200 * FIXTURE_WAIT_MS);
    struct grpc_reply reply;
    struct bytes message;
    pthread_t thread;

    (void)state;
    assert_true(grpc_stream_send(asked, LITERAL("\x3a\x00")));
    assert_true(grpc_stream_receive(asked, &message));
    free((void *)(uintptr_t)message.data);
    assert_int_equal(pthread_create(&thread, NULL, drain, NULL), 0);
    assert_false(grpc_stream_receive(asked, &message));
    grpc_stream_end(asked, &reply);
    assert_int_equal(reply.code, 14);
    assert_string_equal(grpc_reply_reason(&reply), "DRAINING");
    grpc_reply_done(&reply);
    grpc_stream_end(silent, &reply);
    grpc_reply_done(&reply);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(health_follows_readiness),
        TEST(who_watches_is_told_at_once_and_at_each_change),
        TEST(a_service_that_is_not_here_is_watched_as_unknown),
        TEST(a_malformed_question_ends_its_watch),
        TEST(a_connection_watches_a_few_times_at_most),
        TEST(a_drain_tells_who_watches_and_ends),
        TEST(both_versions_list_the_services),
        TEST(files_are_found_by_name_and_symbol),
        TEST(what_is_not_declared_is_not_found),
        TEST(other_questions_have_an_answer_too),
        TEST(a_malformed_question_ends_its_stream),
        TEST(a_drain_ends_who_asks_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
