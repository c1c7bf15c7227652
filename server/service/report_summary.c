#include "service/report_summary.h"

#include <string.h>

#include "base/clock.h"
#include "base/money.h"
#include "domain/code.h"
#include "domain/delinquency.h"
#include "domain/ring.h"
#include "service/report_transfer.h"

enum { LONG_OVERDUE_DAYS = 90 };

bool report_account_is_open(const struct report_account *account)
{
    return !account->closed_on.is_present &&
           !(account->has_period && code_account_status_is_closed((enum account_type)account->type,
                                                                  account->account_status));
}

static char status_of(const struct report_account *account)
{
    if (!account->has_period || account->status_ring.size != RING_STATUS_SIZE)
        return '\0';
    return (char)account->status_ring.data[ring_status_offset(account->last_period)];
}

bool report_account_is_overdue(const struct report_account *account)
{
    char status = status_of(account);

    return (account->overdue_amount.is_present && account->overdue_amount.minor > 0) ||
           account->days_overdue > 0 || (status >= '1' && status <= '7') || status == 'B';
}

/* Status 4 begins at 91 days; 90 days exactly only the days tell. */
static bool is_long(enum bucket bucket)
{
    return bucket >= BUCKET_M4 && bucket <= BUCKET_WRITTEN_OFF;
}

/* An end by sale says nothing of days, by whichever status: M010 lets C and G stand for it. */
static bool is_sale(const struct report_account *account, char status)
{
    return status == 'G' && code_account_status_is_transferred((enum account_type)account->type,
                                                               account->account_status);
}

bool report_account_was_90_days(const struct report_account *account)
{
    struct ring_status statuses[RING_STATUS_SIZE];
    struct ring_month months[RING_MONTHS];

    if (!account->has_period)
        return false;
    int count = ring_status_list(account->status_ring.data, account->status_ring.size,
                                 account->last_period, statuses);
    for (int i = 0; i < count; i++)
        if (!is_sale(account, statuses[i].status) &&
            is_long(bucket_of_month(statuses[i].status, (struct count_field){0})))
            return true;
    count = ring_month_list(account->month_ring.data, account->month_ring.size,
                            account->last_period, months);
    for (int i = 0; i < count; i++)
        if (months[i].days_overdue.is_present && months[i].days_overdue.value >= LONG_OVERDUE_DAYS)
            return true;
    return false;
}

static Cix__V1__CurrencyTotal *total_of(struct arena *arena, Cix__V1__ReportSummary *summary,
                                        const char *currency)
{
    Cix__V1__CurrencyTotal *total;

    for (size_t i = 0; i < summary->n_totals; i++)
        if (!strcmp(summary->totals[i]->currency, currency))
            return summary->totals[i];
    total = arena_alloc(arena, sizeof(*total));
    cix__v1__currency_total__init(total);
    total->currency = (char *)currency;
    summary->totals[summary->n_totals++] = total;
    return total;
}

/* A sum beyond int64 stays where it was: no report holds that many accounts. */
static void add(int64_t *sum, struct report_amount amount)
{
    if (amount.is_present && !money_add(*sum, amount.minor, sum))
        return;
}

/* Open members: an account counts when no account before it is open with the same member. */
static bool is_first_of_member(const struct report_subject *subject, int index)
{
    for (int i = 0; i < index; i++)
        if (subject->accounts[i].member_id == subject->accounts[index].member_id &&
            report_account_is_open(&subject->accounts[i]))
            return false;
    return true;
}

static void sum_account(struct arena *arena, const struct report_subject *subject, int index,
                        int seller, Cix__V1__ReportSummary *summary)
{
    const struct report_account *account = &subject->accounts[index];
    Cix__V1__CurrencyTotal *total = total_of(arena, summary, account->currency);

    summary->overdue_accounts += report_account_is_overdue(account);
    summary->accounts_ever_90_days +=
        report_account_was_90_days(account) ||
        (seller != TRANSFER_NONE && report_account_was_90_days(&subject->accounts[seller]));
    add(&total->outstanding, account->balance);
    add(&total->overdue, account->overdue_amount);
    if (!report_account_is_open(account))
        return;
    summary->open_accounts++;
    summary->open_members += is_first_of_member(subject, index);
    total->open_accounts++;
    add(&total->credit_limit, account->credit_limit);
}

static bool is_approval(int16_t purpose)
{
    return purpose == PURPOSE_LOAN_APPROVAL || purpose == PURPOSE_CARD_APPROVAL ||
           purpose == PURPOSE_FINANCING_APPROVAL || purpose == PURPOSE_LIMIT_APPROVAL;
}

/* Members that asked for an approval: an inquiry counts when no newer one was of its member. */
static bool is_first_approval(const struct report_answer *answer, int index)
{
    if (!is_approval(answer->inquiry_purposes[index]))
        return false;
    for (int i = 0; i < index; i++)
        if (answer->inquiry_members[i] == answer->inquiry_members[index] &&
            is_approval(answer->inquiry_purposes[i]))
            return false;
    return true;
}

static void count_inquiries(const struct report_answer *answer, struct day today,
                            Cix__V1__ReportSummary *summary)
{
    int32_t month = day_add_months(today, -1).number;
    int32_t half_year = day_add_months(today, -6).number;

    summary->inquiries_24m = answer->inquiry_count;
    for (int i = 0; i < answer->inquiry_count; i++) {
        int32_t day = clock_day_of(answer->inquiry_at_us[i]).number;
        if (day <= half_year)
            break; /* newest first */
        summary->inquiries_6m++;
        if (day <= month)
            continue;
        summary->inquiries_1m++;
        summary->inquiring_members_1m += is_first_approval(answer, i);
    }
}

Cix__V1__ReportSummary *report_summary(struct arena *arena, const struct report_answer *answer,
                                       struct day today)
{
    const struct report_subject *subject = answer->subject;
    size_t count = (size_t)subject->account_count;
    Cix__V1__ReportSummary *summary = arena_alloc(arena, sizeof(*summary));
    const int *sellers = report_sellers(arena, subject);
    bool *is_sold = arena_array(arena, count, sizeof(*is_sold));

    cix__v1__report_summary__init(summary);
    summary->totals = arena_array(arena, count, sizeof(*summary->totals));
    for (size_t i = 0; i < count; i++) {
        if (sellers[i] != TRANSFER_NONE)
            is_sold[sellers[i]] = true;
    }
    for (int i = 0; i < subject->account_count; i++) {
        if (is_sold[i])
            continue; /* counted once, where it goes on */
        summary->accounts++;
        sum_account(arena, subject, i, sellers[i], summary);
    }
    count_inquiries(answer, today, summary);
    for (int i = 0; answer->shows_flags && i < subject->flag_count; i++)
        summary->flags_in_force += subject->flags[i].status == FLAG_STATUS_LISTED ||
                                   subject->flags[i].status == FLAG_STATUS_GRACE;
    return summary;
}
