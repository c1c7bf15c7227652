/* Messages as JSON: both directions, and what strictness refuses, with the path it names. */
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cix/v1/record.pb-c.h"
#include "cix/v1/statistic.pb-c.h"

static struct arena arena;
static struct ctx ctx;

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

static Cix__V1__Record *read_record(const char *text)
{
    struct cix_json_text json = {.data = text, .size = strlen(text), .ignored = "cix"};
    ProtobufCMessage *message = NULL;

    ctx_clear(&ctx);
    if (!cix_json_read(&ctx, &json, &cix__v1__record__descriptor, &message))
        return NULL;
    return (Cix__V1__Record *)message;
}

static void assert_refused(const char *text, const char *reason, const char *field)
{
    assert_null(read_record(text));
    assert_string_equal(ctx.error.reason, reason);
    if (field) {
        assert_int_equal(ctx.error.field_count, 1);
        assert_string_equal(ctx.error.fields[0].field, field);
    }
}

static void every_type_of_value_is_read(void **state)
{
    Cix__V1__Record *record = read_record(
        "{\"consent\":{\"consentId\":\"x\",\"identifier\":{\"type\":\"IDENTIFIER_TYPE_RESIDENT_"
        "ID\","
        "\"value\":\"990001\"},\"purposes\":[\"LOAN_APPROVAL\",3],\"signedOn\":20240131,"
        "\"documentHash\":\"AAEC\",\"isRevoked\":true}}");

    (void)state;
    assert_non_null(record);
    assert_int_equal(record->record_case, CIX__V1__RECORD__RECORD_CONSENT);
    Cix__V1__Consent *consent = record->consent;
    assert_string_equal(consent->consent_id, "x");
    assert_int_equal(consent->identifier->type, 10);
    assert_int_equal(consent->n_purposes, 2);
    assert_int_equal(consent->purposes[0], 2);
    assert_int_equal(consent->purposes[1], 3);
    assert_int_equal(consent->signed_on, 20240131);
    assert_int_equal(consent->document_hash.len, 3);
    assert_memory_equal(consent->document_hash.data, "\0\1\2", 3);
    assert_true(consent->is_revoked);
}

static void absent_and_zero_differ(void **state)
{
    Cix__V1__Record *record =
        read_record("{\"performance\":{\"balance\":\"0\",\"paidAmount\":null}}");

    (void)state;
    assert_non_null(record);
    assert_int_equal(record->performance->balance_presence_case,
                     CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE);
    assert_int_equal(record->performance->paid_amount_presence_case, 0);
    assert_string_equal(cix_json_write(&arena, &record->base, 0),
                        "{\"performance\":{\"balance\":\"0\"}}");
}

static void amounts_keep_every_digit(void **state)
{
    static const char text[] = "{\"performance\":{\"balance\":\"-9007199254740993\"}}";
    Cix__V1__Record *record = read_record(text);

    (void)state;
    assert_non_null(record);
    assert_true(record->performance->balance == INT64_C(-9007199254740993));
    assert_string_equal(cix_json_write(&arena, &record->base, 0), text);
    assert_non_null(read_record("{\"performance\":{\"balance\":9007199254740993}}"));
}

static void snake_case_and_ignored_keys_are_taken(void **state)
{
    Cix__V1__Record *record =
        read_record("{\"cix\":{\"line\":1},\"account\":{\"account_no\":\"A1\",\"type\":\"R2\"}}");

    (void)state;
    assert_non_null(record);
    assert_string_equal(record->account->account_no, "A1");
    assert_int_equal(record->account->type, CIX__V1__ACCOUNT_TYPE__ACCOUNT_TYPE_R2);
}

static void what_is_written_is_read_back(void **state)
{
    static const char text[] =
        "{\"subject\":{\"kind\":\"SUBJECT_KIND_PERSON\",\"name\":\"张\\\"三\",\"identifiers\":["
        "{\"type\":\"IDENTIFIER_TYPE_PASSPORT\",\"value\":\"E1\"},"
        "{\"type\":\"IDENTIFIER_TYPE_TAX_NO\",\"value\":\"2\"},"
        "{\"type\":\"IDENTIFIER_TYPE_TAX_NO\",\"value\":\"3\"}],"
        "\"birthOn\":19800101,\"mobiles\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}}";
    Cix__V1__Record *record = read_record(text);

    (void)state;
    assert_non_null(record);
    assert_int_equal(record->subject->n_identifiers, 3);
    assert_string_equal(cix_json_write(&arena, &record->base, 0), text);
}

static void a_chosen_enum_of_a_oneof_is_written(void **state)
{
    Cix__V1__StatisticCell cell = CIX__V1__STATISTIC_CELL__INIT;

    (void)state;
    cell.content_case = CIX__V1__STATISTIC_CELL__CONTENT_SUPPRESSED;
    cell.suppressed = CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_DOMINANCE;
    assert_string_equal(cix_json_write(&arena, &cell.base, 0),
                        "{\"suppressed\":\"SUPPRESSION_REASON_DOMINANCE\"}");
}

static void wrong_input_is_refused_with_its_path(void **state)
{
    (void)state;
    assert_refused("{\"account\":{\"creditLimt\":1}}", "UNKNOWN_FIELD", "account.creditLimt");
    assert_non_null(strstr(ctx.error.message, "perhaps creditLimit"));
    assert_refused("{\"account\":{\"type\":\"R9\"}}", "UNKNOWN_VALUE", "account.type");
    assert_refused("{\"account\":{\"type\":1.0}}", "WRONG_TYPE", "account.type");
    assert_refused("{\"account\":{\"openedOn\":2147483648}}", "OUT_OF_RANGE", "account.openedOn");
    assert_refused("{\"account\":{\"openedOn\":\"2024-01-31\"}}", "OUT_OF_RANGE",
                   "account.openedOn");
    assert_refused("{\"account\":{\"creditLimit\":1.5}}", "WRONG_TYPE", "account.creditLimit");
    assert_refused("{\"account\":{\"creditLimit\":\"9223372036854775808\"}}", "OUT_OF_RANGE",
                   "account.creditLimit");
    assert_refused("{\"account\":{\"accountNo\":7}}", "WRONG_TYPE", "account.accountNo");
    assert_refused("{\"account\":[]}", "WRONG_TYPE", "account");
    assert_refused("{\"subject\":{\"identifiers\":[{},{\"value\":1}]}}", "WRONG_TYPE",
                   "subject.identifiers[1].value");
    assert_refused("{\"subject\":{\"mobiles\":\"1\"}}", "WRONG_TYPE", "subject.mobiles");
    assert_refused("{\"subject\":{\"mobiles\":[null]}}", "WRONG_TYPE", "subject.mobiles[0]");
    assert_refused("{\"consent\":{\"documentHash\":\"AA=A\"}}", "WRONG_TYPE",
                   "consent.documentHash");
    assert_refused("{\"consent\":{\"documentHash\":\"A\"}}", "WRONG_TYPE", "consent.documentHash");
    assert_refused("{\"consent\":{\"isRevoked\":1}}", "WRONG_TYPE", "consent.isRevoked");
}

static void a_field_or_choice_given_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"account\":{},\"flag\":{}}", "FIELD_CHOSEN_TWICE", "flag");
    assert_refused("{\"account\":{\"accountNo\":\"a\",\"accountNo\":\"b\"}}", "JSON_SYNTAX", NULL);
    assert_refused("{\"account\":{\"accountNo\":\"a\",\"account_no\":\"b\"}}", "FIELD_CHOSEN_TWICE",
                   NULL);
}

static void damaged_text_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("{\"account\":\n{", "JSON_SYNTAX", NULL);
    assert_non_null(strstr(ctx.error.message, "line 2"));
    assert_refused("{\"account\":{\"accountNo\":\"\xff\"}}", "JSON_SYNTAX", NULL);
    assert_refused("{\"account\":{\"accountNo\":\"a\\u0000b\"}}", "JSON_SYNTAX", NULL);
    assert_refused("{} {}", "JSON_SYNTAX", NULL);
    assert_refused("7", "JSON_SYNTAX", NULL);
    assert_refused("[]", "WRONG_TYPE", "");
}

static void too_much_text_is_refused(void **state)
{
    struct cix_json_text text = {.data = "", .size = CIX_JSON_MAX + 1};
    ProtobufCMessage *message = NULL;

    (void)state;
    ctx_clear(&ctx);
    assert_false(cix_json_read(&ctx, &text, &cix__v1__record__descriptor, &message));
    assert_string_equal(ctx.error.reason, "JSON_TOO_LARGE");
    assert_null(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_of_value_is_read),
        cmocka_unit_test(absent_and_zero_differ),
        cmocka_unit_test(amounts_keep_every_digit),
        cmocka_unit_test(snake_case_and_ignored_keys_are_taken),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_chosen_enum_of_a_oneof_is_written),
        cmocka_unit_test(wrong_input_is_refused_with_its_path),
        cmocka_unit_test(a_field_or_choice_given_twice_is_refused),
        cmocka_unit_test(damaged_text_is_refused_with_its_place),
        cmocka_unit_test(too_much_text_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
