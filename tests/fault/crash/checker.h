/*
 * Compares what clients know (journal) with what the exchange holds: nothing acknowledged is lost,
 * nothing is doubled, nothing is there without an intent, corrections have one order that nobody
 * contradicts, and the kept state equals the rebuilt.
 */
#pragma once

#include <stdbool.h>

#include "db/db.h"
#include "fault/crash/journal.h"

/* Counts of what is wrong; all zero is the promise kept. */
struct verdict {
    int64_t lost;       /* acknowledged chunks, commits and corrections of facts that are not there,
                         * or say otherwise */
    int64_t doubled;    /* records, months of an account and files that are there twice */
    int64_t partial;    /* chunks whose months are not as many as they say, or are seen too early */
    int64_t forged;     /* months without an intent */
    int64_t disordered; /* months and facts of which a later version was answered before an earlier
                           began */
    int64_t shown;      /* accounts that were taken back and are still there */
    int64_t unchained;  /* versions of a fact that do not name the one before */
    int64_t unfinished; /* submissions that did not come to their end */
    int64_t inquiries_lost;
    int64_t rebuilt; /* rows where kept and rebuilt differ */
};

enum { CHECKER_PLANTS = 17 };

/*
 * Checks everything through SQL as the owner, inside the transaction that may be open. The journal
 * goes into temporary tables of the connection.
 */
void checker_load(struct db *db, const struct journal_content *content);
void checker_run(struct db *db, struct verdict *verdict);

bool verdict_is_clean(const struct verdict *verdict);

/*
 * Proves the checker: plants an error of each kind, each in a transaction that is rolled back, and
 * demands that the count of its kind shows it. Returns how many of CHECKER_PLANTS were found.
 */
int checker_prove(struct db *db);
