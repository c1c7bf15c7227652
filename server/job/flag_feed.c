#include "job/flag_feed.h"

#include "base/clock.h"
#include "store/flag.h"

bool flag_feed_job_run(struct ctx *ctx, struct db *db, void *flag_feed_job, bool *has_more)
{
    const struct flag_feed_job *job = flag_feed_job;
    struct flag_feed *feeds;
    int count;

    (void)has_more;
    if (!flag_feeds(ctx, db, &feeds, &count))
        return false;
    for (int i = 0; job->found && i < count; i++)
        job->found(job->user, feeds[i].code, feeds[i].missing);
    return true;
}

bool flag_sweep_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more)
{
    (void)unused;
    (void)has_more;
    return flag_sweep(ctx, db, clock_now_us());
}
