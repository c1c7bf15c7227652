/*
 * Rates a slice of subjects by the standards in force, and keeps the ratings. What cannot be rated
 * or kept is left out and told, so that one subject or standard never stops the others.
 */
#pragma once

#include "batch/standards.h"
#include "store/rating_pass.h"

/* What of a slice is not kept. */
struct rating_skipped {
    int count;
    /* The first of them. */
    int64_t subject_id;
    int32_t standard_no; /* 0: all, since a stored fact of the subject cannot be read */
    struct error error;  /* why; code ERR_NONE with standard_no 0 */
};

struct rating_given {
    int written; /* as rating_put gives it */
    struct rating_skipped skipped;
};

/* Rates and writes, and moves the pass on. turn: of the work in which the slice was asked for. */
MUST_USE bool rating_keep(struct ctx *ctx, struct db *db, const struct standards_set *set,
                          const struct rating_slice *slice, int64_t turn,
                          struct rating_given *given);
