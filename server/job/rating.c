#include "job/rating.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/id.h"

/* How far it is behind is told after so many slices. */
enum { SLICE = 500, SLICES_MAX = 20 };

/* What a run works with; the arena is of one slice. */
struct run {
    const struct rating_job *job;
    const struct standards_set *set;
    struct ctx ctx;
    struct db *db;
};

static bool is_applied(const struct standard *standard, const struct rating_input *input)
{
    return standard->behaviours == 0 && (standard->subjects & 1U << input->kind) != 0 &&
           standard->valid_from.number <= input->as_of.number &&
           input->as_of.number <= standard->valid_to.number;
}

/* All that the score follows from. */
static const char *inputs_of(struct arena *arena, const struct standard *standard,
                             const struct rating_input *input)
{
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];
    struct builder text = {.arena = arena};

    rating_values(standard, input, values);
    for (int i = 0; i < standard->attribute_count; i++) {
        if (i)
            builder_text(&text, ",");
        if (values[i].is_present)
            builder_format(&text, "%" PRId64, values[i].number);
    }
    return text.size ? text.data : "";
}

static const char *reasons_of(struct arena *arena, const struct standard *standard,
                              const struct rating *rating)
{
    struct builder text = {.arena = arena};

    for (int i = 0; i < rating->reason_count; i++)
        builder_format(&text, "%s%s:%d", i ? ";" : "",
                       standard->reasons[rating->reasons[i].reason].code, rating->reasons[i].lost);
    return text.size ? text.data : "";
}

static struct rating_kept rate(struct arena *arena, const struct standards_entry *entry,
                               const struct rating_input *input)
{
    const struct standard *standard = entry->standard;
    struct rating rating;

    rating_of(standard, input, &rating);
    struct rating_kept kept = {
        .standard_no = entry->number,
        .exclusion = "",
        .grade = "NR",
        .scored_grade = "",
        .reasons = "",
        .inputs = inputs_of(arena, standard, input),
    };
    if (!rating.is_rated) {
        kept.exclusion = standard->reasons[rating.exclusion].code;
        return kept;
    }
    kept.score = (int16_t)rating.score;
    kept.grade = standard->grades[rating.grade].name;
    kept.scored_grade = standard->grades[rating.scored_grade].name;
    kept.pd_ppm = rating.pd_ppm;
    kept.reasons = reasons_of(arena, standard, &rating);
    return kept;
}

static struct rating_kept *rate_all(struct run *run, const struct rating_slice *slice, int *count)
{
    size_t room = (size_t)slice->count * (size_t)run->set->count;
    struct rating_kept *kept = arena_array(run->ctx.arena, room, sizeof(*kept));

    for (int i = 0; i < slice->count; i++) {
        for (int k = 0; k < run->set->count; k++) {
            const struct rating_input *input = &slice->known[i].input;
            if (!is_applied(run->set->entries[k].standard, input))
                continue;
            kept[*count] = rate(run->ctx.arena, &run->set->entries[k], input);
            kept[*count].subject_id = slice->subjects[i];
            kept[(*count)++].rating_id = id_new();
        }
    }
    return kept;
}

/* One slice of whatever pass is open; is_over: there is nothing to do, or others do it. */
static bool rate_slice(struct run *run, bool *is_over)
{
    int64_t now_us = clock_now_us(), begun_us = clock_monotonic_us(), read_us;
    struct rating_pass pass = {.today = clock_day_of(now_us)};
    struct rating_slice slice;
    int count = 0, written;
    bool is_open;

    if (!rating_pass_open(&run->ctx, run->db, now_us, &pass, &is_open))
        return false;
    /* Other standards than this server holds: within a second it has them. */
    *is_over = !is_open || pass.revision != run->set->revision;
    if (*is_over)
        return true;
    if (!rating_slice(&run->ctx, run->db, &pass, SLICE, &slice))
        return false;
    read_us = clock_monotonic_us() - begun_us;
    const struct rating_kept *kept = rate_all(run, &slice, &count);
    const struct rating_put put = {
        .pass = &pass,
        .through = slice.count ? slice.subjects[slice.count - 1] : pass.through,
        .is_end = slice.count < SLICE,
        .now_us = now_us,
        .items = kept,
        .count = count,
    };
    if (!rating_put(&run->ctx, run->db, &put, &written))
        return false;
    *is_over = written < 0;
    if (run->job->rated && written >= 0)
        run->job->rated(run->job->user, slice.count, written, read_us,
                        clock_monotonic_us() - begun_us - read_us);
    return true;
}

static bool tell_behind(struct ctx *ctx, struct db *db, const struct rating_job *job)
{
    struct rating_behind behind;

    if (!job->behind)
        return true;
    if (!rating_behind(ctx, db, clock_now_us(), &behind))
        return false;
    job->behind(job->user, &behind);
    return true;
}

bool rating_job_run(struct ctx *ctx, struct db *db, void *rating_job, bool *has_more)
{
    const struct rating_job *job = rating_job;
    struct run run = {.job = job, .db = db};
    struct arena arena;
    bool is_done = true, is_over = false;

    arena_init(&arena, 0);
    run.set = standards_acquire(job->standards);
    for (int i = 0; i < SLICES_MAX && is_done && !is_over && run.set->count > 0; i++) {
        ctx_init(&run.ctx, &arena);
        is_done = rate_slice(&run, &is_over);
        if (!is_done)
            (void)fail(ctx, run.ctx.error.code, run.ctx.error.reason, "%s", run.ctx.error.message);
        arena_reset(&arena);
    }
    *has_more = is_done && !is_over && run.set->count > 0;
    standards_release(job->standards, run.set);
    arena_done(&arena);
    return is_done && tell_behind(ctx, db, job);
}
