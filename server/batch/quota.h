/*
 * Token buckets, one a member: calls a second with a burst, and calls a day. Time is an argument.
 * Thread-safe; bounded by the number of members.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/member.h"

struct quota;

struct quota *quota_new(void);
void quota_free(struct quota *quota);

/*
 * Spends tokens of a member. Answers 0 when they were there, else the milliseconds after which they
 * will be (at least 1); then nothing was spent.
 */
int64_t quota_spend(struct quota *quota, const struct member *member, int tokens, int64_t now_us);
