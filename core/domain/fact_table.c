/*
 * The tables of the facts: field by field as in cix/v1/fact.proto.
 */
#include "domain/fact.h"

#include "base/check.h"
#include "base/money.h"
#include "domain/rule_check.h"

#define FIELD(struct_, field, type_, ...)                                                          \
    {                                                                                              \
        .name = #field, .type = FACT_##type_, .offset = offsetof(struct struct_##_record, field),  \
        __VA_ARGS__                                                                                \
    }

/* clang-format off */
static const struct fact_field account_event_fields[] = {
    FIELD(account_event, account_no, ACCOUNT_NO, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(account_event, type, CODE, .marks = FACT_KEY | FACT_REQUIRED, .codes = &code_event_types),
    FIELD(account_event, happened_on, DAY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(account_event, amount, MONEY, .high = MONEY_MAX),
    FIELD(account_event, months_extended, COUNT, .low = 1, .high = 600),
    FIELD(account_event, note, TEXT, .marks = FACT_SEALED | FACT_HIDDEN | FACT_FREE, .high = 200),
};

static const struct fact_field party_fields[] = {
    FIELD(party, account_no, ACCOUNT_NO, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(party, identifier, IDENTIFIER, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(party, role, CODE, .marks = FACT_KEY | FACT_REQUIRED, .codes = &code_party_roles),
    FIELD(party, liability_amount, MONEY, .high = MONEY_MAX),
    FIELD(party, is_joint, BOOL, .marks = 0),
    FIELD(party, from_on, DAY, .marks = FACT_REQUIRED),
    FIELD(party, until_on, DAY, .marks = 0),
};

static const struct fact_field public_record_fields[] = {
    FIELD(public_record, record_no, TEXT, .marks = FACT_KEY | FACT_REQUIRED | FACT_SEALED | FACT_HIDDEN, .high = 64),
    FIELD(public_record, identifier, IDENTIFIER, .marks = FACT_REQUIRED),
    FIELD(public_record, name, NAME, .marks = FACT_REQUIRED),
    FIELD(public_record, type, CODE, .marks = FACT_REQUIRED, .codes = &code_public_record_types),
    FIELD(public_record, authority, TEXT, .marks = FACT_REQUIRED, .high = 80),
    FIELD(public_record, document_no, TEXT, .marks = FACT_SEALED, .high = 64),
    FIELD(public_record, case_no, TEXT, .marks = FACT_SEALED, .high = 64),
    FIELD(public_record, decided_on, DAY, .marks = FACT_REQUIRED),
    FIELD(public_record, effective_on, DAY, .marks = 0),
    FIELD(public_record, ended_on, DAY, .marks = 0),
    FIELD(public_record, amount, MONEY, .high = MONEY_MAX),
    FIELD(public_record, currency, CURRENCY, .marks = 0),
    FIELD(public_record, status, CODE, .marks = FACT_REQUIRED, .codes = &code_public_record_statuses),
};

static const struct fact_field fraud_case_fields[] = {
    FIELD(fraud_case, case_ref, TEXT, .marks = FACT_KEY | FACT_REQUIRED | FACT_SEALED | FACT_HIDDEN, .high = 64),
    FIELD(fraud_case, identifier, IDENTIFIER, .marks = FACT_REQUIRED),
    FIELD(fraud_case, role, CODE, .marks = FACT_REQUIRED, .codes = &code_fraud_roles),
    FIELD(fraud_case, type, CODE, .marks = FACT_REQUIRED, .codes = &code_fraud_types),
    FIELD(fraud_case, method, CODE, .codes = &code_fraud_methods),
    FIELD(fraud_case, channel, CODE, .codes = &code_channels),
    FIELD(fraud_case, dealer_code, TEXT, .marks = FACT_CODED, .high = 32),
    FIELD(fraud_case, region, REGION, .marks = 0),
    FIELD(fraud_case, business_type, PRODUCT, .marks = 0),
    FIELD(fraud_case, currency, CURRENCY, .marks = 0),
    FIELD(fraud_case, amount_at_risk, MONEY, .high = MONEY_MAX),
    FIELD(fraud_case, loss_amount, MONEY, .high = MONEY_MAX),
    FIELD(fraud_case, recovered_amount, MONEY, .high = MONEY_MAX),
    FIELD(fraud_case, detected_on, DAY, .marks = FACT_REQUIRED),
    FIELD(fraud_case, filed_on, DAY, .marks = FACT_REQUIRED),
    FIELD(fraud_case, evidence_level, CODE, .marks = FACT_REQUIRED, .codes = &code_fraud_evidence_levels),
    FIELD(fraud_case, status, CODE, .marks = FACT_REQUIRED, .codes = &code_fraud_statuses),
    FIELD(fraud_case, expires_on, DAY, .marks = FACT_REQUIRED),
    FIELD(fraud_case, lesson, TEXT, .marks = FACT_SEALED | FACT_FREE, .high = 500),
};

static const struct fact_field behaviour_fields[] = {
    FIELD(behaviour, identifier, IDENTIFIER, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(behaviour, period, PERIOD, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(behaviour, role, CODE, .marks = FACT_KEY | FACT_REQUIRED, .codes = &code_behaviour_roles),
    FIELD(behaviour, consent_id, UUID, .marks = FACT_REQUIRED | FACT_HIDDEN),
    FIELD(behaviour, currency, CURRENCY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(behaviour, transaction_count, MONEY, .high = MONEY_MAX),
    FIELD(behaviour, transaction_amount, MONEY, .high = MONEY_MAX),
    FIELD(behaviour, active_days, NUMBER, .high = 31),
    FIELD(behaviour, refund_amount, MONEY, .high = MONEY_MAX),
    FIELD(behaviour, chargeback_count, MONEY, .high = MONEY_MAX),
    FIELD(behaviour, counterparty_band, CODE, .codes = &code_counterparty_bands),
    FIELD(behaviour, top1_counterparty_bps, COUNT, .high = 10000),
    FIELD(behaviour, average_ticket, MONEY, .high = MONEY_MAX),
    FIELD(behaviour, night_share_bps, COUNT, .high = 10000),
    FIELD(behaviour, cross_region_bps, COUNT, .high = 10000),
    FIELD(behaviour, continuous_months, COUNT, .high = 1200),
    FIELD(behaviour, income_band, NUMBER, .high = 9),
    FIELD(behaviour, volatility_bps, COUNT, .high = 1000000),
};

static const struct fact_field statement_fields[] = {
    FIELD(statement, identifier, IDENTIFIER, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(statement, stated_on, DAY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(statement, type, CODE, .marks = FACT_KEY | FACT_REQUIRED, .codes = &code_statement_types),
    FIELD(statement, source, CODE, .marks = FACT_REQUIRED, .codes = &code_statement_sources),
    FIELD(statement, is_consolidated, BOOL, .marks = 0),
    FIELD(statement, currency, CURRENCY, .marks = FACT_REQUIRED),
    FIELD(statement, consent_id, UUID, .marks = FACT_HIDDEN),
    FIELD(statement, total_assets, MONEY, .high = MONEY_MAX),
    FIELD(statement, current_assets, MONEY, .high = MONEY_MAX),
    FIELD(statement, cash, MONEY, .high = MONEY_MAX),
    FIELD(statement, receivables, MONEY, .high = MONEY_MAX),
    FIELD(statement, inventory, MONEY, .high = MONEY_MAX),
    FIELD(statement, fixed_assets, MONEY, .high = MONEY_MAX),
    FIELD(statement, total_liabilities, MONEY, .high = MONEY_MAX),
    FIELD(statement, current_liabilities, MONEY, .high = MONEY_MAX),
    FIELD(statement, equity, MONEY, .low = -MONEY_MAX, .high = MONEY_MAX),
    FIELD(statement, revenue, MONEY, .high = MONEY_MAX),
    FIELD(statement, operating_profit, MONEY, .low = -MONEY_MAX, .high = MONEY_MAX),
    FIELD(statement, net_profit, MONEY, .low = -MONEY_MAX, .high = MONEY_MAX),
    FIELD(statement, operating_cash_flow, MONEY, .low = -MONEY_MAX, .high = MONEY_MAX),
    FIELD(statement, annual_income, MONEY, .high = MONEY_MAX),
    FIELD(statement, real_estate, MONEY, .high = MONEY_MAX),
    FIELD(statement, deposits, MONEY, .high = MONEY_MAX),
    FIELD(statement, securities, MONEY, .high = MONEY_MAX),
};

static const struct fact_field fund_report_fields[] = {
    FIELD(fund_report, platform_code, MEMBER, .marks = FACT_KEY | FACT_REQUIRED, .column = "platform_id"),
    FIELD(fund_report, period, PERIOD, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(fund_report, side, CODE, .marks = FACT_KEY | FACT_REQUIRED, .codes = &code_fund_sides),
    FIELD(fund_report, currency, CURRENCY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(fund_report, custodian_code, MEMBER, .marks = FACT_REQUIRED, .column = "custodian_id"),
    FIELD(fund_report, custody_account, TEXT, .high = 4),
    FIELD(fund_report, own_funds_account, TEXT, .high = 4),
    FIELD(fund_report, segregation, CODE, .codes = &code_fund_segregations),
    FIELD(fund_report, client_liability, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, custody_balance, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, own_funds_balance, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, in_transit, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, guarantee_fund_balance, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, guarantee_required_bps, COUNT, .high = 10000),
    FIELD(fund_report, loans_outstanding, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, compensation_amount, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, compensation_count, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, top1_bps, COUNT, .high = 10000),
    FIELD(fund_report, top10_bps, COUNT, .high = 10000),
    FIELD(fund_report, related_party_balance, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, related_party_count, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, overdue_amount, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, overdue_count, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, overdue_90_amount, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, overdue_90_count, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, lenders_current, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, lenders_cumulative, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, borrowers_current, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, borrowers_cumulative, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, cumulative_amount, MONEY, .high = MONEY_MAX),
    FIELD(fund_report, cumulative_count, MONEY, .high = MONEY_MAX),
};

static const struct fact_field collection_fields[] = {
    FIELD(collection, account_no, ACCOUNT_NO, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(collection, stage, CODE, .marks = FACT_KEY | FACT_REQUIRED, .codes = &code_collection_stages),
    FIELD(collection, started_on, DAY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(collection, ended_on, DAY, .marks = 0),
    FIELD(collection, agency_code, TEXT, .marks = FACT_CODED, .high = 32),
    FIELD(collection, demanded_amount, MONEY, .high = MONEY_MAX),
    FIELD(collection, recovered_amount, MONEY, .high = MONEY_MAX),
    FIELD(collection, result, CODE, .codes = &code_collection_results),
};

static const struct fact_field member_grade_fields[] = {
    FIELD(member_grade, identifier, IDENTIFIER, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(member_grade, graded_on, DAY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(member_grade, grade, TEXT, .marks = FACT_REQUIRED | FACT_CODED, .high = 16),
    FIELD(member_grade, default_ppm, COUNT, .high = 1000000),
};

static const struct fact_field grade_map_fields[] = {
    FIELD(grade_map, grade, TEXT, .marks = FACT_KEY | FACT_REQUIRED | FACT_CODED, .high = 16),
    FIELD(grade_map, from_on, DAY, .marks = FACT_KEY | FACT_REQUIRED),
    FIELD(grade_map, until_on, DAY, .marks = 0),
    FIELD(grade_map, master_grade, WORD, .marks = FACT_REQUIRED, .codes = &code_master_grades),
};

static const struct fact_field dealer_fields[] = {
    FIELD(dealer, dealer_code, TEXT, .marks = FACT_KEY | FACT_REQUIRED | FACT_CODED, .high = 32),
    FIELD(dealer, name, TEXT, .marks = FACT_REQUIRED | FACT_SEALED | FACT_HIDDEN, .high = 120),
    FIELD(dealer, identifier, IDENTIFIER, .marks = FACT_SEALED),
    FIELD(dealer, region, REGION, .marks = 0),
    FIELD(dealer, from_on, DAY, .marks = FACT_REQUIRED),
    FIELD(dealer, until_on, DAY, .marks = 0),
};

#define KIND(name_, number, owner_, class_)                                                        \
    {                                                                                              \
        RECORD_KIND_##number, #name_, FACT_OF_##owner_, DATA_CLASS_##class_, name_##_fields,       \
            ARRAY_LENGTH(name_##_fields), rule_check_##name_                                       \
    }

const struct fact_kind fact_kinds[] = {
    KIND(account_event, ACCOUNT_EVENT, ACCOUNT, CREDIT),
    KIND(party, PARTY, ACCOUNT, CREDIT),
    KIND(public_record, PUBLIC_RECORD, DOCUMENT, PUBLIC),
    KIND(fraud_case, FRAUD_CASE, SUBJECT, FRAUD),
    KIND(behaviour, BEHAVIOUR, SUBJECT, BEHAVIOUR),
    KIND(statement, STATEMENT, SUBJECT, CREDIT),
    KIND(fund_report, FUND_REPORT, MEMBER, FUND),
    KIND(collection, COLLECTION, ACCOUNT, CREDIT),
    KIND(member_grade, MEMBER_GRADE, SUBJECT, RATING),
    KIND(grade_map, GRADE_MAP, MEMBER, RATING),
    KIND(dealer, DEALER, MEMBER, CREDIT),
};
/* clang-format on */

const size_t fact_kind_count = ARRAY_LENGTH(fact_kinds);
