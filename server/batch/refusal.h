/*
 * Counts of what was refused before the queue. A job writes one audit row a minute for each member,
 * method and reason, so that a flood of refusals cannot flood the audit log. Thread-safe; bounded.
 */
#pragma once

#include <stdint.h>

struct method;

struct refusal {
    int32_t member_id; /* 0: no member was found */
    const struct method *method;
    const char *reason; /* static text */
    int64_t count;
};

struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals *refusals);

/* Counts one. When the table is full, the last row takes the rest. */
void refusals_add(struct refusals *refusals, int32_t member_id, const struct method *method,
                  const char *reason);

/* Moves at most max rows into rows and forgets them. Returns their number. */
int refusals_take(struct refusals *refusals, struct refusal *rows, int max);
