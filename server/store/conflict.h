/*
 * Names to compare (rule S016): typed call of cix.conflict_names in sql/api/conflict.sql.
 *
 * Sealed names come out for the few identifiers that are known under other names than the one
 * given; who unseals them compares and forgets. Each has its audit row, in the same transaction.
 */
#pragma once

#include "store/submission.h"

/*
 * A name that another member gave for the subject of an identifier. Without one (sealed.data NULL)
 * the record's name is that of the record via, and held when that is.
 */
struct conflict_name {
    int place;           /* position of the identifier in its array, from 0 */
    int via;             /* from 1; position of the subject that joins a new identifier; 0: none */
    int64_t record_id;   /* the seal's */
    struct bytes sealed; /* in the arena of ctx */
};

/* Names for the identifiers of a chunk; count 0 when none has to be compared. */
MUST_USE bool conflict_names(struct ctx *ctx, struct db *db, const struct submission_act *act,
                             const struct record_rows *rows, struct conflict_name **names,
                             int *count);
