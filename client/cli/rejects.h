/*
 * The reject file of a submission: the records that were not taken, in the form of the input, each
 * with line, field, rule, severity and reason.
 *
 * CSV gets the columns cix_line, cix_column, cix_rule, cix_severity, cix_reason behind its own;
 * JSON lines get a key "cix". Both are passed over when the file is mended and submitted. Several
 * verdicts on one record are joined by "; ".
 */
#pragma once

#include "cix.h"
#include "cli/records.h"

/* What was submitted, and how. */
struct rejects_source {
    struct records_input input;
    const char *submission_id; /* NULL: nothing was sent, only what cannot be read is written */
    int chunk_max;             /* records a chunk, as they were sent */
    bool has_warnings;         /* also write what was taken with a remark */
};

/*
 * Reads the input again beside the verdicts of the exchange and writes FILE.rejects.csv or
 * FILE.rejects.jsonl; path: its name, in the arena of ctx. Errors of the exchange go to error,
 * those of files to ctx (then error->status is CIX_OK). count: records written; with none, no file
 * is left.
 */
MUST_USE bool rejects_write(struct ctx *ctx, struct cix_client *client,
                            const struct rejects_source *source, int64_t *count, const char **path,
                            struct cix_error *error);
