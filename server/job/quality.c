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
