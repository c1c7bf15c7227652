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
    (void)unused;
    return flag_sweep(ctx, db, clock_now_us());
}
