/*
 * Fraud alerts and freezes on an answer about a subject.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/report.pb-c.h"
#include "store/protection.h"

/*
 * Shows a list in the arena of the session; count: of shown. Those without phones are shown
 * without. False when a number cannot be unsealed.
 */
MUST_USE bool protection_show(const struct session *session, struct ctx *ctx,
                              const struct protection *list, Cix__V1__ReportedProtection ***shown,
                              size_t *count);
