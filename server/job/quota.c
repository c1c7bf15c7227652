#include "job/quota.h"

#include "base/clock.h"
#include "batch/batch.h"
#include "store/quota.h"

bool quota_job_run(struct ctx *ctx, struct db *db, void *quota_job, bool *has_more)
{
    struct quota_job *job = quota_job;
    struct day today = clock_day_of(clock_now_us());
    struct member_spending *spent = arena_array(ctx->arena, BATCH_SPENDINGS_MAX, sizeof(*spent));
    int count = batch_spendings(job->batch, today, spent);
    struct member_spending *known;
    int known_count;

    (void)has_more;
    if (count == 0 && job->is_begun)
        return true;
    if (!quota_note(ctx, db, job->node, today, spent, count, &known, &known_count))
        return false;
    for (int i = 0; i < known_count; i++)
        batch_learn_spending(job->batch, today, &known[i]);
    job->is_begun = true;
    return true;
}
