/*
 * Reads slices of subjects ahead: a thread with a connection of its own, so that reading goes on
 * while what was read is rated and written. Slices of both passes take turns.
 */
#pragma once

#include "store/rating.h"

struct rating_reader;

/*
 * options: its connection. owner: of whoever takes the slices; once that is cancelled (db_cancel),
 * so is the reading. Outlives the reader, which ends with rating_reader_stop.
 */
MUST_USE bool rating_reader_start(struct ctx *ctx, const struct db_options *options,
                                  const struct db *owner, struct rating_reader **reader);

/* The slice that is being read is cut off. Accepts NULL. */
void rating_reader_stop(struct rating_reader *reader);

/* Reads a pass behind an id from now on, to its end. Not while it is being read. */
void rating_reader_open(struct rating_reader *reader, enum rating_pass pass, int64_t after);

/* Begins no slice any more. True when there is more to read. */
bool rating_reader_pause(struct rating_reader *reader);

/*
 * The next slice, once it was read; NULL: there is none any more. It stays until the next call.
 * read_us: how long it was read. ERR_DEADLINE also when the owner was cancelled.
 */
MUST_USE bool rating_reader_take(struct ctx *ctx, struct rating_reader *reader,
                                 const struct rating_slice **slice, int64_t *read_us);
