/*
 * AttestConformance of the member service: the word of a test exchange on the golden cases that it
 * saw.
 */
#pragma once

#include "batch/batch.h"

/*
 * Serves AttestConformance. Errors: FIELD_INVALID, SUBMISSION_UNKNOWN, NOT_A_TEST_EXCHANGE,
 * CASES_UNSEEN, ATTESTATION_KEY.
 */
bool member_attest_conformance(struct session *session, struct call **calls, int count);
