#include "job/purge.h"

#include "base/clock.h"

/* A slice takes some tenths of a second; a run of slices ends within seconds, so that the server
   can end and other jobs have their turn. */
enum { SUBJECTS = 1000, SLICES_MAX = 20 };

bool purge_job_run(struct ctx *ctx, struct db *db, void *purge_job)
{
    const struct purge_job *job = purge_job;
    struct purge_slice slice = {0};
    struct purge_turn turn;

    if (!purge_turn(ctx, db, job->hours, clock_now_us(), &turn))
        return false;
    if (job->passed && turn.has_ended)
        job->passed(job->user, turn.ended_at_us);
    for (int i = 0; turn.is_due && i < SLICES_MAX && !slice.is_last; i++) {
        int64_t now_us = clock_now_us();

        if (!purge_step(ctx, db, turn.after_id, SUBJECTS, false, now_us, &slice))
            return false;
        if (job->purged)
            job->purged(job->user, &slice);
        if (!purge_note(ctx, db, &slice, now_us))
            return false;
        turn.after_id = slice.next_id;
        if (job->passed && slice.is_last)
            job->passed(job->user, now_us);
    }
    return true;
}
