/*
 * Tells the operator which feeds of courts lack numbers (D009): a metric a feed, and a log line
 * when more are missing than before.
 */
#pragma once

#include "job/job.h"

struct flag_feed_job {
    /* A court's code, its feed, and how many numbers are missing now. */
    void (*found)(void *user, const char *code, const char *source, int64_t missing);
    void *user;
};

MUST_USE bool flag_feed_job_run(struct ctx *ctx, struct db *db, void *flag_feed_job);
