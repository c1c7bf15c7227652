/* What the client keeps of a refusal, whatever the exchange sends; when it asks again. */
#include "error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

static uint8_t packed[4096];

static Google__Protobuf__Any detail(const char *type, const ProtobufCMessage *message,
                                    uint8_t *room)
{
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;

    any.type_url = (char *)type;
    any.value.len = protobuf_c_message_pack(message, room);
    any.value.data = room;
    return any;
}

static struct bytes pack_details(void)
{
    static uint8_t rooms[3][256];
    Google__Rpc__ErrorInfo__MetadataEntry fact = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *facts[] = {&fact};
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__BadRequest__FieldViolation violation =
        GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;

    fact.key = "rule";
    fact.value = "I002";
    info.reason = "INQUIRY_REFUSED";
    info.n_metadata = 1;
    info.metadata = facts;
    violation.field = "inquiry.consent_id";
    violation.description = "expected a consent";
    bad.n_field_violations = 1;
    bad.field_violations = violations;
    delay.seconds = 2;
    delay.nanos = 500000000;
    retry.retry_delay = &delay;
    Google__Protobuf__Any details[] = {
        detail("type.googleapis.com/google.rpc.ErrorInfo", &info.base, rooms[0]),
        detail("type.googleapis.com/google.rpc.BadRequest", &bad.base, rooms[1]),
        detail("type.googleapis.com/google.rpc.RetryInfo", &retry.base, rooms[2]),
    };
    Google__Protobuf__Any *pointers[] = {&details[0], &details[1], &details[2]};
    status.n_details = 3;
    status.details = pointers;
    return (struct bytes){.data = packed, .size = google__rpc__status__pack(&status, packed)};
}

static struct bytes text(const char *data)
{
    return (struct bytes){.data = (const uint8_t *)data, .size = strlen(data)};
}

static void reason_fields_facts_and_delay_are_kept(void **state)
{
    struct cix_error error;

    (void)state;
    assert_false(
        cix_error_receive(&error, CIX_PERMISSION_DENIED, text("not permitted"), pack_details()));
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
    assert_false(error.is_local);
    assert_string_equal(error.message, "not permitted");
    assert_string_equal(error.reason, "INQUIRY_REFUSED");
    assert_string_equal(cix_error_fact(&error, "rule"), "I002");
    assert_null(cix_error_fact(&error, "other"));
    assert_int_equal(error.field_count, 1);
    assert_string_equal(error.fields[0].field, "inquiry.consent_id");
    assert_true(error.retry_after_ms == 2500);
}

static void details_cut_anywhere_do_no_harm(void **state)
{
    struct bytes details = pack_details();
    struct cix_error error;

    (void)state;
    for (size_t size = 0; size < details.size; size++) {
        uint8_t *exact = malloc(size + 1);
        memcpy(exact, details.data, size);
        cix_error_receive(&error, CIX_INTERNAL, text("x"),
                          (struct bytes){.data = exact, .size = size});
        assert_int_equal(error.status, CIX_INTERNAL);
        assert_string_equal(error.message, "x");
        free(exact);
    }
}

static void long_texts_are_cut(void **state)
{
    char message[2000];
    struct cix_error error;

    (void)state;
    memset(message, 'm', sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    cix_error_receive(&error, CIX_INTERNAL, text(message), (struct bytes){.data = NULL});
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
}

static void only_a_passing_failure_is_repeated(void **state)
{
    (void)state;
    assert_true(cix_is_repeatable(CIX_UNAVAILABLE));
    assert_true(cix_is_repeatable(CIX_RESOURCE_EXHAUSTED));
    assert_true(cix_is_repeatable(CIX_ABORTED));
    assert_false(cix_is_repeatable(CIX_INVALID_ARGUMENT));
    assert_false(cix_is_repeatable(CIX_PERMISSION_DENIED));
    assert_false(cix_is_repeatable(CIX_DEADLINE_EXCEEDED));
    assert_false(cix_is_repeatable(CIX_INTERNAL));
}

static void repeats_wait_longer_each_time_and_as_asked(void **state)
{
    struct cix_error error = {.status = CIX_UNAVAILABLE};
    struct cix_error asked = {.status = CIX_RESOURCE_EXHAUSTED, .retry_after_ms = 3000};

    (void)state;
    for (int attempt = 0; attempt < 40; attempt++) {
        int64_t base = attempt < 6 ? 100 << attempt : 5000;
        int delay = cix_repeat_delay_ms(attempt, &error);
        assert_in_range(delay, base, base + base / 2);
        assert_in_range(cix_repeat_delay_ms(attempt, &asked), 3000, 4500);
    }
}

static void an_incomplete_client_is_not_opened(void **state)
{
    struct cix_options options = {.address = "localhost:1", .ca = "/nonexistent/ca.pem"};
    struct cix_client *client = NULL;
    struct cix_error error;

    (void)state;
    assert_false(cix_open(&options, &client, &error));
    assert_string_equal(error.reason, "OPTIONS_INVALID");
    options.cert = options.key = options.ca;
    assert_false(cix_open(&options, &client, &error));
    assert_string_equal(error.reason, "FILE_UNREADABLE");
    assert_true(error.is_local);
    assert_null(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reason_fields_facts_and_delay_are_kept),
        cmocka_unit_test(details_cut_anywhere_do_no_harm),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(only_a_passing_failure_is_repeated),
        cmocka_unit_test(repeats_wait_longer_each_time_and_as_asked),
        cmocka_unit_test(an_incomplete_client_is_not_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
