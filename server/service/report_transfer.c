#include "service/report_transfer.h"

#include <string.h>

const int *report_sellers(struct arena *arena, const struct report_subject *subject)
{
    size_t count = (size_t)subject->account_count;
    struct transfer *transfers = arena_array(arena, count, sizeof(*transfers));
    int *sellers = arena_array(arena, count, sizeof(*sellers));

    for (size_t i = 0; i < count; i++)
        transfers[i] = (struct transfer){subject->accounts[i].account_id,
                                         subject->accounts[i].taken_over_from};
    transfer_sellers(arena, transfers, subject->account_count, sellers);
    return sellers;
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

static void go_on(struct arena *arena, Cix__V1__ReportedAccount *shown,
                  Cix__V1__ReportedAccount *seller)
{
    shown->transferred_from_account_id = seller->account_id;
    seller->continued_by_account_id = shown->account_id;
    append_months(arena, shown, seller);
    shown->worst_status_24m = report_worst_status(shown);
}

void report_transfer(struct arena *arena, const struct report_subject *subject,
                     Cix__V1__Report *report)
{
    size_t count = (size_t)subject->account_count;
    const int *sellers = report_sellers(arena, subject);
    bool *is_done = arena_array(arena, count, sizeof(*is_done));
    int *path = arena_array(arena, count, sizeof(*path)); /* from a buyer back */

    for (int i = 0; i < subject->account_count; i++) {
        int length = 0;

        for (int at = i; at != TRANSFER_NONE && !is_done[at]; at = sellers[at]) {
            is_done[at] = true;
            path[length++] = at;
        }
        /* Sellers first, so that a chain hands its whole history on. */
        for (; length > 0; length--) {
            int buyer = path[length - 1];
            if (sellers[buyer] != TRANSFER_NONE)
                go_on(arena, report->accounts[buyer], report->accounts[sellers[buyer]]);
        }
    }
}
