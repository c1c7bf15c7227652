/* Months of transactions: what members tell of a merchant or payer, over all of them. */
#include "domain/rating_subject.h"

static bool read_period(const struct standard *standard, const struct rating_input *input,
                        const struct behaviour_record *record, struct period *period)
{
    return (record->role == BEHAVIOUR_ROLE_MERCHANT || record->role == BEHAVIOUR_ROLE_PAYER) &&
           (standard->behaviours & 1U << record->role) != 0 &&
           period_from_wire(record->period, period) &&
           period->number <= period_of_day(input->as_of).number;
}

static void add_count(struct rating_value *sum, struct money_field count)
{
    if (count.is_present)
        rating_add(sum, rating_clamp(count.minor));
}

static void raise_to(struct rating_value *largest, int64_t number)
{
    if (!largest->is_present || number > largest->number)
        *largest = rating_number(number);
}

static void lay_amounts(struct rating_trade_month *month, const struct behaviour_record *record,
                        const struct standard_currency *currency)
{
    if (!currency || !record->transaction_amount.is_present)
        return;
    int64_t amount = rating_amount(record->transaction_amount.minor, currency);

    rating_add(&month->amount, amount);
    if (record->refund_amount.is_present) {
        rating_add(&month->refunded, rating_amount(record->refund_amount.minor, currency));
        rating_add(&month->refunded_of, amount);
    }
    if (record->top1_counterparty_bps.is_present && amount > 0) {
        month->top1_weighed += (__int128)amount * record->top1_counterparty_bps.value;
        month->top1_of += amount;
    }
}

/* Days, counterparties and unbroken months of two members overlap: the larger number is true. */
static void lay(struct rating_trade_month *month, const struct behaviour_record *record,
                const struct standard_currency *currency)
{
    month->is_given = true;
    add_count(&month->count, record->transaction_count);
    if (record->chargeback_count.is_present && record->transaction_count.is_present) {
        add_count(&month->chargebacks, record->chargeback_count);
        add_count(&month->chargebacks_of, record->transaction_count);
    }
    raise_to(&month->days, record->active_days);
    if (record->counterparty_band)
        raise_to(&month->parties, record->counterparty_band);
    if (record->continuous_months.is_present)
        raise_to(&month->streak, record->continuous_months.value);
    lay_amounts(month, record, currency);
}

static void finish(struct rating_trade_month months[STANDARD_MONTHS_MAX + 1])
{
    for (int i = 0; i <= STANDARD_MONTHS_MAX; i++) {
        struct rating_trade_month *month = &months[i];

        month->amount.number = rating_clamp(month->amount.number);
        month->count.number = rating_clamp(month->count.number);
        month->refunded.number = rating_clamp(month->refunded.number);
        month->refunded_of.number = rating_clamp(month->refunded_of.number);
        month->chargebacks.number = rating_clamp(month->chargebacks.number);
        month->chargebacks_of.number = rating_clamp(month->chargebacks_of.number);
    }
}

bool rating_trade_read(const struct standard *standard, const struct rating_input *input,
                       struct rating_trade *trade)
{
    struct period newest = {INT32_MIN}, period;

    for (int i = 0; standard->behaviours && i < input->behaviour_count; i++) {
        if (read_period(standard, input, &input->behaviours[i], &period) &&
            period.number > newest.number)
            newest = period;
    }
    if (newest.number == INT32_MIN)
        return false;
    *trade = (struct rating_trade){.stale = period_of_day(input->as_of).number - newest.number};
    for (int i = 0; i < input->behaviour_count; i++) {
        const struct behaviour_record *record = &input->behaviours[i];

        if (!read_period(standard, input, record, &period) ||
            newest.number - period.number > STANDARD_MONTHS_MAX)
            continue;
        struct rating_trade_month *months =
            record->role == BEHAVIOUR_ROLE_MERCHANT ? trade->merchant : trade->payer;

        lay(&months[newest.number - period.number], record,
            rating_currency(standard, record->currency));
    }
    finish(trade->merchant);
    finish(trade->payer);
    for (int i = 0; i < STANDARD_MONTHS_MAX; i++)
        trade->given += trade->merchant[i].is_given || trade->payer[i].is_given;
    return true;
}

/* ---- Values ---- */

static const struct rating_trade_month *month_at(enum standard_series series,
                                                 const struct rating_trade *trade, int back)
{
    return standard_series_role(series) == BEHAVIOUR_ROLE_MERCHANT ? &trade->merchant[back]
                                                                   : &trade->payer[back];
}

/* The share of the largest counterparty, each member's weighed by its amount. */
static struct rating_value top1(const struct rating_trade_month *month)
{
    return month->top1_of > 0 ? rating_number((int64_t)(month->top1_weighed / month->top1_of))
                              : rating_missing();
}

static struct rating_value grown(const struct rating_trade_month *month)
{
    if (!month[0].amount.is_present || !month[1].amount.is_present)
        return rating_missing();
    return rating_number(month[0].amount.number > month[1].amount.number);
}

struct rating_value rating_trade_value(enum standard_series series,
                                       const struct rating_trade *trade, int back)
{
    const struct rating_trade_month *month = month_at(series, trade, back);

    switch ((int)standard_series_of_merchant(series)) {
    case STANDARD_SERIES_MERCHANT_AMOUNT:
        return month->amount;
    case STANDARD_SERIES_MERCHANT_COUNT:
        return month->count;
    case STANDARD_SERIES_MERCHANT_DAYS:
        return month->days;
    case STANDARD_SERIES_MERCHANT_REFUNDED:
        return month->refunded;
    case STANDARD_SERIES_MERCHANT_CHARGEBACKS:
        return month->chargebacks;
    case STANDARD_SERIES_MERCHANT_TOP1:
        return top1(month);
    case STANDARD_SERIES_MERCHANT_PARTIES:
        return month->parties;
    case STANDARD_SERIES_MERCHANT_STREAK:
        return month->streak;
    case STANDARD_SERIES_MERCHANT_ACTIVE:
        return month->count.is_present ? rating_number(month->count.number > 0) : rating_missing();
    case STANDARD_SERIES_MERCHANT_GROWN:
        return grown(month);
    default:
        return rating_missing();
    }
}

/* What a month is divided by: missing when its records do not tell the share. */
static struct rating_value whole_of(const struct standard_attribute *attribute,
                                    const struct rating_trade *trade, int back)
{
    int months = attribute->to - attribute->from + 1;

    if (attribute->per == STANDARD_PER_BEFORE)
        return rating_trade_value(attribute->series, trade, back + months);
    const struct rating_trade_month *month = month_at(attribute->series, trade, back);

    return attribute->per == STANDARD_PER_AMOUNT ? month->refunded_of : month->chargebacks_of;
}

struct rating_value rating_trade_share(const struct standard_attribute *attribute,
                                       const struct rating_trade *trade)
{
    __int128 part = 0, whole = 0;

    for (int back = attribute->from; back <= attribute->to; back++) {
        struct rating_value value = rating_trade_value(attribute->series, trade, back);
        struct rating_value of = whole_of(attribute, trade, back);

        part += value.is_present && of.is_present ? value.number : 0;
        whole += value.is_present && of.is_present ? of.number : 0;
    }
    return whole > 0 ? rating_share(part, whole) : rating_missing();
}
