/*
 * Holds the limits of risk that members set themselves against the month whose reports are due,
 * once a month and limit.
 */
#pragma once

#include "job/job.h"

/* A job without user data. */
MUST_USE bool limit_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more);
