/*
 * Quarantine: typed calls of sql/api/quarantine.sql. Role cix_submit; expiry: cix_admin.
 *
 * A review is a submission of mode DAILY with one chunk: the decisions are a step of that chunk's
 * transaction, so that a record is released and taken, or neither.
 */
#pragma once

#include "store/submission.h"

enum { QUARANTINE_RELEASE = 1, QUARANTINE_DISCARD = 2 };
enum { QUARANTINE_STATE_WAITS = 1 };

/* Where a record was sent. */
struct quarantine_place {
    struct uuid submission_id;
    int32_t chunk;
    int32_t line;
};

struct quarantine_entry {
    struct quarantine_place place;
    int64_t kept_at_us;
    bool is_name_accepted; /* the operator found that S016 does not hold */
    bool is_name_mistake;  /* the operator found that the name is none of the subject */
};

struct quarantine_page {
    struct quarantine_entry *items;
    int count; /* at most page_size */
};

/*
 * What waits behind a place (zeros, chunk 0: from the beginning); act: the caller, and in
 * submission_id the only submission that is wanted when is_only. Leaves the audit row.
 */
MUST_USE bool quarantine_list(struct ctx *ctx, struct db *db, const struct submission_act *act,
                              bool is_only, const struct quarantine_place *after, int32_t page_size,
                              struct quarantine_page *page);

/* A record as it lies aside. */
struct quarantine_kept {
    int16_t state;
    bool is_reviewed; /* by review_id */
    struct uuid review_id;
    bool is_whole; /* sealed is the whole chunk that it came in */
    int64_t record_id;
    struct bytes sealed; /* data NULL: forgotten */
};

/* Reads one. ERR_NOT_FOUND / QUARANTINE_UNKNOWN, also for other members' records. */
MUST_USE bool quarantine_read(struct ctx *ctx, struct db *db, int32_t member_id,
                              const struct quarantine_place *place, struct quarantine_kept *kept);

/* The verdicts on one record: every finding. */
MUST_USE bool quarantine_verdicts(struct ctx *ctx, struct db *db, int32_t member_id,
                                  const struct quarantine_place *place,
                                  struct submission_verdicts *verdicts);

/* One decision. */
struct quarantine_decision {
    struct quarantine_place from;
    int16_t decision; /* QUARANTINE_RELEASE or _DISCARD */
    int32_t place;    /* of the released record in the review's chunk */
};

/* The step that writes decisions in the transaction of the review's chunk. */
struct submission_extra quarantine_review_step(struct ctx *ctx, const struct submission_act *act,
                                               int32_t chunk,
                                               const struct quarantine_decision *decisions,
                                               int count);

/* Discards what waits since before a day (us), some hundred at once; count says how many. */
MUST_USE bool quarantine_expire(struct ctx *ctx, struct db *db, int64_t before_us, int64_t now_us,
                                int *count);
