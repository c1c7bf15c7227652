/*
 * The fields of records: values that may be absent, days that may be none, identifiers as given.
 *
 * Absent and zero differ: optional numbers and days carry is_present. Texts are never NULL; an
 * absent text is "".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/day.h"
#include "domain/identifier.h"

struct money_field {
    bool is_present;
    int64_t minor;
};

struct count_field {
    bool is_present;
    int32_t value;
};

/* A day as it arrived: it may be present and yet name no date. */
struct day_field {
    bool is_present;
    bool is_real; /* the calendar has it; only then does day mean something */
    struct day day;
};

/* From an optional field: is_present says whether the field was sent. */
struct day_field day_field_of(bool is_present, int32_t yyyymmdd);

/* From a plain field, where zero means that it was not sent. */
struct day_field day_field_of_plain(int32_t yyyymmdd);

/* One identifier: given, and its canonical form once rule_check has read it without a fault. */
struct identifier_field {
    enum identifier_type type;
    const char *given;
    bool is_read;
    struct identifier identifier; /* when is_read */
};
