/* The wire check: what it lets through unpacks whole, and what it refuses is named. */
#include "rpc/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cix/v1/flag.pb-c.h>
#include <cix/v1/submission.pb-c.h>

/* Sizes of string literals without the closing NUL, so that NULs inside count. */
#define LITERAL(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static struct wire_fault fault;

static bool passes(const ProtobufCMessageDescriptor *type, struct bytes bytes)
{
    /* An exact copy on the heap, so that a sanitizer sees a read past the end. */
    uint8_t *exact = malloc(bytes.size ? bytes.size : 1);

    assert_non_null(exact);
    memcpy(exact, bytes.data, bytes.size);
    bool is_good = wire_check(type, (struct bytes){exact, bytes.size}, &fault);
    free(exact);
    return is_good;
}

static void refused(const ProtobufCMessageDescriptor *type, struct bytes bytes, const char *field,
                    const char *expected)
{
    assert_false(passes(type, bytes));
    assert_string_equal(fault.field, field);
    assert_string_equal(fault.expected, expected);
}

static const ProtobufCMessageDescriptor *const remove_flag =
    &cix__v1__remove_flag_request__descriptor;
static const ProtobufCMessageDescriptor *const check_flag =
    &cix__v1__check_flag_request__descriptor;
static const ProtobufCMessageDescriptor *const submit = &cix__v1__submit_request__descriptor;
static const ProtobufCMessageDescriptor *const flag = &cix__v1__flag__descriptor;
static const ProtobufCMessageDescriptor *const account = &cix__v1__account__descriptor;

static void an_empty_message_is_a_message(void **state)
{
    (void)state;
    assert_true(passes(remove_flag, LITERAL("")));
}

static void a_packed_message_passes(void **state)
{
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__Account body = CIX__V1__ACCOUNT__INIT;
    Cix__V1__Record record = CIX__V1__RECORD__INIT, *records[] = {&record, &record};
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    uint8_t packed[512];

    (void)state;
    identifier.value = "990001199001011234";
    body.identifier = &identifier;
    body.account_no = "\xe8\xb4\xb7\xe6\xac\xbe-1"; /* Chinese text */
    body.original_amount = INT64_MIN;
    body.original_amount_presence_case = CIX__V1__ACCOUNT__ORIGINAL_AMOUNT_PRESENCE_ORIGINAL_AMOUNT;
    body.security = -1; /* ten bytes on the wire */
    record.account = &body;
    record.record_case = CIX__V1__RECORD__RECORD_ACCOUNT;
    chunk.number = 1;
    chunk.records = records;
    chunk.n_records = 2;
    request.chunk = &chunk;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_CHUNK;
    size_t size = cix__v1__submit_request__pack(&request, packed);
    assert_true(passes(submit, (struct bytes){packed, size}));
    for (size_t cut = 1; cut < size; cut++) /* every shorter form ends inside the chunk */
        assert_false(passes(submit, (struct bytes){packed, cut}));
}

static void text_must_be_utf8_without_nul(void **state)
{
    (void)state;
    assert_true(passes(remove_flag, LITERAL("\x0a\x03\xe4\xb8\xad")));
    refused(remove_flag, LITERAL("\x0a\x02\xff\xfe"), "flag_id", "must be UTF-8 without NUL");
    refused(remove_flag,
            LITERAL("\x0a\x03"
                    "a\0b"),
            "flag_id", "must be UTF-8 without NUL");
    refused(remove_flag, LITERAL("\x0a\x02\xe4\xb8"), "flag_id", "must be UTF-8 without NUL");
    refused(remove_flag, LITERAL("\x0a\x03\xed\xa0\x80"), "flag_id", "must be UTF-8 without NUL");
    refused(remove_flag, LITERAL("\x0a\x02\xc0\x80"), "flag_id", "must be UTF-8 without NUL");
}

static void bytes_fields_take_any_byte(void **state)
{
    (void)state;
    assert_true(passes(&cix__v1__consent__descriptor, LITERAL("\x4a\x03\xff\x00\xfe")));
}

static void the_path_names_message_and_element(void **state)
{
    (void)state;
    refused(check_flag,
            LITERAL("\x0a\x06\x0a\x04\x12\x02"
                    "a\0"),
            "inquiry.identifier.value", "must be UTF-8 without NUL");
    /* chunk { records {} records { account { currency: <ff> } } } */
    refused(submit, LITERAL("\x12\x09\x12\x00\x12\x05\x1a\x03\x2a\x01\xff"),
            "chunk.records[1].account.currency", "must be UTF-8 without NUL");
}

static void each_field_has_its_wire_type(void **state)
{
    static const char expected[] = "must have the type of the contract";

    (void)state;
    refused(remove_flag, LITERAL("\x08\x01"), "flag_id", expected); /* string as varint */
    refused(remove_flag,
            LITERAL("\x12\x01"
                    "a"),
            "reason", expected);                                               /* enum as bytes */
    refused(remove_flag, LITERAL("\x15\x01\x02\x03\x04"), "reason", expected); /* enum as fixed32 */
    refused(remove_flag, LITERAL("\x11\x01\x02\x03\x04\x05\x06\x07\x08"), "reason", expected);
    refused(check_flag, LITERAL("\x08\x01"), "inquiry", expected); /* message as varint */
}

static void broken_framing_is_refused(void **state)
{
    static const char expected[] = "must be a well-formed message";

    (void)state;
    refused(remove_flag, LITERAL("\x0a"), "", expected); /* no length */
    refused(remove_flag,
            LITERAL("\x0a\x05"
                    "abc"),
            "", expected);                                                       /* short content */
    refused(remove_flag, LITERAL("\x0a\xff\xff\xff\xff\x0f"), "", expected);     /* 4 GB */
    refused(remove_flag, LITERAL("\x0a\x80\x80\x80\x80\x80\x00"), "", expected); /* long length */
    refused(remove_flag, LITERAL("\x10"), "", expected);                         /* no value */
    refused(remove_flag, LITERAL("\x00\x01"), "", expected);                     /* field 0 */
    refused(remove_flag, LITERAL("\x0b"), "", expected);                         /* group */
    refused(remove_flag, LITERAL("\x0e\x01"), "", expected);                     /* wire type 6 */
    refused(remove_flag, LITERAL("\x8a\x80\x80\x80\x10\x00"), "",
            expected);                                           /* tag beyond 32 bits */
    refused(remove_flag, LITERAL("\x10\x01\x80"), "", expected); /* trailing garbage */
    refused(check_flag, LITERAL("\x0a\x01\x0a"), "inquiry", expected);
}

static void varints_hold_at_most_64_bits(void **state)
{
    (void)state; /* original_amount, int64 */
    assert_true(passes(account, LITERAL("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")));
    refused(account, LITERAL("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), "",
            "must be a well-formed message");
    refused(account, LITERAL("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "",
            "must be a well-formed message");
}

static void numbers_that_unpacking_would_cut_are_refused(void **state)
{
    (void)state; /* opened_on, int32 */
    assert_true(passes(account, LITERAL("\x40\xff\xff\xff\xff\x07")));
    assert_true(passes(account, LITERAL("\x40\x80\x80\x80\x80\xf8\xff\xff\xff\xff\x01")));
    refused(account, LITERAL("\x40\x85\x80\x80\x80\x10"), "opened_on", "must fit 32 bits");
    refused(account, LITERAL("\x40\xff\xff\xff\xff\xf7\xff\xff\xff\xff\x01"), "opened_on",
            "must fit 32 bits");
}

static void an_unknown_enum_value_is_passed_on(void **state)
{
    (void)state;
    assert_true(passes(remove_flag, LITERAL("\x10\xe7\x07")));
}

static void a_single_field_comes_once(void **state)
{
    (void)state;
    refused(remove_flag,
            LITERAL("\x0a\x01"
                    "a\x0a\x01"
                    "b"),
            "flag_id", "must come once");
    refused(check_flag, LITERAL("\x0a\x00\x0a\x00"), "inquiry", "must come once");
}

static void a_oneof_has_one_member(void **state)
{
    (void)state;
    refused(submit, LITERAL("\x0a\x00\x12\x00"), "chunk", "must be the only one of its kind");
    refused(submit, LITERAL("\x12\x00\x12\x00"), "chunk", "must be the only one of its kind");
    /* Presence is a oneof of one: another field's presence is no obstacle. */
    assert_true(passes(account, LITERAL("\x30\x01\x38\x02")));
}

static void repeated_numbers_come_packed_or_not(void **state)
{
    (void)state; /* restrictions, repeated int32, field 14 */
    assert_true(passes(flag, LITERAL("\x72\x03\x01\x02\x03")));
    assert_true(passes(flag, LITERAL("\x70\x01\x70\x02")));
    assert_true(passes(flag, LITERAL("\x72\x00")));
    refused(flag, LITERAL("\x72\x02\x01\x80"), "restrictions[0]",
            "must be well-formed packed values");
    refused(flag, LITERAL("\x70\x01\x72\x05\x85\x80\x80\x80\x10"), "restrictions[1]",
            "must fit 32 bits");
}

static void elements_are_bounded(void **state)
{
    size_t size = 2 * (WIRE_ELEMENT_MAX + 1);
    uint8_t *many = malloc(size);

    (void)state;
    assert_non_null(many);
    for (size_t i = 0; i < size; i += 2)
        memcpy(many + i, "\x0a\x00", 2); /* empty inquiries */
    assert_true(
        passes(&cix__v1__batch_check_flags_request__descriptor, (struct bytes){many, size - 2}));
    refused(&cix__v1__batch_check_flags_request__descriptor, (struct bytes){many, size},
            "inquiries[50000]", "must not have that many elements");
    free(many);
}

static void unknown_fields_pass_within_a_bound(void **state)
{
    enum { BODY = 4096, FIELD = BODY + 4 };
    static uint8_t many[FIELD * 17];

    (void)state;
    assert_true(passes(remove_flag, LITERAL("\x0a\x01"
                                            "a\xfa\x07\x03xyz")));
    for (size_t i = 0; i < sizeof(many); i += FIELD)
        memcpy(many + i, "\xfa\x07\x80\x20", 4); /* field 127, 4,096 bytes */
    assert_true(passes(remove_flag, (struct bytes){many, FIELD * 15}));
    refused(remove_flag, (struct bytes){many, sizeof(many)}, "",
            "must not carry that many unknown fields");
}

static void a_string_has_a_bound(void **state)
{
    static uint8_t text[4 + WIRE_STRING_MAX + 1] = "\x0a\x81\x80\x04";

    (void)state;
    memset(text + 4, 'a', WIRE_STRING_MAX + 1);
    refused(remove_flag, (struct bytes){text, sizeof(text)}, "flag_id", "must not be that long");
}

/* message Nest { Nest inner = 1; }, which the contract has none of. */
static void nesting_is_bounded(void **state)
{
    static ProtobufCMessageDescriptor nest;
    static const ProtobufCFieldDescriptor inner = {.name = "inner",
                                                   .id = 1,
                                                   .label = PROTOBUF_C_LABEL_NONE,
                                                   .type = PROTOBUF_C_TYPE_MESSAGE,
                                                   .descriptor = &nest};
    static const ProtobufCIntRange ranges[] = {{1, 0}, {0, 1}};
    uint8_t deep[2 * WIRE_DEPTH_MAX];

    (void)state;
    nest = (ProtobufCMessageDescriptor){.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
                                        .n_fields = 1,
                                        .fields = &inner,
                                        .n_field_ranges = 1,
                                        .field_ranges = ranges};
    for (size_t i = 0; i < WIRE_DEPTH_MAX; i++) {
        deep[2 * i] = 0x0a;
        deep[2 * i + 1] = (uint8_t)(sizeof(deep) - 2 * i - 2);
    }
    assert_true(passes(&nest, (struct bytes){deep + 2, sizeof(deep) - 2}));
    refused(&nest, (struct bytes){deep, sizeof(deep)},
            "inner.inner.inner.inner.inner.inner.inner.inner", "must not be nested that deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_message_is_a_message),
        cmocka_unit_test(a_packed_message_passes),
        cmocka_unit_test(text_must_be_utf8_without_nul),
        cmocka_unit_test(bytes_fields_take_any_byte),
        cmocka_unit_test(the_path_names_message_and_element),
        cmocka_unit_test(each_field_has_its_wire_type),
        cmocka_unit_test(broken_framing_is_refused),
        cmocka_unit_test(varints_hold_at_most_64_bits),
        cmocka_unit_test(numbers_that_unpacking_would_cut_are_refused),
        cmocka_unit_test(an_unknown_enum_value_is_passed_on),
        cmocka_unit_test(a_single_field_comes_once),
        cmocka_unit_test(a_oneof_has_one_member),
        cmocka_unit_test(repeated_numbers_come_packed_or_not),
        cmocka_unit_test(elements_are_bounded),
        cmocka_unit_test(unknown_fields_pass_within_a_bound),
        cmocka_unit_test(a_string_has_a_bound),
        cmocka_unit_test(nesting_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
