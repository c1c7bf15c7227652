/*
 * The validation rules: one table, each rule under its permanent id, and the check of one record.
 *
 * rule_check applies every rule that can be decided from one record, today's date, the contributing
 * member and, for a performance, its account. It tells all findings, not the first, and never says
 * a value. Rules that need the state of the exchange stand in the same table with place STORE, so
 * that their id, severity and sentence have one home; sql/api/ decides them. RULES.md is the table
 * as a page. Source: domain.md 5.2; group E holds the plain form of fields.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/day.h"
#include "domain/member.h"
#include "domain/record.h"

/* Numbers of the wire's Severity. The smaller, the worse. */
enum severity {
    SEVERITY_NONE = 0,
    SEVERITY_FILE = 1,       /* refuses the record, and in file mode the whole file */
    SEVERITY_REJECT = 2,     /* refuses the record */
    SEVERITY_QUARANTINE = 3, /* keeps it aside for review */
    SEVERITY_WARNING = 4,    /* takes it with a remark */
};

/* Where a rule is decided. */
enum rule_place {
    RULE_PLACE_RECORD,  /* rule_check */
    RULE_PLACE_ACCOUNT, /* rule_check, when the performance's account is given to it */
    RULE_PLACE_STORE,   /* the exchange's state: SQL */
    RULE_PLACE_ACT,  /* not about records: inquiries, disputes, ratings, what the exchange does */
    RULE_PLACE_OPEN, /* not decided yet: no code asks it */
};

struct rule {
    const char *id; /* "M004"; permanent, never reused */
    enum severity severity;
    enum rule_place place;
    unsigned kinds;       /* bits 1 << enum record_kind; 0: about no record */
    const char *field;    /* the field it names unless a finding says another */
    const char *sentence; /* what must hold, for people; no full stop */
    const char *source;
};

/* One broken rule of one record. All texts are static. */
struct finding {
    const struct rule *rule;
    const char *field;
    const char *reason; /* what is wrong or what must hold, mostly rule_reason */
};

enum { FINDING_MAX = 16 };

struct rule_context {
    struct arena *arena; /* for canonical forms */
    struct day today;
    const struct member *member;          /* the contributor; NULL: rules about it are left out */
    const struct account_record *account; /* of a performance; NULL: place ACCOUNT is left out */
    int history_months; /* F002: how far back a period may lie; 0: as far as it likes */
};

/* history_months of an exchange whose settings say nothing else. */
enum { RULE_HISTORY_MONTHS = 60 };

extern const struct rule rule_table[];
extern const size_t rule_count;

/* The rule with this id, or NULL. */
const struct rule *rule_find(const char *id);

/* What a finding says that says nothing of its own: what is wrong, or else what must hold. */
const char *rule_reason(const struct rule *rule);

/* "F", "R", "Q", "W", as RULES.md and files show a severity. */
const char *severity_letter(enum severity severity);

/*
 * Checks one record.
 *
 *   record    identifiers, names and the case number get their canonical forms
 *   findings  room for max; what does not fit is dropped, but never the worst severity
 *
 * Returns how many findings there are. A rule may be broken by several fields, each a finding; rule
 * and field together occur once. How old a period is does not matter to a correction: what is kept
 * may be put right.
 */
int rule_check(const struct rule_context *where, struct record *record, struct finding *findings,
               int max);

/*
 * Whether a period is one that an exchange takes (F002): not in the future, nor more than
 * history_months before the month of today; 0: as far back as it likes.
 */
bool rule_period_is_taken(struct period period, struct day today, int history_months);

/* The worst severity of the findings; SEVERITY_NONE when there are none. */
enum severity rule_worst(const struct finding *findings, int count);

/* Whether a record with this worst severity is taken: none or a warning. */
bool rule_is_taken(enum severity worst);
