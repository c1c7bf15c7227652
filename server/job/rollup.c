#include "job/rollup.h"

#include "base/clock.h"
#include "store/rollup.h"

/* A slice takes some tenths of a second, during which nobody waits for it; a run of slices ends
   within seconds, so that the server can end and other jobs have their turn. */
enum { SLICE = 10000, SLICES_MAX = 20 };

bool rollup_job_run(struct ctx *ctx, struct db *db, void *rollup_job)
{
    const struct rollup_job *job = rollup_job;
    int moved = SLICE;

    for (int i = 0; i < SLICES_MAX && moved == SLICE; i++) {
        if (!rollup_merge(ctx, db, SLICE, clock_now_us(), &moved))
            return false;
        if (job->merged && moved > 0)
            job->merged(job->user, moved);
    }
    return true;
}
