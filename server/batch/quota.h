/*
 * Token buckets, one a member: calls a second with a burst, and calls a business date. Time is an
 * argument. Thread-safe; bounded by the number of members. What is spent in a day can be told, and
 * what others spent learned, so that a day's quota outlives a server and spans several.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/day.h"
#include "domain/member.h"

struct quota;

struct quota *quota_new(void);
void quota_free(struct quota *quota);

/*
 * Spends tokens of a member. Answers 0 when they were there, else the milliseconds after which they
 * will be (at least 1); then nothing was spent. monotonic_us: of the clock that never steps;
 * now_us: since 1970, for the date.
 */
int64_t quota_spend(struct quota *quota, const struct member *member, int tokens,
                    int64_t monotonic_us, int64_t now_us);

enum { QUOTA_MEMBERS_MAX = 4096 }; /* as BATCH_SPENDINGS_MAX */

/*
 * What members with a daily quota spent here on a day, those alone that spent something; at most
 * QUOTA_MEMBERS_MAX rows, whose number is the answer.
 */
int quota_spendings(struct quota *quota, struct day day, struct member_spending *rows);

/* Takes over what is known of a member and a day; spent here is at least what was. */
void quota_learn(struct quota *quota, struct day day, const struct member_spending *known);
