/*
 * Deletes what is over (rules Z001 to Z004), a slice of subjects at a time: a pass over all of them
 * every so many hours. What the rules end is hidden already from its day on; the pass only makes
 * it gone.
 */
#pragma once

#include <stdatomic.h>

#include "job/job.h"
#include "store/purge.h"

struct purge_job {
    atomic_int hours; /* from the beginning of a pass to that of the next */
    /* For metrics; may be NULL. ended_at_us: of the latest whole pass; 0: none yet. */
    void (*purged)(void *user, const struct purge_slice *slice);
    void (*passed)(void *user, int64_t ended_at_us);
    void *user;
};

/* A job over a struct purge_job. */
MUST_USE bool purge_job_run(struct ctx *ctx, struct db *db, void *purge_job, bool *has_more);
