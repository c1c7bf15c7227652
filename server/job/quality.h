/*
 * Closes the data quality of the month that has ended: once, for every member that contributes.
 */
#pragma once

#include "job/job.h"

/* A job without user data. */
MUST_USE bool quality_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more);
