/*
 * Small-cell suppression of one published table.
 *
 * A cell is kept back when too few subjects or members stand behind it, when one or two members
 * make up most of its amount, or when a cell kept back could be computed from the total and the
 * others. What is kept back is kept back with all its figures. One table is judged by itself: that
 * two tables do not uncover each other is the fixed lattice's part. Source: domain.md 4.5.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of the wire's SuppressionReason. */
enum suppression {
    SUPPRESSION_NONE = 0,
    SUPPRESSION_TOO_FEW_SUBJECTS = 1,
    SUPPRESSION_TOO_FEW_MEMBERS = 2,
    SUPPRESSION_DOMINANCE = 3,
    SUPPRESSION_COMPLEMENTARY = 4,
};

/* Thresholds of one role. A zero switches a threshold off. */
struct suppress_limits {
    int64_t subjects_min;
    int32_t members_min;
    int32_t top1_bps_max; /* share of the largest member, basis points */
    int32_t top2_bps_max; /* share of the two largest members together */
    bool is_complementary;
};

/*
 * The administrative regulator: ten subjects, also by subtraction. The association: every
 * threshold.
 */
extern const struct suppress_limits suppress_limits_regulator;
extern const struct suppress_limits suppress_limits_association;

struct suppress_cell {
    int64_t subjects;
    int32_t members;
    int64_t amount; /* minor units; the shares are of it */
    int64_t top1;   /* amount of the largest member */
    int64_t top2;   /* amount of the second largest member */
};

/*
 * Judges one table: cells that add up to the total, which is published beside them.
 *
 *   cells    count of them, in any order; a cell without subjects is empty and never kept back
 *   total    NULL when no total is published; then nothing is kept back as complementary
 *   reasons  count results, in the order of the cells
 *
 * Returns the reason for which the total itself is kept back: it is so when its own figures ask for
 * it, or when no other cell is left that could protect a single one.
 *
 * With complementary suppression the cells kept back are none, or at least two which together pass
 * every limit: that sum is what subtraction gives. Subjects and members of two cells may be the
 * same, so they count only as often as is certain.
 */
enum suppression suppress_table(const struct suppress_limits *limits,
                                const struct suppress_cell *cells, size_t count,
                                const struct suppress_cell *total, enum suppression *reasons);
