/*
 * Ends what members left alone: files that were staged and never committed, and records kept aside
 * that nobody reviewed. Each leaves its audit row. Days, not hours: what is sent is kept long
 * enough for a member to come back to it.
 */
#pragma once

#include <stdatomic.h>

#include "job/job.h"

struct expiry_job {
    atomic_int staged_days;     /* of files that are open or held */
    atomic_int quarantine_days; /* of records that wait for a review */
};

/* A job over a struct expiry_job. */
MUST_USE bool expiry_job_run(struct ctx *ctx, struct db *db, void *expiry_job, bool *has_more);
