/*
 * The purge of what is over: typed calls of sql/api/purge.sql. Role cix_admin.
 *
 * A pass looks at every subject once, slice by slice; where it stands is kept by the database, so
 * that it goes on after a restart, and several servers do not each make their own.
 */
#pragma once

#include "base/day.h"
#include "db/db.h"

enum { PURGE_COUNTS_MAX = 64 };

/* What is no kind of record: kept ratings, names and identifiers taken away, doubted names. */
enum { PURGE_KIND_RATING = 32, PURGE_KIND_NAME = 33, PURGE_KIND_DOUBT = 34 };

/* Items of one kind (as on the wire, 4: accounts with months) that were or would be deleted. */
struct purge_count {
    int16_t kind;
    int16_t reason; /* 1 an adverse item, 2 a closed account, 3 taken back, 4 old, 5 of a rating:
                       may tell of others */
    int64_t items;
};

struct purge_slice {
    bool is_last;    /* the pass is at its end */
    int64_t next_id; /* the subject to go on behind, unless it is the last */
    struct purge_count counts[PURGE_COUNTS_MAX];
    int count;
};

struct purge_turn {
    bool is_due;
    int64_t after_id; /* the pass goes on behind this subject, when it is due */
    bool has_ended;
    int64_t ended_at_us; /* of the latest whole pass, when there was one */
};

/* Whether there is work: a pass that goes on, or the time of a new one, so many hours after the
 * latest began. */
MUST_USE bool purge_turn(struct ctx *ctx, struct db *db, int hours, int64_t now_us,
                         struct purge_turn *turn);

/* One slice of at most so many subjects. is_dry: deletes nothing. */
MUST_USE bool purge_step(struct ctx *ctx, struct db *db, int64_t after_id, int subjects,
                         bool is_dry, int64_t now_us, struct purge_slice *slice);

/* Notes how far the pass came. */
MUST_USE bool purge_note(struct ctx *ctx, struct db *db, const struct purge_slice *slice,
                         int64_t now_us);
