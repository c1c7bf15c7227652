#include "wire/rating.h"

static void put_reason(const struct standard *standard, struct rating_reason reason,
                       Cix__V1__RatingReason *shown)
{
    const struct standard_reason *words = &standard->reasons[reason.reason];

    cix__v1__rating_reason__init(shown);
    shown->code = (char *)words->code;
    shown->english = (char *)words->english;
    shown->chinese = (char *)words->chinese;
    shown->lost = reason.lost;
}

static void put_point(const struct standard *standard, const struct rating_point *point,
                      Cix__V1__RatingPoint *shown)
{
    cix__v1__rating_point__init(shown);
    shown->attribute = (char *)standard->attributes[point->attribute].name;
    if (point->value.is_present) {
        shown->value_presence_case = CIX__V1__RATING_POINT__VALUE_PRESENCE_VALUE;
        shown->value = point->value.number;
    }
    if (point->by >= 0)
        shown->by = (char *)standard->attributes[point->by].name;
    if (point->by >= 0 && point->by_value.is_present) {
        shown->by_value_presence_case = CIX__V1__RATING_POINT__BY_VALUE_PRESENCE_BY_VALUE;
        shown->by_value = point->by_value.number;
    }
    shown->points = point->points;
    shown->most = point->most;
}

static void put_details(struct arena *arena, const struct standard *standard,
                        const struct rating *rating, Cix__V1__RatingScore *shown)
{
    size_t reasons = (size_t)rating->reason_count, points = (size_t)rating->point_count;
    Cix__V1__RatingReason *reason = arena_array(arena, reasons, sizeof(*reason));
    Cix__V1__RatingPoint *point = arena_array(arena, points, sizeof(*point));

    shown->reasons = arena_array(arena, reasons, sizeof(Cix__V1__RatingReason *));
    shown->points = arena_array(arena, points, sizeof(Cix__V1__RatingPoint *));
    for (size_t i = 0; i < reasons; i++) {
        put_reason(standard, rating->reasons[i], &reason[i]);
        shown->reasons[shown->n_reasons++] = &reason[i];
    }
    for (size_t i = 0; i < points; i++) {
        put_point(standard, &rating->points[i], &point[i]);
        shown->points[shown->n_points++] = &point[i];
    }
}

static Cix__V1__RatingScore *show_score(struct arena *arena, const struct standard *standard,
                                        const struct rating *rating)
{
    const struct standard_card *card = &standard->cards[rating->card];
    Cix__V1__RatingScore *shown = arena_alloc(arena, sizeof(*shown));

    cix__v1__rating_score__init(shown);
    shown->score = rating->score;
    shown->grade = (char *)standard->grades[rating->grade].name;
    shown->scored_grade = (char *)standard->grades[rating->scored_grade].name;
    shown->pd_ppm = rating->pd_ppm;
    shown->card = (char *)card->name;
    shown->base_points = card->base + standard->shift;
    put_details(arena, standard, rating, shown);
    return shown;
}

void rating_standard_to_proto(const struct standard *standard, const struct digest *digest,
                              Cix__V1__Rating *shown)
{
    cix__v1__rating__init(shown);
    shown->standard_id = (char *)standard->id;
    shown->standard_version = standard->version;
    shown->standard_digest.data = (uint8_t *)digest->bytes;
    shown->standard_digest.len = sizeof(digest->bytes);
    shown->horizon_months = standard->horizon_months;
    shown->outcome_english = (char *)standard->outcome[0];
    shown->outcome_chinese = (char *)standard->outcome[1];
}

void rating_result_to_proto(struct arena *arena, const struct standard *standard,
                            const struct rating *rating, Cix__V1__Rating *shown)
{
    shown->as_of = day_to_wire(rating->made_on);
    shown->valid_to = day_to_wire(rating->valid_to);
    if (rating->is_rated) {
        shown->result_case = CIX__V1__RATING__RESULT_SCORED;
        shown->scored = show_score(arena, standard, rating);
    } else {
        shown->result_case = CIX__V1__RATING__RESULT_EXCLUSION;
        shown->exclusion = arena_alloc(arena, sizeof(*shown->exclusion));
        put_reason(standard, (struct rating_reason){rating->exclusion, 0}, shown->exclusion);
    }
}
