#include "service/report_detail.h"

/* Writes an optional item into a field of shown and the case that says that it is there. */
#define SHOW(item, presence, field, value_of)                                                      \
    do {                                                                                           \
        if ((item).is_present) {                                                                   \
            shown->field##_presence_case = (presence);                                             \
            shown->field = value_of((item).value);                                                 \
        }                                                                                          \
    } while (false)
#define AMOUNT(value) (value)
#define COUNT(value)  ((int32_t)(value))
#define DAY(value)    (day_to_wire((struct day){(int32_t)(value)}))

#define IN_ACCOUNT(FIELD) CIX__V1__REPORTED_ACCOUNT__##FIELD##_PRESENCE_##FIELD
#define IN_MONTH(FIELD)   CIX__V1__REPORTED_LATEST_MONTH__##FIELD##_PRESENCE_##FIELD

static char *code_of(const struct session *session, struct optional_int8 member_id)
{
    const struct member *member =
        member_id.is_present ? registry_by_id(session->members, (int32_t)member_id.value) : NULL;

    return member ? (char *)member->code : (char *)"";
}

static void put_contract(const struct session *session, const struct report_account *account,
                         Cix__V1__ReportedAccount *shown)
{
    const struct optional_int8 *details = account->details;

    SHOW(details[DETAIL_TERM_MONTHS], IN_ACCOUNT(TERM_MONTHS), term_months, COUNT);
    SHOW(details[DETAIL_RATE_BPS], IN_ACCOUNT(ANNUAL_RATE_BPS), annual_rate_bps, COUNT);
    SHOW(details[DETAIL_COLLATERAL_VALUE], IN_ACCOUNT(COLLATERAL_VALUE), collateral_value, AMOUNT);
    SHOW(details[DETAIL_SHARED_LIMIT], IN_ACCOUNT(SHARED_LIMIT), shared_limit, AMOUNT);
    SHOW(details[DETAIL_STATE_AT_TRANSFER], IN_ACCOUNT(STATE_AT_TRANSFER), state_at_transfer,
         COUNT);
    shown->repay_frequency = (int32_t)details[DETAIL_REPAY_FREQUENCY].value;
    shown->security = (int32_t)details[DETAIL_SECURITY].value;
    shown->repay_method = (int32_t)details[DETAIL_REPAY_METHOD].value;
    shown->rate_type = (int32_t)details[DETAIL_RATE_TYPE].value;
    shown->parent_account_id = details[DETAIL_PARENT_ACCOUNT].value;
    shown->platform_code = code_of(session, details[DETAIL_PLATFORM]);
    shown->creditor_code = code_of(session, details[DETAIL_CREDITOR]);
    shown->transferred_from_code = code_of(session, details[DETAIL_SELLER]);
    shown->origin = (char *)account->origin;
}

static void put_overdue(const struct optional_int8 *latest, Cix__V1__ReportedLatestMonth *shown)
{
    SHOW(latest[LATEST_OVERDUE_PRINCIPAL], IN_MONTH(OVERDUE_PRINCIPAL), overdue_principal, AMOUNT);
    SHOW(latest[LATEST_OVERDUE_TERMS], IN_MONTH(OVERDUE_TERMS), overdue_terms, COUNT);
    SHOW(latest[LATEST_OVERDUE_31_60], IN_MONTH(OVERDUE_31_60), overdue_31_60, AMOUNT);
    SHOW(latest[LATEST_OVERDUE_61_90], IN_MONTH(OVERDUE_61_90), overdue_61_90, AMOUNT);
    SHOW(latest[LATEST_OVERDUE_91_180], IN_MONTH(OVERDUE_91_180), overdue_91_180, AMOUNT);
    SHOW(latest[LATEST_OVERDUE_OVER_180], IN_MONTH(OVERDUE_OVER_180), overdue_over_180, AMOUNT);
    SHOW(latest[LATEST_OVERDRAFT_OVER_180], IN_MONTH(OVERDRAFT_OVER_180), overdraft_over_180,
         AMOUNT);
    SHOW(latest[LATEST_COLLECTION_STAGE], IN_MONTH(COLLECTION_STAGE), collection_stage, COUNT);
    SHOW(latest[LATEST_RECOVERED], IN_MONTH(RECOVERED_AMOUNT), recovered_amount, AMOUNT);
    SHOW(latest[LATEST_WRITTEN_OFF], IN_MONTH(WRITTEN_OFF_AMOUNT), written_off_amount, AMOUNT);
}

static void put_payment(const struct optional_int8 *latest, Cix__V1__ReportedLatestMonth *shown)
{
    SHOW(latest[LATEST_BILL], IN_MONTH(BILL_AMOUNT), bill_amount, AMOUNT);
    SHOW(latest[LATEST_UNBILLED], IN_MONTH(UNBILLED_INSTALMENTS), unbilled_instalments, AMOUNT);
    SHOW(latest[LATEST_USED_LIMIT], IN_MONTH(USED_LIMIT), used_limit, AMOUNT);
    SHOW(latest[LATEST_LAST_PAID], IN_MONTH(LAST_PAID_AMOUNT), last_paid_amount, AMOUNT);
    SHOW(latest[LATEST_PAY_RATIO_BPS], IN_MONTH(PAY_RATIO_BPS), pay_ratio_bps, COUNT);
    SHOW(latest[LATEST_PAID_ON], IN_MONTH(PAID_ON), paid_on, DAY);
    SHOW(latest[LATEST_REPORTED_ON], IN_MONTH(REPORTED_ON), reported_on, DAY);
    SHOW(latest[LATEST_CLASSIFIED_ON], IN_MONTH(CLASSIFIED_ON), classified_on, DAY);
    SHOW(latest[LATEST_SETTLED_ON], IN_MONTH(SETTLED_ON), settled_on, DAY);
}

static Cix__V1__ReportedLatestMonth *latest_month(struct arena *arena,
                                                  const struct report_account *account, bool is_own)
{
    Cix__V1__ReportedLatestMonth *shown = arena_alloc(arena, sizeof(*shown));
    const struct optional_int8 *latest = account->latest;

    cix__v1__reported_latest_month__init(shown);
    put_overdue(latest, shown);
    put_payment(latest, shown);
    SHOW(account->details[DETAIL_REMAINING_TERMS], IN_MONTH(REMAINING_TERMS), remaining_terms,
         COUNT);
    if (is_own)
        SHOW(latest[LATEST_PROVISION], IN_MONTH(PROVISION_AMOUNT), provision_amount, AMOUNT);
    return shown;
}

void report_detail(const struct session *session, const struct report_account *account,
                   int32_t asker, Cix__V1__ReportedAccount *shown)
{
    bool is_own = account->member_id == asker;

    put_contract(session, account, shown);
    if (is_own)
        shown->dealer_code = (char *)account->dealer_code;
    if (account->has_latest || account->details[DETAIL_REMAINING_TERMS].is_present)
        shown->latest_month = latest_month(session->arena, account, is_own);
}
