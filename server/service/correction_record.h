/*
 * The part of cix.v1.CorrectionService that handles the caller's own records: taking a submission
 * back, the history of a record. Private to correction.c.
 */
#pragma once

#include "batch/batch.h"
#include "domain/identifier.h"
#include "cix/v1/common.pb-c.h"
#include "store/correction.h"

/* correction.c: what its handlers share. */
struct correction_act correction_act_of(const struct session *session, const struct call *call);
MUST_USE bool correction_settle(struct session *session, struct call *call);
MUST_USE bool correction_read_identifier(const struct session *session, struct ctx *ctx,
                                         const Cix__V1__Identifier *asked, struct digest *lookup);
MUST_USE bool correction_read_uuid(struct ctx *ctx, const char *field, const char *text,
                                   struct uuid *id);
MUST_USE bool correction_check_text(struct ctx *ctx, const char *field, const char *text,
                                    size_t length_max);

/* Handlers, as serve_fn. */
MUST_USE bool correction_back_out(struct session *session, struct call **calls, int count);
MUST_USE bool correction_history(struct session *session, struct call **calls, int count);
