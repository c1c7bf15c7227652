/* What of an error leaves the server, and what does not. */
#include "rpc/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours is meant */

#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>

#include "base/text.h"

static struct arena arena;
static struct ctx ctx;
static const struct uuid request_id = {{0x01, 0x02}};
static const char request_id_text[] = "01020000-0000-0000-0000-000000000000";

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* The details as a client unpacks them; the caller frees them. */
static Google__Rpc__Status *seen(struct status *status)
{
    status_make(&arena, &ctx.error, &request_id, status);
    Google__Rpc__Status *details =
        google__rpc__status__unpack(NULL, status->details.size, status->details.data);
    assert_non_null(details);
    assert_int_equal(details->code, status->code);
    assert_string_equal(details->message, status->message);
    return details;
}

static const Google__Protobuf__Any *detail(const Google__Rpc__Status *status, const char *name)
{
    for (size_t i = 0; i < status->n_details; i++)
        if (strcmp(status->details[i]->type_url + strlen("type.googleapis.com/google.rpc."),
                   name) == 0)
            return status->details[i];
    return NULL;
}

static const char *fact(const Google__Rpc__Status *status, const char *name)
{
    const Google__Protobuf__Any *any = detail(status, "ErrorInfo");
    static char value[300];

    assert_non_null(any);
    Google__Rpc__ErrorInfo *info =
        google__rpc__error_info__unpack(NULL, any->value.len, any->value.data);
    assert_non_null(info);
    value[0] = '\0';
    if (strcmp(name, "reason") == 0)
        strncat(value, info->reason, sizeof(value) - 1);
    if (strcmp(name, "domain") == 0)
        strncat(value, info->domain, sizeof(value) - 1);
    for (size_t i = 0; i < info->n_metadata; i++)
        if (strcmp(info->metadata[i]->key, name) == 0)
            strncat(value, info->metadata[i]->value, sizeof(value) - 1);
    google__rpc__error_info__free_unpacked(info, NULL);
    return value;
}

static void success_has_no_details(void **state)
{
    struct status status;

    (void)state;
    status_make(&arena, &ctx.error, &request_id, &status);
    assert_int_equal(status.code, 0);
    assert_string_equal(status.message, "");
    assert_int_equal(status.details.size, 0);
}

static void every_code_has_its_status(void **state)
{
    static const struct {
        enum err code;
        int status;
    } rows[] = {
        {ERR_NONE, 0},      {ERR_CANCELLED, 1},     {ERR_INVALID, 3},
        {ERR_DEADLINE, 4},  {ERR_NOT_FOUND, 5},     {ERR_EXISTS, 6},
        {ERR_DENIED, 7},    {ERR_EXHAUSTED, 8},     {ERR_PRECONDITION, 9},
        {ERR_ABORTED, 10},  {ERR_OUT_OF_RANGE, 11}, {ERR_UNIMPLEMENTED, 12},
        {ERR_INTERNAL, 13}, {ERR_UNAVAILABLE, 14},  {ERR_UNAUTHENTICATED, 16},
    };

    (void)state;
    assert_int_equal(ARRAY_LENGTH(rows), ERR_INTERNAL + 1);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_int_equal(status_code(rows[i].code), rows[i].status);
}

static void every_refusal_says_why_and_which_request(void **state)
{
    struct status status;

    (void)state;
    fail(&ctx, ERR_DENIED, "CONSENT_MISSING", "no consent covers this purpose");
    fail_fact(&ctx, "purpose", "%d", 2);
    Google__Rpc__Status *details = seen(&status);
    assert_int_equal(status.code, 7);
    assert_string_equal(status.message, "no consent covers this purpose");
    assert_string_equal(fact(details, "reason"), "CONSENT_MISSING");
    assert_string_equal(fact(details, "domain"), "cix");
    assert_string_equal(fact(details, "purpose"), "2");
    assert_string_equal(fact(details, "request_id"), request_id_text);
    assert_int_equal(details->n_details, 1);
    google__rpc__status__free_unpacked(details, NULL);
}

static void wrong_fields_are_named(void **state)
{
    struct status status;

    (void)state;
    fail_field(&ctx, "WRONG_CHECK_DIGIT", "identifier.value", "check digit is wrong");
    fail_field(&ctx, "WRONG_CHECK_DIGIT", "name", "name is empty");
    Google__Rpc__Status *details = seen(&status);
    const Google__Protobuf__Any *any = detail(details, "BadRequest");
    assert_non_null(any);
    Google__Rpc__BadRequest *bad =
        google__rpc__bad_request__unpack(NULL, any->value.len, any->value.data);
    assert_int_equal(bad->n_field_violations, 2);
    assert_string_equal(bad->field_violations[0]->field, "identifier.value");
    assert_string_equal(bad->field_violations[1]->description, "name is empty");
    google__rpc__bad_request__free_unpacked(bad, NULL);
    google__rpc__status__free_unpacked(details, NULL);
}

static void overload_says_when_to_come_back(void **state)
{
    struct status status;

    (void)state;
    fail_retry(&ctx, "QUOTA", 1250, "quota is used up");
    Google__Rpc__Status *details = seen(&status);
    const Google__Protobuf__Any *any = detail(details, "RetryInfo");
    assert_non_null(any);
    Google__Rpc__RetryInfo *retry =
        google__rpc__retry_info__unpack(NULL, any->value.len, any->value.data);
    assert_int_equal(retry->retry_delay->seconds, 1);
    assert_int_equal(retry->retry_delay->nanos, 250000000);
    google__rpc__retry_info__free_unpacked(retry, NULL);
    google__rpc__status__free_unpacked(details, NULL);
}

static void a_wrong_state_is_named(void **state)
{
    struct status status;

    (void)state;
    fail_precondition(&ctx, "CHUNK_ORDER", "submission", "the next chunk is 7");
    Google__Rpc__Status *details = seen(&status);
    const Google__Protobuf__Any *any = detail(details, "PreconditionFailure");
    assert_non_null(any);
    Google__Rpc__PreconditionFailure *failure =
        google__rpc__precondition_failure__unpack(NULL, any->value.len, any->value.data);
    assert_int_equal(failure->n_violations, 1);
    assert_string_equal(failure->violations[0]->type, "CHUNK_ORDER");
    assert_string_equal(failure->violations[0]->subject, "submission");
    assert_string_equal(failure->violations[0]->description, "the next chunk is 7");
    google__rpc__precondition_failure__free_unpacked(failure, NULL);
    google__rpc__status__free_unpacked(details, NULL);
}

static void an_internal_error_tells_nothing_but_the_request_id(void **state)
{
    struct status status;

    (void)state;
    fail(&ctx, ERR_INTERNAL, "SQL_42P01", "relation account is missing");
    fail_fact(&ctx, "statement", "report_ask");
    Google__Rpc__Status *details = seen(&status);
    assert_string_equal(status.message, "internal error");
    assert_string_equal(fact(details, "reason"), "INTERNAL");
    assert_string_equal(fact(details, "statement"), "");
    assert_string_equal(fact(details, "request_id"), request_id_text);
    google__rpc__status__free_unpacked(details, NULL);
}

static void details_are_bounded(void **state)
{
    char path[400];
    struct status status;

    (void)state;
    memset(path, 'f', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    for (int i = 0; i < ERROR_FIELD_MAX; i++)
        fail_field(&ctx, "MANY", path, "%s", path);
    Google__Rpc__Status *details = seen(&status);
    assert_true(status.details.size <= STATUS_DETAILS_MAX);
    assert_non_null(detail(details, "BadRequest")); /* fewer, not none */
    google__rpc__status__free_unpacked(details, NULL);
}

static void a_text_cut_in_a_character_stays_utf8(void **state)
{
    char text[600];
    struct status status;

    (void)state;
    for (size_t i = 0; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "\xe4\xb8\xad", 4);
    fail(&ctx, ERR_NOT_FOUND, "LONG", "%s", text); /* the error holds 255 bytes */
    fail_fact(&ctx, "text", "x%s", text);
    Google__Rpc__Status *details = seen(&status);
    assert_true(text_is_utf8(status.message, strlen(status.message)));
    assert_true(strlen(status.message) >= 250);
    assert_true(text_is_utf8(fact(details, "text"), strlen(fact(details, "text"))));
    google__rpc__status__free_unpacked(details, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(success_has_no_details),
        TEST(every_code_has_its_status),
        TEST(every_refusal_says_why_and_which_request),
        TEST(wrong_fields_are_named),
        TEST(overload_says_when_to_come_back),
        TEST(a_wrong_state_is_named),
        TEST(an_internal_error_tells_nothing_but_the_request_id),
        TEST(details_are_bounded),
        TEST(a_text_cut_in_a_character_stays_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
