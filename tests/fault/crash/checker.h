/*
 * Compares what clients know (journal) with what the exchange holds: nothing acknowledged is lost,
 * nothing is doubled, nothing is there without an intent, and the kept state equals the rebuilt.
 */
#pragma once

#include <stdbool.h>

#include "db/db.h"
#include "fault/crash/journal.h"

/* Counts of what is wrong; all zero is the promise kept. */
struct verdict {
    int64_t lost;    /* acknowledged chunks that are not there, or with other counts */
    int64_t doubled; /* months of an account that are there twice */
    int64_t partial; /* chunks whose rows are not as many as it says */
    int64_t forged;  /* rows without an intent */
    int64_t inquiries_lost;
    int64_t rebuilt; /* rows where kept and rebuilt differ */
};

/*
 * Checks everything through SQL as the owner, inside the transaction that may be open. The journal
 * goes into temporary tables of the connection.
 */
void checker_load(struct db *db, const struct journal_content *content);
void checker_run(struct db *db, struct verdict *verdict);

bool verdict_is_clean(const struct verdict *verdict);

/*
 * Proves the checker: plants a loss, a double, a change and a forged row, each in a transaction
 * that is rolled back, and demands that each is found. Returns how many of the four were.
 */
int checker_prove(struct db *db);
