/*
 * Merges what transactions appended to the roll-ups, slice by slice until nothing is left. Readers
 * add both, so that no answer waits for it; it only keeps what they have to add up small.
 */
#pragma once

#include "job/job.h"

struct rollup_job {
    void (*merged)(void *user, int64_t deltas); /* for metrics; may be NULL */
    void *user;
};

/* A job over a struct rollup_job. */
MUST_USE bool rollup_job_run(struct ctx *ctx, struct db *db, void *rollup_job, bool *has_more);
