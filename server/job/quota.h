/*
 * Tells the database what members spent of their daily quotas here, and learns what they spent at
 * other servers, and here before a restart. What a crash forgets is at most what was spent since
 * the last run.
 */
#pragma once

#include "job/job.h"

struct batch;

struct quota_job {
    struct batch *batch;
    int node;      /* of this server, as in its ids */
    bool is_begun; /* what was spent before the start is known */
};

/* A job over a struct quota_job. */
MUST_USE bool quota_job_run(struct ctx *ctx, struct db *db, void *quota_job, bool *has_more);
