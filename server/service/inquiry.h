/*
 * What reports and flag checks share on their way in and out: the checks of a question, its keyed
 * digests, and the words for an outcome.
 *
 * Nothing here tells whether a subject exists, but for the freeze, which only those learn who may
 * ask.
 */
#pragma once

#include <stdbool.h>

#include "batch/batch.h"
#include "cix/v1/report.pb-c.h"
#include "domain/identifier.h"
#include "store/inquiry.h"

/* What every question says, as it arrived. */
struct inquiry_asked {
    const Cix__V1__Identifier *identifier;
    const char *name;
    const char *operator_id;
};

/*
 * Checks identifier, name and operator and fills the question but for purpose, consent and salt.
 *
 *   ctx         of the question: FIELD_REQUIRED, INVALID_IDENTIFIER, FIELD_INVALID name all fields
 *   inquiry_id  made by the caller; the same when a batch is run again
 */
MUST_USE bool inquiry_prepare(const struct session *session, struct ctx *ctx,
                              const struct call *call, const struct inquiry_asked *asked,
                              int64_t inquiry_id, struct inquiry *inquiry);

/* Gives every question of a batch the salt of its audit row. */
void inquiry_salt(struct arena *arena, struct inquiry *inquiries, int count);

/* Fails the question unless it was granted and served. */
MUST_USE bool inquiry_require_served(struct ctx *ctx, const struct inquiry *inquiry);

/* The error of one element of a stream's message. */
Cix__V1__ElementError *inquiry_element_error(struct arena *arena, const struct error *error);

/*
 * Admits the questions of one message of a stream, 1 to most, and spends them from the caller's
 * quota.
 *
 *   errors    one ctx a question, in the session's arena: each fails on its own
 *   first_id  of the first inquiry; the others follow it
 *
 * Errors, of the call: BATCH_SIZE, and those of call_spend.
 */
MUST_USE bool inquiry_admit(const struct session *session, struct call *call, size_t count,
                            int most, struct ctx **errors, int64_t *first_id);

/* Answers one message of a stream: work and rpc_write. session: of this message alone. */
typedef bool inquiry_answer(struct session *session, struct call *call,
                            const ProtobufCMessage *request);

/*
 * The life of a stream of questions: each message is answered before the next is read, in an arena
 * and at an instant of its own. False as stream_fn.
 */
MUST_USE bool inquiry_stream(struct session *session, struct call *call, inquiry_answer *answer);
