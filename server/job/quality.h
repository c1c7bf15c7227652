/*
 * Closes the data quality of the month that has ended: once, for every member that contributes.
 */
#pragma once

#include "job/job.h"

/* A job without user data. */
MUST_USE bool quality_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more);

struct dispute_job {
    /* How many disputes are past their last day and have no answer (T005). */
    void (*counted)(void *user, int64_t unanswered);
    void *user;
};

MUST_USE bool dispute_job_run(struct ctx *ctx, struct db *db, void *dispute_job, bool *has_more);
