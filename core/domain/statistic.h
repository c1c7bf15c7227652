/*
 * Cells of a published table, added up from what each member holds of each value.
 *
 * The shares of one value become one cell, all shares together the total, each with the largest and
 * second largest member, so that suppress.h can judge them. Amounts are minor units. Members are
 * compared by the size of their amounts, without the sign: a credit balance is a holding too.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "domain/suppress.h"

/* Numbers of the wire's StatisticDimension and of cix.statistic_read. */
enum statistic_dimension {
    STATISTIC_DIMENSION_NONE = 0,
    STATISTIC_DIMENSION_PRODUCT = 1,
    STATISTIC_DIMENSION_REGION = 2,
    STATISTIC_DIMENSION_AGE_BAND = 3,
    STATISTIC_DIMENSION_MEMBER_TYPE = 4,
};

/* Numbers of the wire's NonPerformingBasis. */
enum statistic_basis {
    STATISTIC_BASIS_NONE = 0, /* no account */
    STATISTIC_BASIS_CLASS = 1,
    STATISTIC_BASIS_DAYS_OVERDUE = 2,
    STATISTIC_BASIS_MIXED = 3,
};

/* What one member holds of one value. */
struct statistic_share {
    const char *value;
    int32_t member_id;
    int64_t accounts;
    int64_t outstanding; /* may be below zero: credit balances of cards */
    int64_t overdue;
    int64_t non_performing;
    int64_t classed; /* accounts that carry a five-category class 1 to 5 */
};

/* One cell. value: NULL in the total. */
struct statistic_cell {
    const char *value;
    int64_t accounts;
    int64_t
        subjects; /* left at zero by statistic_fold: a subject may hold accounts of many values */
    int64_t outstanding;
    int64_t overdue;
    int64_t non_performing;
    int64_t classed;
    int32_t members;
    int64_t held; /* sum of the members' holdings without their signs */
    int64_t top1; /* the largest of them */
    int64_t top2; /* and the second largest */
};

struct statistic_table {
    struct statistic_cell *cells; /* by rising value, as strcmp orders */
    size_t count;
    struct statistic_cell total;
};

/*
 * Adds shares up. Each pair of value and member comes at most once. False when a sum leaves 64
 * bits. Sorts the shares.
 */
MUST_USE bool statistic_fold(struct arena *arena, struct statistic_share *shares, size_t count,
                             struct statistic_table *table);

/* The cell of a value, or NULL. */
struct statistic_cell *statistic_seek(const struct statistic_table *table, const char *value);

/* What suppress_table judges. */
struct suppress_cell statistic_shown(const struct statistic_cell *cell);

/* How "non-performing" was decided: by class, by days overdue, or each account by what it has. */
enum statistic_basis statistic_basis_of(const struct statistic_cell *cell);

/*
 * Non-performing of outstanding in basis points, rounded half up; 0 when either is not above zero
 * (more repaid than owed: a share would mean nothing).
 */
int32_t statistic_ratio_bps(const struct statistic_cell *cell);
