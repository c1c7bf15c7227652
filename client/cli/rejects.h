/*
 * The reject file of a submission: the records that were not taken, in the form of the input, each
 * with line, field, rule, severity, reason and, when it was kept aside, its place in quarantine.
 *
 * CSV gets the columns cix_line, cix_column, cix_rule, cix_severity, cix_reason, cix_record behind
 * its own, and behind them the cells that a row had beyond its headings; JSON lines get a key
 * "cix". Both are passed over when the file is mended and submitted. Several verdicts on one record
 * are joined by "; ".
 */
#pragma once

#include "cix.h"
#include "cli/judge.h"
#include "cli/records.h"

/* What was submitted, and how. */
struct rejects_source {
    struct records_input input;
    const char *submission_id; /* NULL: nothing was sent, only what cannot be read is written */
    struct judge *judge;       /* instead of a submission: judges each record; NULL: nobody does */
    int chunk_max;             /* records a chunk, as they were sent */
    bool has_warnings;         /* also write what was taken with a remark */
};

/* What came of it. */
struct rejects {
    const char *path;   /* name of the reject file, in the arena of ctx */
    int64_t count;      /* records in it; with none, no file is left */
    int64_t unreadable; /* records that could not be read */
};

/*
 * Reads the input beside a judge, or again beside the verdicts of the exchange and writes
 * FILE.rejects.csv or FILE.rejects.jsonl. Errors of the exchange go to error, those of files to ctx
 * (then error->status is CIX_OK). client may be NULL without a submission.
 */
MUST_USE bool rejects_write(struct ctx *ctx, struct cix_client *client,
                            const struct rejects_source *source, struct rejects *rejects,
                            struct cix_error *error);
