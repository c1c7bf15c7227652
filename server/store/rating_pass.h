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

/* Whether this connection is the one that rates, until rating_end or its own end. */
MUST_USE bool rating_begin(struct ctx *ctx, struct db *db, bool *is_ours);
MUST_USE bool rating_end(struct ctx *ctx, struct db *db);

/* What there is to rate. */
struct rating_work {
    bool is_any;       /* false: no standard is in force, and nothing else is said */
    uint64_t revision; /* of the standards in force */
    bool is_open;      /* the pass over all has not come through */
    int64_t through;   /* subjects up to this id are done in it */
    bool is_due;       /* data of somebody changed */
    int64_t turn;      /* changes of later turns are not among those that are due */
};

/*
 * Takes what has changed, and begins a pass over all when it is time; for whoever rates. Role
 * cix_admin.
 */
MUST_USE bool rating_pass_open(struct ctx *ctx, struct db *db, int64_t now_us,
                               struct rating_work *work);

/* How far ratings are behind the data; all 0 while no standard is in force. */
struct rating_behind {
    int64_t seconds;     /* that the oldest change waits that is not rated yet */
    int64_t rated_at_us; /* end of the latest pass over all; 0: there was none */
};

MUST_USE bool rating_behind(struct ctx *ctx, struct db *db, int64_t now_us,
                            struct rating_behind *behind);

/* What a slice, or a part of it, gave. */
struct rating_put {
    enum rating_pass pass;
    int64_t after;   /* as the slice was asked for */
    int64_t through; /* who stands up to here is done; after: nobody yet */
    bool is_end;     /* and everybody behind */
    int64_t turn;    /* of the work in which it was asked for */
    int64_t now_us;
    struct day today;
    const struct rating_kept *items;
    int count;
};

/*
 * Keeps those that differ from the latest of their subject and standard, and moves the pass on, in
 * one transaction, which does not wait for the disk. written: how many; -1: the pass over all is no
 * longer where the slice was read, and nothing was.
 *
 * ERR_INVALID / DATA_ERROR: one of the items cannot be kept.
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
