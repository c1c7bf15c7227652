/*
 * Rates everybody, slice by slice, and keeps what is another answer than the one before: all
 * subjects when other standards are in force and once a day, and those whose data changed within
 * seconds. A slice is one read and one transaction of its own; a pass goes on where it stood after
 * a restart, and lenders' pools never wait for it. Standards that read transactions are left out:
 * what they say is for members that may see those alone.
 */
#pragma once

#include "batch/standards.h"
#include "job/job.h"
#include "store/rating_pass.h"

struct rating_job {
    struct standards *standards;
    /* A slice: subjects, ratings written, time of reading and of the rest; may be NULL. */
    void (*rated)(void *user, int subjects, int written, int64_t read_us, int64_t rate_us);
    /* How far it is behind, when a run ends; may be NULL. */
    void (*behind)(void *user, const struct rating_behind *behind);
    void *user;
};

/* A job over a struct rating_job. */
MUST_USE bool rating_job_run(struct ctx *ctx, struct db *db, void *rating_job, bool *has_more);
