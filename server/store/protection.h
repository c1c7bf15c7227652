/*
 * Fraud alerts and freezes in force, as every answer about a subject reads them
 * (sql/api/protection.sql).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/day.h"
#include "db/db.h"

struct protection {
    int64_t protection_id; /* that phones are bound to */
    int16_t kind;
    struct day from_on;
    bool has_end;
    struct day until_on; /* when has_end */
    struct bytes phones; /* sealed; data NULL: none */
    int64_t recorded_at_us;
    const struct protection *next; /* of the same subject */
};

/* Puts a copy of one before those of a list; both live in the arena, the sealed phones too. */
void protection_add(struct arena *arena, const struct protection **list,
                    const struct protection *added);

/* The last day at a column, if there is one. */
void protection_end_read(const struct rows *rows, int column, struct protection *protection);
