/*
 * Roll-ups: typed calls of sql/api/rollup.sql. Role cix_admin.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "db/db.h"

/*
 * Merges at most slice deltas in one transaction; moved: how many it were. Fewer than slice:
 * nothing is left for now, or another server is merging. What a statistic answers stays the same.
 */
MUST_USE bool rollup_merge(struct ctx *ctx, struct db *db, int slice, int64_t now_us, int *moved);
