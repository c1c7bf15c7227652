/*
 * The check of a whole database and the mending of what is derived: typed calls of sql/api/fsck.sql
 * on the owner's connection.
 *
 * Findings name rows by ids and never hold personal data. Memory is bounded: at most so many rows a
 * part come here; sorts and hashes of whole tables are the database's, in temporary files.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "db/db.h"
#include "store/rating_pass.h"

/* What is checked at once; in this order. */
enum fsck_stage {
    FSCK_DERIVED,    /* accounts and roll-ups against the source of truth */
    FSCK_REFERENCE,  /* rows that point at nothing */
    FSCK_SUBMISSION, /* submissions, chunks, verdicts */
    FSCK_TRACE,      /* audit rows and inquiries */
    FSCK_STAGE_COUNT
};

/* One row that is wrong. Ids that a part has not are 0, an empty text. */
struct fsck_finding {
    const char *part;
    int64_t found; /* rows of this part altogether */
    int64_t subject_id;
    int64_t key_id; /* of the account, cell, flag, record or audit row */
    int32_t period; /* wire form of the database: 12 * year + month - 1 */
    int32_t member_id;
    char submission_id[37];
    int32_t chunk;
};

struct fsck_list {
    struct fsck_finding *findings; /* of one part one after the other */
    int count;
};

/*
 * Begins a transaction in which every stage sees the same snapshot, read only, without blocking
 * anybody. End it with db_rollback.
 */
MUST_USE bool fsck_begin(struct ctx *ctx, struct db *db);

/* One stage; at most limit rows a part, in the arena of ctx. */
MUST_USE bool fsck_find(struct ctx *ctx, struct db *db, enum fsck_stage stage, int limit,
                        struct fsck_list *list);

/* Where a walk over the kept ratings stands: behind this one. */
struct fsck_place {
    int64_t subject_id;
    int64_t rating_id;
};

struct fsck_kept {
    struct rating_kept *items; /* with subject_id, standard_no and inputs */
    int count;
};

/* The next kept ratings, most at most, in the arena of ctx; moves at behind them. */
MUST_USE bool fsck_kept(struct ctx *ctx, struct db *db, struct fsck_place *at, int most,
                        struct fsck_kept *kept);

/* The canonical text of a standard in whatever state, in the arena of ctx. */
MUST_USE bool fsck_standard(struct ctx *ctx, struct db *db, int32_t number, struct bytes *text);

/* What a repair wrote anew. */
struct fsck_mend {
    const char *part;
    int64_t mended; /* rows */
};

enum { FSCK_MEND_MAX = 8 };

/*
 * Writes derived rows anew where they differ, and one audit row, in one transaction of its own.
 * count: parts, at most FSCK_MEND_MAX. Records wait meanwhile. ERR_ABORTED: ask again.
 */
MUST_USE bool fsck_repair(struct ctx *ctx, struct db *db, int64_t now_us,
                          struct fsck_mend mends[FSCK_MEND_MAX], int *count);
