/*
 * Questions that need a purpose and mostly a consent: reports, and what is asked like a report. The
 * consent is one that the member submitted, or comes with the question and is stored with it.
 */
#pragma once

#include "service/inquiry.h"

/*
 * Checks a question and makes it ready for the store, all but its salt.
 *
 *   ctx         of the question: the errors of inquiry_prepare, PURPOSE_UNKNOWN, CONSENT_INVALID
 *               (with the rule), CONSENT_AMBIGUOUS
 *   asked       may be NULL: FIELD_REQUIRED
 *   inquiry_id  made by the caller; the same when a batch is run again
 */
MUST_USE bool inquiry_prepare_report(const struct session *session, struct ctx *ctx,
                                     const struct call *call, const Cix__V1__ReportInquiry *asked,
                                     int64_t inquiry_id, struct inquiry *inquiry);
