/*
 * Logistic regression with a ridge penalty and coefficients that are not negative.
 *
 * Minimises sum(log loss) + ridge / 2 * sum(coefficient^2), the intercept free, by Newton steps on
 * the coefficients that are not held at zero. The columns are weights of evidence, so that a
 * coefficient below zero would turn the evidence of the bins round; such a column gets zero.
 * Deterministic: the same columns give the same bits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fit_problem {
    int row_count, column_count;
    const float *columns; /* column by column */
    const uint8_t *bad;   /* 1 bad */
    double ridge;
};

/*
 * Fits ln(odds of good) = intercept + sum(coefficient * column).
 *
 *   chosen        columns that may be used
 *   coefficients  column_count of them; zero where not chosen
 *
 * False when the steps did not come to an end (columns of no use at all).
 */
bool fit_logit(const struct fit_problem *problem, const bool *chosen, double *intercept,
               double *coefficients);
