/*
 * Facts: what members contribute beside consents, subjects, accounts, months and flags. One struct
 * a kind, and one table a kind that says of each field what it is; form checks, the wire, the
 * database and the report follow the tables.
 *
 * A field has the name of its field in cix/v1/fact.proto and of its column. The key of a fact is
 * the fields marked so: under one key a member gives one content. Amounts are minor units; counts
 * that may be large are money_field too. What a rule wrote back stands beside what was given.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "domain/code.h"
#include "domain/field.h"

/* A special transaction or event of an account. */
struct account_event_record {
    const char *account_no;
    int type; /* code_event_types */
    struct day_field happened_on;
    struct money_field amount;
    struct count_field months_extended;
    const char *note;
};

/* Who else answers for, uses or funds an account. */
struct party_record {
    const char *account_no;
    struct identifier_field identifier;
    int role; /* code_party_roles */
    struct money_field liability_amount;
    bool is_joint;
    struct day_field from_on;
    struct day_field until_on;
};

/* A judgment, penalty, arrears or honour of public record. */
struct public_record_record {
    const char *record_no;
    struct identifier_field identifier;
    const char *name;
    const char *name_folded; /* written by rule_check */
    int type;                /* code_public_record_types */
    const char *authority;
    const char *document_no;
    const char *case_no;
    const char *case_no_folded; /* written by rule_check, "" when none */
    struct day_field decided_on;
    struct day_field effective_on;
    struct day_field ended_on;
    struct money_field amount;
    const char *currency;
    int status; /* code_public_record_statuses */
};

/* A fraud case; victims are filed to protect them. */
struct fraud_case_record {
    const char *case_ref;
    struct identifier_field identifier;
    int role;    /* code_fraud_roles */
    int type;    /* code_fraud_types */
    int method;  /* code_fraud_methods, 0 not given */
    int channel; /* code_channels, 0 not given */
    const char *dealer_code;
    const char *region;
    const char *business_type;
    const char *currency;
    struct money_field amount_at_risk;
    struct money_field loss_amount;
    struct money_field recovered_amount;
    struct day_field detected_on;
    struct day_field filed_on;
    int evidence_level; /* code_fraud_evidence_levels */
    int status;         /* code_fraud_statuses */
    struct day_field expires_on;
    const char *lesson;
};

/* A month of transactions, summed. */
struct behaviour_record {
    struct identifier_field identifier;
    int32_t period; /* YYYYMM */
    int role;       /* code_behaviour_roles */
    const char *consent_id;
    const char *currency;
    struct money_field transaction_count;
    struct money_field transaction_amount;
    int active_days;
    struct money_field refund_amount;
    struct money_field chargeback_count;
    int counterparty_band; /* code_counterparty_bands, 0 not given */
    struct count_field top1_counterparty_bps;
    struct money_field average_ticket;
    struct count_field night_share_bps;
    struct count_field cross_region_bps;
    struct count_field continuous_months;
    int income_band;
    struct count_field volatility_bps;
};

/* An asset or financial statement. */
struct statement_record {
    struct identifier_field identifier;
    struct day_field stated_on;
    int type;   /* code_statement_types */
    int source; /* code_statement_sources */
    bool is_consolidated;
    const char *currency;
    const char *consent_id;
    struct money_field total_assets;
    struct money_field current_assets;
    struct money_field cash;
    struct money_field receivables;
    struct money_field inventory;
    struct money_field fixed_assets;
    struct money_field total_liabilities;
    struct money_field current_liabilities;
    struct money_field equity;
    struct money_field revenue;
    struct money_field operating_profit;
    struct money_field net_profit;
    struct money_field operating_cash_flow;
    struct money_field annual_income;
    struct money_field real_estate;
    struct money_field deposits;
    struct money_field securities;
};

/* A platform's client funds in one month. */
struct fund_report_record {
    const char *platform_code;
    int32_t period; /* YYYYMM */
    int side;       /* code_fund_sides */
    const char *currency;
    const char *custodian_code;
    const char *custody_account;
    const char *own_funds_account;
    int segregation; /* code_fund_segregations, 0 not given */
    struct money_field client_liability;
    struct money_field custody_balance;
    struct money_field own_funds_balance;
    struct money_field in_transit;
    struct money_field guarantee_fund_balance;
    struct count_field guarantee_required_bps;
    struct money_field loans_outstanding;
    struct money_field compensation_amount;
    struct money_field compensation_count;
    struct count_field top1_bps;
    struct count_field top10_bps;
    struct money_field related_party_balance;
    struct money_field related_party_count;
    struct money_field overdue_amount;
    struct money_field overdue_count;
    struct money_field overdue_90_amount;
    struct money_field overdue_90_count;
    struct money_field lenders_current;
    struct money_field lenders_cumulative;
    struct money_field borrowers_current;
    struct money_field borrowers_cumulative;
    struct money_field cumulative_amount;
    struct money_field cumulative_count;
};

/* An act of collection or recovery. */
struct collection_record {
    const char *account_no;
    int stage; /* code_collection_stages */
    struct day_field started_on;
    struct day_field ended_on;
    const char *agency_code;
    struct money_field demanded_amount;
    struct money_field recovered_amount;
    int result; /* code_collection_results, 0 not given */
};

/* A member's own grade of a subject. */
struct member_grade_record {
    struct identifier_field identifier;
    struct day_field graded_on;
    const char *grade;
    struct count_field default_ppm;
};

/* What a member's grade means on the master scale. */
struct grade_map_record {
    const char *grade;
    struct day_field from_on;
    struct day_field until_on;
    const char *master_grade;
};

/* A dealer through whom a member lends. */
struct dealer_record {
    const char *dealer_code;
    const char *name;
    struct identifier_field identifier; /* its USCC, or none */
    const char *region;
    struct day_field from_on;
    struct day_field until_on;
};

union fact {
    struct account_event_record account_event;
    struct party_record party;
    struct public_record_record public_record;
    struct fraud_case_record fraud_case;
    struct behaviour_record behaviour;
    struct statement_record statement;
    struct fund_report_record fund_report;
    struct collection_record collection;
    struct member_grade_record member_grade;
    struct grade_map_record grade_map;
    struct dealer_record dealer;
};

enum fact_type {
    FACT_TEXT,       /* const char *; high: characters at most */
    FACT_WORD,       /* const char *, the name of one of codes */
    FACT_NAME,       /* const char *: a name of the subject */
    FACT_ACCOUNT_NO, /* const char *: the account that the fact is about */
    FACT_IDENTIFIER, /* struct identifier_field */
    FACT_CODE,       /* int, one of codes; 0 not given */
    FACT_NUMBER,     /* int between low and high */
    FACT_COUNT,      /* struct count_field between low and high */
    FACT_MONEY,      /* struct money_field between low and high */
    FACT_DAY,        /* struct day_field */
    FACT_PERIOD,     /* int32_t, YYYYMM; 0 not given */
    FACT_BOOL,       /* bool */
    FACT_UUID,       /* const char * */
    FACT_CURRENCY,   /* const char *, ISO 4217 */
    FACT_REGION,     /* const char *, GB/T 2260 or ISO 3166-2 */
    FACT_PRODUCT,    /* const char *, a business type */
    FACT_MEMBER,     /* const char *: the code of a member; stored as its id */
};

enum fact_mark {
    FACT_KEY = 1 << 0,      /* part of the key */
    FACT_REQUIRED = 1 << 1, /* rule E004 */
    FACT_SEALED = 1 << 2,   /* not in the table but in the fact's sealed text */
    FACT_HIDDEN = 1 << 3,   /* never shown to another member */
    FACT_FREE = 1 << 4,     /* written freely: rule S020 */
    FACT_CODED = 1 << 5,    /* letters, digits and - _ . / + only, so that it cannot be a name */
};

struct fact_field {
    const char *name;
    enum fact_type type;
    size_t offset;  /* in the kind's struct */
    unsigned marks; /* enum fact_mark */
    int64_t low;
    int64_t high;
    const struct code_table *codes;
    const char *column; /* NULL: name */
};

/* What a fact is filed under. */
enum fact_owner {
    FACT_OF_ACCOUNT,  /* an account of the member, and so the account's subject */
    FACT_OF_SUBJECT,  /* a subject that the member gave */
    FACT_OF_DOCUMENT, /* the subject that a public document names; it may be new */
    FACT_OF_MEMBER,   /* a member: no person */
};

struct verdict;

struct fact_kind {
    enum record_kind kind;
    const char *name; /* that of the field in Record, and of the table */
    enum fact_owner owner;
    uint32_t data_class; /* needed to contribute it and to see it */
    const struct fact_field *fields;
    size_t field_count;
    void (*check)(struct verdict *verdict, union fact *fact); /* the kind's own rules */
};

extern const struct fact_kind fact_kinds[];
extern const size_t fact_kind_count;

/* The kind of fact with this number, or NULL. */
const struct fact_kind *fact_kind_find(enum record_kind kind);

/* The first field of a type, or NULL. */
const struct fact_field *fact_field_of(const struct fact_kind *kind, enum fact_type type);

/* Which fields a text of a fact holds. */
enum fact_part {
    FACT_PART_KEY,    /* those of the key: what the key digest is made of */
    FACT_PART_ALL,    /* every one: what the content digest is made of */
    FACT_PART_SEALED, /* those that are sealed and given; "" when none is */
};

/*
 * Fields as text, one a line, "name=value", in the order of the table, absent ones left out.
 * Identifiers, names and case numbers in their canonical forms; days as YYYY-MM-DD, months as the
 * number of struct period. The fact was checked by rule_check.
 */
const char *fact_text(struct arena *arena, const struct fact_kind *kind, const union fact *fact,
                      enum fact_part part);

/* The id of a member, by its code; 0 when there is none. */
typedef int32_t (*fact_member_id)(const void *members, const char *code);

/*
 * The fields that the kind's table holds as a JSON object of texts, named by column. find_member
 * resolves FACT_MEMBER fields over members.
 */
const char *fact_json(struct arena *arena, const struct fact_kind *kind, const union fact *fact,
                      fact_member_id find_member, const void *members);

/*
 * Reads lines as fact_text makes them into a fact; those of unknown names are passed over, so are
 * the identifiers. Texts are copied into the arena. False: a line has no "=", or a value cannot be
 * read.
 */
MUST_USE bool fact_read(struct arena *arena, const struct fact_kind *kind, const char *lines,
                        union fact *fact);

/* The column of the kind's table that holds the field; NULL when it stands elsewhere. */
const char *fact_column(const struct fact_field *field);

/* Whether fields of the type are const char *. */
bool fact_is_text(enum fact_type type);

/* Where a field of a fact lies. */
void *fact_at(union fact *fact, const struct fact_field *field);
const void *fact_const_at(const union fact *fact, const struct fact_field *field);
