/*
 * What the operator of the exchange sees of a subject and puts right: typed calls of
 * sql/api/operator.sql. Role cix_admin. Ids and codes; no personal data. Every call leaves an audit
 * row.
 */
#pragma once

#include "base/day.h"
#include "base/digest.h"
#include "db/db.h"
#include "domain/field.h"

/* Kinds of a mark in lists: those of enum ProtectionKind, and annotations behind them. */
enum operator_mark_kind {
    OPERATOR_MARK_FRAUD_ALERT = 1,
    OPERATOR_MARK_INQUIRY_BLOCK = 2,
    OPERATOR_MARK_NEW_CREDIT_BLOCK = 3,
    OPERATOR_MARK_DISPUTE = 11,
    OPERATOR_MARK_STATEMENT = 12,
};

struct operator_subject {
    int64_t subject_id;
    int64_t alias_id; /* what was asked for, when it is an alias of the subject; else 0 */
    int16_t kind;     /* enum subject_kind */
    int16_t status;   /* enum subject_status */
};

/* Who says what of a subject's status. */
struct operator_status {
    const char *member_code; /* NULL: the operator */
    int16_t status;
    int64_t recorded_at_us;
    bool has_submission;
    struct uuid submission_id;
    bool is_counted; /* it is not older than the operator's word */
};

/* A protection or annotation. */
struct operator_mark {
    int64_t mark_id;
    int64_t subject_id;
    int16_t kind;        /* enum operator_mark_kind */
    int16_t code;        /* of a dispute; else 0 */
    int16_t target;      /* of an annotation: enum AnnotationTargetKind; else 0 */
    const char *by_code; /* who set it; NULL: the operator */
    const char *on_code; /* whose record an annotation stands on; NULL: none's */
    struct day_field until_on;
    int64_t recorded_at_us;
    int64_t ended_at_us;    /* 0: it stands */
    const char *ended_code; /* who ended it; NULL: the operator */
    int16_t reason;         /* why the operator ended it; else 0 */
};

/* Why the operator acts, and on what document. */
struct operator_reason {
    int16_t reason; /* as in the table operator_act */
    struct digest document_hash;
};

/*
 * The subject of an identifier, or (lookup NULL) the one with an id. ERR_NOT_FOUND /
 * SUBJECT_UNKNOWN.
 */
MUST_USE bool operator_find(struct ctx *ctx, struct db *db, const struct digest *lookup,
                            int64_t subject_id, int64_t now_us, struct operator_subject *subject);

/* Newest first, in the arena of ctx. */
MUST_USE bool operator_statuses(struct ctx *ctx, struct db *db, int64_t subject_id,
                                struct operator_status **list, int *count);

/*
 * A page of at most page_size in the arena of ctx, by rising id behind after_id; subject_id 0: of
 * all subjects.
 */
MUST_USE bool operator_marks(struct ctx *ctx, struct db *db, int64_t subject_id, bool with_ended,
                             int64_t after_id, int page_size, int64_t now_us,
                             struct operator_mark **list, int *count);

/* Ends a mark, whoever set it. ERR_NOT_FOUND / MARK_UNKNOWN, ERR_PRECONDITION / MARK_ENDED. */
MUST_USE bool operator_mark_end(struct ctx *ctx, struct db *db, int64_t subject_id, int64_t mark_id,
                                const struct operator_reason *reason, int64_t now_us);

/*
 * Sets the status (ACTIVE to REVOKED); what members said before counts no more. ERR_NOT_FOUND /
 * SUBJECT_UNKNOWN, ERR_PRECONDITION / SUBJECT_HELD when it is merged or held for a conflict.
 */
MUST_USE bool operator_status_set(struct ctx *ctx, struct db *db, int64_t subject_id,
                                  int16_t status, const struct operator_reason *reason,
                                  int64_t now_us);
