/*
 * The rows that a chunk's records become, kind by kind, and the steps that put them: typed calls of
 * sql/api/record.sql, performance.sql and fact.sql.
 *
 * Everything here is checked, indexed and sealed already; ids are made. line is the record's
 * position in its chunk.
 */
#pragma once

#include "base/digest.h"
#include "db/db.h"
#include "domain/record.h"
#include "store/fact.h"

struct record_consent {
    int32_t line;
    struct digest lookup;
    struct uuid consent_id;
    int64_t record_id;
    int64_t purposes;     /* bits 1 << purpose */
    int32_t data_classes; /* bits of enum data_class */
    int16_t form;
    struct day signed_on;
    struct day effective_on;
    struct day expires_on;
    struct bytes document_hash;
    bool is_revoked;
    const char *origin;
    struct bytes scope_index; /* digest of the account that it is for; absent: of none */
};

struct record_subject {
    int32_t line;
    int64_t subject_id; /* if the identifiers are new */
    int64_t record_id;
    int16_t kind;
    int16_t segment;
    int16_t sex;
    struct count_field birth_year;
    struct bytes birth;   /* sealed */
    struct bytes mobiles; /* sealed */
    struct bytes address; /* sealed */
    const char *region;
    const char *industry;
    struct day_field founded_on;
    int16_t status;
    const char *nationality;
    int16_t marital_status;
    int16_t education;
    const char *occupation;
    const char *employer_industry;
    const char *legal_form;
    struct money_field registered_capital;
    const char *capital_currency;
    int16_t size;
    struct bytes representative; /* lookups, absent when not given */
    struct bytes controller;
    struct bytes parent;
    struct bytes likeness; /* of name and birth date; absent without both */
    const char *origin;
    int16_t correction;  /* enum correction_action, 0: none */
    int16_t is_compared; /* 1: the names that others gave were compared with its own (S016) */
    bool has_own_income;
    const char *details; /* of its identifiers, as JSON; "" nothing is said of any */
    struct bytes sealed_details;
};

/* One identifier of a subject, with the name under it. */
struct record_identifier {
    int32_t owner; /* position of the subject in its array, from 1; rising */
    struct digest lookup;
    int16_t type;
    int64_t record_id;
    struct bytes value; /* sealed */
    struct digest name_index;
    int64_t name_id;
    struct bytes name; /* sealed */
};

struct record_account {
    int32_t line;
    struct digest account_index;
    int64_t account_id; /* if the account is new */
    int64_t record_id;
    struct digest lookup;
    int16_t type;
    const char *business_type;
    const char *currency;
    struct money_field original_amount;
    struct money_field credit_limit;
    struct day_field opened_on;
    struct day_field matures_on;
    struct day_field closed_on;
    struct count_field term_months;
    struct count_field annual_rate_bps;
    int16_t repay_frequency;
    int16_t security;
    const char *region;
    const char *industry;
    int16_t channel;
    const char *dealer_code;
    int32_t platform_id;     /* 0: none */
    struct bytes account_no; /* sealed */
    int16_t repay_method;
    int16_t rate_type;
    struct money_field collateral_value;
    struct money_field shared_limit;
    struct bytes parent_index;      /* of parent_account_no; absent when not given */
    int32_t transferred_from_id;    /* member; 0: none */
    struct bytes transferred_index; /* of its account number */
    struct count_field state_at_transfer;
    int32_t creditor_id;            /* member; 0: none */
    struct bytes original_creditor; /* sealed under record_id */
    struct bytes original_index;    /* digest of it */
    const char *origin;
    int16_t correction; /* enum correction_action */
};

struct record_performance {
    int32_t account; /* position in record_rows.account_indexes, from 1 */
    int32_t line;
    int64_t delta_id;
    int32_t period; /* struct period's number */
    int16_t account_status;
    int16_t repay_status; /* ASCII */
    struct money_field balance;
    struct money_field due_amount;
    struct money_field paid_amount;
    struct money_field overdue_amount;
    struct money_field overdue_principal;
    struct count_field days_overdue;
    struct count_field overdue_terms;
    int16_t five_category;
    struct day_field classified_on;
    struct count_field remaining_terms;
    struct money_field used_limit;
    struct day_field paid_on;
    int16_t collection_stage;
    struct day_field reported_on;
    int16_t correction; /* enum correction_action */
    bool is_quarantined;
    struct money_field bill_amount;
    struct money_field unbilled_instalments;
    struct money_field overdue_31_60;
    struct money_field overdue_61_90;
    struct money_field overdue_91_180;
    struct money_field overdue_over_180;
    struct money_field overdraft_over_180;
    struct money_field last_paid_amount;
    struct count_field pay_ratio_bps;
    struct day_field settled_on;
    struct money_field provision_amount;
    struct money_field recovered_amount;
    struct money_field written_off_amount;
    const char *status_history;
};

struct record_flag {
    int32_t line;
    struct uuid flag_id; /* the court's */
    int64_t id;          /* the exchange's */
    int64_t record_id;
    int64_t subject_id; /* if the identifier is new */
    int16_t kind;
    struct count_field birth_year;
    struct digest lookup;
    int16_t type;
    int64_t identifier_id;
    struct bytes identifier; /* sealed */
    struct digest name_index;
    int64_t name_id;
    struct bytes name;    /* sealed */
    struct bytes case_no; /* sealed */
    const char *court;
    const char *region;
    struct day filed_on;
    struct day published_on;
    struct day_field expires_on;
    int16_t ground;
    int16_t performance;
    int16_t grade;
    int32_t restrictions; /* bits 1 << restriction */
    int16_t status;
    struct bytes case_index; /* digest of case number and court */
    const char *source;
    struct money_field source_seq; /* no amount: the number in the feed */
    int16_t correction;            /* enum correction_action, 0: none */
    const char *basis_unit;
    struct count_field term_months;
    struct bytes text;         /* flag_text, sealed; absent when it says nothing */
    struct bytes detail_index; /* digest of the three above; absent when all are */
};

/* That a listing came which no rule of the record refuses, taken or kept aside. */
struct record_receipt {
    int32_t line;
    struct uuid flag_id;
    const char *source;
    struct money_field source_seq;
    bool is_masked;
};

/* Takes back what is known under a key: an account or one of its months by the account's digest, a
 * subject by an identifier's. */
struct record_deletion {
    int32_t line;
    struct digest key;   /* of an account or subject */
    struct uuid flag_id; /* of a listing */
    int32_t period;      /* of a month, struct period's number */
    int64_t record_id;
    int64_t first_id; /* of RECORD_DELETION_IDS ids for the months of an account */
};

enum { RECORD_DELETION_IDS = 4096 };

/* Why a record puts an earlier one right. */
struct record_correction {
    int32_t line;
    int16_t kind;
    int64_t record_id; /* of the version that it makes */
    int16_t action;
    int16_t reason;
    struct bytes note; /* sealed; data NULL: none */
};

/* A subject that was kept aside, since its identifier is known under other names (S016). */
struct record_conflict {
    int32_t owner; /* position that the subject had in its array, from 1; rising */
    int32_t line;
    int64_t record_id; /* of the quarantined record */
    struct digest lookup;
    int16_t distance;
    struct digest name_index; /* of the lookup */
};

/* An account of an institution behind a credit bureau, which may stand under its number alone. */
struct record_rekey {
    int32_t member_id;
    struct digest plain; /* of the number alone */
    struct digest index; /* of origin and number */
    const char *origin;
};

/* All rows of one chunk. */
struct record_rows {
    struct record_rekey *rekeys;
    int rekey_count;
    struct record_consent *consents;
    int consent_count;
    struct record_subject *subjects;
    int subject_count;
    struct record_identifier *identifiers;
    int identifier_count;
    struct record_account *accounts;
    int account_count;
    struct digest *account_indexes; /* the different accounts of performances */
    int account_index_count;
    struct record_performance *performances;
    int performance_count;
    struct record_flag *flags;
    int flag_count;
    struct record_receipt *receipts; /* of listings that are masked or have a number */
    int receipt_count;
    struct record_fact *dealers; /* the facts that accounts need */
    int dealer_count;
    struct record_fact *facts;
    int fact_count;
    struct record_deletion *month_deletions;
    int month_deletion_count;
    struct record_deletion *account_deletions;
    int account_deletion_count;
    struct record_deletion *subject_deletions;
    int subject_deletion_count;
    struct record_deletion *flag_deletions;
    int flag_deletion_count;
    struct record_correction *corrections;
    int correction_count;
    struct record_conflict *conflicts;
    int conflict_count;
};

/* Which chunk the rows belong to. */
struct record_place {
    int32_t member_id;
    struct uuid submission_id;
    int32_t chunk;
    int64_t now_us;
};

enum { RECORD_STEPS_MAX = 16 };

/*
 * Adds a step for each kind that has rows, in the order in which records may refer to one another.
 * results: RECORD_STEPS_MAX rows, one a step: line, rule, severity, field, reason. Returns how many
 * steps there are; none of them has a sync.
 */
int record_steps(struct arena *arena, const struct record_place *place,
                 const struct record_rows *rows, struct db_step *steps, struct rows *results);
