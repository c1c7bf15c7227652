#include "command/fsck_rating.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/id.h"
#include "domain/rating.h"
#include "store/fsck.h"
#include "store/standard.h"

enum { SLICE = 2000, SAMPLE_SLICES = 5 };

/* What a rating can be wrong in. Bits. */
enum wrong {
    WRONG_SCORE = 1,   /* G001 */
    WRONG_GRADE = 2,   /* G002 */
    WRONG_INPUTS = 4,  /* G003 */
    WRONG_REASONS = 8, /* G004 */
    WRONG_COUNT = 4,
};

static const struct {
    const char *part;
    const char *says;
} meanings[WRONG_COUNT] = {
    {"rating_score", "it has not a score from 300 to 900 or an exclusion (G001)"},
    {"rating_grade", "its grade is not that of its score and of overrides (G002)"},
    {"rating_inputs", "its values do not give its score and probability (G003)"},
    {"rating_reasons", "its reasons are not at most five different ones of its standard (G004)"},
};

/* Standards are read when a rating names them and stay: there are few. */
struct look {
    struct db *db;
    const struct standard *standards[STANDARD_STORED_MAX + 1];
    int64_t read;
    int64_t found[WRONG_COUNT];
    int64_t broken;
    int shown;
};

static bool standard_of(struct ctx *ctx, struct look *look, int32_t number,
                        const struct standard **found)
{
    struct standard *standard;
    struct bytes text;

    CHECK(number >= 1 && number <= STANDARD_STORED_MAX);
    if (!look->standards[number]) {
        standard = arena_alloc(ctx->arena, sizeof(*standard));
        if (!fsck_standard(ctx, look->db, number, &text) ||
            !standard_read(ctx, (const char *)text.data, text.size, false, standard))
            return false;
        look->standards[number] = standard;
    }
    *found = look->standards[number];
    return true;
}

static int reason_find(const struct standard *standard, const char *code, size_t size)
{
    for (int i = 0; i < standard->reason_count; i++)
        if (strlen(standard->reasons[i].code) == size &&
            !memcmp(standard->reasons[i].code, code, size))
            return i;
    return -1;
}

static int grade_find(const struct standard *standard, const char *name)
{
    for (int i = 0; i < standard->grade_count; i++)
        if (!strcmp(standard->grades[i].name, name))
            return i;
    return -1;
}

static bool is_score_good(const struct standard *standard, const struct rating_kept *kept)
{
    if (kept->exclusion[0])
        return !kept->score && !kept->pd_ppm && !kept->scored_grade[0] &&
               !strcmp(kept->grade, STANDARD_GRADE_EXCLUDED) &&
               reason_find(standard, kept->exclusion, strlen(kept->exclusion)) >= 0;
    return kept->score >= STANDARD_SCORE_MIN && kept->score <= STANDARD_SCORE_MAX;
}

/* The grade of the score, or a lower one that an override of this standard sets. */
static bool is_grade_good(const struct standard *standard, const struct rating_kept *kept)
{
    int scored = rating_grade(standard, kept->score);
    int grade = grade_find(standard, kept->grade);

    if (grade < scored || grade_find(standard, kept->scored_grade) != scored)
        return false;
    for (int i = 0; i < standard->clause_count && grade != scored; i++)
        if (standard->clauses[i].grade == grade)
            return true;
    return grade == scored;
}

/* The values of a text: numbers with commas between, empty for a missing one; one an attribute. */
static bool read_values(const struct standard *standard, const char *text,
                        struct rating_value *values)
{
    for (int i = 0; i < standard->attribute_count; i++) {
        char *end = (char *)text;
        values[i] = (struct rating_value){.is_present = *text && *text != ','};
        if (values[i].is_present)
            values[i].number = strtoll(text, &end, 10);
        if ((values[i].is_present && end == text) ||
            *end != (i + 1 < standard->attribute_count ? ',' : '\0'))
            return false;
        text = end + (*end == ',');
    }
    return !*text;
}

static bool are_inputs_good(const struct standard *standard, const struct rating_kept *kept)
{
    struct rating_value values[STANDARD_ATTRIBUTES_MAX];

    if (!read_values(standard, kept->inputs, values))
        return false;
    /* Why there is no score is not among the values. */
    return kept->exclusion[0] || (rating_score(standard, values) == kept->score &&
                                  rating_pd_ppm(kept->score) == kept->pd_ppm);
}

static bool are_reasons_good(const struct standard *standard, const struct rating_kept *kept)
{
    bool is_given[STANDARD_REASONS_MAX] = {false};
    const char *text = kept->reasons;

    for (int count = 0; *text; count++) {
        int reason = reason_find(standard, text, strcspn(text, ":"));
        if (count == RATING_REASONS_MAX || reason < 0 || is_given[reason])
            return false;
        is_given[reason] = true;
        text += strcspn(text, ";");
        text += *text == ';';
    }
    return true;
}

static unsigned wrong_of(const struct standard *standard, const struct rating_kept *kept)
{
    unsigned wrong = 0;

    if (!is_score_good(standard, kept))
        wrong |= WRONG_SCORE;
    if (!kept->exclusion[0] && !is_grade_good(standard, kept))
        wrong |= WRONG_GRADE;
    if (!are_inputs_good(standard, kept))
        wrong |= WRONG_INPUTS;
    if (!are_reasons_good(standard, kept))
        wrong |= WRONG_REASONS;
    return wrong;
}

static void note(struct look *look, const struct rating_kept *kept, unsigned wrong)
{
    look->read++;
    look->broken += wrong != 0;
    for (int i = 0; i < WRONG_COUNT; i++) {
        if (!(wrong & 1U << i))
            continue;
        if (look->found[i]++ < look->shown)
            printf("  %s: subject %lld rating %lld: %s\n", meanings[i].part,
                   (long long)kept->subject_id, (long long)kept->rating_id, meanings[i].says);
    }
}

/* At most so many slices from behind a place, each in memory of its own; at: where it ended. */
static bool look_on(struct ctx *ctx, struct look *look, int64_t slices, struct fsck_place *at)
{
    struct fsck_kept slice = {.count = SLICE};
    const struct standard *standard;
    struct arena arena;
    struct ctx own;
    bool is_good = true;

    arena_init(&arena, 0);
    for (int64_t i = 0; i < slices && is_good && slice.count == SLICE; i++) {
        arena_reset(&arena);
        ctx_init(&own, &arena);
        is_good = fsck_kept(&own, look->db, at, SLICE, &slice);
        if (!is_good)
            (void)fail(ctx, own.error.code, own.error.reason, "%s", own.error.message);
        for (int j = 0; is_good && j < slice.count; j++) {
            is_good = standard_of(ctx, look, slice.items[j].standard_no, &standard);
            if (is_good)
                note(look, &slice.items[j], wrong_of(standard, &slice.items[j]));
        }
    }
    arena_done(&arena);
    return is_good;
}

bool fsck_ratings(struct ctx *ctx, struct db *db, bool is_whole, int shown, int64_t *broken)
{
    struct look look = {.db = db, .shown = shown};
    struct fsck_place at = {0};
    uint64_t chance;

    printf("kept ratings, rated again%s\n", is_whole ? "" : " (a sample; --all rates every one)");
    fflush(stdout);
    if (!look_on(ctx, &look, is_whole ? INT64_MAX : SAMPLE_SLICES, &at))
        return false;
    /* Others from a place by chance among the subjects. */
    if (!is_whole && look.read == (int64_t)SLICE * SAMPLE_SLICES) {
        digest_random(&chance, sizeof(chance));
        at = (struct fsck_place){.subject_id = (int64_t)(chance % (uint64_t)id_new())};
        if (!look_on(ctx, &look, SAMPLE_SLICES, &at))
            return false;
    }
    for (int i = 0; i < WRONG_COUNT; i++)
        if (look.found[i] > shown)
            printf("  %s: %lld more\n", meanings[i].part, (long long)(look.found[i] - shown));
    printf("  rating: %lld ratings are what their values give%s\n",
           (long long)(look.read - look.broken), look.broken ? "" : ", all well");
    *broken = look.broken;
    return true;
}
