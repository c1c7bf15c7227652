/*
 * The registry of members: typed calls of sql/api/member.sql. Role cix_admin.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/digest.h"
#include "db/db.h"
#include "domain/member.h"
#include "domain/record.h"

/* A certificate that is not revoked. */
struct member_certificate {
    uint8_t fingerprint[32];
    int32_t member_id;
    int64_t expires_at_us;
};

/* An attestation or a limit of a member: the one of its kind that counts. */
struct member_attribute_row {
    int32_t member_id;
    int16_t kind; /* enum member_attribute */
    struct day from_on;
    struct day_field until_on;
    struct money_field value;  /* of a limit: basis points, or minor units of CNY */
    uint8_t document_hash[32]; /* of an attestation; else zero */
};

/* All members and certificates of one version. Arrays live in the arena. */
struct member_list {
    int64_t version;
    bool is_test;           /* a test exchange */
    struct member *members; /* sorted by member_id */
    int member_count;
    struct member_certificate *certificates;
    int certificate_count;
    struct member_attribute_row *attributes; /* sorted by member_id and kind */
    int attribute_count;
};

/* Version of the registry. */
MUST_USE bool member_version(struct ctx *ctx, struct db *db, int64_t *version);

/* Reads the registry; all its parts in one transaction, so they belong together. */
MUST_USE bool member_list_load(struct ctx *ctx, struct db *db, struct member_list *list);

/*
 * Adds a member or changes the one with its code; writes member->member_id. State NONE leaves the
 * state as it is; a new member is ACTIVE then. A quota of MEMBER_QUOTA_AS_IS is left too, and the
 * default of a new one. is_new: it was added. ERR_PRECONDITION /
 * CONFORMANCE_NEEDED where a member that is or becomes active would contribute as it did not
 * before, without a result that shows it or a reason kept in its place. An empty code14 leaves what
 * stands; ERR_EXISTS / CODE14_TAKEN.
 */
MUST_USE bool member_put(struct ctx *ctx, struct db *db, struct member *member, int64_t now_us,
                         bool *is_new);

/*
 * Changes a member's state; reason: as in the table member_act, 0 none. ERR_NOT_FOUND /
 * MEMBER_UNKNOWN, ERR_PRECONDITION / CONFORMANCE_NEEDED where a contributor that never was active
 * becomes ACTIVE without a reason, or RESTRICTED. Leaves an audit row.
 */
MUST_USE bool member_state_set(struct ctx *ctx, struct db *db, const char *code,
                               enum member_state state, int16_t reason, int64_t now_us);

/* Which organisation a member is, where, and whose. NULL: as it stands; empty: no longer. */
struct member_place {
    const char *uscc, *region, *parent_code, *code14;
};

/*
 * Notes them. ERR_NOT_FOUND / MEMBER_UNKNOWN, PARENT_UNKNOWN; ERR_INVALID / PARENT_BELOW, where the
 * parent is the member or belongs to it; ERR_EXISTS / CODE14_TAKEN.
 */
MUST_USE bool member_place_set(struct ctx *ctx, struct db *db, const char *code,
                               const struct member_place *place, int64_t now_us);

/* What a member may see for what it gives. RECIPROCITY_AS_IS: as it stands. */
struct member_levels {
    enum reciprocity consumer, commercial;
};

/*
 * Sets them; reason: as in the table member_act, never 0. ERR_NOT_FOUND / MEMBER_UNKNOWN. Leaves an
 * audit row.
 */
MUST_USE bool member_reciprocity_set(struct ctx *ctx, struct db *db, const char *code,
                                     const struct member_levels *levels, int16_t reason,
                                     int64_t now_us);

/*
 * Who leads it: the lookup of the person's identifier; NULL: nobody is noted. ERR_NOT_FOUND /
 * MEMBER_UNKNOWN. Leaves an audit row.
 */
MUST_USE bool member_person_set(struct ctx *ctx, struct db *db, const char *code,
                                const struct digest *lookup, int64_t now_us);

/* A result of the conformance cases, checked by the caller. */
struct member_conformance {
    uint8_t fingerprint[32]; /* certificate whose key signed it */
    uint8_t file_hash[32];
    int64_t made_at_us;
    const char *exchange_version, *client_version; /* 1 to 32 characters */
    int32_t case_count;
    uint32_t roles; /* bits of enum member_role, of the records that the test exchange saw */
};

/*
 * Makes a TESTING member ACTIVE by a result, or keeps one of an ACTIVE member, which may be given
 * the roles that it shows then. ERR_NOT_FOUND / MEMBER_UNKNOWN, ERR_INVALID / CERTIFICATE_FOREIGN
 * (not one of the member's), ERR_PRECONDITION / NOT_TESTING, CONFORMANCE_ROLES (the result does not
 * show all that the member is to contribute).
 */
MUST_USE bool member_conformance_put(struct ctx *ctx, struct db *db, const char *code,
                                     const struct member_conformance *conformance, int64_t now_us);

/* Makes an exchange without data a test exchange; as the owner. ERR_PRECONDITION / EXCHANGE_USED.
 */
MUST_USE bool member_declare_test(struct ctx *ctx, struct db *db);

/* Whether it is one. */
MUST_USE bool member_is_test(struct ctx *ctx, struct db *db, bool *is_test);

/* Records an attestation or a limit of the member with the code. ERR_NOT_FOUND / MEMBER_UNKNOWN. */
MUST_USE bool member_attribute_put(struct ctx *ctx, struct db *db, const char *code,
                                   const struct member_attribute_row *attribute, int64_t now_us);

/*
 * Lets a certificate speak for a member. ERR_NOT_FOUND / MEMBER_UNKNOWN, ERR_EXISTS /
 * CERTIFICATE_TAKEN (another member's), ERR_PRECONDITION / CERTIFICATE_REVOKED. Repeating it is
 * fine.
 */
MUST_USE bool member_certificate_put(struct ctx *ctx, struct db *db, const char *code,
                                     const struct member_certificate *certificate, int64_t now_us);

/* Ends a certificate. ERR_NOT_FOUND / CERTIFICATE_UNKNOWN. Repeating it is fine. */
MUST_USE bool member_certificate_revoke(struct ctx *ctx, struct db *db, const uint8_t *fingerprint,
                                        int64_t now_us);
