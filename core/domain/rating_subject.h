/*
 * Inside the engine: the months of all accounts of a subject laid on one another, and the
 * attributes that are computed from them. Only rating*.c include it.
 */
#pragma once

#include "domain/rating.h"

/* One month of the subject over its accounts. late is -1 when no account tells. */
struct rating_month {
    int late;     /* the worst, in months */
    bool is_idle; /* every account that tells had nothing due */
    struct rating_value balance, paid, due, overdue;
};

struct rating_subject {
    const struct rating_input *input;
    struct rating_month months[STANDARD_MONTHS_MAX + 1]; /* 0 the latest */
    int month_count;                                     /* of them that an attribute may read */
    int reported;                                        /* months with a status or an amount */
    struct rating_value limit;
    int accounts; /* of the standard's types, with a month */
    int stale;    /* months from the latest report to the day of the rating */
    bool is_bad_debt;
};

/* Lays the months together: only what the standard reads. */
void rating_subject_read(const struct standard *standard, const struct rating_input *input,
                         struct rating_subject *subject);

/* One attribute. */
struct rating_value rating_attribute(const struct standard_attribute *attribute,
                                     const struct rating_subject *subject);
