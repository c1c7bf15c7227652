/*
 * Rule S016 for subjects: a record whose identifier is known under names of other members that all
 * lie far from its own is kept aside, with a row for the operator's list of conflicts.
 */
#include "domain/name_distance.h"
#include "service/intake_row.h"
#include "store/conflict.h"
#include "vault/place.h"

/* What the names that others gave say about one identifier. */
struct comparison {
    int compared;
    int far;
    int nearest; /* distance of the nearest of the far ones */
    int via;     /* from 1; the subject whose name and verdict it shares; 0: none */
    bool is_resident;
};

/*
 * Unseals and compares one name, which nobody sees. A resident's name has one script: in another it
 * is no spelling of it, but one that whoever gave it could ask with.
 */
static bool compare(struct ctx *ctx, const struct intake *intake, const char *given,
                    const struct conflict_name *known, struct comparison *so_far)
{
    const struct vault_place place = place_of(PLACE_NAME, known->record_id);
    struct bytes name;

    if (!vault_open_sealed(ctx, intake->vault, &place, known->sealed, &name))
        return false;
    int distance = name_distance(ctx->arena, given, (const char *)name.data);
    if (so_far->compared++ == 0 || distance < so_far->nearest)
        so_far->nearest = distance;
    so_far->far += so_far->is_resident
                       ? distance > NAME_DISTANCE_CONFLICT
                       : name_is_conflict(ctx->arena, given, (const char *)name.data);
    return true;
}

/* Compares what came, a comparison an identifier. */
static bool compare_all(struct ctx *ctx, const struct intake *intake, const Cix__V1__Chunk *message,
                        const struct conflict_name *names, int name_count,
                        const struct record_rows *rows, struct comparison *all)
{
    for (int i = 0; i < name_count; i++) {
        const struct record_identifier *identifier = &rows->identifiers[names[i].place];
        struct record_subject *subject = &rows->subjects[identifier->owner - 1];
        struct comparison *one = &all[names[i].place];
        subject->is_compared = 1; /* whoever writes the others looks that no name came */
        if (!names[i].sealed.data) {
            one->via = names[i].via;
            continue;
        }
        one->is_resident = identifier->type == IDENTIFIER_TYPE_RESIDENT_ID;
        if (!compare(ctx, intake, message->records[subject->line]->subject->name, &names[i], one))
            return false;
    }
    return true;
}

/* The subject in conflict that an identifier shares its name with; NULL: none. */
static const struct record_conflict *conflict_of(const struct record_rows *rows, int owner)
{
    for (int i = 0; owner > 0 && i < rows->conflict_count; i++) {
        if (rows->conflicts[i].owner == owner)
            return &rows->conflicts[i];
    }
    return NULL;
}

/*
 * Marks the subjects (from 1) of which some identifier is in conflict, or that share one with a
 * subject in conflict and have its name: those come before.
 */
static void mark_conflicts(const struct comparison *all, struct record_rows *rows)
{
    for (int i = 0; i < rows->identifier_count; i++) {
        const struct record_identifier *identifier = &rows->identifiers[i];
        const struct record_conflict *shared = conflict_of(rows, all[i].via);
        bool is_far = all[i].compared > 0 && all[i].far == all[i].compared;
        int count = rows->conflict_count;
        bool is_held = count > 0 && rows->conflicts[count - 1].owner == identifier->owner;
        if ((!is_far && !shared) || is_held)
            continue;
        rows->conflicts[rows->conflict_count++] = (struct record_conflict){
            .owner = identifier->owner,
            .line = rows->subjects[identifier->owner - 1].line,
            .lookup = identifier->lookup,
            .distance = is_far ? (int16_t)all[i].nearest : shared->distance,
            .name_index = identifier->name_index,
        };
    }
}

/* Takes the subjects in conflict out of the rows, with their identifiers. */
static void leave_out(struct record_rows *rows)
{
    int subjects = 0, identifiers = 0, next = 0;

    for (int i = 0; i < rows->identifier_count; i++) {
        struct record_identifier identifier = rows->identifiers[i];
        while (next < rows->conflict_count && rows->conflicts[next].owner < identifier.owner)
            next++;
        if (next < rows->conflict_count && rows->conflicts[next].owner == identifier.owner)
            continue;
        identifier.owner -= next;
        rows->identifiers[identifiers++] = identifier;
    }
    next = 0;
    for (int i = 0; i < rows->subject_count; i++) {
        if (next < rows->conflict_count && rows->conflicts[next].owner == i + 1)
            next++;
        else
            rows->subjects[subjects++] = rows->subjects[i];
    }
    rows->subject_count = subjects;
    rows->identifier_count = identifiers;
}

bool intake_conflicts(struct ctx *ctx, struct db *db, const struct intake *intake,
                      const struct submission_act *act, const Cix__V1__Chunk *message,
                      struct submission_chunk *chunk)
{
    struct record_rows *rows = &chunk->rows;
    struct conflict_name *names = NULL;
    int count;

    if (!conflict_names(ctx, db, act, rows, &names, &count))
        return false;
    if (count == 0)
        return true;
    struct comparison *all = arena_array(ctx->arena, (size_t)rows->identifier_count, sizeof(*all));
    if (!compare_all(ctx, intake, message, names, count, rows, all))
        return false;
    rows->conflicts =
        arena_array(ctx->arena, (size_t)rows->subject_count, sizeof(*rows->conflicts));
    mark_conflicts(all, rows);
    for (int i = 0; i < rows->conflict_count; i++) {
        struct record_conflict *conflict = &rows->conflicts[i];
        conflict->record_id =
            intake_hold(intake, conflict->line, message->records[conflict->line], "S016", chunk);
    }
    leave_out(rows);
    return true;
}
