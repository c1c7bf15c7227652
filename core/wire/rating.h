/*
 * Ratings as messages: what the engine gave, in the words of its standard. The exchange tells it by
 * this code, and a member that recomputes a rating compares with what this code gives.
 */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "cix/v1/score.pb-c.h"
#include "domain/rating.h"

/* Fills a message with the standard, its outcome and the days. Texts stay those of the standard,
 * bytes those of digest. */
void rating_standard_to_proto(const struct standard *standard, const struct digest *digest,
                              Cix__V1__Rating *shown);

/* Adds days and result: the score with reasons and points, or the exclusion, in the arena. */
void rating_result_to_proto(struct arena *arena, const struct standard *standard,
                            const struct rating *rating, Cix__V1__Rating *shown);
