/*
 * Subjects put together from files of records, as a report would show them, to be rated offline.
 *
 * Accounts belong to the file they came from (one member, one file); subjects of several files are
 * joined by their identifier. Only JSON lines of cix.v1.Record are read; what no rating looks at is
 * passed over. Records are taken as they are: `cix submit --dry-run` says whether they keep the
 * rules.
 */
#pragma once

#include "base/ctx.h"
#include "domain/rating.h"

struct dossier;

/* One subject. Valid until dossier_close. */
struct dossier_subject {
    const char *account_no; /* of its first account, by file and number: names it in files */
    const char *const *account_numbers;
    struct rating_input input;
};

/*
 * Reads the files. Errors: FILE, and those of a record that cannot be read (with file and line).
 * dossier_close releases it; it accepts NULL.
 */
MUST_USE bool dossier_open(struct ctx *ctx, char *const *paths, int count,
                           struct dossier **dossier);
void dossier_close(struct dossier *dossier);

/* The day after the latest month of any account: what a rating of these files is as of. */
struct day dossier_day(const struct dossier *dossier);

/* How many subjects have accounts. */
int dossier_count(const struct dossier *dossier);

/* One of them, from 0, in the order of their first accounts. as_of goes into the input. */
void dossier_subject(struct dossier *dossier, int at, struct day as_of,
                     struct dossier_subject *subject);
