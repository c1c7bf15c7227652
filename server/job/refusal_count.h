/*
 * Writes the counts of what was refused before the queue, once a period: one row for each member,
 * method and reason, so that a flood of refusals cannot flood the audit log. What could not be
 * written stays and is tried again under the same ids; what a crash takes is at most one period.
 */
#pragma once

#include "job/job.h"
#include "store/refusal.h"

struct batch;

enum { REFUSAL_JOB_MAX = 256 };

/* Zero-initialise but for batch. */
struct refusal_job {
    struct batch *batch;
    struct refusal_count pending[REFUSAL_JOB_MAX];
    int pending_count;
};

/* A job over a struct refusal_job. */
MUST_USE bool refusal_job_run(struct ctx *ctx, struct db *db, void *refusal_job, bool *has_more);
