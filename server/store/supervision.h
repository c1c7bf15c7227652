/*
 * Supervision: typed calls of sql/api/supervision.sql. Platform exposure: role cix_inquire, both
 * halves of an inquiry in one pipeline as two transactions.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "db/db.h"
#include "store/inquiry.h"

/* What a borrower owes on lending platforms. Minor units of CNY. */
struct platform_exposure {
    int64_t own;     /* on the asking member's platform */
    int64_t overall; /* on all of them */
    int32_t platforms;
    int32_t accounts;
    int64_t cap_one; /* caps in force for a borrower of this kind */
    int64_t cap_all;
};

/*
 * Answers exposures in one round trip. is_person: of each question, what its identifier says.
 * Writes outcome and is_served of each question, and one exposure a question in the arena of ctx.
 * Effects: an inquiry and an audit row each; none twice under the same id.
 */
MUST_USE bool supervision_exposure(struct ctx *ctx, struct db *db,
                                   const struct inquiry_request *request, const bool *is_person,
                                   struct platform_exposure **exposures);
