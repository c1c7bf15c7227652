#include "job/rollup.h"

#include "base/clock.h"
#include "store/rollup.h"

/* Takes some tenths of a second, during which nobody waits for it but the jobs of its thread. */
enum { SLICE = 10000 };

bool rollup_job_run(struct ctx *ctx, struct db *db, void *rollup_job, bool *has_more)
{
    const struct rollup_job *job = rollup_job;
    int moved;

    if (!rollup_merge(ctx, db, SLICE, clock_now_us(), &moved))
        return false;
    if (job->merged && moved > 0)
        job->merged(job->user, moved);
    *has_more = moved == SLICE;
    return true;
}
