/*
 * Counts of what was refused before the queue: a typed call of sql/api/refusal.sql. Role cix_admin.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "db/db.h"

enum { REFUSAL_SALT_SIZE = 16 };

/* One minute's refusals of one member and method for one reason. */
struct refusal_count {
    int64_t refusal_id; /* made once: writing again under it counts once */
    int32_t member_id;  /* 0: no member was found */
    int16_t method;     /* audit code */
    const char *reason;
    int64_t count;
    uint8_t salt[REFUSAL_SALT_SIZE];
};

/* Writes counts, each with its audit row, in one transaction. */
MUST_USE bool refusal_put(struct ctx *ctx, struct db *db, const struct refusal_count *counts,
                          int count, int64_t now_us);
