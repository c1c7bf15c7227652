/*
 * Numbers that feeds of courts lack (D009), and their acceptance by the operator: typed calls of
 * sql/api/flag_feed.sql. Role cix_admin. Nothing of a person.
 */
#pragma once

#include "base/ctx.h"
#include "db/db.h"

/* A feed that lacks numbers. */
struct flag_feed_gaps {
    const char *code; /* of the court */
    const char *source;
    int64_t highest;  /* number that came */
    int64_t missing;  /* how many below it did not */
    int64_t since_us; /* when the first of the gaps opened */
    int64_t ranges;   /* of numbers that are missing */
    int shown;        /* of these the lowest, at most 8: */
    const int64_t *first_seqs;
    const int64_t *last_seqs;
};

/*
 * A page of at most page_size in the arena of ctx, of one court, or of all (code ""), behind a feed
 * of the page before (NULL: the first page).
 */
MUST_USE bool flag_feed_list(struct ctx *ctx, struct db *db, const char *code,
                             const struct flag_feed_gaps *behind, int page_size,
                             struct flag_feed_gaps **list, int *count);

/*
 * Numbers up to through (0: all) that did not come are no gap any more; reason: as in the table
 * flag_feed_act. accepted: how many. ERR_NOT_FOUND / FEED_UNKNOWN, ERR_PRECONDITION / FEED_COMPLETE
 * when none is missing there. Effects: the gaps, an act and an audit row.
 */
MUST_USE bool flag_feed_accept(struct ctx *ctx, struct db *db, const char *code, const char *source,
                               int64_t through, int16_t reason, int64_t now_us, int64_t *accepted);
