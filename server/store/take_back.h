/*
 * Taking a submission back, and the history of a record: typed calls of sql/api/take_back.sql and
 * history.sql. Role cix_submit.
 */
#pragma once

#include "store/correction.h"

enum back_out_phase { BACK_OUT_CHECKING = 1, BACK_OUT_TAKING_BACK = 2, BACK_OUT_DONE = 3 };

struct back_out {
    struct uuid submission_id;
    int16_t reason;
    struct bytes note; /* sealed under act.audit_id; data NULL: none */
    enum back_out_phase phase;
    int64_t accounts; /* taken back until now */
};

/*
 * Asks for it; goes on with one that was asked for. Writes phase: DONE when it was done before.
 * ERR_NOT_FOUND / SUBMISSION_UNKNOWN; ERR_PRECONDITION / SUBMISSION_OPEN; ERR_DENIED /
 * MEMBER_NOT_PERMITTED. Effects: an audit row.
 */
MUST_USE bool back_out_begin(struct ctx *ctx, struct db *db, const struct correction_act *act,
                             struct back_out *back_out);

/*
 * One slice, in a transaction of its own. Writes phase and accounts. ERR_PRECONDITION /
 * BACK_OUT_BLOCKED with the fact submission_id; ERR_ABORTED: a lost race, ask again.
 */
MUST_USE bool back_out_step(struct ctx *ctx, struct db *db, const struct correction_act *act,
                            struct back_out *back_out);

/* Which record. What a kind does not need is absent. */
struct history_key {
    int16_t kind; /* enum record_kind */
    struct bytes account_index;
    int32_t period;      /* struct period's number */
    struct bytes lookup; /* of an identifier; of a fact the digest of its key */
    bool has_id;
    struct uuid id; /* of a consent or flag */
};

/* "*" for all that is sealed of a fact. What is sealed or hidden has an empty before and after. */
struct history_change {
    const char *field;
    const char *before;
    const char *after;
    struct bytes sealed_before, sealed_after; /* of a sealed text; data NULL: none */
    int64_t before_id, after_id;              /* what they are bound to */
};

struct history_version {
    int64_t record_id;
    int64_t recorded_at_us;
    bool has_submission;
    struct uuid submission_id;
    int32_t chunk;
    int32_t line;
    const char *origin; /* "" for none */
    bool is_deleted;
    bool is_restored;
    struct uuid restored_by; /* when is_restored */
    int16_t action;
    int16_t reason;
    struct bytes note;   /* sealed under record_id, of a fact in its table; data NULL: none */
    int64_t back_out_id; /* that made it, or took its submission back; 0: none */
    int64_t back_out_at_us;
    int16_t back_out_reason;
    struct bytes back_out_note; /* sealed under back_out_id; data NULL: none */
    struct history_change *changes;
    int change_count;
};

/* Newest first, in the arena of ctx. ERR_NOT_FOUND / RECORD_UNKNOWN. Effects: an audit row. */
MUST_USE bool history_read(struct ctx *ctx, struct db *db, const struct correction_act *act,
                           const struct history_key *key, struct history_version **versions,
                           int *count);
