/*
 * What members spent of their daily quotas: a typed call of sql/api/quota.sql. Role cix_admin.
 */
#pragma once

#include "base/day.h"
#include "db/db.h"
#include "domain/member.h"

/*
 * Tells what members spent here, at this node, on a day (here of each; told again it counts once),
 * and learns what is known of that day: of all members, in the arena of ctx, in no order.
 */
MUST_USE bool quota_note(struct ctx *ctx, struct db *db, int node, struct day day,
                         const struct member_spending *spent, int count,
                         struct member_spending **known, int *known_count);
