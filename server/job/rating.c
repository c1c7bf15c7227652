#include "job/rating.h"

#include "base/clock.h"
#include "job/rating_reader.h"

enum {
    RUN_US = 60 * 1000 * 1000, /* that a run goes on */
    LOOK_US = 1000 * 1000,     /* between two looks at what has changed, and at how far it is */
};

/* What a run works with; the arena of ctx is of one slice. */
struct run {
    const struct rating_job *job;
    const struct standards_set *set;
    struct ctx ctx;
    struct db *db;
    struct rating_reader *reader; /* NULL: there was nothing to read yet */
    struct rating_work work;
    bool is_open[RATING_PASS_DUE + 1]; /* not all that is read of the pass is written */
    bool is_over; /* other standards, or another server: nothing is written any more */
    int64_t end_us, looked_us, told_us;
};

static bool open_pass(struct run *run, enum rating_pass pass, int64_t after)
{
    struct db_options options = {.uri = run->job->database_uri,
                                 .role = DB_ROLE_ADMIN,
                                 .application = "cixd rating read",
                                 .statement_timeout_ms = run->job->statement_timeout_ms};

    if (!run->reader && !rating_reader_start(&run->ctx, &options, run->db, &run->reader))
        return false;
    rating_reader_open(run->reader, pass, after);
    run->is_open[pass] = true;
    return true;
}

/* Looks for work. Other standards than this server holds: within a second it has them. */
static bool look(struct run *run)
{
    const struct rating_work *work = &run->work;

    if (!rating_pass_open(&run->ctx, run->db, clock_now_us(), &run->work))
        return false;
    run->looked_us = clock_monotonic_us();
    run->is_over = !work->is_any || work->revision != run->set->revision;
    if (run->is_over)
        return true;
    if (work->is_due && !open_pass(run, RATING_PASS_DUE, 0))
        return false;
    return !work->is_open || run->is_open[RATING_PASS_ALL] ||
           open_pass(run, RATING_PASS_ALL, work->through);
}

static bool keep(struct run *run, const struct rating_slice *slice, int64_t read_us)
{
    int64_t begun_us = clock_monotonic_us();
    const struct rating_job *job = run->job;
    struct rating_given given;

    if (!rating_keep(&run->ctx, run->db, run->set, slice, run->work.turn, &given))
        return false;
    run->is_over = given.written < 0;
    if (job->rated && !run->is_over)
        job->rated(job->user, slice->count, given.written, read_us,
                   clock_monotonic_us() - begun_us);
    if (job->skipped && given.skipped.count > 0)
        job->skipped(job->user, &given.skipped);
    if (slice->is_end)
        run->is_open[slice->ask.pass] = false;
    return true;
}

/* Who is due now is looked up when nobody is any more whom the latest look found. */
static bool is_time_to_look(const struct run *run)
{
    return !run->is_over && !run->is_open[RATING_PASS_DUE] &&
           clock_monotonic_us() - run->looked_us >= LOOK_US;
}

static bool tell_behind(struct run *run)
{
    const struct rating_job *job = run->job;
    struct rating_behind behind;

    run->told_us = clock_monotonic_us();
    if (!job->behind)
        return true;
    if (!rating_behind(&run->ctx, run->db, clock_now_us(), &behind))
        return false;
    job->behind(job->user, &behind);
    return true;
}

static bool is_time_to_end(const struct run *run)
{
    return clock_monotonic_us() >= run->end_us || db_is_cancelled(run->db);
}

/* Whatever is done between two slices. */
static bool turn(struct run *run, bool *has_more)
{
    if (clock_monotonic_us() - run->told_us >= LOOK_US && !tell_behind(run))
        return false;
    if (run->is_over || is_time_to_end(run))
        *has_more = rating_reader_pause(run->reader) && !run->is_over;
    else if (is_time_to_look(run))
        return look(run);
    return true;
}

/* Slices that were read ahead when the run ends are still written. */
static bool rate_on(struct run *run, bool *has_more)
{
    const struct rating_slice *slice;
    int64_t read_us;

    if (!look(run))
        return false;
    while (run->reader) {
        arena_reset(run->ctx.arena);
        if (!turn(run, has_more) || !rating_reader_take(&run->ctx, run->reader, &slice, &read_us))
            return false;
        if (!slice)
            return true;
        if (!run->is_over && !keep(run, slice, read_us))
            return false;
    }
    return true;
}

/* Whoever does not rate has nothing to do. Of two failures the first is told. */
static bool rate_alone(struct run *run, bool *has_more)
{
    struct ctx end;
    bool is_ours, is_good;

    if (!rating_begin(&run->ctx, run->db, &is_ours) || !is_ours)
        return run->ctx.error.code == ERR_NONE;
    is_good = rate_on(run, has_more);
    rating_reader_stop(run->reader);
    ctx_init(&end, run->ctx.arena);
    if (!rating_end(&end, run->db) && is_good)
        return fail(&run->ctx, end.error.code, end.error.reason, "%s", end.error.message);
    return is_good;
}

bool rating_job_run(struct ctx *ctx, struct db *db, void *rating_job, bool *has_more)
{
    const struct rating_job *job = rating_job;
    struct run run = {.job = job, .db = db, .end_us = clock_monotonic_us() + RUN_US};
    struct arena arena;
    bool is_done;

    arena_init(&arena, 0);
    ctx_init(&run.ctx, &arena);
    run.set = standards_acquire(job->standards);
    is_done = rate_alone(&run, has_more) && tell_behind(&run);
    if (!is_done)
        (void)fail(ctx, run.ctx.error.code, run.ctx.error.reason, "%s", run.ctx.error.message);
    standards_release(job->standards, run.set);
    arena_done(&arena);
    return is_done;
}
