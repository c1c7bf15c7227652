/*
 * Sealed values by the slice, for sealing anew under another key. Owner's connection.
 *
 * Values pass as they are stored; whoever calls opens and seals them. Places are numbered as in
 * vault/place.h.
 */
#pragma once

#include "db/db.h"

/* Where a row stands in its table, in the order of the table's primary key. All zero: before the
 * first. */
struct key_position {
    int64_t number; /* subject or member */
    struct bytes bytes;
    int64_t more;
    int32_t line;
};

struct key_row {
    struct key_position at;
    int64_t record_id;
    struct bytes sealed; /* data NULL: nothing to do, it is under the key named */
};

struct key_slice {
    struct key_row *rows;
    int count; /* below what was asked for: the table ends here */
};

/* The next rows behind a position, in the arena of ctx. count: 1 .. 1,000. */
MUST_USE bool key_list(struct ctx *ctx, struct db *db, int place, uint32_t key_id,
                       const struct key_position *after, int count, struct key_slice *slice);

/*
 * Puts fresh[i] for rows[i].sealed, in one transaction, where that value still stands; rows whose
 * fresh[i].data is NULL are passed over. changed: values put. ERR_ABORTED: ask again.
 */
MUST_USE bool key_put(struct ctx *ctx, struct db *db, int place, const struct key_slice *slice,
                      const struct bytes *fresh, int *changed);

/* How many values of a place are under a key. */
struct key_use {
    int place;
    uint32_t key_id;
    int64_t count;
};

/* All uses, in the arena of ctx. Reads every sealed table. */
MUST_USE bool key_count(struct ctx *ctx, struct db *db, struct key_use **uses, int *count);
