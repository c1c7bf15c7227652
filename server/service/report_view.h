/*
 * A stored report as the message that a member gets: unsealed, masked, months unrolled, summed up.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/report.pb-c.h"
#include "store/report.h"

/*
 * Builds the report of a question that was served, in the session's arena; it
 * needs the answer's rows no longer. ERR_INTERNAL / SEAL_BROKEN, SEAL_KEY_UNKNOWN.
 */
MUST_USE bool report_view(const struct session *session, struct ctx *ctx, int64_t inquiry_id,
                          const struct report_answer *answer, Cix__V1__Report **report);
