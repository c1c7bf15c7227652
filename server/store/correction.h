/*
 * Marks on a subject's behalf: typed calls of sql/api/correction.sql. Role cix_submit. Each call
 * leaves one audit row, also when it is refused.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/day.h"
#include "base/digest.h"
#include "base/id.h"
#include "db/db.h"

enum { CORRECTION_CERTIFICATE_SIZE = 32, CORRECTION_SALT_SIZE = 16 };

/* Who acts, and what its audit row needs. */
struct correction_act {
    int32_t member_id;
    int64_t audit_id; /* also the id of what is made */
    int64_t now_us;
    int16_t method;
    uint8_t certificate[CORRECTION_CERTIFICATE_SIZE];
    uint8_t salt[CORRECTION_SALT_SIZE];
};

/* A mark's own id, the subject by both digests, and the keyed digest of what was asked for. */
struct correction_mark {
    struct uuid external_id;
    struct digest lookup;
    struct digest name_index;
    struct digest content;
};

struct correction_annotation {
    struct correction_mark mark;
    int16_t target;
    int64_t target_id;
    bool has_flag;
    struct uuid flag_id; /* when has_flag */
    int32_t period;      /* struct period's number; 0 none */
    int16_t kind;
    int16_t code;
    struct bytes text; /* sealed */
    int16_t filed_by;
    struct bytes evidence_hash;
    bool has_due;
    struct day due_on; /* when has_due; read back from an earlier call */
    int64_t recorded_at_us;
    bool is_repeated;  /* says again what was answered before (T006) */
    bool has_repeated; /* and the caller may know which */
    struct uuid repeated_id;
};

/*
 * Files it; writes recorded_at_us, due_on and what it repeats. ERR_NOT_FOUND / SUBJECT_UNKNOWN,
 * TARGET_UNKNOWN; ERR_EXISTS / ANNOTATION_CONFLICT; ERR_PRECONDITION / ANNOTATION_LIMIT; ERR_DENIED
 * / MEMBER_NOT_PERMITTED.
 */
MUST_USE bool correction_annotation_put(struct ctx *ctx, struct db *db,
                                        const struct correction_act *act,
                                        struct correction_annotation *annotation);

/*
 * Ends it. answer: sealed, data NULL for none. ERR_NOT_FOUND / ANNOTATION_UNKNOWN;
 * ERR_PRECONDITION / ANNOTATION_ENDED, NOT_REPEATED, NOT_CORRECTED; ERR_DENIED /
 * OUTCOME_REFUSED, MEMBER_NOT_PERMITTED.
 */
MUST_USE bool correction_annotation_end(struct ctx *ctx, struct db *db,
                                        const struct correction_act *act,
                                        const struct uuid *external_id, int16_t outcome,
                                        struct bytes answer, int64_t *ended_at_us);

/* One row of a list; sealed values are copies in the arena of the ctx. */
struct correction_listed {
    int64_t annotation_id;
    struct correction_annotation annotation;
    int32_t member_id;
    int32_t holder_id; /* 0: nobody's record */
    int64_t ended_at_us;
    int32_t ended_by; /* 0: nobody, or the operator */
    int16_t outcome;
    struct bytes answer; /* sealed; data NULL: none */
    int64_t answer_id;   /* that the answer is bound to */
    int64_t before_id;   /* versions around the correction that ended it; 0: none did (T004) */
    int64_t after_id;
};

/* A page below before (0: from the newest). *count rows in the arena. */
MUST_USE bool correction_annotation_list(struct ctx *ctx, struct db *db,
                                         const struct correction_act *act, bool with_ended,
                                         int64_t before, int page_size,
                                         struct correction_listed **list, int *count);

struct correction_protection {
    struct correction_mark mark;
    int16_t kind;
    struct day from_on;
    bool has_end;
    struct day until_on; /* when has_end */
    struct bytes phones; /* sealed; data NULL: none */
    struct bytes document_hash;
    struct day today;
};

/*
 * Sets it. ERR_NOT_FOUND / SUBJECT_UNKNOWN; ERR_EXISTS / PROTECTION_CONFLICT; ERR_PRECONDITION /
 * PROTECTION_HELD; ERR_DENIED / MEMBER_NOT_PERMITTED.
 */
MUST_USE bool correction_protection_put(struct ctx *ctx, struct db *db,
                                        const struct correction_act *act,
                                        const struct correction_protection *protection,
                                        int64_t *recorded_at_us);

/* Lifts it. ERR_NOT_FOUND / PROTECTION_UNKNOWN; ERR_DENIED / MEMBER_NOT_PERMITTED. */
MUST_USE bool correction_protection_end(struct ctx *ctx, struct db *db,
                                        const struct correction_act *act,
                                        const struct uuid *external_id, int64_t *ended_at_us);
