/*
 * Public records and fraud cases.
 */
#include "domain/rule_check.h"

enum { SHOWN_MONTHS_MAX = 72, EVIDENCE_CONFIRMED_MIN = 3 };

/* Rule P002. */
void verdict_public_source(struct verdict *verdict)
{
    const struct member *member = verdict->where->member;

    if (member)
        verdict_claim(verdict,
                      member->type == MEMBER_TYPE_COURT ||
                          member->type == MEMBER_TYPE_REGULATOR_ADMIN,
                      "P002", NULL);
}

/* Rule P001: an enforcement has the number of an enforcement, a judgment that of any case. */
static void check_case_no(struct verdict *verdict, struct public_record_record *record)
{
    bool is_enforcement = record->type == PUBLIC_RECORD_TYPE_ENFORCEMENT;
    bool is_needed = is_enforcement || record->type == PUBLIC_RECORD_TYPE_CIVIL_JUDGMENT;
    struct arena *arena = verdict->where->arena;
    struct day today = verdict->where->today;

    record->case_no_folded = "";
    if (!*record->case_no && !is_needed)
        return;
    bool is_good =
        is_enforcement
            ? identifier_read_case_no(arena, record->case_no, today, &record->case_no_folded)
            : identifier_read_judgment_no(arena, record->case_no, today, &record->case_no_folded);
    verdict_claim(verdict, is_good, "P001", NULL);
}

void rule_check_public_record(struct verdict *verdict, union fact *fact)
{
    struct public_record_record *record = &fact->public_record;

    verdict_public_source(verdict);
    verdict_name(verdict, record->name, &record->name_folded);
    check_case_no(verdict, record);
    verdict_not_future(verdict, &record->decided_on, "decided_on");
    verdict_not_future(verdict, &record->ended_on, "ended_on");
    verdict_order(verdict, &record->decided_on, &record->effective_on, "P003", "effective_on");
    verdict_order(verdict, &record->effective_on, &record->ended_on, "P003", "ended_on");
    verdict_order(verdict, &record->decided_on, &record->ended_on, "P003", "ended_on");
    if (record->status == PUBLIC_RECORD_STATUS_PERFORMED)
        verdict_claim(verdict, record->ended_on.is_present, "P004", NULL);
    verdict_amount_currency(verdict, &record->amount, record->currency);
}

/* Rule X002: a protective registration accuses nobody, and nobody is a victim of his own fraud. */
static void check_protection(struct verdict *verdict, const struct fraud_case_record *fraud)
{
    bool is_protected = fraud->role == FRAUD_ROLE_VICTIM || fraud->role == FRAUD_ROLE_INNOCENT;

    if (fraud->type == FRAUD_TYPE_PROTECTIVE)
        verdict_claim(verdict, is_protected, "X002", NULL);
    if (fraud->type == FRAUD_TYPE_BUST_OUT)
        verdict_claim(verdict, !is_protected, "X002", NULL);
}

/* Rule X003. */
static void check_amounts(struct verdict *verdict, const struct fraud_case_record *fraud)
{
    const struct money_field *risk = &fraud->amount_at_risk, *loss = &fraud->loss_amount,
                             *back = &fraud->recovered_amount;

    if (risk->is_present && loss->is_present)
        verdict_claim(verdict, loss->minor <= risk->minor, "X003", "loss_amount");
    if (back->is_present)
        verdict_claim(verdict, loss->is_present && back->minor <= loss->minor, "X003",
                      "recovered_amount");
    verdict_amount_currency(verdict, risk, fraud->currency);
    verdict_amount_currency(verdict, loss, fraud->currency);
    verdict_amount_currency(verdict, back, fraud->currency);
}

/* Rule X004. */
static void check_days(struct verdict *verdict, const struct fraud_case_record *fraud)
{
    const struct day_field *filed = &fraud->filed_on, *ends = &fraud->expires_on;

    verdict_order(verdict, &fraud->detected_on, filed, "X004", "filed_on");
    if (filed->is_present && filed->is_real) {
        struct day_field today = {true, true, verdict->where->today};
        struct day_field last = {true, true, day_add_months(filed->day, SHOWN_MONTHS_MAX)};
        verdict_order(verdict, filed, &today, "X004", "filed_on");
        verdict_order(verdict, filed, ends, "X004", "expires_on");
        verdict_order(verdict, ends, &last, "X004", "expires_on");
    }
}

void rule_check_fraud_case(struct verdict *verdict, union fact *fact)
{
    const struct fraud_case_record *fraud = &fact->fraud_case;

    if (fraud->status == FRAUD_STATUS_CONFIRMED)
        verdict_claim(verdict, fraud->evidence_level >= EVIDENCE_CONFIRMED_MIN, "X001", NULL);
    check_protection(verdict, fraud);
    verdict_region(verdict, fraud->region, &fraud->detected_on);
    check_amounts(verdict, fraud);
    check_days(verdict, fraud);
    if (fraud->type == FRAUD_TYPE_DEALER_COLLUSION)
        verdict_claim(verdict, *fraud->dealer_code, "X005", NULL);
}
