#include "job/refusal_count.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "batch/batch.h"
#include "batch/refusal.h"

/* Takes what was counted, and gives it ids and salts that stay until it is written. */
static int take(struct refusal_job *job)
{
    struct refusal rows[REFUSAL_JOB_MAX];
    int count = batch_refusals(job->batch, rows, REFUSAL_JOB_MAX);

    for (int i = 0; i < count; i++) {
        struct refusal_count *pending = &job->pending[i];

        *pending = (struct refusal_count){
            .refusal_id = id_new(),
            .member_id = rows[i].member_id,
            .method = rows[i].method->audit_code,
            .reason = rows[i].reason,
            .count = rows[i].count,
        };
        digest_random(pending->salt, sizeof(pending->salt));
    }
    return count;
}

bool refusal_job_run(struct ctx *ctx, struct db *db, void *refusal_job, bool *has_more)
{
    struct refusal_job *job = refusal_job;

    if (job->pending_count == 0)
        job->pending_count = take(job);
    if (job->pending_count &&
        !refusal_put(ctx, db, job->pending, job->pending_count, clock_now_us()))
        return false;
    *has_more = job->pending_count == REFUSAL_JOB_MAX;
    job->pending_count = 0;
    return true;
}
