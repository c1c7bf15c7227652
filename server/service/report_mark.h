/*
 * Marks on a report: open disputes and statements beside the record that they stand on, and the
 * fraud alerts and freezes of the subject.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/report.pb-c.h"
#include "store/report.h"

/*
 * Hangs the marks of answer->subject onto a report that shows everything else already. A mark on a
 * record that the report does not show (a listing, for a member that sees none) is left out. False
 * when a value cannot be unsealed.
 */
MUST_USE bool report_mark(const struct session *session, struct ctx *ctx,
                          const struct report_answer *answer, Cix__V1__Report *report);
