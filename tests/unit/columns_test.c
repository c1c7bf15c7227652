/* Rows of CSV as records: headings, every type of value, lists, identifiers, and what is refused.
 */
#include "cli/columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cix/v1/record.pb-c.h"

static struct arena arena;
static struct ctx ctx;
static struct columns columns;
static struct csv_reader reader;

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
    csv_done(&reader);
    arena_done(&arena);
    return 0;
}

/* Reads headings and the first row of a text. NULL: ctx has the error. */
static ProtobufCMessage *read_row(const ProtobufCMessageDescriptor *descriptor, const char *text)
{
    ProtobufCMessage *message = NULL;
    FILE *file = fmemopen((void *)text, strlen(text), "r");

    ctx_clear(&ctx);
    csv_done(&reader);
    csv_init(&reader, csv_from_file, file);
    assert_int_equal(csv_read(&reader), CSV_ROW);
    if (columns_read(&ctx, descriptor, &reader.row, &columns)) {
        assert_int_equal(csv_read(&reader), CSV_ROW);
        if (!columns_message(&ctx, &columns, &reader.row, &message))
            message = NULL;
    }
    fclose(file);
    return message;
}

static void assert_refused(const ProtobufCMessageDescriptor *descriptor, const char *text,
                           const char *reason, const char *column)
{
    assert_null(read_row(descriptor, text));
    assert_string_equal(ctx.error.reason, reason);
    if (column)
        assert_string_equal(ctx.error.fields[0].field, column);
}

static void a_consent_is_read(void **state)
{
    Cix__V1__Consent *consent = (Cix__V1__Consent *)read_row(
        &cix__v1__consent__descriptor,
        "consent_id,identifier_type,identifier_value,purposes,document_hash,is_revoked,form\n"
        "c1,RESIDENT_ID,990001,LOAN_APPROVAL;3,00ff,true,CONSENT_FORM_WRITTEN\n");

    (void)state;
    assert_non_null(consent);
    assert_string_equal(consent->consent_id, "c1");
    assert_int_equal(consent->identifier->type, 10);
    assert_string_equal(consent->identifier->value, "990001");
    assert_int_equal(consent->n_purposes, 2);
    assert_int_equal(consent->purposes[0], 2);
    assert_int_equal(consent->purposes[1], 3);
    assert_int_equal(consent->document_hash.len, 2);
    assert_memory_equal(consent->document_hash.data, "\x00\xff", 2);
    assert_true(consent->is_revoked);
    assert_int_equal(consent->form, 1);
}

static void identifiers_are_gathered_and_gaps_closed(void **state)
{
    Cix__V1__Subject *subject = (Cix__V1__Subject *)read_row(
        &cix__v1__subject__descriptor,
        "identifiers_1_type,identifiers_2_type,identifiers_1_value,identifiers_2_value,"
        "identifiers_3_type,identifiers_3_value\n10,,990001,,PASSPORT,E1\n");

    (void)state;
    assert_non_null(subject);
    assert_int_equal(subject->n_identifiers, 2);
    assert_string_equal(subject->identifiers[0]->value, "990001");
    assert_int_equal(subject->identifiers[1]->type, 15);
    assert_string_equal(subject->identifiers[1]->value, "E1");
}

static void an_empty_cell_is_absent_and_zero_is_not(void **state)
{
    Cix__V1__Performance *month = (Cix__V1__Performance *)read_row(
        &cix__v1__performance__descriptor,
        "account_no,balance,paid_amount,overdue_amount\nA,0,,-9007199254740993\n");

    (void)state;
    assert_non_null(month);
    assert_int_equal(month->balance_presence_case, CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE);
    assert_int_equal(month->paid_amount_presence_case, 0);
    assert_true(month->overdue_amount == INT64_C(-9007199254740993));
}

static void columns_of_a_reject_file_are_passed_over(void **state)
{
    Cix__V1__Account *account = (Cix__V1__Account *)read_row(
        &cix__v1__account__descriptor, "account_no,cix_line,cix_reason\nA1,7,wrong\n");

    (void)state;
    assert_non_null(account);
    assert_string_equal(account->account_no, "A1");
}

/* What stands beside the kind in a record may stand beside its columns. */
static void fields_of_the_record_around_are_columns_too(void **state)
{
    const ProtobufCMessageDescriptor *descriptor = &cix__v1__record__descriptor;
    const ProtobufCFieldDescriptor *kind =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, "account");
    static const char text[] = "account_no,origin,correction_note\nA1,m1,why\nA2,,\n";
    FILE *file = fmemopen((void *)text, strlen(text), "r");
    ProtobufCMessage *message;

    (void)state;
    ctx_clear(&ctx);
    csv_done(&reader);
    csv_init(&reader, csv_from_file, file);
    assert_int_equal(csv_read(&reader), CSV_ROW);
    assert_true(columns_read_kind(&ctx, descriptor, kind, &reader.row, &columns));
    assert_int_equal(csv_read(&reader), CSV_ROW);
    assert_true(columns_message(&ctx, &columns, &reader.row, &message));
    const Cix__V1__Record *record = (Cix__V1__Record *)message;
    assert_int_equal(record->record_case, CIX__V1__RECORD__RECORD_ACCOUNT);
    assert_string_equal(record->account->account_no, "A1");
    assert_string_equal(record->origin, "m1");
    assert_string_equal(record->correction->note, "why");
    assert_int_equal(csv_read(&reader), CSV_ROW);
    assert_true(columns_message(&ctx, &columns, &reader.row, &message));
    assert_null(((Cix__V1__Record *)message)->correction);
    fclose(file);
}

static void wrong_headings_are_refused(void **state)
{
    const ProtobufCMessageDescriptor *account = &cix__v1__account__descriptor;

    (void)state;
    assert_refused(account, "acount_no\nA\n", "UNKNOWN_COLUMN", "acount_no");
    assert_non_null(strstr(ctx.error.message, "perhaps account_no"));
    assert_refused(account, "account_no,account_no\nA,A\n", "COLUMN_TWICE", "account_no");
    assert_refused(account, "identifier\nA\n", "UNKNOWN_COLUMN", "identifier");
    assert_refused(account, "identifier_1_type\nA\n", "UNKNOWN_COLUMN", NULL);
    assert_refused(&cix__v1__subject__descriptor, "identifiers_9_type\n1\n", "UNKNOWN_COLUMN",
                   NULL);
    assert_refused(&cix__v1__subject__descriptor, "identifiers_type\n1\n", "UNKNOWN_COLUMN", NULL);
}

static void wrong_values_are_refused_by_column(void **state)
{
    const ProtobufCMessageDescriptor *account = &cix__v1__account__descriptor;
    const ProtobufCMessageDescriptor *consent = &cix__v1__consent__descriptor;

    (void)state;
    assert_refused(account, "credit_limit\n1.5\n", "WRONG_VALUE", "credit_limit");
    assert_refused(account, "credit_limit\n9223372036854775808\n", "WRONG_VALUE", "credit_limit");
    assert_refused(account, "opened_on\n2024-01-31\n", "WRONG_VALUE", "opened_on");
    assert_string_equal(ctx.error.message, "expected a day as YYYYMMDD");
    assert_refused(account, "opened_on\n2147483648\n", "WRONG_VALUE", "opened_on");
    assert_refused(account, "opened_on\n+1\n", "WRONG_VALUE", "opened_on");
    assert_refused(account, "type\nR9\n", "WRONG_VALUE", "type");
    assert_string_equal(ctx.error.message, "expected D1, R1, R2, R3, R4, C1, D2, G1, L1, B1 or A1");
    assert_refused(consent, "is_revoked\nyes\n", "WRONG_VALUE", "is_revoked");
    assert_refused(consent, "document_hash\nabc\n", "WRONG_VALUE", "document_hash");
    assert_refused(consent, "document_hash\nzz\n", "WRONG_VALUE", "document_hash");
    assert_refused(consent, "purposes\n2;nothing\n", "WRONG_VALUE", "purposes");
    assert_refused(account, "account_no,type\nA\n", "COLUMN_COUNT", NULL);
    assert_refused(account, "account_no\nA,B\n", "COLUMN_COUNT", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_is_read),
        cmocka_unit_test(identifiers_are_gathered_and_gaps_closed),
        cmocka_unit_test(an_empty_cell_is_absent_and_zero_is_not),
        cmocka_unit_test(columns_of_a_reject_file_are_passed_over),
        cmocka_unit_test(fields_of_the_record_around_are_columns_too),
        cmocka_unit_test(wrong_headings_are_refused),
        cmocka_unit_test(wrong_values_are_refused_by_column),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
