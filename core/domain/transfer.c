#include "domain/transfer.h"

static int find(const struct transfer *accounts, int count, int buyer)
{
    int64_t wanted = accounts[buyer].taken_over_from;

    if (wanted == 0 || wanted == accounts[buyer].account_id)
        return TRANSFER_NONE;
    for (int i = 0; i < count; i++) {
        if (accounts[i].account_id == wanted)
            return i;
    }
    return TRANSFER_NONE;
}

/* The account of a ring with the lowest id; in: any of the ring. */
static int oldest_of_ring(const struct transfer *accounts, const int *sellers, int in)
{
    int oldest = in;

    for (int at = sellers[in]; at != in; at = sellers[at]) {
        if (accounts[at].account_id < accounts[oldest].account_id)
            oldest = at;
    }
    return oldest;
}

void transfer_sellers(struct arena *arena, const struct transfer *accounts, int count, int *sellers)
{
    int *walked = arena_array(arena, (size_t)count, sizeof(*walked)); /* in which walk, from 1 */

    for (int i = 0; i < count; i++)
        sellers[i] = find(accounts, count, i);
    for (int i = 0; i < count; i++) {
        int at = i;

        for (; at != TRANSFER_NONE && walked[at] == 0; at = sellers[at])
            walked[at] = i + 1;
        if (at != TRANSFER_NONE && walked[at] == i + 1)
            sellers[oldest_of_ring(accounts, sellers, at)] = TRANSFER_NONE;
    }
}
