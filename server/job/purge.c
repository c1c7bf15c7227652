#include "job/purge.h"

#include "base/clock.h"

/* A slice of so many takes some tenths of a second. */
enum { SUBJECTS = 1000 };

bool purge_job_run(struct ctx *ctx, struct db *db, void *purge_job, bool *has_more)
{
    const struct purge_job *job = purge_job;
    struct purge_slice slice = {0};
    struct purge_turn turn;
    int64_t now_us = clock_now_us();

    if (!purge_turn(ctx, db, job->hours, now_us, &turn))
        return false;
    if (job->passed && turn.has_ended)
        job->passed(job->user, turn.ended_at_us);
    if (!turn.is_due)
        return true;
    if (!purge_step(ctx, db, turn.after_id, SUBJECTS, false, now_us, &slice))
        return false;
    if (job->purged)
        job->purged(job->user, &slice);
    if (!purge_note(ctx, db, &slice, now_us))
        return false;
    if (job->passed && slice.is_last)
        job->passed(job->user, now_us);
    *has_more = !slice.is_last;
    return true;
}
