/*
 * Inside the reader of standards: one line cut into words, and the functions that understand lines.
 * Only standard_*.c include it.
 */
#pragma once

#include "domain/standard.h"

enum { READING_WORDS_MAX = 40 };

struct reading {
    struct ctx *ctx;
    struct standard *standard;
    bool is_draft;
    int line;
    const char *words[READING_WORDS_MAX]; /* words[0] is the keyword; quotes are taken off */
    bool is_quoted[READING_WORDS_MAX];
    int count;
    uint32_t seen;                         /* keywords that may come once */
    struct standard_characteristic *lines; /* that rows are read for, or NULL */
    bool has_rest, has_missing;            /* of it */
};

/* One kind of line. */
struct reading_keyword {
    const char *word;
    int count_min, count_max; /* of words behind the keyword */
    bool is_single;           /* may come once */
    bool (*read)(struct reading *reading);
};

/* Fails with the line before the message. */
bool reading_fail(struct reading *reading, const char *reason, const char *message);

/* A whole number of a word within bounds (both included). Error: STANDARD_RANGE. */
MUST_USE bool reading_number(struct reading *reading, int at, const int64_t bounds[2],
                             int64_t *number);
MUST_USE bool reading_int(struct reading *reading, int at, int lowest, int highest, int *number);

/* Copies a word that names something: lower-case letters, digits, '-' and '_'. */
MUST_USE bool reading_name(struct reading *reading, int at, char name[STANDARD_NAME_MAX + 1]);

/* The number of a reason or attribute that was read before. */
MUST_USE bool reading_reason(struct reading *reading, int at, int *reason);
MUST_USE bool reading_attribute(struct reading *reading, int at, int *attribute);

/* Of the words between bounds (both included) that can be a direction, the one in words[2]. */
MUST_USE bool reading_direction(struct reading *reading, const enum standard_direction bounds[2],
                                enum standard_direction *direction);

/* The standard reads so many months of accounts, or more. */
void reading_look_back(struct reading *reading, int months);

/* The standard says what it reads, and no attribute or fact is of anything else. */
MUST_USE bool reading_check_sources(struct reading *reading);

/* attribute, expect, card, fit, base, characteristic, columns, below, rest, missing. */
MUST_USE bool reading_define(struct reading *reading);
MUST_USE bool reading_expect(struct reading *reading);
MUST_USE bool reading_card(struct reading *reading);
MUST_USE bool reading_fit(struct reading *reading);
MUST_USE bool reading_base(struct reading *reading);
MUST_USE bool reading_characteristic(struct reading *reading);
MUST_USE bool reading_columns(struct reading *reading);
MUST_USE bool reading_below(struct reading *reading);
MUST_USE bool reading_rest(struct reading *reading);
MUST_USE bool reading_missing(struct reading *reading);

/* The characteristic that rows were read for is whole, and its points keep to the direction. */
MUST_USE bool reading_end_characteristic(struct reading *reading);
