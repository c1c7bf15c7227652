/*
 * Goal: the tables of the facts and the contract say the same, and a fact that went to text and
 * back, or to a message and back, is the same fact.
 * Method: every field of every kind's message is looked up in the table and the other way round;
 * facts are made with a value in every field.
 */
#include "domain/fact.h"
#include "support/cmocka.h"

#include <string.h>

#include "base/text.h"
#include "cix/v1/record.pb-c.h"
#include "domain/record.h"
#include "domain/rule.h"
#include "wire/fact.h"

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const ProtobufCMessageDescriptor *message_of(const struct fact_kind *kind)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&cix__v1__record__descriptor, kind->kind);

    assert_non_null(field);
    assert_string_equal(field->name, kind->name);
    return field->descriptor;
}

/* Absent and zero differ for these, unless the contract has a plain field. */
static bool may_be_absent(const struct fact_field *field)
{
    return field->type == FACT_COUNT || field->type == FACT_MONEY || field->type == FACT_DAY;
}

static void assert_field(const struct fact_field *field, const ProtobufCFieldDescriptor *wire)
{
    bool is_choice = wire->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;

    if (fact_is_text(field->type))
        assert_int_equal(wire->type, PROTOBUF_C_TYPE_STRING);
    else if (field->type == FACT_IDENTIFIER)
        assert_ptr_equal(wire->descriptor, &cix__v1__identifier__descriptor);
    else if (field->type == FACT_BOOL)
        assert_int_equal(wire->type, PROTOBUF_C_TYPE_BOOL);
    else
        assert_int_equal(wire->type,
                         field->type == FACT_MONEY ? PROTOBUF_C_TYPE_INT64 : PROTOBUF_C_TYPE_INT32);
    if (is_choice)
        assert_true(may_be_absent(field));
    if (field->type == FACT_COUNT)
        assert_true(is_choice);
    if (field->type == FACT_DAY)
        assert_int_equal(!is_choice, (field->marks & FACT_REQUIRED) != 0);
}

static void tables_and_contract_have_the_same_fields(void **state)
{
    (void)state;
    assert_int_equal(fact_kind_count, RECORD_KIND_LAST - RECORD_KIND_FLAG);
    for (size_t k = 0; k < fact_kind_count; k++) {
        const struct fact_kind *kind = &fact_kinds[k];
        const ProtobufCMessageDescriptor *message = message_of(kind);

        assert_int_equal(message->n_fields, kind->field_count);
        for (size_t i = 0; i < kind->field_count; i++) {
            const ProtobufCFieldDescriptor *wire =
                protobuf_c_message_descriptor_get_field_by_name(message, kind->fields[i].name);
            if (!wire)
                print_message("%s.%s is not in the contract\n", kind->name, kind->fields[i].name);
            assert_non_null(wire);
            assert_field(&kind->fields[i], wire);
        }
    }
}

static void every_kind_has_a_key_an_owner_and_a_class(void **state)
{
    (void)state;
    for (size_t k = 0; k < fact_kind_count; k++) {
        const struct fact_kind *kind = &fact_kinds[k];
        int keys = 0;

        for (size_t i = 0; i < kind->field_count; i++) {
            const struct fact_field *field = &kind->fields[i];
            keys += (field->marks & FACT_KEY) != 0;
            if (field->marks & FACT_KEY)
                assert_true(field->marks & FACT_REQUIRED);
            if (field->marks & FACT_SEALED)
                assert_true(field->type == FACT_TEXT || field->type == FACT_IDENTIFIER);
            if (field->type == FACT_CODE || field->type == FACT_WORD)
                assert_non_null(field->codes);
        }
        assert_true(keys > 0);
        assert_ptr_equal(fact_kind_find(kind->kind), kind);
        assert_int_equal(record_data_class(kind->kind), kind->data_class);
        assert_int_equal(kind->owner == FACT_OF_ACCOUNT,
                         fact_field_of(kind, FACT_ACCOUNT_NO) != NULL);
        if (kind->owner == FACT_OF_SUBJECT)
            assert_non_null(fact_field_of(kind, FACT_IDENTIFIER));
    }
    assert_null(fact_kind_find(RECORD_KIND_FLAG));
    assert_null(fact_kind_find((enum record_kind)99));
}

/* A value for the field, different from field to field. */
static void fill(const struct fact_field *field, size_t i, void *at)
{
    if (fact_is_text(field->type)) {
        *(const char **)at = arena_format(&arena, "text %zu \"=\\ 文", i);
        return;
    }
    switch ((int)field->type) {
    case FACT_IDENTIFIER:
        *(struct identifier_field *)at = (struct identifier_field){
            .type = IDENTIFIER_TYPE_PASSPORT,
            .given = "E1",
            .is_read = true,
            .identifier = {.type = IDENTIFIER_TYPE_PASSPORT, .value = "E1"}};
        break;
    case FACT_COUNT:
        *(struct count_field *)at = (struct count_field){true, (int32_t)i * 3 - 4};
        break;
    case FACT_MONEY:
        *(struct money_field *)at = (struct money_field){true, (int64_t)i * -1000000007};
        break;
    case FACT_DAY:
        *(struct day_field *)at = day_field_of(true, 20260100 + (int32_t)i + 1);
        break;
    case FACT_PERIOD:
        *(int32_t *)at = 202601 + (int32_t)(i % 12);
        break;
    case FACT_BOOL:
        *(bool *)at = true;
        break;
    default:
        *(int *)at = (int)i + 1;
    }
}

static void assert_same(const struct fact_field *field, const void *a, const void *b)
{
    if (fact_is_text(field->type))
        assert_string_equal(*(const char *const *)a, *(const char *const *)b);
    else if (field->type == FACT_COUNT)
        assert_int_equal(((const struct count_field *)a)->value,
                         ((const struct count_field *)b)->value);
    else if (field->type == FACT_MONEY)
        assert_int_equal(((const struct money_field *)a)->minor,
                         ((const struct money_field *)b)->minor);
    else if (field->type == FACT_DAY)
        assert_int_equal(((const struct day_field *)a)->day.number,
                         ((const struct day_field *)b)->day.number);
    else if (field->type == FACT_BOOL)
        assert_int_equal(*(const bool *)a, *(const bool *)b);
    else if (field->type != FACT_IDENTIFIER)
        assert_int_equal(*(const int *)a, *(const int *)b);
}

static union fact full_fact(const struct fact_kind *kind)
{
    union fact fact;

    memset(&fact, 0, sizeof(fact));
    for (size_t i = 0; i < kind->field_count; i++)
        fill(&kind->fields[i], i, fact_at(&fact, &kind->fields[i]));
    if (kind->kind == RECORD_KIND_PUBLIC_RECORD) {
        fact.public_record.name_folded = fact.public_record.name;
        fact.public_record.case_no_folded = fact.public_record.case_no;
    }
    return fact;
}

static void a_fact_comes_back_from_its_text(void **state)
{
    (void)state;
    for (size_t k = 0; k < fact_kind_count; k++) {
        const struct fact_kind *kind = &fact_kinds[k];
        union fact fact = full_fact(kind), back;
        const char *text = fact_text(&arena, kind, &fact, FACT_PART_ALL);

        assert_true(fact_read(&arena, kind, text, &back));
        for (size_t i = 0; i < kind->field_count; i++)
            assert_same(&kind->fields[i], fact_const_at(&fact, &kind->fields[i]),
                        fact_const_at(&back, &kind->fields[i]));
    }
}

static void a_fact_comes_back_from_its_message(void **state)
{
    (void)state;
    for (size_t k = 0; k < fact_kind_count; k++) {
        const struct fact_kind *kind = &fact_kinds[k];
        union fact fact = full_fact(kind), back;

        fact_from_proto(kind, fact_to_proto(&arena, kind, &fact), &back);
        for (size_t i = 0; i < kind->field_count; i++) {
            const struct fact_field *field = &kind->fields[i];
            bool is_away = field->marks & FACT_HIDDEN || field->type == FACT_NAME ||
                           field->type == FACT_ACCOUNT_NO || field->type == FACT_MEMBER;
            if (is_away)
                assert_string_equal(*(const char **)fact_at(&back, field), "");
            else
                assert_same(field, fact_const_at(&fact, field), fact_const_at(&back, field));
        }
    }
}

static void an_empty_message_is_a_fact_without_values(void **state)
{
    (void)state;
    for (size_t k = 0; k < fact_kind_count; k++) {
        const struct fact_kind *kind = &fact_kinds[k];
        const ProtobufCMessageDescriptor *descriptor = message_of(kind);
        ProtobufCMessage *message = arena_alloc(&arena, descriptor->sizeof_message);
        union fact fact;

        protobuf_c_message_init(descriptor, message);
        fact_from_proto(kind, message, &fact);
        assert_string_equal(fact_text(&arena, kind, &fact, FACT_PART_SEALED), "");
        for (size_t i = 0; i < kind->field_count; i++) {
            const struct fact_field *field = &kind->fields[i];
            const void *at = fact_const_at(&fact, field);
            if (field->type == FACT_COUNT)
                assert_false(((const struct count_field *)at)->is_present);
            if (field->type == FACT_DAY)
                assert_false(((const struct day_field *)at)->is_present);
        }
    }
}

static void texts_of_a_fact_hold_what_their_part_says(void **state)
{
    const struct fact_kind *kind = fact_kind_find(RECORD_KIND_FRAUD_CASE);
    union fact fact;

    (void)state;
    assert_true(fact_read(&arena, kind,
                          "case_ref=F=1\nrole=3\ndetected_on=2026-02-03\nlesson=\nloss_amount=-5\n"
                          "unknown=x\n",
                          &fact));
    assert_string_equal(fact.fraud_case.case_ref, "F=1");
    assert_int_equal(fact.fraud_case.loss_amount.minor, -5);
    assert_string_equal(fact_text(&arena, kind, &fact, FACT_PART_KEY), "case_ref=F=1\n");
    assert_string_equal(fact_text(&arena, kind, &fact, FACT_PART_SEALED), "case_ref=F=1\n");
    const char *json = fact_json(&arena, kind, &fact, NULL, NULL);
    assert_non_null(strstr(json, "\"detected_on\":\"2026-02-03\""));
    assert_null(strstr(json, "F=1"));
    assert_null(strstr(json, "lesson"));
    assert_null(strstr(json, "filed_on"));
    assert_false(fact_read(&arena, kind, "role", &fact));
    assert_false(fact_read(&arena, kind, "role=x\n", &fact));
    assert_false(fact_read(&arena, kind, "detected_on=2026-02-30\n", &fact));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_and_contract_have_the_same_fields),
        cmocka_unit_test(every_kind_has_a_key_an_owner_and_a_class),
        cmocka_unit_test(a_fact_comes_back_from_its_text),
        cmocka_unit_test(a_fact_comes_back_from_its_message),
        cmocka_unit_test(an_empty_message_is_a_fact_without_values),
        cmocka_unit_test(texts_of_a_fact_hold_what_their_part_says),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
