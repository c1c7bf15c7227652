/*
 * Declarations: what a member says of its file before it sends it, read from the wire.
 */
#pragma once

#include "base/ctx.h"
#include "cix/v1/submission.pb-c.h"
#include "domain/file.h"
#include "store/submission.h"
#include "vault/vault.h"
#include "wire/control.h"

/*
 * Reads a declaration; NULL: nothing was declared. Texts are views into the message.
 *
 * Errors, with the field that is wrong: FIELD_INVALID, SCHEMA_UNSUPPORTED (F009), FILE_TOO_LARGE
 * (F005: more records than the exchange takes).
 */
MUST_USE bool declaration_read(struct ctx *ctx, const struct vault *vault, int32_t member_id,
                               const Cix__V1__Declaration *message,
                               const struct file_limits *limits,
                               struct submission_declaration *declared);

/* The control totals of a chunk, in the arena; they belong into chunk->totals. */
void declaration_totals(struct arena *arena, const Cix__V1__Chunk *message,
                        struct submission_chunk *chunk);

/* Fails with FIELD_INVALID for the first record that is not of the declared kind; 0: any is. */
MUST_USE bool declaration_check_kind(struct ctx *ctx, int16_t kind, const Cix__V1__Chunk *message);
