#include "job/rating_keep.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"

static bool is_applied(const struct standard *standard, const struct rating_input *input)
{
    return standard->behaviours == 0 && (standard->subjects & 1U << input->kind) != 0 &&
           standard->valid_from.number <= input->as_of.number &&
           input->as_of.number <= standard->valid_to.number;
}

/* All that the score follows from. */
static const char *inputs_of(struct arena *arena, const struct standard *standard,
                             const struct rating_value *values)
{
    struct builder text = {.arena = arena};

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
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];
    struct rating rating;

    rating_with_values(standard, input, &rating, values);
    struct rating_kept kept = {
        .standard_no = entry->number,
        .exclusion = "",
        .grade = "NR",
        .scored_grade = "",
        .reasons = "",
        .inputs = inputs_of(arena, standard, values),
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

static void skip(struct rating_skipped *skipped, int64_t subject_id, int32_t standard_no,
                 const struct error *error)
{
    if (skipped->count++ > 0)
        return;
    skipped->subject_id = subject_id;
    skipped->standard_no = standard_no;
    skipped->error = *error;
}

static struct rating_kept *rate_all(struct ctx *ctx, const struct standards_set *set,
                                    const struct rating_slice *slice, int *count,
                                    struct rating_skipped *skipped)
{
    size_t room = (size_t)slice->count * (size_t)set->count;
    struct rating_kept *kept = arena_array(ctx->arena, room, sizeof(*kept));

    for (int i = 0; i < slice->count; i++) {
        const struct rating_known *known = &slice->known[i];

        if (known->is_broken)
            skip(skipped, slice->subjects[i], 0, &ctx->error);
        for (int k = 0; k < set->count && !known->is_broken; k++) {
            if (!is_applied(set->entries[k].standard, &known->input))
                continue;
            kept[*count] = rate(ctx->arena, &set->entries[k], &known->input);
            kept[*count].subject_id = slice->subjects[i];
            kept[(*count)++].rating_id = id_new();
        }
    }
    return kept;
}

/* The half that is written first; the pass stays where it is. */
static struct rating_put first_half(struct rating_put put)
{
    put.count /= 2;
    put.through = put.after;
    put.is_end = false;
    return put;
}

/* The other one, or what remains of an item alone: to move the pass on. */
static struct rating_put second_half(struct rating_put put)
{
    int first = put.count == 1 ? 1 : put.count / 2;

    put.items += first;
    put.count -= first;
    return put;
}

static bool is_nothing(const struct rating_put *put)
{
    return put->count == 0 && put->through == put->after && !put->is_end;
}

/*
 * Writes the items of put. When the database refuses one, each half alone, until the bad one stands
 * alone and is left out.
 */
static bool put_items(struct ctx *ctx, struct db *db, struct rating_put put,
                      struct rating_given *given)
{
    int written;

    if (given->written < 0 || is_nothing(&put))
        return true;
    if (rating_put(ctx, db, &put, &written)) {
        given->written = written < 0 ? written : given->written + written;
        return true;
    }
    if (put.count == 0 || strcmp(ctx->error.reason, "DATA_ERROR"))
        return false;
    if (put.count == 1)
        skip(&given->skipped, put.items->subject_id, put.items->standard_no, &ctx->error);
    ctx_clear(ctx);
    return put_items(ctx, db, first_half(put), given) &&
           put_items(ctx, db, second_half(put), given);
}

bool rating_keep(struct ctx *ctx, struct db *db, const struct standards_set *set,
                 const struct rating_slice *slice, int64_t turn, struct rating_given *given)
{
    struct rating_put put = {.pass = slice->ask.pass,
                             .after = slice->ask.after,
                             .through = slice->through,
                             .is_end = slice->is_end,
                             .turn = turn,
                             .now_us = clock_now_us(),
                             .today = slice->ask.today};

    *given = (struct rating_given){0};
    put.items = rate_all(ctx, set, slice, &put.count, &given->skipped);
    return put_items(ctx, db, put, given);
}
