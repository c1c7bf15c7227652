/*
 * The history of ratings and the pass of the job that writes it: typed calls of sql/api/rating.sql.
 */
#pragma once

#include "store/rating.h"

/* A rating as it is kept. Texts are the caller's. */
struct rating_kept {
    int64_t subject_id; /* when it is written */
    int64_t rating_id;
    int32_t standard_no;     /* when it is written */
    const char *standard_id; /* when it is read */
    int32_t version;
    struct day as_of;
    int64_t recorded_at_us;
    int16_t score; /* 0: excluded */
    const char *exclusion;
    const char *grade;
    const char *scored_grade;
    int32_t pd_ppm;
    const char *reasons; /* CODE:POINTS with ; between */
    const char *inputs;  /* values of the attributes with , between; when it is written */
};

/* The pass that has work to do; is_open false: none. Role cix_admin. */
MUST_USE bool rating_pass_open(struct ctx *ctx, struct db *db, int64_t now_us,
                               struct rating_pass *pass, bool *is_open);

/* How far ratings are behind the data; all 0 while no standard is in force. */
struct rating_behind {
    int64_t seconds;     /* that the oldest change waits that is not rated yet */
    int64_t rated_at_us; /* end of the latest pass over all; 0: there was none */
};

MUST_USE bool rating_behind(struct ctx *ctx, struct db *db, int64_t now_us,
                            struct rating_behind *behind);

/* What a slice gave. */
struct rating_put {
    const struct rating_pass *pass;
    int64_t through; /* the last subject of the slice */
    bool is_end;
    int64_t now_us;
    const struct rating_kept *items;
    int count;
};

/*
 * Keeps those that differ from the latest of their subject and standard, and moves the pass on, in
 * one transaction. written: how many; -1 when another server moved the pass meanwhile.
 */
MUST_USE bool rating_put(struct ctx *ctx, struct db *db, const struct rating_put *put,
                         int *written);

/* The kept ratings of one question, newest first. */
struct rating_history {
    bool is_known;
    struct rating_kept *items;
    int count;
};

/* As rating_fetch, with what was kept: one history a question. Role cix_inquire. */
MUST_USE bool rating_history_fetch(struct ctx *ctx, struct db *db,
                                   const struct inquiry_request *request,
                                   struct rating_history **histories);
