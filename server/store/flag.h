/*
 * Dishonest-person flags: typed calls of sql/api/flag.sql. Checks: role cix_inquire, both halves in
 * one pipeline as two transactions. Removal: role cix_submit.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "db/db.h"
#include "domain/code.h"
#include "store/inquiry.h"
#include "store/protection.h"

/* A listing in force or suspended. */
struct flag_listing {
    struct uuid flag_id;
    enum flag_status status;
    struct day published_on;
    bool has_end;
    struct day expires_on; /* when has_end */
    int16_t ground;
    int16_t grade;
    int16_t performance;
    const char *court;
    const char *region;
    const int16_t *restrictions;
    int restriction_count;
    int64_t recorded_at_us;
    const struct flag_listing *next; /* of the same question */
};

/* What a question finds. */
struct flag_found {
    const struct flag_listing *listings;  /* NULL: not listed */
    const struct protection *protections; /* without phones */
};

/* A feed of which numbers did not come (D009). */
struct flag_gap {
    int32_t member_id;
    const char *source;
    int64_t since_us;
    int64_t missing;
};

struct flag_gaps {
    struct flag_gap *items;
    int count;
};

/* Numbers that the feeds of a court lack, all together; role cix_admin. */
struct flag_feed {
    const char *code; /* of the court */
    int64_t missing;
};

MUST_USE bool flag_feeds(struct ctx *ctx, struct db *db, struct flag_feed **feeds, int *count);

/*
 * Rule D006 again, for what transactions that ran at one time did not see of each other. Role
 * cix_admin. Effects: findings open and close.
 */
MUST_USE bool flag_sweep(struct ctx *ctx, struct db *db, int64_t now_us);

/*
 * Checks in one round trip. Writes outcome and is_served of each question, what each one
 * finds, and the feeds that are not complete, in the arena of the ctx.
 * Effects: an inquiry and an audit row each. Asking again under the same ids leaves no second
 * trace.
 */
MUST_USE bool flag_check(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                         struct flag_found **found, struct flag_gaps *gaps);

/* The end of one listing. */
struct flag_removal {
    int32_t member_id;
    struct uuid flag_id;
    enum flag_status status; /* REMOVED, CORRECTED or EXPIRED */
    enum flag_reason reason;
    int64_t event_id; /* also the audit row's id */
    int16_t method;
    uint8_t certificate[INQUIRY_FINGERPRINT_SIZE];
    uint8_t salt[INQUIRY_SALT_SIZE];
};

/*
 * Ends a listing of the member. Repeating it is fine. ERR_NOT_FOUND / FLAG_UNKNOWN (also another
 * court's), ERR_PRECONDITION / FLAG_ENDED, ERR_DENIED / NOT_PERMITTED.
 * Effects: the listing's status, an event and an audit row.
 */
MUST_USE bool flag_remove(struct ctx *ctx, struct db *db, const struct flag_removal *removal,
                          int64_t *recorded_at_us);
