/*
 * Rates everybody, slice by slice, and keeps what is another answer than the one before: all
 * subjects when other standards are in force and once a day, and those whose data changed within
 * seconds. Slices of both take turns, so that neither waits for the other to end. A slice is read
 * ahead on a connection of its own while the one before is rated and written: what takes longer
 * decides. A pass goes on where it stood after a restart, one server rates at a time, and lenders'
 * pools never wait for it. Standards that read transactions are left out: what they say is for
 * members that may see those alone.
 */
#pragma once

#include "batch/standards.h"
#include "job/job.h"
#include "job/rating_keep.h"

struct rating_job {
    struct standards *standards;
    const char *database_uri; /* for reading */
    int statement_timeout_ms; /* of that; 0: that of every connection */
    /* A slice: subjects, ratings written, time of reading and of the rest; may be NULL. */
    void (*rated)(void *user, int subjects, int written, int64_t read_us, int64_t rate_us);
    /* What of a slice could not be rated or kept; may be NULL. */
    void (*skipped)(void *user, const struct rating_skipped *skipped);
    /* How far it is behind, when a run ends; may be NULL. */
    void (*behind)(void *user, const struct rating_behind *behind);
    void *user;
};

/* A job over a struct rating_job. A run ends within seconds; it has more while there is work. */
MUST_USE bool rating_job_run(struct ctx *ctx, struct db *db, void *rating_job, bool *has_more);
