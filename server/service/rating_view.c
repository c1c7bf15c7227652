#include "service/rating_view.h"

#include <string.h>

static bool is_valid_on(const struct standard *standard, struct day day)
{
    return standard->valid_from.number <= day.number && day.number <= standard->valid_to.number;
}

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

/* Points tell what was read: of transactions only to whom may see them. */
static bool may_be_told(const struct standard *standard, uint32_t classes)
{
    return standard->behaviours == 0 || (classes & DATA_CLASS_BEHAVIOUR) != 0;
}

static void show_result(struct arena *arena, const struct standard *standard,
                        const struct rating_input *input, Cix__V1__Rating *shown)
{
    struct rating rating;

    rating_of(standard, input, &rating);
    shown->valid_to = day_to_wire(rating.valid_to);
    if (rating.is_rated) {
        shown->result_case = CIX__V1__RATING__RESULT_SCORED;
        shown->scored = show_score(arena, standard, &rating);
    } else {
        shown->result_case = CIX__V1__RATING__RESULT_EXCLUSION;
        shown->exclusion = arena_alloc(arena, sizeof(*shown->exclusion));
        put_reason(standard, (struct rating_reason){rating.exclusion, 0}, shown->exclusion);
    }
}

/* Texts stay in the standard's arena: the message is packed before its set is released. */
static Cix__V1__Rating *show(struct arena *arena, const struct standards_entry *entry,
                             const struct rating_known *known)
{
    const struct standard *standard = entry->standard;
    const struct rating_input *input = &known->input;
    Cix__V1__Rating *shown = arena_alloc(arena, sizeof(*shown));

    cix__v1__rating__init(shown);
    shown->standard_id = (char *)standard->id;
    shown->standard_version = standard->version;
    shown->standard_digest.data = (uint8_t *)entry->digest.bytes;
    shown->standard_digest.len = sizeof(entry->digest.bytes);
    shown->as_of = day_to_wire(input->as_of);
    shown->horizon_months = standard->horizon_months;
    shown->outcome_english = (char *)standard->outcome[0];
    shown->outcome_chinese = (char *)standard->outcome[1];
    shown->is_deceased = input->facts.is_deceased;
    shown->is_in_conflict = input->facts.is_in_conflict;
    if (may_be_told(standard, known->classes)) {
        show_result(arena, standard, input, shown);
    } else {
        shown->result_case = CIX__V1__RATING__RESULT_WITHHELD;
        shown->withheld = CIX__V1__DATA_CLASS__DATA_CLASS_BEHAVIOUR;
    }
    return shown;
}

/* Entries that are asked: in force, of the wanted name. */
static int candidates(const struct session *session, const struct rating_known *known,
                      const char *id, const struct standards_entry *chosen[STANDARDS_MAX])
{
    const struct standards_set *set = session->standards;
    int count = 0;

    for (int i = 0; i < set->count; i++) {
        const struct standard *standard = set->entries[i].standard;
        if (is_valid_on(standard, known->input.as_of) && (!*id || !strcmp(standard->id, id)))
            chosen[count++] = &set->entries[i];
    }
    return count;
}

/* Leaves those that speak of the subject's kind, or all when none does. */
static int keep_kind(const struct standards_entry **entries, int count, enum subject_kind kind)
{
    int kept = 0;

    for (int i = 0; i < count; i++)
        kept += (entries[i]->standard->subjects & 1U << kind) != 0;
    if (kept == 0)
        return count;
    kept = 0;
    for (int i = 0; i < count; i++) {
        if (entries[i]->standard->subjects & 1U << kind)
            entries[kept++] = entries[i];
    }
    return kept;
}

static void sort_by_name(const struct standards_entry **entries, int count)
{
    for (int i = 1; i < count; i++) {
        const struct standards_entry *entry = entries[i];
        int at = i;
        for (; at > 0 && strcmp(entries[at - 1]->standard->id, entry->standard->id) > 0; at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

void rating_view(const struct session *session, const struct rating_known *known, const char *id,
                 struct rating_views *views)
{
    const struct standards_entry *chosen[STANDARDS_MAX];
    int count = candidates(session, known, id, chosen);

    if (!*id && known->input.facts.is_known)
        count = keep_kind(chosen, count, known->input.kind);
    sort_by_name(chosen, count);
    views->count = (size_t)count;
    views->items = arena_array(session->arena, (size_t)count, sizeof(Cix__V1__Rating *));
    for (int i = 0; i < count; i++)
        views->items[i] = show(session->arena, chosen[i], known);
}

enum rating_offer rating_offer(const struct session *session, const struct member *member,
                               const char *id)
{
    const struct standards_set *set = session->standards;
    enum rating_offer offer = RATING_NOT_IN_FORCE;

    for (int i = 0; i < set->count; i++) {
        const struct standard *standard = set->entries[i].standard;
        if (!is_valid_on(standard, session->today) || (*id && strcmp(standard->id, id) != 0))
            continue;
        if (may_be_told(standard, member->data_classes))
            return RATING_OFFERED;
        offer = RATING_NOT_PERMITTED;
    }
    return offer;
}
