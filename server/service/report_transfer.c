#include "service/report_transfer.h"

#include <string.h>

const struct report_account *report_seller(const struct report_subject *subject,
                                           const struct report_account *account)
{
    if (account->taken_over_from == 0 || account->taken_over_from == account->account_id)
        return NULL;
    for (int i = 0; i < subject->account_count; i++)
        if (subject->accounts[i].account_id == account->taken_over_from)
            return &subject->accounts[i];
    return NULL;
}

const struct report_account *report_buyer(const struct report_subject *subject,
                                          const struct report_account *account)
{
    for (int i = 0; i < subject->account_count; i++)
        if (subject->accounts[i].taken_over_from != 0 &&
            subject->accounts[i].taken_over_from == account->account_id &&
            &subject->accounts[i] != account)
            return &subject->accounts[i];
    return NULL;
}

/* Months of the seller from its first that is older than all of the buyer's. */
static size_t first_older(const Cix__V1__ReportedAccount *buyer,
                          const Cix__V1__ReportedAccount *seller)
{
    int32_t oldest = buyer->n_months ? buyer->months[buyer->n_months - 1]->period : INT32_MAX;
    size_t first = 0;

    while (first < seller->n_months && seller->months[first]->period >= oldest)
        first++;
    return first;
}

static void append_months(struct arena *arena, Cix__V1__ReportedAccount *buyer,
                          const Cix__V1__ReportedAccount *seller)
{
    size_t first = first_older(buyer, seller);
    size_t more = seller->n_months - first;
    Cix__V1__ReportedMonth **months =
        arena_array(arena, buyer->n_months + more, sizeof(Cix__V1__ReportedMonth *));
    Cix__V1__ReportedMonth *copies = arena_array(arena, more, sizeof(*copies));

    if (buyer->n_months > 0)
        memcpy(months, buyer->months, buyer->n_months * sizeof(*months));
    for (size_t i = 0; i < more; i++) {
        copies[i] = *seller->months[first + i];
        copies[i].is_before_transfer = true;
        months[buyer->n_months + i] = &copies[i];
    }
    buyer->months = months;
    buyer->n_months += more;
}

/* Sellers first, so that a chain hands its whole history on. */
static void extend(struct arena *arena, const struct report_subject *subject,
                   Cix__V1__Report *report, int index, bool *is_done)
{
    Cix__V1__ReportedAccount *shown = report->accounts[index];
    const struct report_account *seller = report_seller(subject, &subject->accounts[index]);

    if (is_done[index])
        return;
    is_done[index] = true;
    if (!seller)
        return;
    int place = (int)(seller - subject->accounts);
    extend(arena, subject, report, place, is_done);
    shown->transferred_from_account_id = seller->account_id;
    report->accounts[place]->continued_by_account_id = shown->account_id;
    append_months(arena, shown, report->accounts[place]);
    shown->worst_status_24m = report_worst_status(shown);
}

void report_transfer(struct arena *arena, const struct report_subject *subject,
                     Cix__V1__Report *report)
{
    bool *is_done = arena_array(arena, (size_t)subject->account_count, sizeof(*is_done));

    for (int i = 0; i < subject->account_count; i++)
        extend(arena, subject, report, i, is_done);
}
