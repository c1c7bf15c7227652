/*
 * Subjects put together from files of records, as a report would show them, to be rated offline.
 *
 * Accounts belong to the file they came from (one member, one file); subjects of several files are
 * joined by their identifier; transactions and statements are of whoever has an account. Only JSON
 * lines of cix.v1.Record are read; what no rating looks at is passed over. Records are taken as
 * they are: `cix submit --dry-run` says whether they keep the rules.
 */
#pragma once

#include "base/ctx.h"
#include "domain/rating.h"

struct portfolio;

/* One subject. Valid until portfolio_close. */
struct portfolio_subject {
    const char *account_no; /* of its first account, by file and number: names it in files */
    const char *const *account_numbers;
    struct rating_input input;
};

/*
 * Reads the files. Errors: FILE, and those of a record that cannot be read (with file and line).
 * portfolio_close releases it; it accepts NULL.
 */
MUST_USE bool portfolio_open(struct ctx *ctx, char *const *paths, int count,
                             struct portfolio **portfolio);
void portfolio_close(struct portfolio *portfolio);

/* The day after the latest month of any account: what a rating of these files is as of. */
struct day portfolio_day(const struct portfolio *portfolio);

/* How many subjects have accounts. */
int portfolio_count(const struct portfolio *portfolio);

/* One of them, from 0, in the order of their first accounts. as_of goes into the input. */
void portfolio_subject(struct portfolio *portfolio, int at, struct day as_of,
                       struct portfolio_subject *subject);
