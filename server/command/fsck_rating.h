/*
 * The part of cixd fsck that rates again: is every kept rating what its standard makes of the
 * values that are kept with it (G001-G004)?
 */
#pragma once

#include "base/ctx.h"
#include "db/db.h"

/*
 * Looks at all kept ratings, or at the first and at some from a place by chance, and prints what is
 * wrong by ids.
 *
 *   db      in the transaction of fsck_begin
 *   shown   findings that are printed at most
 *   broken  ratings that break a rule
 */
MUST_USE bool fsck_ratings(struct ctx *ctx, struct db *db, bool is_whole, int shown,
                           int64_t *broken);
