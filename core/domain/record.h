/*
 * The kinds of record that members contribute, as the rules see them: plain values, no protobuf.
 * Facts, the kinds from account_event on, are in fact.h.
 *
 * service/ makes them from cix.v1 messages; rule_check reads them and writes the canonical forms
 * beside what was given. Absent and zero differ: optional numbers and days carry is_present. Texts
 * are never NULL; an absent text is "". They follow the fields of cix/v1/record.proto.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/code.h"
#include "domain/fact.h"
#include "domain/field.h"

enum {
    RECORD_IDENTIFIERS_MAX = 8,
    RECORD_MOBILES_MAX = 16, /* that are read; rule S023 keeps five */
    RECORD_PURPOSES_MAX = 32,
    RECORD_DATA_CLASSES_MAX = 16,
    RECORD_RESTRICTIONS_MAX = 8,
};

struct consent_record {
    const char *consent_id; /* UUID, text */
    struct identifier_field identifier;
    enum purpose purposes[RECORD_PURPOSES_MAX];
    int purpose_count;
    int data_classes[RECORD_DATA_CLASSES_MAX]; /* numbers of the wire, 1..8 */
    int data_class_count;
    enum consent_form form;
    struct day_field signed_on;
    struct day_field effective_on;
    struct day_field expires_on;
    struct bytes document_hash;
    bool is_revoked;
    const char *scope_account_no;
};

/* What a member says of an identifier beside its value. */
struct identifier_detail {
    const char *issuer_region;
    struct day_field valid_from;
    struct day_field valid_until;
    int verification; /* 0 not given */
    bool is_primary;
};

struct subject_record {
    enum subject_kind kind;
    const char *name;
    const char *name_folded; /* written by rule_check: the form that is indexed */
    struct identifier_field identifiers[RECORD_IDENTIFIERS_MAX];
    struct identifier_detail details[RECORD_IDENTIFIERS_MAX]; /* of each identifier */
    int identifier_count;
    enum segment segment;
    struct day_field birth_on; /* rule_check fills it from a resident number when absent */
    int sex;                   /* 1, 2, 9; 0 not given */
    const char *region;
    const char *industry;
    const char *mobiles[RECORD_MOBILES_MAX];
    int mobile_count;
    const char *address;
    struct day_field founded_on;
    enum subject_status status; /* NONE: not given */
    const char *nationality;
    int marital_status; /* 0 not given, as the codes below */
    int education;
    const char *occupation;
    const char *employer_industry;
    const char *legal_form;
    struct money_field registered_capital;
    const char *capital_currency;
    int size;
    struct identifier_field representative; /* type NONE and an empty value: not given */
    struct identifier_field controller;
    struct identifier_field parent;
    bool has_own_income;
};

struct account_record {
    const char *account_no;
    struct identifier_field identifier;
    enum account_type type;
    const char *business_type;
    const char *currency;
    struct money_field original_amount;
    struct money_field credit_limit;
    struct day_field opened_on;
    struct day_field matures_on;
    struct day_field closed_on;
    struct count_field term_months;
    struct count_field annual_rate_bps;
    int repay_frequency;
    int security;
    const char *region;
    const char *industry;
    int channel;
    const char *dealer_code;
    const char *platform_code;
    int repay_method; /* 0 not given */
    int rate_type;    /* 0 not given */
    struct money_field collateral_value;
    struct money_field shared_limit;
    const char *parent_account_no;
    const char *transferred_from_code;
    const char *transferred_from_account_no;
    const char *original_creditor;
    struct count_field state_at_transfer;
    const char *creditor_code;
    const char *transferred_from_origin;
};

struct performance_record {
    const char *account_no;
    int32_t period_wire; /* YYYYMM */
    int account_status;  /* 0 not given */
    const char *repay_status;
    struct money_field balance;
    struct money_field due_amount;
    struct money_field paid_amount;
    struct money_field overdue_amount;
    struct money_field overdue_principal;
    struct count_field days_overdue;
    struct count_field overdue_terms;
    int five_category; /* 0 not given */
    struct day_field classified_on;
    struct count_field remaining_terms;
    struct money_field used_limit;
    struct day_field paid_on;
    int collection_stage;
    struct day_field reported_on;
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
    const char *status_history; /* "" not sent */
};

struct flag_record {
    const char *flag_id; /* UUID, text */
    struct identifier_field identifier;
    const char *name;
    const char *name_folded; /* written by rule_check */
    const char *case_no;
    const char *case_no_folded; /* written by rule_check */
    const char *court;
    const char *region;
    struct day_field filed_on;
    struct day_field published_on;
    int ground;
    int performance;
    int grade;
    struct day_field expires_on;
    enum flag_status status;
    int restrictions[RECORD_RESTRICTIONS_MAX];
    int restriction_count;
    const char *source; /* feed of the court; empty: none */
    struct money_field source_seq;
    const char *basis_no;
    const char *basis_unit;
    const char *duty_text;
    const char *performed_part;
    const char *unperformed_part;
    struct count_field term_months;
    bool is_masked; /* written by rule_check: the identifier has stars */
};

/* Marks a record as putting right what the member sent before under the same key. */
struct correction {
    enum correction_action action; /* as it arrived; rule K002 */
    enum correction_reason reason;
    const char *note;
    bool is_present; /* else nothing is put right */
};

struct record {
    enum record_kind kind;
    struct correction correction;
    const char *origin; /* institution that a credit bureau gives it for, "" none */
    union {
        struct consent_record consent;
        struct subject_record subject;
        struct account_record account;
        struct performance_record performance;
        struct flag_record flag;
        union fact fact;
    };
};

/* What becomes of an earlier record under the same key; NONE without a correction. */
enum correction_action record_action(const struct record *record);

/* The data class that a member must be permitted to contribute this kind; 0 for a consent. */
uint32_t record_data_class(enum record_kind kind);
