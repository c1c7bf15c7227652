/*
 * Aggregates for regulators: a typed call of cix.statistic_read. Role cix_regulate.
 *
 * The database adds up and decides who may ask; what may be shown is decided by domain/suppress.h.
 * Nothing here names a person.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "base/day.h"
#include "db/db.h"
#include "domain/statistic.h"

enum { STATISTIC_SALT_SIZE = 16, STATISTIC_FINGERPRINT_SIZE = 32 };

/* One question. */
struct statistic_question {
    int32_t member_id; /* who asks */
    struct period period;
    const char *currency;
    enum statistic_dimension dimension;
    int64_t now_us;
    int64_t audit_id;
    int16_t method; /* audit code */
    uint8_t certificate[STATISTIC_FINGERPRINT_SIZE];
    uint8_t salt[STATISTIC_SALT_SIZE];
};

/* Its answer; the table lives in the arena. */
struct statistic_answer {
    struct statistic_table table; /* values as published: "25-34", "none" where there is none */
    int64_t as_of_us;             /* latest change that is counted; 0: nothing is */
};

/*
 * Reads one table. ERR_DENIED / ROLE_REQUIRED: the caller is no active regulator or association.
 * ERR_OUT_OF_RANGE / AMOUNT_OVERFLOW: a sum leaves 64 bits.
 * Effects: an audit row, also for a refusal; asking again under the same audit_id leaves no second.
 */
MUST_USE bool statistic_read(struct ctx *ctx, struct db *db,
                             const struct statistic_question *question,
                             struct statistic_answer *answer);
