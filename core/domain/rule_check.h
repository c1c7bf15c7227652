/*
 * What the checks of the five kinds share. Private to rule*.c.
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
 * since both are stored in plain text and shown; a code that is not known is remarked (A017).
 */
void verdict_region(struct verdict *verdict, const char *region);
void verdict_industry(struct verdict *verdict, const char *industry);

/* E006: the text is a UUID. */
void verdict_uuid(struct verdict *verdict, const char *text, const char *field);
