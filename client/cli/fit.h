/*
 * Fitting a standard: from a draft (attributes, cards without points) and rows with outcomes to a
 * standard with bins and whole points.
 *
 * Each card is fitted to the subjects it is for: candidates are binned, weighed by evidence, given
 * to one regression, and the weakest are dropped until no more are left than the draft allows.
 * Nothing is drawn at random but the folds, and those by a seed: the same input gives the same
 * bytes. Floating point stays here; what leaves are whole points.
 */
#pragma once

#include "cli/fit_bin.h"

/* What is told of one characteristic that was fitted. */
struct fit_told {
    struct fit_bins bins; /* as they were fitted: finer than rows whose points became equal */
    double coefficient;   /* of the weight of evidence */
    int spread;           /* points between its best and its worst bin */
};

/* What was weighed before any was dropped. */
struct fit_candidate {
    int attribute, by; /* by: -1, or the other of a cross */
    double information;
};

struct fit_card_told {
    int count; /* subjects */
    int bad;
    int candidates;
    struct fit_candidate
        weighed[STANDARD_ATTRIBUTES_MAX]; /* every attribute, or the lines of the draft */
    double intercept;                     /* ln(odds of good) */
    struct fit_told lines[STANDARD_CHARACTERISTICS_MAX];
};

/* Fits every card of the draft to rows. Errors: FIT_ROWS (a card without rows of both outcomes),
 * FIT_SINGULAR, FIT_DRAFT (a card without a fit line). told: one a card, or NULL. */
MUST_USE bool fit_standard(struct ctx *ctx, const struct standard *draft,
                           const struct fit_rows *rows, struct standard *standard,
                           struct fit_card_told *told);

/* Leaves out the attributes that no card reads. The numbers of the others change. */
void fit_prune(struct standard *standard);

struct fit_folding {
    int folds;     /* 2 to 50 */
    uint64_t seed; /* which rows go together */
};

/*
 * Scores every row by a standard that was fitted without it, everything inside the fold: edges,
 * weights, choice of characteristics. Folds have equal shares of each outcome.
 *
 *   scores, folds  row_count of the table; folds may be NULL
 */
MUST_USE bool fit_cross_validate(struct ctx *ctx, const struct standard *draft,
                                 const struct fit_table *table, const struct fit_folding *folding,
                                 int *scores, int *folds);
