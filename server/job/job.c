#include "job/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum { JOBS_MAX = 16, TICK_US = 50 * 1000 };

struct jobs {
    struct job_options options;
    int64_t due_us[JOBS_MAX];
    int failures[JOBS_MAX];  /* in a row */
    _Atomic(struct db *) db; /* from the first connection on */
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_bool has_ended;
    atomic_bool is_failing; /* the job that ran last failed */
};

static void report(struct jobs *jobs, int i, const struct ctx *ctx)
{
    jobs->failures[i]++;
    if (jobs->options.failed)
        jobs->options.failed(jobs->options.user, jobs->options.jobs[i].name, &ctx->error,
                             jobs->failures[i]);
}

static bool reach(struct ctx *ctx, struct jobs *jobs)
{
    struct db_options options = {.uri = jobs->options.database_uri,
                                 .role = jobs->options.role,
                                 .application = jobs->options.application,
                                 .statement_timeout_ms = jobs->options.statement_timeout_ms};
    struct db *db = jobs->db;

    if (db)
        return db_is_alive(db) || db_reopen(ctx, db);
    if (!db_open(ctx, &options, &db))
        return false;
    jobs->db = db;
    return true;
}

/* What a stop cuts off is no failure. True when the job has more to do. */
static bool run_one(struct jobs *jobs, int i)
{
    const struct job *job = &jobs->options.jobs[i];
    struct arena arena;
    struct ctx ctx;
    bool is_done, has_more = false;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    is_done = reach(&ctx, jobs) && job->run(&ctx, jobs->db, job->user, &has_more);
    jobs->is_failing = !is_done;
    if (is_done)
        jobs->failures[i] = 0;
    else if (!jobs->is_stopping)
        report(jobs, i, &ctx);
    arena_done(&arena);
    return is_done && has_more;
}

/* A turn for each that is due. True when one of them has more to do. */
static bool run_due(struct jobs *jobs)
{
    bool is_any = false;

    for (int i = 0; i < jobs->options.job_count && !jobs->is_stopping; i++) {
        bool has_more;

        if (clock_monotonic_us() < jobs->due_us[i])
            continue;
        has_more = run_one(jobs, i);
        is_any = is_any || has_more;
        if (!has_more)
            jobs->due_us[i] =
                clock_monotonic_us() + (int64_t)jobs->options.jobs[i].period_ms * 1000;
    }
    return is_any;
}

static void *jobs_run(void *argument)
{
    struct jobs *jobs = argument;

    while (!jobs->is_stopping)
        if (!run_due(jobs))
            usleep(TICK_US);
    jobs->has_ended = true;
    return NULL;
}

bool jobs_start(struct ctx *ctx, const struct job_options *options, struct jobs **result)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));

    CHECK(jobs && options->job_count <= JOBS_MAX);
    jobs->options = *options;
    if (pthread_create(&jobs->thread, NULL, jobs_run, jobs)) {
        free(jobs);
        return fail(ctx, ERR_INTERNAL, "NO_THREAD", "a job thread could not be started");
    }
    *result = jobs;
    return true;
}

void jobs_stop(struct jobs *jobs)
{
    if (!jobs)
        return;
    jobs->is_stopping = true;
    /* Again and again: between two statements of a job there is none to cut off. */
    while (!jobs->has_ended) {
        if (jobs->db)
            db_cancel(jobs->db);
        usleep(TICK_US);
    }
    pthread_join(jobs->thread, NULL);
    db_close(jobs->db);
    free(jobs);
}

bool jobs_are_well(const struct jobs *jobs)
{
    return jobs && !jobs->is_failing;
}
