#include "domain/rating_subject.h"

#include <string.h>

#include "domain/delinquency.h"

enum {
    LATE_UNKNOWN = -1,
    LATE_MOST = 7,
    LATE_DEFAULTED = 4, /* repaid by another, or with assets: 90 days and more */
    LAG_MONTHS = 2,     /* that a member may be behind before its account counts as older */
};

/* So many units of the standard: sums of 24 months over thousands of accounts stay in 64 bits. */
static const int64_t amount_most = INT64_C(1000000000000000);

int64_t rating_clamp(int64_t value)
{
    return value > amount_most ? amount_most : value < -amount_most ? -amount_most : value;
}

const struct standard_currency *rating_currency(const struct standard *standard, const char *code)
{
    for (int i = 0; code && i < standard->currency_count; i++) {
        if (strcmp(standard->currencies[i].code, code) == 0)
            return &standard->currencies[i];
    }
    return NULL;
}

int64_t rating_amount(int64_t minor, const struct standard_currency *currency)
{
    __int128 amount = (__int128)minor * currency->numerator / currency->denominator;

    return amount > amount_most    ? amount_most
           : amount < -amount_most ? -amount_most
                                   : (int64_t)amount;
}

void rating_add(struct rating_value *sum, int64_t number)
{
    int64_t total;

    if (__builtin_add_overflow(sum->number, number, &total))
        total = number > 0 ? INT64_MAX : INT64_MIN;
    *sum = (struct rating_value){true, total};
}

/* Adds minor units of a currency to an amount of the standard. */
static void add_money(struct rating_value *sum, struct money_field money,
                      const struct standard_currency *currency)
{
    if (money.is_present)
        rating_add(sum, rating_amount(money.minor, currency));
}

static int late_of(char status, struct count_field days_overdue)
{
    enum bucket bucket = bucket_of_month(status, days_overdue);

    if (bucket == BUCKET_UNKNOWN)
        return LATE_UNKNOWN;
    if (bucket == BUCKET_SETTLED)
        return status == 'C' ? 0 : LATE_DEFAULTED;
    return bucket == BUCKET_WRITTEN_OFF ? LATE_MOST : (int)bucket;
}

/* The month of the subject that this month of an account belongs to, or NULL. */
static struct rating_month *month_at(struct rating_subject *subject, struct period newest,
                                     struct period period)
{
    int back = newest.number - period.number;

    return back >= 0 && back < subject->month_count ? &subject->months[back] : NULL;
}

/* The days overdue that go with a status, when that month's amounts are held too. */
static struct count_field days_at(const struct rating_account *account, struct period period)
{
    for (int i = 0; i < account->month_count; i++) {
        if (account->months[i].period.number == period.number)
            return account->months[i].days_overdue;
    }
    return (struct count_field){0};
}

static void lay_statuses(struct rating_subject *subject, const struct rating_account *account,
                         struct period newest)
{
    for (int i = 0; i < account->status_count; i++) {
        const struct ring_status *status = &account->statuses[i];
        struct rating_month *month = month_at(subject, newest, status->period);

        if (!month)
            continue;
        int late = late_of(status->status, days_at(account, status->period));

        if (late == LATE_UNKNOWN)
            continue;
        month->is_idle = status->status == '*' && (month->late == LATE_UNKNOWN || month->is_idle);
        month->late = late > month->late ? late : month->late;
    }
}

/* Amounts are of open accounts only: what a closed one held says nothing of a limit in use. */
static void lay_amounts(struct rating_subject *subject, const struct rating_account *account,
                        struct period newest, const struct standard_currency *currency)
{
    for (int i = 0; i < account->month_count; i++) {
        const struct ring_month *from = &account->months[i];
        struct rating_month *month = month_at(subject, newest, from->period);

        if (!month)
            continue;
        add_money(&month->balance, from->balance, currency);
        add_money(&month->paid, from->paid, currency);
        add_money(&month->due, from->due, currency);
        add_money(&month->overdue, from->overdue, currency);
    }
    add_money(&subject->limit, account->limit, currency);
}

/* Whether the standard serves the business: all of them, unless it names some. */
static bool is_served(const struct standard *standard, const char *business_type)
{
    for (int i = 0; business_type && i < standard->product_count; i++) {
        if (strcmp(standard->products[i], business_type) == 0)
            return true;
    }
    return standard->product_count == 0;
}

static bool is_read(const struct standard *standard, const struct rating_account *account)
{
    return (standard->accounts & 1U << account->type) != 0 &&
           (account->status_count > 0 || account->month_count > 0) &&
           is_served(standard, account->business_type);
}

/*
 * The month that counts as the latest of an account: its own latest when its member is little
 * behind the others, so that a late report does not look like a month without a balance.
 */
static struct period newest_of(const struct rating_account *account, struct period newest)
{
    bool is_little_behind = !account->is_closed &&
                            newest.number - account->last_period.number <= LAG_MONTHS &&
                            account->last_period.number <= newest.number;

    return is_little_behind ? account->last_period : newest;
}

static void finish_amount(struct rating_value *value)
{
    value->number = rating_clamp(value->number);
}

static void finish(struct rating_subject *subject)
{
    for (int i = 0; i < subject->month_count; i++) {
        struct rating_month *month = &subject->months[i];

        finish_amount(&month->balance);
        finish_amount(&month->paid);
        finish_amount(&month->due);
        finish_amount(&month->overdue);
        subject->reported += month->late != LATE_UNKNOWN || month->balance.is_present;
    }
    finish_amount(&subject->limit);
}

void rating_subject_read(const struct standard *standard, const struct rating_input *input,
                         struct rating_trade *trade, struct rating_subject *subject)
{
    struct period newest = {INT32_MIN};

    *subject = (struct rating_subject){
        .standard = standard,
        .input = input,
        .month_count = standard->months + 1,
        .trade = rating_trade_read(standard, input, trade) ? trade : NULL,
    };
    rating_statement_find(standard, input, subject);
    for (int i = 0; i < subject->month_count; i++)
        subject->months[i].late = LATE_UNKNOWN;
    for (int i = 0; i < input->account_count; i++) {
        const struct rating_account *account = &input->accounts[i];

        subject->is_bad_debt |= account->is_bad_debt;
        if (is_read(standard, account) && account->last_period.number > newest.number)
            newest = account->last_period;
    }
    for (int i = 0; i < input->account_count; i++) {
        const struct rating_account *account = &input->accounts[i];
        const struct standard_currency *currency = rating_currency(standard, account->currency);

        if (!is_read(standard, account))
            continue;
        subject->accounts++;
        lay_statuses(subject, account, newest_of(account, newest));
        if (currency && !account->is_closed)
            lay_amounts(subject, account, newest_of(account, newest), currency);
    }
    finish(subject);
    if (subject->accounts)
        subject->stale = period_of_day(input->as_of).number - newest.number;
}
