/*
 * Rating standards: typed calls of sql/api/standard.sql. Polling: role cix_admin; the rest:
 * cix_regulate for members, cix_admin for the operator, who is member 0.
 */
#pragma once

#include <stdint.h>

#include "base/digest.h"
#include "db/db.h"
#include "domain/standard.h"
#include "store/submission.h"

enum {
    STANDARD_STORED_MAX = 1000,    /* versions of all names, for ever */
    STANDARD_IN_FORCE_MAX = 16,    /* names in force at once */
    STANDARD_REASON_TEXT_MAX = 200 /* characters of why one is retired */
};

enum standard_state {
    STANDARD_STATE_LOADED = 1,
    STANDARD_STATE_PUBLISHED = 2,
    STANDARD_STATE_RETIRED = 3,
};

/* Who took a step and when. */
struct standard_step {
    bool is_taken;
    int32_t member_id; /* 0: the operator */
    int64_t at_us;
};

/* One version as it is stored. */
struct standard_version {
    int32_t number; /* ratings name their standard by it */
    const char *id;
    int32_t version;
    struct digest digest;
    enum standard_state state;
    struct day valid_from, valid_to;
    struct standard_step loaded, published, retired;
    const char *retire_reason; /* "" unless retired */
    struct bytes text;         /* canonical; empty in lists */
};

struct standard_versions {
    struct standard_version *items;
    int count;
};

/* A text as it was taken in. */
struct standard_loaded {
    int32_t number;
    const char *id;
    int32_t version;
    struct digest digest;
    enum standard_state state; /* of an earlier load of the same text, whatever became of it */
    bool is_new;               /* false: the same text was there */
};

struct standard_published {
    int32_t number;
    bool is_new;      /* false: it was in force already */
    int32_t replaced; /* version that was retired by it; 0: none */
};

/* Rises whenever something is published or retired, and with nothing else. */
MUST_USE bool standard_revision(struct ctx *ctx, struct db *db, uint64_t *revision);

/* What is published: number, digest and text of each, in the arena of ctx; and the revision. */
MUST_USE bool standard_in_force(struct ctx *ctx, struct db *db, uint64_t *revision,
                                struct standard_versions *versions);

/*
 * Checks a text and loads what it says, in its canonical form. The same text again changes nothing.
 * Errors: those of standard_read, ERR_INVALID / STANDARD_TEXT for a canonical form that is too
 * long; ERR_EXISTS / STANDARD_CONFLICT: this version has another text; ERR_EXHAUSTED /
 * STANDARD_MANY; ERR_DENIED / MEMBER_NOT_PERMITTED. Effects: an audit row unless the text is wrong.
 */
MUST_USE bool standard_put(struct ctx *ctx, struct db *db, const struct submission_act *act,
                           struct bytes text, struct standard_loaded *loaded);

/*
 * Puts a version in force; the one of its name that was, is retired at once. Errors: ERR_NOT_FOUND
 * / STANDARD_UNKNOWN; ERR_PRECONDITION / STANDARD_RETIRED, STANDARD_OVER and STANDARD_EARLY (its
 * days), STANDARD_SUPERSEDED (a later version was published); ERR_EXHAUSTED / STANDARDS_FULL;
 * ERR_DENIED / MEMBER_NOT_PERMITTED. Effects: an audit row.
 */
MUST_USE bool standard_publish(struct ctx *ctx, struct db *db, const struct submission_act *act,
                               const char *id, int32_t version,
                               struct standard_published *published);

/* Takes a version out of force for good; one that was retired before stays as it is. Errors:
 * ERR_NOT_FOUND / STANDARD_UNKNOWN; ERR_DENIED / MEMBER_NOT_PERMITTED. Effects: an audit row. */
MUST_USE bool standard_retire(struct ctx *ctx, struct db *db, const struct submission_act *act,
                              const char *id, int32_t version, const char *reason, bool *is_new);

/* Versions without texts, by name and version. id "": all names; state 0: all. Effects: an audit
 * row. Error: ERR_DENIED / MEMBER_NOT_PERMITTED. */
MUST_USE bool standard_list(struct ctx *ctx, struct db *db, const struct submission_act *act,
                            const char *id, int state, struct standard_versions *versions);

/* One version with its text; version 0: the one in force. Errors: ERR_NOT_FOUND /
 * STANDARD_UNKNOWN; ERR_DENIED / MEMBER_NOT_PERMITTED. Effects: an audit row. */
MUST_USE bool standard_get(struct ctx *ctx, struct db *db, const struct submission_act *act,
                           const char *id, int32_t version, struct standard_version *found);
