/*
 * Goal: the vocabulary is complete and consistent, and a member may do what its registry row says.
 */
#include "domain/member.h"
#include "domain/region.h"
#include "support/cmocka.h"

#include <ctype.h>
#include <string.h>

#include "base/check.h"

static const struct code_table *const tables[] = {
    &code_identifier_types,
    &code_subject_kinds,
    &code_subject_statuses,
    &code_segments,
    &code_member_types,
    &code_member_states,
    &code_member_roles,
    &code_data_classes,
    &code_purposes,
    &code_consent_forms,
    &code_account_types,
    &code_five_categories,
    &code_channels,
    &code_identifier_verifications,
    &code_flag_grounds,
    &code_flag_statuses,
    &code_flag_performances,
    &code_flag_reasons,
    &code_record_kinds,
    &code_event_types,
    &code_party_roles,
    &code_public_record_types,
    &code_public_record_statuses,
    &code_fraud_roles,
    &code_fraud_types,
    &code_fraud_methods,
    &code_fraud_evidence_levels,
    &code_fraud_statuses,
    &code_behaviour_roles,
    &code_counterparty_bands,
    &code_statement_types,
    &code_statement_sources,
    &code_fund_sides,
    &code_fund_segregations,
    &code_collection_results,
    &code_master_grades,
};

static void tables_rise_and_names_are_unique(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_LENGTH(tables); t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct code *code = &tables[t]->codes[i];

            assert_true(code->number > 0);
            assert_true(i == 0 || code->number > code[-1].number);
            assert_ptr_equal(code_find(tables[t], code->number), code);
            assert_ptr_equal(code_find_name(tables[t], code->name), code);
            assert_true(isupper((unsigned char)code->name[0]));
            assert_true(strlen(code->label) > 0);
        }
        assert_null(code_find(tables[t], 0));
        assert_string_equal(code_name(tables[t], -1), "UNKNOWN");
    }
}

static void products_belong_to_account_types(void **state)
{
    (void)state;
    assert_true(code_product_is_allowed("81", ACCOUNT_TYPE_R2));
    assert_false(code_product_is_allowed("81", ACCOUNT_TYPE_D1));
    assert_true(code_product_is_allowed("71", ACCOUNT_TYPE_R3));
    assert_true(code_product_is_allowed("11", ACCOUNT_TYPE_D1));
    assert_false(code_product_is_allowed("11", ACCOUNT_TYPE_R2));
    assert_true(code_product_is_allowed("P1", ACCOUNT_TYPE_D1));
    assert_false(code_product_is_allowed("zz", ACCOUNT_TYPE_D1));
    assert_false(code_product_is_allowed("", ACCOUNT_TYPE_D1));
    assert_true(code_product_is_known("E2"));
    assert_false(code_product_is_allowed("91", (enum account_type)1000));
    assert_false(code_account_status_is_allowed((enum account_type) - 1, 1));
}

static void account_statuses_depend_on_the_type(void **state)
{
    (void)state;
    assert_true(code_account_status_is_allowed(ACCOUNT_TYPE_D1, 7));
    assert_false(code_account_status_is_allowed(ACCOUNT_TYPE_R1, 7));
    assert_true(code_account_status_is_allowed(ACCOUNT_TYPE_R2, 31));
    assert_false(code_account_status_is_allowed(ACCOUNT_TYPE_D1, 31));
    assert_false(code_account_status_is_allowed(ACCOUNT_TYPE_C1, 3));
    assert_true(code_account_status_is_closed(ACCOUNT_TYPE_D1, 3));
    assert_false(code_account_status_is_closed(ACCOUNT_TYPE_R2, 3));
    assert_true(code_account_status_is_closed(ACCOUNT_TYPE_R2, 4));
    assert_true(code_account_status_is_bad_debt(ACCOUNT_TYPE_D1, 4));
    assert_true(code_account_status_is_bad_debt(ACCOUNT_TYPE_R3, 5));
    assert_false(code_account_status_is_bad_debt(ACCOUNT_TYPE_R1, 5));
}

static void repay_statuses_have_labels(void **state)
{
    (void)state;
    assert_int_equal(strlen(code_repay_statuses), 18);
    for (const char *status = code_repay_statuses; *status; status++)
        assert_string_not_equal(code_repay_status_label(*status), "unknown");
    assert_string_equal(code_repay_status_label('3'), "61-90 days overdue");
    assert_string_equal(code_repay_status_label('Z'), "settled with assets");
    assert_string_equal(code_repay_status_label('x'), "unknown");
    assert_false(code_repay_status_is_known('\0'));
}

static void regions(void **state)
{
    static const char *const good[] = {"110105", "440300", "820000", "710000",
                                       "US-CA",  "GB-ENG", "FR-75",  "HK-1"};
    static const char *const bad[] = {"",      "110",   "1101055", "990001", "11010a",
                                      "US",    "US-",   "us-ca",   "XX-CA",  "US-CALI",
                                      "U -CA", "US CA", "US-C!"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(region_is_known(good[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(region_is_known(bad[i]));
}

static void industries(void **state)
{
    static const char *const good[] = {"A01",  "A05", "A0111", "B06", "C13", "C43",
                                       "F521", "I63", "J66",   "S96", "T97", "P83"};
    static const char *const bad[] = {"",    "A",   "A0",     "A06", "B05", "C44", "U98",
                                      "T98", "a01", "A01111", "A0x", "P84", "A00"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(industry_is_known(good[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(industry_is_known(bad[i]));
}

static void member_codes(void **state)
{
    static const char *const good[] = {"abc", "bank-1", "a23456789012345678901234567890bc"};
    static const char *const bad[] = {
        "", "ab", "Bank", "bank_1", "-bank", "bank-", "ba k", "a23456789012345678901234567890bcd"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(member_code_is_valid(good[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(member_code_is_valid(bad[i]));
}

static void state_decides_what_a_member_may_do(void **state)
{
    struct member member = {0};

    (void)state;
    for (size_t i = 0; i < code_member_states.count; i++) {
        member.state = (enum member_state)code_member_states.codes[i].number;
        bool is_active = member.state == MEMBER_STATE_ACTIVE;
        bool is_restricted = member.state == MEMBER_STATE_RESTRICTED;

        assert_int_equal(member_may_inquire(&member), is_active);
        assert_int_equal(member_may_contribute(&member), is_active || is_restricted);
        assert_int_equal(member_is_admitted(&member),
                         is_active || is_restricted || member.state == MEMBER_STATE_TESTING);
    }
}

static void roles_and_classes_are_sets(void **state)
{
    struct member member = {.roles = MEMBER_ROLE_LENDER | MEMBER_ROLE_CONTRIBUTOR,
                            .data_classes = DATA_CLASS_BASIC};

    (void)state;
    assert_true(member_has_roles(&member, MEMBER_ROLE_LENDER));
    assert_false(member_has_roles(&member, MEMBER_ROLE_LENDER | MEMBER_ROLE_COURT));
    assert_true(member_has_any_role(&member, MEMBER_ROLE_LENDER | MEMBER_ROLE_COURT));
    assert_false(member_has_any_role(&member, 0));
    assert_true(member_has_data_classes(&member, 0));
    assert_false(member_has_data_classes(&member, DATA_CLASS_BASIC | DATA_CLASS_CREDIT));
}

static void purposes_are_granted_one_by_one(void **state)
{
    struct member member = {0};

    (void)state;
    member_grant_purpose(&member, PURPOSE_LOAN_APPROVAL);
    member_grant_purpose(&member, PURPOSE_SUBJECT_SELF);
    member_grant_purpose(&member, (enum purpose)5);   /* no such purpose */
    member_grant_purpose(&member, (enum purpose)500); /* not even a bit */
    assert_true(member_may_purpose(&member, PURPOSE_LOAN_APPROVAL));
    assert_true(member_may_purpose(&member, PURPOSE_SUBJECT_SELF));
    assert_false(member_may_purpose(&member, PURPOSE_CARD_APPROVAL));
    assert_false(member_may_purpose(&member, (enum purpose)5));
    assert_false(member_may_purpose(&member, (enum purpose)500));
    assert_false(member_may_purpose(&member, (enum purpose) - 1));
    assert_false(member_may_purpose(&member, PURPOSE_NONE));
}

static void purposes_need_a_consent_or_an_account(void **state)
{
    int consents = 0, accounts = 0;

    (void)state;
    for (size_t i = 0; i < code_purposes.count; i++) {
        enum purpose purpose = (enum purpose)code_purposes.codes[i].number;

        consents += purpose_needs_consent(purpose);
        accounts += purpose_needs_account(purpose);
        assert_false(purpose_needs_consent(purpose) && purpose_needs_account(purpose));
    }
    assert_int_equal(consents, 10);
    assert_int_equal(accounts, 3);
    assert_false(purpose_needs_consent(PURPOSE_DISHONEST_SCREEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_rise_and_names_are_unique),
        cmocka_unit_test(products_belong_to_account_types),
        cmocka_unit_test(account_statuses_depend_on_the_type),
        cmocka_unit_test(repay_statuses_have_labels),
        cmocka_unit_test(regions),
        cmocka_unit_test(industries),
        cmocka_unit_test(member_codes),
        cmocka_unit_test(state_decides_what_a_member_may_do),
        cmocka_unit_test(roles_and_classes_are_sets),
        cmocka_unit_test(purposes_are_granted_one_by_one),
        cmocka_unit_test(purposes_need_a_consent_or_an_account),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
