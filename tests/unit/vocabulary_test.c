/*
 * Goal: the contract and the domain speak of the same things by the same numbers and names.
 * Method: every value of the enums of cix.v1 is looked up in the domain's table.
 */
#include "domain/code.h"
#include "domain/delinquency.h"
#include "domain/rule.h"
#include "domain/suppress.h"
#include "support/cmocka.h"

#include <string.h>
#include <strings.h>

#include <cix/v1/common.pb-c.h>
#include <cix/v1/correction.pb-c.h>
#include <cix/v1/flag.pb-c.h>
#include <cix/v1/member.pb-c.h>
#include <cix/v1/record.pb-c.h>
#include <cix/v1/statistic.pb-c.h>
#include <cix/v1/submission.pb-c.h>
#include <cix/v1/supervision.pb-c.h>

/* Every value but UNSPECIFIED is in the table. Bits: number n of the wire is bit n - 1. */
static void assert_agrees(const ProtobufCEnumDescriptor *wire, const char *prefix,
                          const struct code_table *table, bool are_bits)
{
    size_t cut = strlen(prefix);

    assert_true(wire->n_values > 1);
    for (unsigned i = 0; i < wire->n_values; i++) {
        int number = wire->values[i].value;

        assert_memory_equal(wire->values[i].name, prefix, cut);
        if (number == 0)
            continue;
        const struct code *code = code_find(table, are_bits ? 1 << (number - 1) : number);
        if (!code)
            print_message("the domain lacks %s\n", wire->values[i].name);
        assert_non_null(code);
        assert_string_equal(code->name, wire->values[i].name + cut);
    }
}

static void numbers_and_names_agree(void **state)
{
    (void)state;
    assert_agrees(&cix__v1__identifier_type__descriptor, "IDENTIFIER_TYPE_", &code_identifier_types,
                  false);
    assert_agrees(&cix__v1__purpose__descriptor, "PURPOSE_", &code_purposes, false);
    assert_agrees(&cix__v1__subject_kind__descriptor, "SUBJECT_KIND_", &code_subject_kinds, false);
    assert_agrees(&cix__v1__segment__descriptor, "SEGMENT_", &code_segments, false);
    assert_agrees(&cix__v1__account_type__descriptor, "ACCOUNT_TYPE_", &code_account_types, false);
    assert_agrees(&cix__v1__flag_status__descriptor, "FLAG_STATUS_", &code_flag_statuses, false);
    assert_agrees(&cix__v1__flag_removal_reason__descriptor, "FLAG_REMOVAL_REASON_",
                  &code_flag_reasons, false);
    assert_agrees(&cix__v1__member_state__descriptor, "MEMBER_STATE_", &code_member_states, false);
    assert_agrees(&cix__v1__consent_form__descriptor, "CONSENT_FORM_", &code_consent_forms, false);
    assert_agrees(&cix__v1__data_class__descriptor, "DATA_CLASS_", &code_data_classes, true);
    assert_agrees(&cix__v1__role__descriptor, "ROLE_", &code_member_roles, true);
}

static void corrections_and_kinds_agree(void **state)
{
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;

    (void)state;
    assert_agrees(&cix__v1__correction_action__descriptor, "CORRECTION_ACTION_",
                  &code_correction_actions, false);
    assert_agrees(&cix__v1__correction_reason__descriptor, "CORRECTION_REASON_",
                  &code_correction_reasons, false);
    assert_agrees(&cix__v1__annotation_outcome__descriptor, "ANNOTATION_OUTCOME_",
                  &code_annotation_outcomes, false);
    assert_agrees(&cix__v1__finding_kind__descriptor, "FINDING_KIND_", &code_finding_kinds, false);
    for (size_t i = 0; i < code_record_kinds.count; i++) {
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
            record, (unsigned)code_record_kinds.codes[i].number);

        assert_non_null(field);
        assert_int_equal(strcasecmp(field->name, code_record_kinds.codes[i].name), 0);
    }
    assert_int_equal(code_record_kinds.count, RECORD_KIND_LAST);
}

static void severities_and_suppressions_agree(void **state)
{
    (void)state;
    assert_int_equal(SEVERITY_FILE, CIX__V1__SEVERITY__SEVERITY_FILE);
    assert_int_equal(SEVERITY_REJECT, CIX__V1__SEVERITY__SEVERITY_REJECT);
    assert_int_equal(SEVERITY_QUARANTINE, CIX__V1__SEVERITY__SEVERITY_QUARANTINE);
    assert_int_equal(SEVERITY_WARNING, CIX__V1__SEVERITY__SEVERITY_WARNING);
    assert_int_equal(SUPPRESSION_TOO_FEW_SUBJECTS,
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_SUBJECTS);
    assert_int_equal(SUPPRESSION_TOO_FEW_MEMBERS,
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_TOO_FEW_MEMBERS);
    assert_int_equal(SUPPRESSION_DOMINANCE,
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_DOMINANCE);
    assert_int_equal(SUPPRESSION_COMPLEMENTARY,
                     CIX__V1__SUPPRESSION_REASON__SUPPRESSION_REASON_COMPLEMENTARY);
    assert_int_equal(NPL_BASIS_CLASS, CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_CLASS);
    assert_int_equal(NPL_BASIS_DAYS,
                     CIX__V1__NON_PERFORMING_BASIS__NON_PERFORMING_BASIS_DAYS_OVERDUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_names_agree),
        cmocka_unit_test(corrections_and_kinds_agree),
        cmocka_unit_test(severities_and_suppressions_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
