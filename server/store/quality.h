/*
 * Data quality: typed calls of sql/api/quality.sql. Role cix_regulate; closing: cix_admin.
 */
#pragma once

#include "db/db.h"
#include "domain/quality.h"
#include "store/submission.h"

struct quality_entry {
    const char *code;
    bool is_closed;
    struct quality_counts counts;
};

struct quality_list {
    struct quality_entry *items;
    int count;
};

/* What was counted in a month, of the members that the caller may see. MEMBER_NOT_PERMITTED. */
MUST_USE bool quality_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                           struct period month, struct quality_list *list);

/* Closes a month that has ended, for the members for which it is still open; count says how many.
 */
MUST_USE bool quality_close(struct ctx *ctx, struct db *db, struct period month, int64_t now_us,
                            int *count);

/* How many disputes are past their last day and have no answer (T005), on whosever record. */
MUST_USE bool quality_unanswered(struct ctx *ctx, struct db *db, struct day today, int64_t *count);
