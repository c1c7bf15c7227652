#include "job/quality.h"

#include "base/clock.h"
#include "base/day.h"
#include "store/quality.h"

bool quality_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more)
{
    int64_t now_us = clock_now_us();
    struct period month = period_of_day(clock_day_of(now_us));
    int count;

    (void)unused;
    (void)has_more;
    month.number--;
    return quality_close(ctx, db, month, now_us, &count);
}

bool dispute_job_run(struct ctx *ctx, struct db *db, void *dispute_job, bool *has_more)
{
    const struct dispute_job *job = dispute_job;
    int64_t count;

    (void)has_more;
    if (!quality_unanswered(ctx, db, clock_day_of(clock_now_us()), &count))
        return false;
    job->counted(job->user, count);
    return true;
}
