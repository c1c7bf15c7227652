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

/* Marks the subjects (from 1) of which some identifier is in conflict. */
static bool find_conflicts(struct ctx *ctx, const struct intake *intake,
                           const Cix__V1__Chunk *message, const struct conflict_name *names,
                           int name_count, struct submission_chunk *chunk)
{
    const struct record_rows *rows = &chunk->rows;
    struct comparison *all = arena_array(ctx->arena, (size_t)rows->identifier_count, sizeof(*all));

    for (int i = 0; i < name_count; i++) {
        int place = names[i].place;
        all[place].is_resident = rows->identifiers[place].type == IDENTIFIER_TYPE_RESIDENT_ID;
        struct record_subject *subject = &rows->subjects[rows->identifiers[place].owner - 1];
        subject->is_compared = 1; /* whoever writes the others looks that no name came */
        if (!compare(ctx, intake, message->records[subject->line]->subject->name, &names[i],
                     &all[place]))
            return false;
    }
    chunk->rows.conflicts =
        arena_array(ctx->arena, (size_t)rows->subject_count, sizeof(*chunk->rows.conflicts));
    for (int i = 0; i < rows->identifier_count; i++) {
        const struct record_identifier *identifier = &rows->identifiers[i];
        int count = chunk->rows.conflict_count;
        bool is_held = count > 0 && rows->conflicts[count - 1].owner == identifier->owner;
        if (all[i].compared == 0 || all[i].far < all[i].compared || is_held)
            continue;
        chunk->rows.conflicts[chunk->rows.conflict_count++] = (struct record_conflict){
            .owner = identifier->owner,
            .line = rows->subjects[identifier->owner - 1].line,
            .lookup = identifier->lookup,
            .distance = (int16_t)all[i].nearest,
        };
    }
    return true;
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
    struct conflict_name *names = NULL;
    int count;

    if (!conflict_names(ctx, db, act, &chunk->rows, &names, &count))
        return false;
    if (count == 0)
        return true;
    if (!find_conflicts(ctx, intake, message, names, count, chunk))
        return false;
    for (int i = 0; i < chunk->rows.conflict_count; i++) {
        struct record_conflict *conflict = &chunk->rows.conflicts[i];
        conflict->record_id =
            intake_hold(intake, conflict->line, message->records[conflict->line], "S016", chunk);
    }
    leave_out(&chunk->rows);
    return true;
}
