/*
 * Identities in doubt, and subjects found to be one: typed calls of cix.conflict_list
 * (sql/api/subject.sql), cix.conflict_dismiss (conflict.sql) and of sql/api/merge.sql. Role
 * cix_admin.
 */
#pragma once

#include "db/db.h"

/* One identity in doubt, held for the operator. No personal data. */
struct doubt {
    int64_t record_id;
    int64_t recorded_at_us;
    int16_t kind;  /* 1 an identifier with a far name, 2 one name under two identifiers,
                    3 a listing or document with another name */
    int16_t state; /* as in cix.conflict, or 5: dismissed, and the name is accepted */
    int64_t subject_id;
    int64_t other_subject_id; /* of kind 2; 0: none */
    int16_t identifier_type;  /* 0: unknown */
    int16_t distance;         /* of the names, 0 to 1000 (domain/name_distance.h) */
    const char *member_code;
    struct uuid submission_id;
    int32_t chunk;
    int32_t line;
};

/*
 * A page of at most page_size in the arena of ctx, oldest first, behind a row of the page before
 * (after NULL: from the first). state 0: any.
 */
MUST_USE bool doubt_list(struct ctx *ctx, struct db *db, int16_t state, const struct doubt *after,
                         int page_size, struct doubt **list, int *count);

/*
 * Ends one that is none: it excludes nobody from ratings any more, and a name that was doubted is
 * accepted. reason: as in subject_alias, or 7: the name is a mistake, and is not.
 * is_new false: it was dismissed before. ERR_NOT_FOUND CONFLICT_UNKNOWN, ERR_PRECONDITION
 * CONFLICT_DECIDED. Effects: an audit row in any case.
 */
MUST_USE bool doubt_dismiss(struct ctx *ctx, struct db *db, int64_t record_id, int16_t reason,
                            int64_t now_us, bool *is_new);

/* A merge of two subjects. No personal data. */
struct subject_alias {
    int64_t merge_id;
    int64_t alias_id;
    int64_t subject_id; /* the survivor */
    int16_t reason;     /* 1 document 2 register 3 member 4 subject 5 order 6 other */
    int64_t merged_at_us;
    int64_t ended_at_us; /* when it was split; 0: it is merged */
};

/*
 * Merges alias into survivor: everything of alias moves, reversibly. is_new false: it was so
 * before. Errors: ERR_NOT_FOUND SUBJECT_UNKNOWN; ERR_INVALID SUBJECT_SELF; ERR_PRECONDITION
 * SUBJECT_KIND, SUBJECT_CHAIN, SUBJECT_TAKEN_BACK; ERR_ABORTED SUBJECT_BUSY. Effects: an audit row
 * in any case.
 */
MUST_USE bool subject_merge(struct ctx *ctx, struct db *db, int64_t alias, int64_t survivor,
                            int16_t reason, int64_t now_us, bool *is_new);

/*
 * Takes the merge of alias back: what belongs to it stands under it again. is_new false: it was
 * split before. Errors and effects as above, and ERR_PRECONDITION SUBJECT_NOT_MERGED.
 */
MUST_USE bool subject_split(struct ctx *ctx, struct db *db, int64_t alias, int64_t now_us,
                            bool *is_new);

/*
 * A page of at most page_size merges in the arena of ctx, oldest first, behind an id (0: from the
 * first). with_ended: those that were split too.
 */
MUST_USE bool subject_alias_list(struct ctx *ctx, struct db *db, bool with_ended, int64_t behind,
                                 int page_size, struct subject_alias **list, int *count);
