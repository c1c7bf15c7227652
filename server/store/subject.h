/*
 * Identities in doubt: typed calls of cix.conflict_list (sql/api/subject.sql). Role cix_admin.
 */
#pragma once

#include "db/db.h"

/* One identity in doubt, held for the operator. No personal data. */
struct doubt {
    int64_t record_id;
    int64_t recorded_at_us;
    int16_t kind; /* 1 an identifier with a far name, 2 one name under two identifiers */
    int16_t state;
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
