#include "job/expiry.h"

#include "base/clock.h"
#include "store/quarantine.h"
#include "store/submission.h"

/* So many rounds of some hundred, so that other jobs have their turn. */
enum { ROUNDS_MAX = 20 };

static const int64_t DAY_US = INT64_C(24) * 60 * 60 * 1000 * 1000;

static bool expire_all(struct ctx *ctx, struct db *db, int days,
                       bool (*expire)(struct ctx *ctx, struct db *db, int64_t before_us,
                                      int64_t now_us, int *count))
{
    int64_t now_us = clock_now_us();
    int count = 1;

    for (int i = 0; i < ROUNDS_MAX && count > 0; i++) {
        if (!expire(ctx, db, now_us - days * DAY_US, now_us, &count))
            return false;
    }
    return true;
}

bool expiry_job_run(struct ctx *ctx, struct db *db, void *expiry_job)
{
    const struct expiry_job *job = expiry_job;

    return expire_all(ctx, db, job->staged_days, submission_expire) &&
           expire_all(ctx, db, job->quarantine_days, quarantine_expire);
}
