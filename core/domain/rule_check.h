/*
 * What the checks of the kinds share. Private to rule*.c.
 */
#pragma once

#include "domain/rule.h"

/* The findings so far of one record. */
struct verdict {
    const struct rule_context *where;
    struct finding *findings;
    int count;
    int max;
};

void rule_check_consent(struct verdict *verdict, struct consent_record *consent);
void rule_check_subject(struct verdict *verdict, struct subject_record *subject);
void rule_check_account(struct verdict *verdict, struct account_record *account);
void rule_check_performance(struct verdict *verdict, const struct performance_record *month);
void rule_check_flag(struct verdict *verdict, struct flag_record *flag);
/* What a listing is read by that is taken back. */
void rule_check_flag_key(struct verdict *verdict, const struct flag_record *flag);

/*
 * The form of a fact's fields, then its kind's own rules. Of a fact that is to be deleted only the
 * key is read.
 */
void rule_check_fact(struct verdict *verdict, const struct fact_kind *kind, union fact *fact,
                     enum correction_action action);

/* The kinds' own rules; the form of fields is checked before, and need not hold. */
void rule_check_account_event(struct verdict *verdict, union fact *fact);
void rule_check_party(struct verdict *verdict, union fact *fact);
void rule_check_public_record(struct verdict *verdict, union fact *fact);
void rule_check_fraud_case(struct verdict *verdict, union fact *fact);
void rule_check_behaviour(struct verdict *verdict, union fact *fact);
void rule_check_statement(struct verdict *verdict, union fact *fact);
void rule_check_fund_report(struct verdict *verdict, union fact *fact);
void rule_check_collection(struct verdict *verdict, union fact *fact);
void rule_check_member_grade(struct verdict *verdict, union fact *fact);
void rule_check_grade_map(struct verdict *verdict, union fact *fact);
void rule_check_dealer(struct verdict *verdict, union fact *fact);

/* Notes a broken rule. field NULL: the rule's own. */
void verdict_add(struct verdict *verdict, const char *id, const char *field);

/* Notes it unless the claim holds. */
void verdict_claim(struct verdict *verdict, bool holds, const char *id, const char *field);

/* Notes it with a reason of its own. */
void verdict_reason(struct verdict *verdict, const char *id, const char *field, const char *reason);

/* E001: number 0 is "not given" when is_optional; else it must be in the table. */
void verdict_code(struct verdict *verdict, const struct code_table *table, int number,
                  bool is_optional, const char *field);

/* E002 and E004: the day is real, and given when it must be. True when it may be compared. */
bool verdict_day(struct verdict *verdict, const struct day_field *field, bool is_optional,
                 const char *name);

/* E003 and E004: at most so many characters, no control characters, not empty unless optional. */
bool verdict_text(struct verdict *verdict, const char *text, size_t length_max, bool is_optional,
                  const char *field);

/* The same for what people write freely: S020 too. */
bool verdict_free_text(struct verdict *verdict, const char *text, size_t length_max,
                       bool is_optional, const char *field);

/* The same for a code that a member makes: letters, digits and - _ . / + only, so no name. */
bool verdict_coded_text(struct verdict *verdict, const char *text, size_t length_max,
                        bool is_optional, const char *field);

/* E003: an optional code of a member or institution. */
void verdict_member_code(struct verdict *verdict, const char *code, const char *field);

/* E005: a present number lies in the range. */
void verdict_count(struct verdict *verdict, const struct count_field *field, int32_t low,
                   int32_t high, const char *name);

/* M003 or E005: a present amount lies between 0 (or its negative, when signed) and MONEY_MAX. */
void verdict_money(struct verdict *verdict, const struct money_field *field, bool is_signed,
                   const char *id, const char *name);

/* Reads an identifier into its canonical form and notes faults and doubts (S002-S014, S018, S025).
 */
void verdict_identifier(struct verdict *verdict, struct identifier_field *field, const char *name);

/* S015: reads a name into its canonical form. */
void verdict_name(struct verdict *verdict, const char *name, const char **folded);

/*
 * A region and an industry that may be left out (empty). One that is no code is refused (E001),
 * since both are stored in plain text and shown; a code that was not in force on the day, or never
 * where there is no day (NULL, or none given), is remarked (A017).
 */
void verdict_region(struct verdict *verdict, const char *region, const struct day_field *on);
void verdict_industry(struct verdict *verdict, const char *industry, const struct day_field *on);

/* E006: the text is a UUID. */
void verdict_uuid(struct verdict *verdict, const char *text, const char *field);

/* E004: an amount that is given has a currency. */
void verdict_amount_currency(struct verdict *verdict, const struct money_field *amount,
                             const char *currency);

/* E009: the day, when there is one, is not after today. */
void verdict_not_future(struct verdict *verdict, const struct day_field *day, const char *field);

/* The two days, when there are both, come in this order; else the rule is broken at field. */
void verdict_order(struct verdict *verdict, const struct day_field *first,
                   const struct day_field *last, const char *id, const char *field);

/* P002: the contributor is a court or the regulator. */
void verdict_public_source(struct verdict *verdict);
