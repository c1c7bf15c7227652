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
    int failures[JOBS_MAX]; /* in a row */
    struct db *db;
    pthread_t thread;
    atomic_bool is_stopping;
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
                                 .application = "cixd job",
                                 .statement_timeout_ms = jobs->options.statement_timeout_ms};

    if (!jobs->db)
        return db_open(ctx, &options, &jobs->db);
    return db_is_alive(jobs->db) || db_reopen(ctx, jobs->db);
}

static void run_one(struct jobs *jobs, int i)
{
    const struct job *job = &jobs->options.jobs[i];
    struct arena arena;
    struct ctx ctx;
    bool is_done;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    is_done = reach(&ctx, jobs) && job->run(&ctx, jobs->db, job->user);
    jobs->is_failing = !is_done;
    if (is_done)
        jobs->failures[i] = 0;
    else
        report(jobs, i, &ctx);
    arena_done(&arena);
}

static void *jobs_run(void *argument)
{
    struct jobs *jobs = argument;

    while (!jobs->is_stopping) {
        for (int i = 0; i < jobs->options.job_count && !jobs->is_stopping; i++) {
            const struct job *job = &jobs->options.jobs[i];
            if (clock_monotonic_us() < jobs->due_us[i])
                continue;
            run_one(jobs, i);
            jobs->due_us[i] = clock_monotonic_us() + (int64_t)job->period_ms * 1000;
        }
        usleep(TICK_US);
    }
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
    pthread_join(jobs->thread, NULL);
    db_close(jobs->db);
    free(jobs);
}

bool jobs_are_well(const struct jobs *jobs)
{
    return jobs && !jobs->is_failing;
}
