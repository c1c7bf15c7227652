#include "job/expiry.h"

#include "base/clock.h"
#include "store/quarantine.h"
#include "store/submission.h"

static const int64_t DAY_US = INT64_C(24) * 60 * 60 * 1000 * 1000;

bool expiry_job_run(struct ctx *ctx, struct db *db, void *expiry_job, bool *has_more)
{
    const struct expiry_job *job = expiry_job;
    int64_t now_us = clock_now_us();
    int files = 0, records = 0;

    if (!submission_expire(ctx, db, now_us - job->staged_days * DAY_US, now_us, &files) ||
        !quarantine_expire(ctx, db, now_us - job->quarantine_days * DAY_US, now_us, &records))
        return false;
    *has_more = files > 0 || records > 0;
    return true;
}
