#include "wire/record.h"

#include "wire/fact.h"

#define MONEY(proto, PREFIX, field, FIELD)                                                         \
    {                                                                                              \
        .is_present = (proto)->field##_presence_case == PREFIX##__##FIELD##_PRESENCE_##FIELD,      \
        .minor = (proto)->field                                                                    \
    }
#define COUNT(proto, PREFIX, field, FIELD)                                                         \
    {                                                                                              \
        .is_present = (proto)->field##_presence_case == PREFIX##__##FIELD##_PRESENCE_##FIELD,      \
        .value = (proto)->field                                                                    \
    }
#define DAY(proto, PREFIX, field, FIELD)                                                           \
    day_field_of((proto)->field##_presence_case == PREFIX##__##FIELD##_PRESENCE_##FIELD,           \
                 (proto)->field)

static bool broken(struct finding *finding, const char *rule_id, const char *field,
                   const char *reason)
{
    *finding = (struct finding){rule_find(rule_id), field, reason};
    CHECK(finding->rule);
    return false;
}

struct identifier_field wire_identifier(const Cix__V1__Identifier *proto)
{
    if (!proto)
        return (struct identifier_field){.given = ""};
    return (struct identifier_field){.type = (enum identifier_type)proto->type,
                                     .given = proto->value};
}

/* proto is an element of a list, never NULL. */
static struct identifier_detail detail_of(const Cix__V1__Identifier *proto)
{
    return (struct identifier_detail){
        .issuer_region = proto->issuer_region,
        .valid_from = day_field_of_plain(proto->valid_from),
        .valid_until = day_field_of_plain(proto->valid_until),
        .verification = proto->verification,
        .is_primary = proto->is_primary,
    };
}

bool record_consent_from_proto(const Cix__V1__Consent *proto, struct consent_record *consent,
                               struct finding *finding)
{
    if (proto->n_purposes > RECORD_PURPOSES_MAX)
        return broken(finding, "E005", "consent.purposes", "at most 32 purposes");
    if (proto->n_data_classes > RECORD_DATA_CLASSES_MAX)
        return broken(finding, "E005", "consent.data_classes", "at most 16 data classes");
    *consent = (struct consent_record){
        .consent_id = proto->consent_id,
        .identifier = wire_identifier(proto->identifier),
        .purpose_count = (int)proto->n_purposes,
        .data_class_count = (int)proto->n_data_classes,
        .form = (enum consent_form)proto->form,
        .signed_on = day_field_of_plain(proto->signed_on),
        .effective_on = day_field_of_plain(proto->effective_on),
        .expires_on = day_field_of_plain(proto->expires_on),
        .document_hash = {proto->document_hash.data, proto->document_hash.len},
        .is_revoked = proto->is_revoked,
        .scope_account_no = proto->scope_account_no,
    };
    for (size_t i = 0; i < proto->n_purposes; i++)
        consent->purposes[i] = (enum purpose)proto->purposes[i];
    for (size_t i = 0; i < proto->n_data_classes; i++)
        consent->data_classes[i] = (int)proto->data_classes[i];
    return true;
}

static bool subject_from_proto(const Cix__V1__Subject *proto, struct subject_record *subject,
                               struct finding *finding)
{
    if (proto->n_identifiers > RECORD_IDENTIFIERS_MAX)
        return broken(finding, "E005", "subject.identifiers", "at most 8 identifiers");
    if (proto->n_mobiles > RECORD_MOBILES_MAX)
        return broken(finding, "E005", "subject.mobiles", "at most 16 mobile numbers");
    *subject = (struct subject_record){
        .kind = (enum subject_kind)proto->kind,
        .name = proto->name,
        .name_folded = "",
        .identifier_count = (int)proto->n_identifiers,
        .segment = (enum segment)proto->segment,
        .birth_on = DAY(proto, CIX__V1__SUBJECT, birth_on, BIRTH_ON),
        .sex = proto->sex,
        .region = proto->region,
        .industry = proto->industry,
        .mobile_count = (int)proto->n_mobiles,
        .address = proto->address,
        .founded_on = DAY(proto, CIX__V1__SUBJECT, founded_on, FOUNDED_ON),
        .status = (enum subject_status)proto->status,
        .nationality = proto->nationality,
        .marital_status = proto->marital_status,
        .education = proto->education,
        .occupation = proto->occupation,
        .employer_industry = proto->employer_industry,
        .legal_form = proto->legal_form,
        .registered_capital =
            MONEY(proto, CIX__V1__SUBJECT, registered_capital, REGISTERED_CAPITAL),
        .capital_currency = proto->capital_currency,
        .size = proto->size,
        .representative = wire_identifier(proto->legal_representative),
        .controller = wire_identifier(proto->controller),
        .parent = wire_identifier(proto->parent),
        .has_own_income = proto->has_own_income,
    };
    for (size_t i = 0; i < proto->n_identifiers; i++) {
        subject->identifiers[i] = wire_identifier(proto->identifiers[i]);
        subject->details[i] = detail_of(proto->identifiers[i]);
    }
    for (size_t i = 0; i < proto->n_mobiles; i++)
        subject->mobiles[i] = proto->mobiles[i];
    return true;
}

static void account_from_proto(const Cix__V1__Account *proto, struct account_record *account)
{
    *account = (struct account_record){
        .account_no = proto->account_no,
        .identifier = wire_identifier(proto->identifier),
        .type = (enum account_type)proto->type,
        .business_type = proto->business_type,
        .currency = proto->currency,
        .original_amount = MONEY(proto, CIX__V1__ACCOUNT, original_amount, ORIGINAL_AMOUNT),
        .credit_limit = MONEY(proto, CIX__V1__ACCOUNT, credit_limit, CREDIT_LIMIT),
        .opened_on = day_field_of_plain(proto->opened_on),
        .matures_on = DAY(proto, CIX__V1__ACCOUNT, matures_on, MATURES_ON),
        .closed_on = DAY(proto, CIX__V1__ACCOUNT, closed_on, CLOSED_ON),
        .term_months = COUNT(proto, CIX__V1__ACCOUNT, term_months, TERM_MONTHS),
        .annual_rate_bps = COUNT(proto, CIX__V1__ACCOUNT, annual_rate_bps, ANNUAL_RATE_BPS),
        .repay_frequency = proto->repay_frequency,
        .security = proto->security,
        .region = proto->region,
        .industry = proto->industry,
        .channel = proto->channel,
        .dealer_code = proto->dealer_code,
        .platform_code = proto->platform_code,
        .repay_method = proto->repay_method,
        .rate_type = proto->rate_type,
        .collateral_value = MONEY(proto, CIX__V1__ACCOUNT, collateral_value, COLLATERAL_VALUE),
        .shared_limit = MONEY(proto, CIX__V1__ACCOUNT, shared_limit, SHARED_LIMIT),
        .parent_account_no = proto->parent_account_no,
        .transferred_from_code = proto->transferred_from_code,
        .transferred_from_account_no = proto->transferred_from_account_no,
        .original_creditor = proto->original_creditor,
        .state_at_transfer = COUNT(proto, CIX__V1__ACCOUNT, state_at_transfer, STATE_AT_TRANSFER),
        .creditor_code = proto->creditor_code,
        .transferred_from_origin = proto->transferred_from_origin,
    };
}

static void performance_from_proto(const Cix__V1__Performance *proto,
                                   struct performance_record *performance)
{
    *performance = (struct performance_record){
        .account_no = proto->account_no,
        .period_wire = proto->period,
        .account_status = proto->account_status,
        .repay_status = proto->repay_status,
        .balance = MONEY(proto, CIX__V1__PERFORMANCE, balance, BALANCE),
        .due_amount = MONEY(proto, CIX__V1__PERFORMANCE, due_amount, DUE_AMOUNT),
        .paid_amount = MONEY(proto, CIX__V1__PERFORMANCE, paid_amount, PAID_AMOUNT),
        .overdue_amount = MONEY(proto, CIX__V1__PERFORMANCE, overdue_amount, OVERDUE_AMOUNT),
        .overdue_principal =
            MONEY(proto, CIX__V1__PERFORMANCE, overdue_principal, OVERDUE_PRINCIPAL),
        .days_overdue = COUNT(proto, CIX__V1__PERFORMANCE, days_overdue, DAYS_OVERDUE),
        .overdue_terms = COUNT(proto, CIX__V1__PERFORMANCE, overdue_terms, OVERDUE_TERMS),
        .five_category = proto->five_category,
        .classified_on = DAY(proto, CIX__V1__PERFORMANCE, classified_on, CLASSIFIED_ON),
        .remaining_terms = COUNT(proto, CIX__V1__PERFORMANCE, remaining_terms, REMAINING_TERMS),
        .used_limit = MONEY(proto, CIX__V1__PERFORMANCE, used_limit, USED_LIMIT),
        .paid_on = DAY(proto, CIX__V1__PERFORMANCE, paid_on, PAID_ON),
        .collection_stage = proto->collection_stage,
        .reported_on = DAY(proto, CIX__V1__PERFORMANCE, reported_on, REPORTED_ON),
        .bill_amount = MONEY(proto, CIX__V1__PERFORMANCE, bill_amount, BILL_AMOUNT),
        .unbilled_instalments =
            MONEY(proto, CIX__V1__PERFORMANCE, unbilled_instalments, UNBILLED_INSTALMENTS),
        .overdue_31_60 = MONEY(proto, CIX__V1__PERFORMANCE, overdue_31_60, OVERDUE_31_60),
        .overdue_61_90 = MONEY(proto, CIX__V1__PERFORMANCE, overdue_61_90, OVERDUE_61_90),
        .overdue_91_180 = MONEY(proto, CIX__V1__PERFORMANCE, overdue_91_180, OVERDUE_91_180),
        .overdue_over_180 = MONEY(proto, CIX__V1__PERFORMANCE, overdue_over_180, OVERDUE_OVER_180),
        .overdraft_over_180 =
            MONEY(proto, CIX__V1__PERFORMANCE, overdraft_over_180, OVERDRAFT_OVER_180),
        .last_paid_amount = MONEY(proto, CIX__V1__PERFORMANCE, last_paid_amount, LAST_PAID_AMOUNT),
        .pay_ratio_bps = COUNT(proto, CIX__V1__PERFORMANCE, pay_ratio_bps, PAY_RATIO_BPS),
        .settled_on = DAY(proto, CIX__V1__PERFORMANCE, settled_on, SETTLED_ON),
        .provision_amount = MONEY(proto, CIX__V1__PERFORMANCE, provision_amount, PROVISION_AMOUNT),
        .recovered_amount = MONEY(proto, CIX__V1__PERFORMANCE, recovered_amount, RECOVERED_AMOUNT),
        .written_off_amount =
            MONEY(proto, CIX__V1__PERFORMANCE, written_off_amount, WRITTEN_OFF_AMOUNT),
        .status_history = proto->status_history,
    };
}

static bool flag_from_proto(const Cix__V1__Flag *proto, struct flag_record *flag,
                            struct finding *finding)
{
    if (proto->n_restrictions > RECORD_RESTRICTIONS_MAX)
        return broken(finding, "E005", "flag.restrictions", "at most 8 restrictions");
    *flag = (struct flag_record){
        .flag_id = proto->flag_id,
        .identifier = wire_identifier(proto->identifier),
        .name = proto->name,
        .name_folded = "",
        .case_no = proto->case_no,
        .case_no_folded = "",
        .court = proto->court,
        .region = proto->region,
        .filed_on = day_field_of_plain(proto->filed_on),
        .published_on = day_field_of_plain(proto->published_on),
        .ground = proto->ground,
        .performance = proto->performance,
        .grade = proto->grade,
        .expires_on = DAY(proto, CIX__V1__FLAG, expires_on, EXPIRES_ON),
        .status = (enum flag_status)proto->status,
        .restriction_count = (int)proto->n_restrictions,
        .source = proto->source,
        .source_seq = MONEY(proto, CIX__V1__FLAG, source_seq, SOURCE_SEQ),
        .basis_no = proto->basis_no,
        .basis_unit = proto->basis_unit,
        .duty_text = proto->duty_text,
        .performed_part = proto->performed_part,
        .unperformed_part = proto->unperformed_part,
        .term_months = COUNT(proto, CIX__V1__FLAG, term_months, TERM_MONTHS),
    };
    for (size_t i = 0; i < proto->n_restrictions; i++)
        flag->restrictions[i] = proto->restrictions[i];
    return true;
}

static struct correction correction_of(const Cix__V1__Correction *proto)
{
    if (!proto)
        return (struct correction){.note = ""};
    return (struct correction){
        .is_present = true,
        .action = (enum correction_action)proto->action,
        .reason = (enum correction_reason)proto->reason,
        .note = proto->note,
    };
}

bool record_from_proto(const Cix__V1__Record *proto, struct record *record, struct finding *finding)
{
    const struct fact_kind *fact = fact_kind_find((enum record_kind)proto->record_case);

    record->kind = (enum record_kind)proto->record_case;
    record->correction = correction_of(proto->correction);
    record->origin = proto->origin;
    if (fact) {
        fact_from_proto(fact, &proto->account_event->base, &record->fact);
        return true;
    }
    switch ((int)proto->record_case) {
    case CIX__V1__RECORD__RECORD_CONSENT:
        return record_consent_from_proto(proto->consent, &record->consent, finding);
    case CIX__V1__RECORD__RECORD_SUBJECT:
        return subject_from_proto(proto->subject, &record->subject, finding);
    case CIX__V1__RECORD__RECORD_ACCOUNT:
        account_from_proto(proto->account, &record->account);
        return true;
    case CIX__V1__RECORD__RECORD_PERFORMANCE:
        performance_from_proto(proto->performance, &record->performance);
        return true;
    case CIX__V1__RECORD__RECORD_FLAG:
        return flag_from_proto(proto->flag, &record->flag, finding);
    default: /* a value of the wire */
        record->kind = RECORD_KIND_NONE;
        return broken(finding, "E004", "record", "one of the kinds of record is given");
    }
}
