#include "job/flag_feed.h"

#include "base/clock.h"
#include "store/flag.h"

bool flag_feed_job_run(struct ctx *ctx, struct db *db, void *flag_feed_job)
{
    const struct flag_feed_job *job = flag_feed_job;
    struct flag_feed *feeds;
    int count;

    if (!flag_feeds(ctx, db, &feeds, &count))
        return false;
    for (int i = 0; job->found && i < count; i++)
        job->found(job->user, feeds[i].code, feeds[i].source, feeds[i].missing);
    return true;
}

bool flag_sweep_job_run(struct ctx *ctx, struct db *db, void *unused)
{
    enum { ROUNDS_MAX = 100 };
    int count = FLAG_SWEEP_MAX;

    (void)unused;
    for (int i = 0; i < ROUNDS_MAX && count == FLAG_SWEEP_MAX; i++)
        if (!flag_sweep(ctx, db, clock_now_us(), &count))
            return false;
    return true;
}
