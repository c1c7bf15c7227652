#include "domain/rule_check.h"

#include "base/digest.h"

enum { CONSENT_MONTHS_MAX = 60, SCOPE_ACCOUNT_NO_MAX = 64 };

/* Rule C001: signed, in force, ended, in this order and for five years at most. */
static void check_days(struct verdict *verdict, const struct consent_record *consent)
{
    bool has_signed = verdict_day(verdict, &consent->signed_on, false, "signed_on");
    bool has_effective = verdict_day(verdict, &consent->effective_on, false, "effective_on");
    bool has_expires = verdict_day(verdict, &consent->expires_on, false, "expires_on");

    if (!has_signed || !has_effective || !has_expires)
        return;
    struct day latest = day_add_months(consent->effective_on.day, CONSENT_MONTHS_MAX);
    verdict_claim(verdict, consent->signed_on.day.number <= verdict->where->today.number, "C001",
                  "signed_on");
    verdict_claim(verdict, consent->signed_on.day.number <= consent->effective_on.day.number,
                  "C001", "effective_on");
    verdict_claim(verdict,
                  consent->expires_on.day.number >= consent->effective_on.day.number &&
                      consent->expires_on.day.number <= latest.number,
                  "C001", "expires_on");
}

static void check_scope(struct verdict *verdict, const struct consent_record *consent)
{
    verdict_claim(verdict, consent->purpose_count > 0, "E004", "purposes");
    verdict_claim(verdict, consent->data_class_count > 0, "E004", "data_classes");
    for (int i = 0; i < consent->purpose_count; i++)
        verdict_code(verdict, &code_purposes, (int)consent->purposes[i], false, "purposes");
    for (int i = 0; i < consent->data_class_count; i++)
        verdict_claim(verdict, consent->data_classes[i] >= 1 && consent->data_classes[i] <= 8,
                      "E001", "data_classes");
}

/* A revocation needs only the consent it names: its content was checked when it was given. */
void rule_check_consent(struct verdict *verdict, struct consent_record *consent)
{
    verdict_uuid(verdict, consent->consent_id, "consent_id");
    verdict_identifier(verdict, &consent->identifier, "identifier.value");
    if (consent->is_revoked)
        return;
    check_scope(verdict, consent);
    verdict_code(verdict, &code_consent_forms, (int)consent->form, false, "form");
    check_days(verdict, consent);
    verdict_claim(verdict, consent->document_hash.size == DIGEST_SIZE, "C002", NULL);
    verdict_text(verdict, consent->scope_account_no, SCOPE_ACCOUNT_NO_MAX, true,
                 "scope_account_no");
}
