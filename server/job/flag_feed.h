/*
 * Listings: tells the operator whose feeds lack numbers (D009), and finds again who is
 * listed for the case of an own organisation (D006), which transactions of one moment may miss.
 */
#pragma once

#include "job/job.h"

struct flag_feed_job {
    /* A court's code, and how many numbers its feeds lack now. */
    void (*found)(void *user, const char *code, int64_t missing);
    void *user;
};

MUST_USE bool flag_feed_job_run(struct ctx *ctx, struct db *db, void *flag_feed_job,
                                bool *has_more);

/* A job without user data. */
MUST_USE bool flag_sweep_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more);
