#include "service/rating_view.h"

#include <string.h>

#include "wire/rating.h"

static bool is_valid_on(const struct standard *standard, struct day day)
{
    return standard->valid_from.number <= day.number && day.number <= standard->valid_to.number;
}

/* Points tell what was read: of transactions only to whom may see them. */
static bool may_be_told(const struct standard *standard, uint32_t classes)
{
    return standard->behaviours == 0 || (classes & DATA_CLASS_BEHAVIOUR) != 0;
}

/* Texts stay in the standard's arena: the message is packed before its set is released. */
static Cix__V1__Rating *show(struct arena *arena, const struct standards_entry *entry,
                             const struct rating_known *known)
{
    const struct standard *standard = entry->standard;
    Cix__V1__Rating *shown = arena_alloc(arena, sizeof(*shown));
    struct rating rating;

    rating_standard_to_proto(standard, &entry->digest, shown);
    shown->as_of = day_to_wire(known->input.as_of);
    shown->is_deceased = known->input.facts.is_deceased;
    shown->is_in_conflict = known->input.facts.is_in_conflict;
    if (may_be_told(standard, known->classes)) {
        rating_of(standard, &known->input, &rating);
        rating_result_to_proto(arena, standard, &rating, shown);
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
