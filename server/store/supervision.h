/*
 * Supervision: typed calls of sql/api/supervision.sql. Platform exposure: role cix_inquire, both
 * halves of an inquiry in one pipeline as two transactions. Findings: role cix_regulate.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "db/db.h"
#include "domain/record.h"
#include "store/inquiry.h"
#include "store/protection.h"

/* What a borrower owes on lending platforms. Minor units of CNY. */
struct platform_exposure {
    int64_t own;     /* on the asking member's platform */
    int64_t overall; /* on all of them */
    int32_t platforms;
    int32_t accounts;
    int64_t cap_one; /* caps in force for a borrower of this kind */
    int64_t cap_all;
    const struct protection *protections; /* of the borrower */
};

/*
 * Answers exposures in one round trip. is_person: of each question, what its identifier says.
 * Writes outcome and is_served of each question, and one exposure a question in the arena of ctx.
 * Effects: an inquiry and an audit row each; none twice under the same id.
 */
MUST_USE bool supervision_exposure(struct ctx *ctx, struct db *db,
                                   const struct inquiry_request *request, const bool *is_person,
                                   struct platform_exposure **exposures);

/* Which findings are wanted. */
struct finding_question {
    int32_t member_id; /* who asks */
    int16_t kind;      /* 0: all */
    int32_t about_id;  /* member; 0: all */
    bool with_closed;
    int64_t behind; /* finding_id and kind of the last one seen; 0: from the first */
    int16_t behind_kind;
    int32_t page_size;
    int64_t now_us;
    int64_t audit_id;
    int16_t method;
    uint8_t certificate[INQUIRY_FINGERPRINT_SIZE];
    uint8_t salt[INQUIRY_SALT_SIZE];
};

/* One finding, without the person whom it may concern. */
struct finding_row {
    int64_t finding_id;
    int16_t kind;
    const char *rule;
    int32_t member_id;
    struct count_field period; /* struct period's number */
    const char *currency;
    struct money_field measured;
    struct money_field bound;
    bool is_open;
    int64_t recorded_at_us;
    const char *value;   /* of a limit on one industry, region or dealer */
    int32_t reporter_id; /* who sent the record that it came from; 0: nobody */
};

/* A cohort of one grade. */
struct grade_row {
    int32_t member_id;
    bool is_cell; /* false: only kept_back is told */
    const char *origin, *grade, *master_grade;
    int64_t subjects, defaulted, left_out, hindsight;
    int64_t kept_back; /* cells of the member that are not shown */
};

/* Whose grades are wanted, and when they stood. */
struct grade_question {
    int32_t member_id; /* who asks */
    int32_t about_id;  /* member; 0: all */
    struct period month;
    int64_t subjects_min; /* of a cell that is shown */
    int64_t now_us;
    int64_t audit_id;
    int16_t method;
    uint8_t certificate[INQUIRY_FINGERPRINT_SIZE];
    uint8_t salt[INQUIRY_SALT_SIZE];
};

/*
 * Cohorts in the arena of ctx, member by member: one row of what was kept back, then its cells.
 * ERR_DENIED / ROLE_REQUIRED when the caller is no active administrative regulator. Effects: an
 * audit row.
 */
MUST_USE bool supervision_grades(struct ctx *ctx, struct db *db,
                                 const struct grade_question *question, struct grade_row **grades,
                                 int *count);

/*
 * A page of findings in the arena of ctx, oldest first; of a contributor, those about its own
 * limits. ERR_DENIED / ROLE_REQUIRED when the caller is neither that nor an administrative
 * regulator, or not active. Effects: an audit row.
 */
MUST_USE bool supervision_findings(struct ctx *ctx, struct db *db,
                                   const struct finding_question *question,
                                   struct finding_row **findings, int *count);

enum { SUPERVISION_LIMITS_MAX = 256 };

/*
 * Holds limits that members set themselves against a month, at most SUPERVISION_LIMITS_MAX that
 * were not yet; count: how many. Effects: findings open and close. Role cix_admin.
 */
MUST_USE bool supervision_check_limits(struct ctx *ctx, struct db *db, struct period month,
                                       struct day today, int64_t now_us, int *count);
