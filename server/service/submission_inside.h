/*
 * Inside of service/submission*.c: what the stream and the reading of submissions have in common.
 */
#pragma once

#include "batch/batch.h"
#include "cix/v1/submission.pb-c.h"
#include "store/submission.h"

/* The caller's act on a submission, now, with an audit id of its own. */
struct submission_act submission_act_of(struct call *call, struct uuid submission_id,
                                        int64_t now_us);

/* A UUID of a request. Error: FIELD_INVALID. */
MUST_USE bool submission_id_parse(struct ctx *ctx, const char *text, struct uuid *id);

/* An id as text, in the arena. */
char *submission_id_text(struct arena *arena, const struct uuid *id);

/* Verdicts as the wire wants them; a reason left out is the rule's own sentence. */
Cix__V1__Verdict **submission_verdict_list(struct arena *arena,
                                           const struct submission_verdicts *verdicts,
                                           size_t *count);

/* Serves GetSubmission. batch_max is 1: a member asks rarely. */
bool submission_get(struct session *session, struct call **calls, int count);
