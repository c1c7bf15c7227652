#include "cli/rating_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/online.h"
#include "cli/table.h"

static const char *value_of(struct arena *arena, bool is_present, int64_t value)
{
    return is_present ? arena_format(arena, "%" PRId64, value) : "missing";
}

static void print_points(struct arena *arena, const Cix__V1__RatingScore *scored)
{
    static const char *const headings[] = {"CHARACTERISTIC", ">VALUE", ">BY", ">POINTS", ">OF"};
    struct table *table = table_new(headings, ARRAY_LENGTH(headings));

    printf("\ncard %s, base %d\n", scored->card, scored->base_points);
    for (size_t i = 0; i < scored->n_points; i++) {
        const Cix__V1__RatingPoint *point = scored->points[i];

        table_add(
            table,
            (const char *[]){
                point->attribute, value_of(arena, point->value_presence_case, point->value),
                *point->by ? value_of(arena, point->by_value_presence_case, point->by_value) : "",
                arena_format(arena, "%d", point->points), arena_format(arena, "%d", point->most)});
    }
    table_print(table);
}

const char *rating_view_percent(struct arena *arena, int32_t ppm)
{
    int64_t hundredths = ((int64_t)ppm + 50) / 100;

    return arena_format(arena, "%" PRId64 ".%02" PRId64 "%%", hundredths / 100, hundredths % 100);
}

/* A probability is never told without what it is of, and within how many months. */
static void print_score(struct arena *arena, const Cix__V1__Rating *rating)
{
    const Cix__V1__RatingScore *scored = rating->scored;

    printf("score %d, grade %s", scored->score, scored->grade);
    if (strcmp(scored->grade, scored->scored_grade) != 0)
        printf(" (%s by its score)", scored->scored_grade);
    printf(", probability %s within %d month%s\n", rating_view_percent(arena, scored->pd_ppm),
           rating->horizon_months, rating->horizon_months == 1 ? "" : "s");
    printf("outcome: %s (%s)\n", rating->outcome_english, rating->outcome_chinese);
    for (size_t i = 0; i < scored->n_reasons; i++) {
        const Cix__V1__RatingReason *reason = scored->reasons[i];
        printf("%s %s (%s): %d\n", reason->code, reason->english, reason->chinese, -reason->lost);
    }
}

void rating_view_print(struct arena *arena, const Cix__V1__Rating *rating, bool with_points)
{
    const Cix__V1__RatingReason *exclusion = rating->exclusion;

    printf("standard %s %d, as of %s%s%s\n", rating->standard_id, rating->standard_version,
           online_day(arena, rating->as_of), rating->valid_to ? ", to be used until " : "",
           online_day(arena, rating->valid_to));
    if (rating->result_case == CIX__V1__RATING__RESULT_SCORED) {
        print_score(arena, rating);
        if (with_points)
            print_points(arena, rating->scored);
    } else if (rating->result_case == CIX__V1__RATING__RESULT_EXCLUSION) {
        printf("not rated: %s %s (%s)\n", exclusion->code, exclusion->english, exclusion->chinese);
    } else {
        puts("withheld: it reads transactions; member and consent need the data class behaviour");
    }
}
