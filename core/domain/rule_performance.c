#include "domain/rule_check.h"

#include <stddef.h>
#include <string.h>

#include "base/money.h"
#include "domain/delinquency.h"

enum {
    DAYS_OVERDUE_MAX = 9999,
    TERMS_MAX = 600,
    PAY_RATIO_BPS_MAX = 1000000000,
    HISTORY_LENGTH_SHORT = 24,
    HISTORY_LENGTH_LONG = 60,
    ACCOUNT_NO_LENGTH_MAX = 64,
};

static int64_t at_least_zero(int64_t amount)
{
    return amount > 0 ? amount : 0;
}

/* part <= percent of whole. */
static bool is_within(int64_t part, int64_t whole, int percent)
{
    return (__int128)part * 100 <= (__int128)at_least_zero(whole) * percent;
}

/* The amounts that are never negative and have no rule of their own. */
static const struct {
    const char *name;
    size_t offset;
} more_amounts[] = {
    {"bill_amount", offsetof(struct performance_record, bill_amount)},
    {"unbilled_instalments", offsetof(struct performance_record, unbilled_instalments)},
    {"overdue_31_60", offsetof(struct performance_record, overdue_31_60)},
    {"overdue_61_90", offsetof(struct performance_record, overdue_61_90)},
    {"overdue_91_180", offsetof(struct performance_record, overdue_91_180)},
    {"overdue_over_180", offsetof(struct performance_record, overdue_over_180)},
    {"overdraft_over_180", offsetof(struct performance_record, overdraft_over_180)},
    {"last_paid_amount", offsetof(struct performance_record, last_paid_amount)},
    {"provision_amount", offsetof(struct performance_record, provision_amount)},
    {"recovered_amount", offsetof(struct performance_record, recovered_amount)},
    {"written_off_amount", offsetof(struct performance_record, written_off_amount)},
};

static const struct money_field *more_amount(const struct performance_record *month, size_t i)
{
    return (const struct money_field *)((const char *)month + more_amounts[i].offset);
}

/* Rule M003. Only the balance may be negative, and then only for R1 to R3: see check_account. */
static bool check_amounts(struct verdict *verdict, const struct performance_record *month)
{
    int before = verdict->count;

    verdict_money(verdict, &month->balance, true, "M003", "balance");
    verdict_money(verdict, &month->due_amount, false, "M003", "due_amount");
    verdict_money(verdict, &month->paid_amount, false, "M003", "paid_amount");
    verdict_money(verdict, &month->overdue_amount, false, "M003", "overdue_amount");
    verdict_money(verdict, &month->overdue_principal, false, "M003", "overdue_principal");
    verdict_money(verdict, &month->used_limit, false, "M003", "used_limit");
    for (size_t i = 0; i < ARRAY_LENGTH(more_amounts); i++)
        verdict_money(verdict, more_amount(month, i), false, "M003", more_amounts[i].name);
    return verdict->count == before;
}

/* Rules M004 and M005, where the fields are present. */
static void check_overdue(struct verdict *verdict, const struct performance_record *month)
{
    const struct money_field *overdue = &month->overdue_amount;
    const struct money_field *principal = &month->overdue_principal;

    if (overdue->is_present && month->balance.is_present)
        verdict_claim(verdict, is_within(overdue->minor, month->balance.minor, 105), "M004", NULL);
    if (principal->is_present && overdue->is_present)
        verdict_claim(verdict, principal->minor <= overdue->minor, "M005", NULL);
    if (principal->is_present && month->balance.is_present)
        verdict_claim(verdict, principal->minor <= at_least_zero(month->balance.minor), "M005",
                      NULL);
}

/* Rule M006: the days by which principal is overdue make up the overdue principal. */
static void check_buckets(struct verdict *verdict, const struct performance_record *month)
{
    int64_t sum = month->overdue_31_60.minor + month->overdue_61_90.minor +
                  month->overdue_91_180.minor + month->overdue_over_180.minor;

    if (sum > 0)
        verdict_claim(verdict,
                      month->overdue_principal.is_present && sum <= month->overdue_principal.minor,
                      "M006", NULL);
}

/*
 * Rule M035: interest goes on after a write-off; what is recovered beyond a third of it more, a
 * year's interest at the highest rate of A010, is no recovery of this debt.
 */
static void check_recovery(struct verdict *verdict, const struct performance_record *month)
{
    if (month->recovered_amount.is_present && month->recovered_amount.minor > 0)
        verdict_claim(
            verdict,
            month->written_off_amount.is_present &&
                is_within(month->recovered_amount.minor, month->written_off_amount.minor, 136),
            "M035", NULL);
}

/* Rules M025 and M026: what was due, what was paid, and how they stand to one another. */
static void check_due(struct verdict *verdict, const struct performance_record *month)
{
    if (month->repay_status[0] == '*' && month->due_amount.is_present)
        verdict_claim(verdict, month->due_amount.minor == 0, "M025", NULL);
    if (!month->pay_ratio_bps.is_present || !month->paid_amount.is_present ||
        !month->due_amount.is_present || month->due_amount.minor == 0)
        return;
    __int128 ratio = (__int128)month->paid_amount.minor * 10000 / month->due_amount.minor;
    __int128 apart = ratio - month->pay_ratio_bps.value;
    verdict_claim(verdict, apart >= -100 && apart <= 100, "M026", NULL);
}

/* Rule M007: no days, no amount and no instalments overdue, or all of them that are given. */
static void check_agreement(struct verdict *verdict, const struct performance_record *month)
{
    int given = 0, positive = 0;

    given += month->days_overdue.is_present;
    given += month->overdue_amount.is_present;
    given += month->overdue_terms.is_present;
    positive += month->days_overdue.is_present && month->days_overdue.value > 0;
    positive += month->overdue_amount.is_present && month->overdue_amount.minor > 0;
    positive += month->overdue_terms.is_present && month->overdue_terms.value > 0;
    verdict_claim(verdict, positive == 0 || positive == given, "M007", NULL);
}

/* Rules M008 and M009: the status character agrees with days and amount. */
static void check_status(struct verdict *verdict, const struct performance_record *month)
{
    char status = month->repay_status[0];
    bool is_known = strlen(month->repay_status) == 1 && code_repay_status_is_known(status);

    if (!is_known) {
        verdict_add(verdict, *month->repay_status ? "E001" : "E004", "repay_status");
        return;
    }
    if (status >= '1' && status <= '7' && month->days_overdue.is_present)
        verdict_claim(verdict, (int)bucket_of_days(month->days_overdue.value) == status - '0',
                      "M008", NULL);
    if (strchr("N*M", status)) {
        bool is_clean = (!month->overdue_amount.is_present || month->overdue_amount.minor == 0) &&
                        (!month->days_overdue.is_present || month->days_overdue.value == 0);

        verdict_claim(verdict, is_clean, "M009", NULL);
    }
}

/* Rule M019: the lowest class that so many days overdue allow. */
static int class_floor(int32_t days)
{
    if (days > 360)
        return FIVE_CATEGORY_LOSS;
    if (days > 270)
        return FIVE_CATEGORY_DOUBTFUL;
    if (days > 90)
        return FIVE_CATEGORY_SUBSTANDARD;
    return days > 0 ? FIVE_CATEGORY_SPECIAL_MENTION : FIVE_CATEGORY_NORMAL;
}

/* Rules M019, M020 and M022. */
static void check_class(struct verdict *verdict, const struct performance_record *month,
                        struct day reported)
{
    int class = month->five_category;
    char status = month->repay_status[0];

    verdict_code(verdict, &code_five_categories, class, true, "five_category");
    if (class >= FIVE_CATEGORY_NORMAL && class <= FIVE_CATEGORY_LOSS &&
        month->days_overdue.is_present)
        verdict_claim(verdict, class >= class_floor(month->days_overdue.value), "M019", NULL);
    if (class == FIVE_CATEGORY_NORMAL || class == FIVE_CATEGORY_SPECIAL_MENTION)
        verdict_claim(verdict, status < '4' || status > '7', "M020", NULL);
    if (verdict_day(verdict, &month->classified_on, true, "classified_on"))
        verdict_claim(verdict, month->classified_on.day.number <= reported.number, "M022", NULL);
}

/* Rules M023 and M024, for members that tell the day of payment. */
static void check_payment(struct verdict *verdict, const struct performance_record *month,
                          struct period period, struct day reported)
{
    if (!verdict_day(verdict, &month->paid_on, true, "paid_on"))
        return;
    bool is_inside = period_of_day(month->paid_on.day).number == period.number;
    bool is_paid = month->paid_amount.is_present && month->paid_amount.minor > 0;
    verdict_claim(verdict, month->paid_on.day.number <= reported.number, "M023", NULL);
    if (month->paid_amount.is_present)
        verdict_claim(verdict, !is_inside || is_paid, "M023", NULL);
    if (is_paid)
        verdict_claim(verdict, is_inside, "M024", NULL);
}

/* Rules M010, M032 and M033: what the account's status asks of the month. */
static void check_account_status(struct verdict *verdict, const struct performance_record *month,
                                 enum account_type type)
{
    char status = month->repay_status[0];

    if (month->account_status == 0)
        return;
    if (!code_account_status_is_allowed(type, month->account_status)) {
        verdict_add(verdict, "M032", NULL);
        return;
    }
    if (code_account_status_is_closed(type, month->account_status)) {
        bool is_empty = (!month->balance.is_present || month->balance.minor == 0) &&
                        (!month->overdue_amount.is_present || month->overdue_amount.minor == 0);

        verdict_claim(verdict, is_empty && (status == 'C' || status == 'G'), "M010", NULL);
    }
    if (code_account_status_is_bad_debt(type, month->account_status))
        verdict_claim(verdict, status != 'N', "M033", NULL);
}

/* Rules M013 to M015: balances beyond what was lent. */
static void check_limits(struct verdict *verdict, const struct performance_record *month,
                         const struct account_record *account)
{
    enum account_type type = account->type;

    if (month->balance.is_present && account->credit_limit.is_present &&
        (type == ACCOUNT_TYPE_R2 || type == ACCOUNT_TYPE_R3))
        verdict_claim(verdict, is_within(month->balance.minor, account->credit_limit.minor, 110),
                      "M013", NULL);
    if (month->balance.is_present && account->original_amount.is_present &&
        (code_account_type_is_scheduled(type) || type == ACCOUNT_TYPE_R4))
        verdict_claim(verdict, is_within(month->balance.minor, account->original_amount.minor, 110),
                      "M014", NULL);
    if (month->used_limit.is_present && account->credit_limit.is_present)
        verdict_claim(verdict, is_within(month->used_limit.minor, account->credit_limit.minor, 110),
                      "M015", NULL);
}

static bool may_be_negative(enum account_type type)
{
    return type == ACCOUNT_TYPE_R1 || type == ACCOUNT_TYPE_R2 || type == ACCOUNT_TYPE_R3;
}

/* What only the account can tell: place ACCOUNT of the table. */
static void check_account(struct verdict *verdict, const struct performance_record *month,
                          const struct account_record *account, struct period period)
{
    if (month->balance.is_present && month->balance.minor < 0)
        verdict_claim(verdict, may_be_negative(account->type), "M003", "balance");
    if ((account->type == ACCOUNT_TYPE_D1 || account->type == ACCOUNT_TYPE_R4) &&
        month->repay_status[0] == 'N' && month->due_amount.is_present)
        verdict_claim(verdict, month->due_amount.minor != 0, "M025", NULL);
    check_account_status(verdict, month, account->type);
    check_limits(verdict, month, account);
    if (!account->opened_on.is_real)
        return;
    if (month->paid_on.is_present && month->paid_on.is_real)
        verdict_claim(verdict, month->paid_on.day.number >= account->opened_on.day.number, "M023",
                      NULL);
    int32_t opened = period_of_day(account->opened_on.day).number;
    bool is_before = period.number < opened;
    verdict_claim(verdict, month->repay_status[0] != '/' || is_before, "M029", NULL);
    verdict_claim(verdict, !is_before || month->repay_status[0] == '/', "M001", NULL);
}

/* Rule F002. */
static bool check_period(struct verdict *verdict, const struct performance_record *month,
                         struct period *period)
{
    const struct rule_context *where = verdict->where;

    if (!period_from_wire(month->period_wire, period)) {
        verdict_add(verdict, month->period_wire ? "E002" : "E004", "period");
        return false;
    }
    verdict_claim(verdict, rule_period_is_taken(*period, where->today, where->history_months),
                  "F002", NULL);
    return true;
}

static void check_counts(struct verdict *verdict, const struct performance_record *month)
{
    verdict_count(verdict, &month->days_overdue, 0, DAYS_OVERDUE_MAX, "days_overdue");
    verdict_count(verdict, &month->overdue_terms, 0, TERMS_MAX, "overdue_terms");
    verdict_count(verdict, &month->remaining_terms, 0, TERMS_MAX, "remaining_terms");
    verdict_count(verdict, &month->pay_ratio_bps, 0, PAY_RATIO_BPS_MAX, "pay_ratio_bps");
    verdict_code(verdict, &code_collection_stages, month->collection_stage, true,
                 "collection_stage");
    if (month->collection_stage > 0 && month->days_overdue.is_present)
        verdict_claim(verdict, month->days_overdue.value > 0, "M034", NULL);
}

/* The form of what rule M031 compares. */
static void check_history(struct verdict *verdict, const struct performance_record *month)
{
    size_t size = strlen(month->status_history);

    if (size > 0)
        verdict_claim(verdict,
                      (size == HISTORY_LENGTH_SHORT || size == HISTORY_LENGTH_LONG) &&
                          strspn(month->status_history, code_repay_statuses) == size,
                      "E003", "status_history");
}

/* The day on which the account is settled lies in the month. */
static void check_settled(struct verdict *verdict, const struct performance_record *month,
                          struct period period)
{
    if (verdict_day(verdict, &month->settled_on, true, "settled_on"))
        verdict_claim(verdict, period_of_day(month->settled_on.day).number == period.number, "E005",
                      "settled_on");
}

void rule_check_performance(struct verdict *verdict, const struct performance_record *month)
{
    struct day reported = verdict->where->today;
    struct period period;

    verdict_text(verdict, month->account_no, ACCOUNT_NO_LENGTH_MAX, false, "account_no");
    if (verdict_day(verdict, &month->reported_on, true, "reported_on"))
        reported = month->reported_on.day;
    verdict_claim(verdict, reported.number <= verdict->where->today.number, "E007", NULL);
    check_status(verdict, month);
    check_counts(verdict, month);
    bool are_amounts_good = check_amounts(verdict, month);
    if (are_amounts_good) { /* sums of wild amounts mean nothing */
        check_overdue(verdict, month);
        check_buckets(verdict, month);
        check_recovery(verdict, month);
        check_due(verdict, month);
    }
    check_history(verdict, month);
    check_agreement(verdict, month);
    check_class(verdict, month, reported);
    if (!check_period(verdict, month, &period))
        return;
    verdict_claim(verdict, !delinquency_is_late(period, reported), "M030", NULL);
    check_payment(verdict, month, period, reported);
    check_settled(verdict, month, period);
    if (verdict->where->account && are_amounts_good)
        check_account(verdict, month, verdict->where->account, period);
}
