/*
 * Facts on a report: each kind in its own list, as far as the asking member and the consent behind
 * the question may see its data class.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/report.pb-c.h"
#include "store/report.h"

/*
 * Hangs the facts of answer->subject onto the report. A victim's fraud case is told as protected,
 * without what could be read against the victim (X002). ERR_INTERNAL / SEAL_BROKEN,
 * SEAL_KEY_UNKNOWN.
 */
MUST_USE bool report_fact(const struct session *session, struct ctx *ctx,
                          const struct report_answer *answer, Cix__V1__Report *report);
