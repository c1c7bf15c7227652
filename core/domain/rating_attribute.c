/* The closed set of functions by which attributes are computed. RATING.md defines each in words. */
#include "domain/rating_subject.h"

enum {
    BPS = 10000,
    PAYRATE_MOST = 20000, /* twice what was owed */
    LOW_SHARE = 20,       /* a twentieth */
    JUMP_SHARE = 10,
    HIGH_TENTHS = 9,
};

static const struct rating_value missing = {false, 0};

static struct rating_value value_of(int64_t number)
{
    return rating_number(number);
}

static struct rating_value within(__int128 share, int64_t most)
{
    return value_of(share > most ? most : share < -most ? -most : (int64_t)share);
}

struct rating_value rating_share(__int128 part, __int128 whole)
{
    return within(part * BPS / whole, RATING_RATIO_MOST);
}

/* a / b in basis points, cut toward zero, within bounds; missing unless b > 0. */
static struct rating_value ratio(int64_t a, int64_t b, int64_t most)
{
    return b > 0 ? within((__int128)a * BPS / b, most) : missing;
}

/* What was owed when the month began: the statement before, no less than zero. */
static struct rating_value previous(const struct rating_month *month)
{
    struct rating_value before = month[1].balance;

    return before.is_present && before.number < 0 ? value_of(0) : before;
}

static struct rating_value balance_change(const struct rating_month *month)
{
    if (!month[0].balance.is_present || !month[1].balance.is_present)
        return missing;
    return value_of(month[0].balance.number - month[1].balance.number);
}

static struct rating_value spend(const struct rating_month *month)
{
    struct rating_value change = balance_change(month);

    return change.is_present && month->paid.is_present
               ? value_of(change.number + month->paid.number)
               : missing;
}

/* Paid against what was owed: unpaid, in full, less than a twentieth. */
static struct rating_value payment(enum standard_series series, const struct rating_month *month)
{
    struct rating_value owed = previous(month);
    int64_t paid = month->paid.number;

    if (!owed.is_present || !month->paid.is_present)
        return missing;
    if (series == STANDARD_SERIES_PAYRATE)
        return ratio(paid, owed.number, PAYRATE_MOST);
    if (owed.number == 0)
        return value_of(0);
    if (series == STANDARD_SERIES_UNPAID)
        return value_of(paid == 0);
    return value_of(series == STANDARD_SERIES_FULL ? paid >= owed.number
                                                   : paid * LOW_SHARE < owed.number);
}

/* The balance against the limit. */
static struct rating_value use(enum standard_series series, const struct rating_month *month,
                               struct rating_value limit)
{
    int64_t balance = month->balance.number;

    if (!month->balance.is_present || !limit.is_present)
        return missing;
    if (series == STANDARD_SERIES_AVAILABLE)
        return value_of(limit.number - balance);
    return value_of(series == STANDARD_SERIES_OVER ? balance > limit.number
                                                   : balance * 10 > limit.number * HIGH_TENTHS);
}

static struct rating_value rise(enum standard_series series, const struct rating_month *month,
                                struct rating_value limit)
{
    struct rating_value change = balance_change(month);

    if (!change.is_present || series == STANDARD_SERIES_RISE)
        return change.is_present ? value_of(change.number > 0) : missing;
    return limit.is_present ? value_of(change.number * JUMP_SHARE > limit.number) : missing;
}

static struct rating_value late_by(int late, int least)
{
    return late < 0 ? missing : value_of(late >= least);
}

/* The value of a series in the month that lies so far back. */
static struct rating_value month_value(enum standard_series series,
                                       const struct rating_subject *subject, int back)
{
    const struct rating_month *month = &subject->months[back];

    switch ((int)series) {
    case STANDARD_SERIES_LATE:
        return month->late < 0 ? missing : value_of(month->late);
    case STANDARD_SERIES_BALANCE:
        return month->balance;
    case STANDARD_SERIES_PAID:
        return month->paid;
    case STANDARD_SERIES_DUE:
        return month->due;
    case STANDARD_SERIES_OVERDUE:
        return month->overdue;
    case STANDARD_SERIES_PREVIOUS:
        return previous(month);
    case STANDARD_SERIES_SPEND:
        return spend(month);
    case STANDARD_SERIES_PAYRATE:
    case STANDARD_SERIES_UNPAID:
    case STANDARD_SERIES_FULL:
    case STANDARD_SERIES_LOW:
        return payment(series, month);
    case STANDARD_SERIES_AVAILABLE:
    case STANDARD_SERIES_OVER:
    case STANDARD_SERIES_HIGH:
        return use(series, month, subject->limit);
    case STANDARD_SERIES_USED:
        return month->balance.is_present ? value_of(month->balance.number > 0) : missing;
    case STANDARD_SERIES_IDLE:
        return month->late < 0 ? missing : value_of(month->is_idle);
    case STANDARD_SERIES_NOPAY:
        return month->paid.is_present ? value_of(month->paid.number == 0) : missing;
    case STANDARD_SERIES_RISE:
    case STANDARD_SERIES_JUMP:
        return rise(series, month, subject->limit);
    case STANDARD_SERIES_LATE1:
    case STANDARD_SERIES_LATE2:
    case STANDARD_SERIES_LATE3:
    case STANDARD_SERIES_LATE4:
        return late_by(month->late, 1 + (int)series - STANDARD_SERIES_LATE1);
    default:
        return subject->trade ? rating_trade_value(series, subject->trade, back) : missing;
    }
}

/* Whether a condition, or its opposite, holds; a month that tells nothing holds neither. */
static bool holds(const struct standard_attribute *attribute, struct rating_value value)
{
    return value.is_present && (value.number != 0) != attribute->is_negated;
}

static void fold(enum standard_measure measure, int64_t number, struct rating_value *folded)
{
    if (!folded->is_present)
        *folded = value_of(number);
    else if (measure == STANDARD_MEASURE_SUM)
        folded->number += number;
    else if (measure == STANDARD_MEASURE_MAX ? number > folded->number : number < folded->number)
        folded->number = number;
}

/* Largest, smallest or sum; the sum of what was owed over the same months goes to owed. */
static struct rating_value fold_window(const struct standard_attribute *attribute,
                                       const struct rating_subject *subject, int64_t *owed)
{
    struct rating_value folded = missing;

    *owed = 0;
    for (int back = attribute->from; back <= attribute->to; back++) {
        struct rating_value value = month_value(attribute->series, subject, back);

        if (attribute->per == STANDARD_PER_PREVIOUS) {
            struct rating_value before = previous(&subject->months[back]);

            value.is_present &= before.is_present;
            *owed += value.is_present ? before.number : 0;
        }
        if (value.is_present)
            fold(attribute->measure, value.number, &folded);
    }
    return folded;
}

static struct rating_value measure_amount(const struct standard_attribute *attribute,
                                          const struct rating_subject *subject)
{
    struct rating_value value;
    int64_t owed = 0;

    if (attribute->per >= STANDARD_PER_BEFORE)
        return subject->trade ? rating_trade_share(attribute, subject->trade) : missing;
    if (attribute->measure == STANDARD_MEASURE_CHANGE) {
        struct rating_value late = month_value(attribute->series, subject, attribute->from);
        struct rating_value early = month_value(attribute->series, subject, attribute->to);

        value =
            late.is_present && early.is_present ? value_of(late.number - early.number) : missing;
    } else {
        value = fold_window(attribute, subject, &owed);
    }
    if (!value.is_present || attribute->per == STANDARD_PER_NOTHING)
        return value;
    if (attribute->per == STANDARD_PER_PREVIOUS)
        return ratio(value.number, owed, RATING_RATIO_MOST);
    return subject->limit.is_present ? ratio(value.number, subject->limit.number, RATING_RATIO_MOST)
                                     : missing;
}

/* count: months in which it holds. since: months before the first of them. run: how many at once.
 */
static struct rating_value measure_condition(const struct standard_attribute *attribute,
                                             const struct rating_subject *subject)
{
    int count = 0, run = 0, since = attribute->to - attribute->from + 1;
    bool is_told = false;

    for (int back = attribute->from; back <= attribute->to; back++) {
        struct rating_value value = month_value(attribute->series, subject, back);

        is_told |= value.is_present;
        if (!holds(attribute, value))
            continue;
        run += run == back - attribute->from;
        since = count == 0 ? back - attribute->from : since;
        count++;
    }
    if (!is_told)
        return missing;
    return value_of(attribute->measure == STANDARD_MEASURE_COUNT   ? count
                    : attribute->measure == STANDARD_MEASURE_SINCE ? since
                                                                   : run);
}

/* ---- Numbers of the subject ---- */

static int months_old(const struct rating_subject *subject, const struct rating_account *account)
{
    int months =
        period_of_day(subject->input->as_of).number - period_of_day(account->opened_on).number;

    return months < 0 ? 0 : months;
}

static struct rating_value oldest(const struct rating_subject *subject)
{
    struct rating_value value = missing;

    for (int i = 0; i < subject->input->account_count; i++)
        fold(STANDARD_MEASURE_MAX, months_old(subject, &subject->input->accounts[i]), &value);
    return value;
}

/* Whether an open account before this one belongs to the same member. */
static bool member_was_counted(const struct rating_input *input, int at)
{
    for (int i = 0; i < at; i++) {
        if (!input->accounts[i].is_closed &&
            input->accounts[i].member_id == input->accounts[at].member_id)
            return true;
    }
    return false;
}

static struct rating_value count_accounts(const struct standard_attribute *attribute,
                                          const struct rating_subject *subject)
{
    const struct rating_input *input = subject->input;
    int open = 0, members = 0, young = 0;

    for (int i = 0; i < input->account_count; i++) {
        young += months_old(subject, &input->accounts[i]) < attribute->to;
        open += !input->accounts[i].is_closed;
        if (attribute->measure == STANDARD_MEASURE_OPEN_MEMBERS)
            members += !input->accounts[i].is_closed && !member_was_counted(input, i);
    }
    if (attribute->measure == STANDARD_MEASURE_YOUNG_ACCOUNTS)
        return value_of(young);
    return value_of(attribute->measure == STANDARD_MEASURE_OPEN_MEMBERS ? members : open);
}

static bool is_recent(const struct rating_input *input, int at, int days)
{
    int32_t age = input->as_of.number - input->inquiries[at].made_on.number;

    return age >= 0 && age < days;
}

static struct rating_value count_inquiries(const struct standard_attribute *attribute,
                                           const struct rating_subject *subject)
{
    const struct rating_input *input = subject->input;
    int count = 0, members = 0;

    for (int i = 0; i < input->inquiry_count; i++) {
        bool is_first = true;

        if (!is_recent(input, i, attribute->to))
            continue;
        for (int j = 0; j < i && is_first; j++)
            is_first = input->inquiries[j].member_id != input->inquiries[i].member_id ||
                       !is_recent(input, j, attribute->to);
        count++;
        members += is_first;
    }
    return value_of(attribute->measure == STANDARD_MEASURE_INQUIRIES ? count : members);
}

struct rating_value rating_attribute(const struct standard_attribute *attribute,
                                     const struct rating_subject *subject)
{
    switch (attribute->measure) {
    case STANDARD_MEASURE_MAX:
    case STANDARD_MEASURE_MIN:
    case STANDARD_MEASURE_SUM:
    case STANDARD_MEASURE_CHANGE:
        return measure_amount(attribute, subject);
    case STANDARD_MEASURE_COUNT:
    case STANDARD_MEASURE_SINCE:
    case STANDARD_MEASURE_RUN:
        return measure_condition(attribute, subject);
    case STANDARD_MEASURE_LIMIT:
        return subject->limit;
    case STANDARD_MEASURE_ACCOUNTS:
        return value_of(subject->input->account_count);
    case STANDARD_MEASURE_OPEN_ACCOUNTS:
    case STANDARD_MEASURE_OPEN_MEMBERS:
    case STANDARD_MEASURE_YOUNG_ACCOUNTS:
        return count_accounts(attribute, subject);
    case STANDARD_MEASURE_AGE_MONTHS:
        return oldest(subject);
    case STANDARD_MEASURE_MONTHS:
        return value_of(subject->reported);
    case STANDARD_MEASURE_INQUIRIES:
    case STANDARD_MEASURE_INQUIRING_MEMBERS:
        return count_inquiries(attribute, subject);
    case STANDARD_MEASURE_FIGURE:
    case STANDARD_MEASURE_EARLIER:
    case STANDARD_MEASURE_GROWTH:
        return rating_statement_value(attribute, subject);
    case STANDARD_MEASURE_TOTAL:
        break;
    }
    return missing;
}
