/*
 * Listings: tells the operator which feeds of courts lack numbers (D009), and finds again who is
 * listed for the case of an own organisation (D006), which transactions of one moment may miss.
 */
#pragma once

#include "job/job.h"

struct flag_feed_job {
    /* A court's code, its feed, and how many numbers are missing now. */
    void (*found)(void *user, const char *code, const char *source, int64_t missing);
    void *user;
};

MUST_USE bool flag_feed_job_run(struct ctx *ctx, struct db *db, void *flag_feed_job,
                                bool *has_more);

/* A job without user data. */
MUST_USE bool flag_sweep_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more);
