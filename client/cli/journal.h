/*
 * The journal of a submission: a small file beside the input that holds its id before anything is
 * sent, so that a second run after a crash goes on under the same id.
 *
 * It also holds what must not change in between: the input's digest, mode, period and chunk size.
 */
#pragma once

#include "base/ctx.h"

struct journal {
    char id[37];     /* of the submission */
    char digest[65]; /* SHA-256 of the input */
    int64_t mode, period, chunk;
};

/*
 * Reads FILE.cix-journal. is_found: whether there is one. Errors: FILE (unreadable), JOURNAL
 * (not one of ours).
 */
MUST_USE bool journal_read(struct ctx *ctx, const char *input, struct journal *journal,
                           bool *is_found);

/* Writes it, synced to disk with its folder, before it answers. Error: FILE. */
MUST_USE bool journal_write(struct ctx *ctx, const char *input, const struct journal *journal);

/* Removes it, once the submission is closed and its verdicts are written. */
void journal_remove(const char *input);
