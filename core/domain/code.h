/*
 * The vocabulary of the exchange: enums with their permanent numbers, and the tables that name
 * them.
 *
 * Numbers are on the wire and in the database; one is never reused or renumbered. Every table row
 * has a short UPPER_SNAKE name for files and messages and an English label for people. Letters that
 * the monthly record uses (repay status, account type) are kept as they are read. Source:
 * domain.md 2.1, 3 and 5.1. Nothing here decides anything; rules are in rule.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum identifier_type {
    IDENTIFIER_TYPE_NONE = 0,
    IDENTIFIER_TYPE_RESIDENT_ID = 10,
    IDENTIFIER_TYPE_HKM_PERMIT = 11,
    IDENTIFIER_TYPE_TW_PERMIT = 12,
    IDENTIFIER_TYPE_HMT_RESIDENCE = 13,
    IDENTIFIER_TYPE_FOREIGN_PR = 14,
    IDENTIFIER_TYPE_PASSPORT = 15,
    IDENTIFIER_TYPE_OFFICER_CARD = 16,
    IDENTIFIER_TYPE_SOLDIER_CARD = 17,
    IDENTIFIER_TYPE_HOUSEHOLD_BOOK = 18,
    IDENTIFIER_TYPE_USCC = 20,
    IDENTIFIER_TYPE_ORG_CODE = 21,
    IDENTIFIER_TYPE_LOAN_CARD = 22,
    IDENTIFIER_TYPE_LEI = 23,
    IDENTIFIER_TYPE_TAX_NO = 24,
    IDENTIFIER_TYPE_BUSINESS_REG_NO = 25,
};

enum subject_kind {
    SUBJECT_KIND_NONE = 0,
    SUBJECT_KIND_PERSON = 1,
    SUBJECT_KIND_ENTERPRISE = 2,
    SUBJECT_KIND_INDIVIDUAL_BUSINESS = 3,
    SUBJECT_KIND_PUBLIC_BODY = 4,
    SUBJECT_KIND_OTHER_ORGANISATION = 5,
};

enum subject_status {
    SUBJECT_STATUS_NONE = 0,
    SUBJECT_STATUS_ACTIVE = 1,
    SUBJECT_STATUS_DECEASED = 2,
    SUBJECT_STATUS_DEREGISTERED = 3,
    SUBJECT_STATUS_REVOKED = 4,
    SUBJECT_STATUS_MERGED_INTO = 5,
    SUBJECT_STATUS_CONFLICT_HOLD = 6,
};

enum segment {
    SEGMENT_NONE = 0,
    SEGMENT_MICRO_SMALL = 1,
    SEGMENT_FARMER = 2,
    SEGMENT_STUDENT = 3,
    SEGMENT_OTHER = 4,
};

enum member_type {
    MEMBER_TYPE_NONE = 0,
    MEMBER_TYPE_BANK = 11,
    MEMBER_TYPE_VILLAGE_BANK = 12,
    MEMBER_TYPE_HOUSING_SAVINGS = 14,
    MEMBER_TYPE_FOREIGN_BANK = 15,
    MEMBER_TYPE_FINANCE_COMPANY = 16,
    MEMBER_TYPE_TRUST = 21,
    MEMBER_TYPE_LEASING = 22,
    MEMBER_TYPE_AUTO_FINANCE = 23,
    MEMBER_TYPE_CONSUMER_FINANCE = 24,
    MEMBER_TYPE_LOAN_COMPANY = 25,
    MEMBER_TYPE_ASSET_MANAGEMENT = 26,
    MEMBER_TYPE_SECURITIES = 31,
    MEMBER_TYPE_INSURANCE = 41,
    MEMBER_TYPE_MICRO_LOAN = 51,
    MEMBER_TYPE_HOUSING_FUND = 52,
    MEMBER_TYPE_GUARANTEE = 53,
    MEMBER_TYPE_FACTORING = 54,
    MEMBER_TYPE_P2P = 61,
    MEMBER_TYPE_CROWDFUNDING = 62,
    MEMBER_TYPE_THIRD_PARTY_PAYMENT = 63,
    MEMBER_TYPE_ECOMMERCE_MICROLOAN = 64,
    MEMBER_TYPE_CARD_ISSUER = 65,
    MEMBER_TYPE_CREDIT_BUREAU = 71,
    MEMBER_TYPE_RATING_AGENCY = 72,
    MEMBER_TYPE_REGULATOR_ADMIN = 81,
    MEMBER_TYPE_SELF_REGULATORY_ASSOC = 82,
    MEMBER_TYPE_COURT = 83,
    MEMBER_TYPE_OTHER = 99,
};

enum member_state {
    MEMBER_STATE_NONE = 0,
    MEMBER_STATE_APPLIED = 1,
    MEMBER_STATE_EXAMINED = 2,
    MEMBER_STATE_TESTING = 3,
    MEMBER_STATE_ACTIVE = 4,
    MEMBER_STATE_RESTRICTED = 5,
    MEMBER_STATE_SUSPENDED = 6,
    MEMBER_STATE_WITHDRAWN = 7,
    MEMBER_STATE_REVOKED = 8,
    MEMBER_STATE_ABSCONDED = 9,
};

/* What is recorded of a member beside its admission: below 20 attestations, from 20 limits of risk.
 */
enum member_attribute {
    MEMBER_ATTRIBUTE_NONE = 0,
    MEMBER_ATTRIBUTE_RISK_COMMITTEE = 1,
    MEMBER_ATTRIBUTE_NON_PERFORMING_COMMITTEE = 2,
    MEMBER_ATTRIBUTE_COMPENSATION_COMMITTEE = 3,
    MEMBER_ATTRIBUTE_INTERNAL_AUDIT = 4,
    MEMBER_ATTRIBUTE_SECURITY_ASSESSMENT = 5,
    MEMBER_ATTRIBUTE_DATA_PROTECTION = 6,
    MEMBER_ATTRIBUTE_CUSTODY_AGREEMENT = 7,
    MEMBER_ATTRIBUTE_CONSENT_PROCEDURE = 8,
    MEMBER_ATTRIBUTE_LIMIT_NON_PERFORMING = 21,
    MEMBER_ATTRIBUTE_LIMIT_LARGEST_BORROWER = 22,
    MEMBER_ATTRIBUTE_LIMIT_TEN_BORROWERS = 23,
    MEMBER_ATTRIBUTE_LIMIT_INDUSTRY = 24,
    MEMBER_ATTRIBUTE_LIMIT_REGION = 25,
    MEMBER_ATTRIBUTE_LIMIT_DEALER = 26,
    MEMBER_ATTRIBUTE_LIMIT_UNSECURED = 27,
    MEMBER_ATTRIBUTE_LIMIT_OUTSTANDING = 28, /* minor units of CNY; the others basis points */
};

/* Bits of what a member is to the exchange; number n of the wire's Role is bit n - 1. */
enum member_role {
    MEMBER_ROLE_CONTRIBUTOR = 1 << 0, /* submits credit records */
    MEMBER_ROLE_LENDER = 1 << 1,      /* asks for reports and flags */
    MEMBER_ROLE_COURT = 1 << 2,       /* submits dishonest-person flags */
    MEMBER_ROLE_REGULATOR = 1 << 3,   /* administrative regulator: statistics that name members */
    MEMBER_ROLE_ASSOCIATION = 1 << 4, /* self-regulatory association: statistics under all limits */
    MEMBER_ROLE_OPERATOR = 1 << 5,    /* the exchange's own administration */
};

/* Bits of the kinds of data a member may submit or see; number n on the wire is bit n - 1. */
enum data_class {
    DATA_CLASS_BASIC = 1 << 0,
    DATA_CLASS_CREDIT = 1 << 1,
    DATA_CLASS_PUBLIC = 1 << 2,
    DATA_CLASS_DISHONEST = 1 << 3,
    DATA_CLASS_FRAUD = 1 << 4,
    DATA_CLASS_BEHAVIOUR = 1 << 5,
    DATA_CLASS_RATING = 1 << 6,
    DATA_CLASS_FUND = 1 << 7,
};

/* Why somebody asks. The published reasons keep their two-digit codes. */
enum purpose {
    PURPOSE_NONE = 0,
    PURPOSE_POST_LOAN = 1,
    PURPOSE_LOAN_APPROVAL = 2,
    PURPOSE_CARD_APPROVAL = 3,
    PURPOSE_GUARANTEE = 8,
    PURPOSE_JUDICIAL = 9,
    PURPOSE_HOUSING_FUND = 16,
    PURPOSE_INDEX_FUTURES = 18,
    PURPOSE_MERCHANT_REAL_NAME = 19,
    PURPOSE_PRE_GUARANTEE = 20,
    PURPOSE_POST_GUARANTEE = 21,
    PURPOSE_EXECUTIVE_CHECK = 22,
    PURPOSE_CUSTOMER_ACCESS = 23,
    PURPOSE_FINANCING_APPROVAL = 24,
    PURPOSE_CREDITWORTHINESS = 25,
    PURPOSE_LIMIT_APPROVAL = 26,
    PURPOSE_QUALIFICATION_EXAM = 31,
    PURPOSE_DISHONEST_SCREEN = 32,
    PURPOSE_PORTFOLIO_MONITOR = 33,
    PURPOSE_SUBJECT_SELF = 90,
    PURPOSE_REGULATOR_AGGREGATE = 91,
    PURPOSE_LEGAL_ORDER = 92,
};

enum { PURPOSE_MAX = 127 };

enum consent_form {
    CONSENT_FORM_NONE = 0,
    CONSENT_FORM_WRITTEN = 1,
    CONSENT_FORM_E_SIGNATURE = 2,
    CONSENT_FORM_CONTRACT_CLAUSE = 3,
};

enum account_type {
    ACCOUNT_TYPE_NONE = 0,
    ACCOUNT_TYPE_D1 = 1,  /* loan that does not revolve */
    ACCOUNT_TYPE_R1 = 2,  /* revolving loan */
    ACCOUNT_TYPE_R2 = 3,  /* credit card */
    ACCOUNT_TYPE_R3 = 4,  /* quasi-credit card */
    ACCOUNT_TYPE_R4 = 5,  /* sub-account under a revolving limit */
    ACCOUNT_TYPE_C1 = 6,  /* collection */
    ACCOUNT_TYPE_D2 = 7,  /* discounted bill */
    ACCOUNT_TYPE_G1 = 8,  /* guarantee for an enterprise's debt */
    ACCOUNT_TYPE_L1 = 9,  /* letter of credit */
    ACCOUNT_TYPE_B1 = 10, /* bank guarantee */
    ACCOUNT_TYPE_A1 = 11, /* bank acceptance */
};

enum five_category {
    FIVE_CATEGORY_NONE = 0,
    FIVE_CATEGORY_NORMAL = 1,
    FIVE_CATEGORY_SPECIAL_MENTION = 2,
    FIVE_CATEGORY_SUBSTANDARD = 3,
    FIVE_CATEGORY_DOUBTFUL = 4,
    FIVE_CATEGORY_LOSS = 5,
    FIVE_CATEGORY_DEFAULT = 6,
    FIVE_CATEGORY_UNCLASSIFIED = 9,
};

enum channel {
    CHANNEL_NONE = 0,
    CHANNEL_BRANCH = 1,
    CHANNEL_OWN_APP = 2,
    CHANNEL_PARTNER_PLATFORM = 3,
    CHANNEL_DEALER = 4,
    CHANNEL_BROKER = 5,
    CHANNEL_TELEPHONE = 6,
};

enum flag_status {
    FLAG_STATUS_NONE = 0,
    FLAG_STATUS_LISTED = 1,
    FLAG_STATUS_GRACE = 2,
    FLAG_STATUS_SUSPENDED = 3,
    FLAG_STATUS_REMOVED = 4,
    FLAG_STATUS_CORRECTED = 5,
    FLAG_STATUS_EXPIRED = 6,
};

enum flag_performance {
    FLAG_PERFORMANCE_NOT_GIVEN = 0,
    FLAG_PERFORMANCE_NONE = 1,
    FLAG_PERFORMANCE_PART = 2,
    FLAG_PERFORMANCE_FULL = 3,
};

enum flag_reason {
    FLAG_REASON_NONE = 0,
    FLAG_REASON_PERFORMED = 1,
    FLAG_REASON_SETTLED = 2,
    FLAG_REASON_APPLICANT_REQUEST = 3,
    FLAG_REASON_NO_PROPERTY = 4,
    FLAG_REASON_BANKRUPTCY = 5,
    FLAG_REASON_RETRIAL = 6,
    FLAG_REASON_ERROR = 7,
    FLAG_REASON_TERM_END = 8,
};

enum correction_reason {
    CORRECTION_REASON_NONE = 0,
    CORRECTION_REASON_OWN_ERROR = 1,
    CORRECTION_REASON_DISPUTE = 2,
    CORRECTION_REASON_ORDER = 3,
    CORRECTION_REASON_IDENTITY_FRAUD = 4,
    CORRECTION_REASON_WRONG_SUBJECT = 5,
    CORRECTION_REASON_DUPLICATE = 6,
    CORRECTION_REASON_OTHER = 9,
};

enum record_kind {
    RECORD_KIND_NONE = 0,
    RECORD_KIND_CONSENT = 1,
    RECORD_KIND_SUBJECT = 2,
    RECORD_KIND_ACCOUNT = 3,
    RECORD_KIND_PERFORMANCE = 4,
    RECORD_KIND_FLAG = 5,
    RECORD_KIND_ACCOUNT_EVENT = 6,
    RECORD_KIND_PARTY = 7,
    RECORD_KIND_PUBLIC_RECORD = 8,
    RECORD_KIND_FRAUD_CASE = 9,
    RECORD_KIND_BEHAVIOUR = 10,
    RECORD_KIND_STATEMENT = 11,
    RECORD_KIND_FUND_REPORT = 12,
    RECORD_KIND_COLLECTION = 13,
    RECORD_KIND_MEMBER_GRADE = 14,
    RECORD_KIND_GRADE_MAP = 15,
    RECORD_KIND_DEALER = 16,
};

enum { RECORD_KIND_LAST = RECORD_KIND_DEALER };

/* What a correction does to the record that it names. */
enum correction_action {
    CORRECTION_ACTION_NONE = 0,
    CORRECTION_ACTION_REPLACE = 1,
    CORRECTION_ACTION_DELETE = 2,
};

enum party_role {
    PARTY_ROLE_CO_BORROWER = 2,
    PARTY_ROLE_GUARANTOR = 3,
    PARTY_ROLE_COUNTER_GUARANTOR = 4,
    PARTY_ROLE_PLEDGOR = 5,
    PARTY_ROLE_AUTHORISED_USER = 6,
    PARTY_ROLE_INVESTOR = 7,
};

enum public_record_type {
    PUBLIC_RECORD_TYPE_CIVIL_JUDGMENT = 1,
    PUBLIC_RECORD_TYPE_ENFORCEMENT = 2,
};

enum public_record_status { PUBLIC_RECORD_STATUS_PERFORMED = 3 };

enum fraud_role {
    FRAUD_ROLE_PERPETRATOR = 1,
    FRAUD_ROLE_SUSPECT = 2,
    FRAUD_ROLE_VICTIM = 3,
    FRAUD_ROLE_INNOCENT = 4,
};

enum fraud_type {
    FRAUD_TYPE_BUST_OUT = 6,
    FRAUD_TYPE_DEALER_COLLUSION = 8,
    FRAUD_TYPE_PROTECTIVE = 11,
};

enum fraud_status { FRAUD_STATUS_CONFIRMED = 2 };

enum behaviour_role { BEHAVIOUR_ROLE_MERCHANT = 1, BEHAVIOUR_ROLE_PAYER = 2 };

/* The statements of an organisation; the others are a person's. */
enum statement_type { STATEMENT_ANNUAL_ACCOUNTS = 1, STATEMENT_INTERIM_ACCOUNTS = 2 };

enum fund_side { FUND_SIDE_PLATFORM = 1, FUND_SIDE_CUSTODIAN = 2 };

enum collection_stage { COLLECTION_STAGE_OUTSOURCED = 4 };

/* One word of the vocabulary. */
struct code {
    int number;
    const char *name;  /* UPPER_SNAKE, stable */
    const char *label; /* English, for people */
};

struct code_table {
    const struct code *codes; /* by rising number */
    size_t count;
};

extern const struct code_table code_identifier_types;
extern const struct code_table code_subject_kinds;
extern const struct code_table code_subject_statuses;
extern const struct code_table code_segments;
extern const struct code_table code_member_types;
extern const struct code_table code_member_states;
extern const struct code_table code_member_roles;
extern const struct code_table code_member_attributes;
extern const struct code_table code_data_classes;
extern const struct code_table code_purposes;
extern const struct code_table code_consent_forms;
extern const struct code_table code_account_types;
extern const struct code_table code_five_categories;
extern const struct code_table code_channels;
extern const struct code_table code_flag_grounds;
extern const struct code_table code_flag_statuses;
extern const struct code_table code_flag_performances;
extern const struct code_table code_flag_reasons;
extern const struct code_table code_flag_restrictions;
extern const struct code_table code_correction_actions;
extern const struct code_table code_correction_reasons;
extern const struct code_table code_record_kinds;
extern const struct code_table code_dispute_codes;
extern const struct code_table code_annotation_outcomes;
extern const struct code_table code_finding_kinds;
extern const struct code_table code_event_types;
extern const struct code_table code_party_roles;
extern const struct code_table code_public_record_types;
extern const struct code_table code_public_record_statuses;
extern const struct code_table code_fraud_roles;
extern const struct code_table code_fraud_types;
extern const struct code_table code_fraud_methods;
extern const struct code_table code_fraud_evidence_levels;
extern const struct code_table code_fraud_statuses;
extern const struct code_table code_behaviour_roles;
extern const struct code_table code_counterparty_bands;
extern const struct code_table code_statement_types;
extern const struct code_table code_statement_sources;
extern const struct code_table code_fund_sides;
extern const struct code_table code_fund_segregations;
extern const struct code_table code_collection_stages;
extern const struct code_table code_collection_results;
extern const struct code_table code_master_grades;

/* Of subjects (code_subject.c). */
extern const struct code_table code_sexes;
extern const struct code_table code_marital_statuses;
extern const struct code_table code_educations;
extern const struct code_table code_enterprise_sizes;
extern const struct code_table code_identifier_verifications;

/* Of accounts (code_account.c). */
extern const struct code_table code_repay_frequencies;
extern const struct code_table code_securities;
extern const struct code_table code_repay_methods;
extern const struct code_table code_rate_types;
extern const struct code_table code_transfer_states;

/* The row with this number, or NULL. */
const struct code *code_find(const struct code_table *table, int number);

/* The row with this name (upper case), or NULL. */
const struct code *code_find_name(const struct code_table *table, const char *name);

/* The name of a number, "UNKNOWN" when there is none. */
const char *code_name(const struct code_table *table, int number);

/* The characters of a person's occupation: "013456XYZ". */
extern const char code_occupations[];
bool code_occupation_is_known(char occupation);

/* English label of an occupation, "unknown" for another. */
const char *code_occupation_label(char occupation);

/* A letter or two-character code that is stored as text. */
struct letter_code {
    const char *code;
    const char *label;
    uint32_t account_types; /* bits 1 << enum account_type that may carry it */
};

/* Product (business type) codes, e.g. "81". The list ends with code NULL. */
extern const struct letter_code code_products[];

/* Whether accounts of this type have an amount and end on a day: D1 and the enterprise types. */
bool code_account_type_is_scheduled(enum account_type type);

/* Whether the product code exists at all, and whether an account of this type may carry it. */
bool code_product_is_known(const char *product);
bool code_product_is_allowed(const char *product, enum account_type type);

/* English label of a product code, "" for an unknown one. */
const char *code_product_label(const char *product);

/* Whether accounts of this type have this status (1..8, 31). Source: domain.md 2.1. */
bool code_account_status_is_allowed(enum account_type type, int status);

/*
 * The pairs of an account type and a status, or a product, that it may have, from index 0: code
 * becomes "R2-81". False behind the last.
 */
bool code_account_status_at(size_t index, char code[12], const char **label);
bool code_account_product_at(size_t index, char code[12], const char **label);

/* Whether the status means that the account is settled, closed or ended. */
bool code_account_status_is_closed(enum account_type type, int status);

/* Whether it means that the account ended because it was sold. */
bool code_account_status_is_transferred(enum account_type type, int status);

/* Whether the status means bad debt. */
bool code_account_status_is_bad_debt(enum account_type type, int status);

/* The characters a month's repay status may be: "N1234567*#/ABCDGMZ". */
extern const char code_repay_statuses[];
bool code_repay_status_is_known(char status);

/* English label of a repay status character, "unknown" for another. */
const char *code_repay_status_label(char status);
