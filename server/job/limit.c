#include "job/limit.h"

#include "base/clock.h"
#include "base/day.h"
#include "store/supervision.h"

/* A month is reported within ten working days (M030): on the 16th it is looked at. */
enum { REPORTING_DAYS = 15 };

bool limit_job_run(struct ctx *ctx, struct db *db, void *unused, bool *has_more)
{
    int64_t now_us = clock_now_us();
    struct day today = clock_day_of(now_us);
    struct period month = period_add(period_of_day(day_add(today, -REPORTING_DAYS)), -1);
    int count;

    (void)unused;
    if (!supervision_check_limits(ctx, db, month, today, now_us, &count))
        return false;
    *has_more = count == SUPERVISION_LIMITS_MAX;
    return true;
}
