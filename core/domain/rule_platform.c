/*
 * What platforms and payment companies contribute, and statements: behaviour, statement,
 * fund_report.
 */
#include "domain/rule_check.h"

#include <string.h>

#include "base/money.h"

enum { BPS = 10000, TOLERANCE_PARTS = 100 };

static int32_t days_of(struct period period)
{
    return period_last_day(period).number - period_first_day(period).number + 1;
}

/* Rule B001. */
void rule_check_behaviour(struct verdict *verdict, union fact *fact)
{
    const struct behaviour_record *month = &fact->behaviour;
    struct period period;

    if (month->refund_amount.is_present)
        verdict_claim(verdict, month->refund_amount.minor <= month->transaction_amount.minor,
                      "B001", "refund_amount");
    if (period_from_wire(month->period, &period))
        verdict_claim(verdict, month->active_days <= days_of(period), "B001", "active_days");
    if (month->chargeback_count.is_present)
        verdict_claim(verdict, month->chargeback_count.minor <= month->transaction_count.minor,
                      "B001", "chargeback_count");
}

static bool is_sound(const struct money_field *field)
{
    return field->is_present && field->minor >= -MONEY_MAX && field->minor <= MONEY_MAX;
}

/* Rule A025. */
void rule_check_statement(struct verdict *verdict, union fact *fact)
{
    const struct statement_record *figures = &fact->statement;

    verdict_not_future(verdict, &figures->stated_on, "stated_on");
    if (!is_sound(&figures->total_assets) || !is_sound(&figures->total_liabilities) ||
        !is_sound(&figures->equity))
        return;
    int64_t assets = figures->total_assets.minor;
    int64_t apart = assets - figures->total_liabilities.minor - figures->equity.minor;
    int64_t bound = (assets < 0 ? -assets : assets) / TOLERANCE_PARTS;
    verdict_claim(verdict, apart >= -bound && apart <= bound, "A025", NULL);
}

/* Rule U007: who reports is the one whose side it is. */
static void check_side(struct verdict *verdict, const struct fund_report_record *report)
{
    const struct member *member = verdict->where->member;

    if (!member || !code_find(&code_fund_sides, report->side))
        return;
    bool is_platform = report->side == FUND_SIDE_PLATFORM;
    const char *own = is_platform ? report->platform_code : report->custodian_code;
    verdict_claim(verdict, strcmp(own, member->code) == 0, "U007",
                  is_platform ? "platform_code" : "custodian_code");
    verdict_claim(verdict, strcmp(report->platform_code, report->custodian_code) != 0, "U007",
                  "custodian_code");
}

/* Rules U001 and U003. */
static void check_cover(struct verdict *verdict, const struct fund_report_record *report)
{
    const struct money_field *loans = &report->loans_outstanding;
    int64_t moving = is_sound(&report->in_transit) ? report->in_transit.minor : 0;

    if (is_sound(&report->custody_balance) && is_sound(&report->client_liability))
        verdict_claim(verdict,
                      report->custody_balance.minor + moving >= report->client_liability.minor,
                      "U001", NULL);
    if (!is_sound(loans) || !is_sound(&report->guarantee_fund_balance) ||
        !report->guarantee_required_bps.is_present)
        return;
    int64_t bps = report->guarantee_required_bps.value;
    if (bps >= 0 && bps <= BPS)
        verdict_claim(verdict,
                      report->guarantee_fund_balance.minor >=
                          loans->minor / BPS * bps + loans->minor % BPS * bps / BPS,
                      "U003", NULL);
}

static bool is_above(const struct money_field *part, const struct money_field *whole)
{
    return part->is_present && whole->is_present && part->minor > whole->minor;
}

/* Rule U005. */
static void check_shares(struct verdict *verdict, const struct fund_report_record *report)
{
    if (report->top1_bps.is_present && report->top10_bps.is_present)
        verdict_claim(verdict, report->top1_bps.value <= report->top10_bps.value, "U005", NULL);
    verdict_claim(verdict, !is_above(&report->overdue_amount, &report->loans_outstanding), "U005",
                  "overdue_amount");
    verdict_claim(verdict, !is_above(&report->overdue_90_amount, &report->overdue_amount), "U005",
                  "overdue_90_amount");
    verdict_claim(verdict, !is_above(&report->overdue_90_amount, &report->loans_outstanding),
                  "U005", "overdue_90_amount");
    verdict_claim(verdict, !is_above(&report->overdue_90_count, &report->overdue_count), "U005",
                  "overdue_90_count");
}

void rule_check_fund_report(struct verdict *verdict, union fact *fact)
{
    const struct fund_report_record *report = &fact->fund_report;

    check_side(verdict, report);
    if (report->side == FUND_SIDE_PLATFORM)
        verdict_claim(verdict, report->segregation != 0, "E004", "segregation");
    check_cover(verdict, report);
    check_shares(verdict, report);
}
