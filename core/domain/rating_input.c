#include "domain/rating_input.h"

#include <string.h>

#include "domain/transfer.h"

enum { ADULT_YEARS = 18, PURPOSES = 4 };

/* Sources with their months, while chains are followed. */
struct chain {
    struct arena *arena;
    struct rating_source *links;
    int count;
    int *sellers; /* numbers among links, or TRANSFER_NONE */
    int *path;    /* room for a walk from a buyer back */
    bool *is_done;
    bool *is_continued; /* counted with the one that goes on with it */
};

/* The oldest month that an account tells of itself. */
static int oldest_of(const struct rating_source *link)
{
    int oldest = INT32_MAX;

    if (link->status_count > 0)
        oldest = link->statuses[link->status_count - 1].period.number;
    if (link->month_count > 0 && link->months[link->month_count - 1].period.number < oldest)
        oldest = link->months[link->month_count - 1].period.number;
    return oldest;
}

static void append_statuses(struct arena *arena, struct rating_source *buyer,
                            const struct rating_source *seller, int oldest)
{
    int first = 0, own = buyer->status_count;

    while (first < seller->status_count && seller->statuses[first].period.number >= oldest)
        first++;
    int more = seller->status_count - first;
    struct ring_status *all = arena_array(arena, (size_t)(own + more), sizeof(*all));

    if (own > 0)
        memcpy(all, buyer->statuses, (size_t)own * sizeof(*all));
    if (more > 0)
        memcpy(all + own, seller->statuses + first, (size_t)more * sizeof(*all));
    buyer->statuses = all;
    buyer->status_count = own + more;
}

static void append_months(struct arena *arena, struct rating_source *buyer,
                          const struct rating_source *seller, int oldest)
{
    int first = 0, own = buyer->month_count;

    while (first < seller->month_count && seller->months[first].period.number >= oldest)
        first++;
    int more = seller->month_count - first;
    struct ring_month *all = arena_array(arena, (size_t)(own + more), sizeof(*all));

    if (own > 0)
        memcpy(all, buyer->months, (size_t)own * sizeof(*all));
    if (more > 0)
        memcpy(all + own, seller->months + first, (size_t)more * sizeof(*all));
    buyer->months = all;
    buyer->month_count = own + more;
}

static void go_on(struct chain *chain, int index)
{
    struct rating_source *buyer = &chain->links[index];
    int place = chain->sellers[index];

    if (place == TRANSFER_NONE)
        return;
    const struct rating_source *seller = &chain->links[place];
    int oldest = oldest_of(buyer);

    append_statuses(chain->arena, buyer, seller, oldest);
    append_months(chain->arena, buyer, seller, oldest);
    if (buyer->last_period.number == 0)
        buyer->last_period = seller->last_period;
    chain->is_continued[place] |= seller->type == buyer->type;
}

/* Sellers first, so that a chain hands its whole history on. */
static void extend(struct chain *chain, int index)
{
    int length = 0;

    for (int at = index; at != TRANSFER_NONE && !chain->is_done[at]; at = chain->sellers[at]) {
        chain->is_done[at] = true;
        chain->path[length++] = at;
    }
    while (length > 0)
        go_on(chain, chain->path[--length]);
}

static void find_sellers(struct chain *chain)
{
    size_t count = (size_t)chain->count;
    struct transfer *transfers = arena_array(chain->arena, count, sizeof(*transfers));

    for (int i = 0; i < chain->count; i++)
        transfers[i] =
            (struct transfer){chain->links[i].account_id, chain->links[i].taken_over_from};
    chain->sellers = arena_array(chain->arena, count, sizeof(*chain->sellers));
    transfer_sellers(chain->arena, transfers, chain->count, chain->sellers);
}

static struct rating_account account_of(const struct rating_source *link)
{
    return (struct rating_account){
        .type = link->type,
        .business_type = link->business_type,
        .currency = link->currency,
        .limit = link->credit_limit.is_present ? link->credit_limit : link->original_amount,
        .opened_on = link->opened_on,
        .member_id = link->member_id,
        .is_closed = link->has_closing_day ||
                     code_account_status_is_closed(link->type, link->account_status),
        .is_bad_debt = code_account_status_is_bad_debt(link->type, link->account_status),
        .last_period = link->last_period,
        .statuses = link->statuses,
        .status_count = link->status_count,
        .months = link->months,
        .month_count = link->month_count,
    };
}

/* Whether any account goes on with another: hardly anybody's. */
static bool is_chained(const struct rating_source *sources, int count)
{
    for (int i = 0; i < count; i++) {
        if (sources[i].taken_over_from != 0)
            return true;
    }
    return false;
}

int rating_accounts_of(struct arena *arena, const struct rating_source *sources, int count,
                       struct rating_account *accounts)
{
    struct chain chain = {.arena = arena, .count = count};
    int kept = 0;

    if (!is_chained(sources, count)) {
        for (int i = 0; i < count; i++)
            accounts[i] = account_of(&sources[i]);
        return count;
    }
    chain.links = arena_array(arena, (size_t)count, sizeof(*chain.links));
    chain.path = arena_array(arena, (size_t)count, sizeof(*chain.path));
    chain.is_done = arena_array(arena, (size_t)count, sizeof(*chain.is_done));
    chain.is_continued = arena_array(arena, (size_t)count, sizeof(*chain.is_continued));
    memcpy(chain.links, sources, (size_t)count * sizeof(*sources));
    find_sellers(&chain);
    for (int i = 0; i < count; i++)
        extend(&chain, i);
    for (int i = 0; i < count; i++) {
        if (!chain.is_continued[i])
            accounts[kept++] = account_of(&chain.links[i]);
    }
    return kept;
}

bool rating_is_approval(int purpose)
{
    static const int purposes[PURPOSES] = {PURPOSE_LOAN_APPROVAL, PURPOSE_CARD_APPROVAL,
                                           PURPOSE_FINANCING_APPROVAL, PURPOSE_LIMIT_APPROVAL};

    for (int i = 0; i < PURPOSES; i++) {
        if (purposes[i] == purpose)
            return true;
    }
    return false;
}

bool rating_is_under_age(int birth_year, struct day as_of)
{
    int year, month, day;

    day_to_civil(as_of, &year, &month, &day);
    return birth_year > 0 && year - birth_year <= ADULT_YEARS;
}
