/*
 * Accounts that one member took over from another: which goes on with which. Decided here once, so
 * that a report and a rating count the same.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"

enum { TRANSFER_NONE = -1 };

struct transfer {
    int64_t account_id;
    int64_t taken_over_from; /* account_id of the one that it goes on with; 0: none */
};

/*
 * For each account of a subject the number of the one that it goes on with, or TRANSFER_NONE: none
 * is told, or not one of these, or itself. Whoever follows the numbers comes to an end: in a ring
 * (members say of each other that they sold) the account with the lowest id goes on with none.
 *
 *   sellers  room for count numbers
 */
void transfer_sellers(struct arena *arena, const struct transfer *accounts, int count,
                      int *sellers);
