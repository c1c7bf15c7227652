/*
 * Background work: a thread with a connection of its own that runs a list of jobs, each at its
 * period. A run is a slice of work, so that the others of its thread have their turn; a job that
 * has more to do is run again at once. One that fails is reported and tried again after its
 * period; the database may come and go.
 */
#pragma once

#include <stdbool.h>

#include "base/ctx.h"
#include "db/db.h"

struct jobs;

/*
 * One job. run: true when all went well; ctx is fresh for each run, its arena is released after;
 * has_more comes as false. A run may be cut off by a stop at any statement: what it was about to do
 * is done by the next server.
 */
struct job {
    const char *name;
    int period_ms;
    bool (*run)(struct ctx *ctx, struct db *db, void *user, bool *has_more);
    void *user;
};

struct job_options {
    const char *database_uri;
    enum db_role role;
    const char *application;  /* by which pg_stat_activity names the connection */
    int statement_timeout_ms; /* 0: that of every connection */
    const struct job *jobs;   /* must outlive the thread; at most 16 */
    int job_count;
    /* For log and metrics. in_row: how often the job has failed since it last went well, 1.. */
    void (*failed)(void *user, const char *job, const struct error *error, int in_row);
    void *user;
};

MUST_USE bool jobs_start(struct ctx *ctx, const struct job_options *options, struct jobs **jobs);

/* Cuts the statement of the running job off and ends: at once, unless the database is out of reach
 * (10 s). Accepts NULL. */
void jobs_stop(struct jobs *jobs);

/* False when the job that ran last failed, mostly since the database is away. Any thread. */
bool jobs_are_well(const struct jobs *jobs);
