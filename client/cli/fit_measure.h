/*
 * How good a rating is: order, level and stability, from scores and outcomes.
 *
 * AUC with the 95 % interval of DeLong, KS, the area ratio of the lift chart (2 AUC - 1), the Brier
 * score, slope and intercept of the sorting-smoothing regression (mean outcome of 50 neighbours on
 * each side against the probability; Yeh and Lien 2009), and a table by band of 40 points with
 * Wilson's 95 % intervals. Nothing here depends on how the scores came about.
 */
#pragma once

#include <stdint.h>

#include "domain/standard.h"

enum { FIT_BAND_POINTS = 40, FIT_BANDS_MAX = 16, FIT_NEIGHBOURS = 50 };

/* Subjects of one band or grade. */
struct fit_band {
    char name[16];
    int low, high; /* scores, both included */
    int count;
    int bad;
    double rate, rate_low, rate_high; /* of bads, with the 95 % interval; 0 when empty */
    double expected;                  /* mean probability of the scores */
};

struct fit_measures {
    int count, bad;
    double auc, auc_low, auc_high;
    double ks;
    double area;
    double brier;
    double slope, intercept; /* NAN below 101 rows, and when all of theirs have one score */
    int shift;               /* points that would make the expected bads the observed ones */
    int band_count;
    struct fit_band bands[FIT_BANDS_MAX]; /* from the best scores down; of 40 points */
    int grade_count;
    struct fit_band grades[STANDARD_GRADES_MAX];
};

/* Scores, each 300 to 900, and outcomes (1 bad) of count rows, both outcomes among them. */
void fit_measure(const struct standard *standard, const int *scores, const uint8_t *bad, int count,
                 struct fit_measures *measures);

/* Population stability index between the bands of two sets; half a subject in an empty band. */
double fit_stability(const struct fit_measures *expected, const struct fit_measures *actual);
