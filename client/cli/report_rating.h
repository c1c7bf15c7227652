/*
 * A credit report as the rating engine sees it: what a member recomputes a rating from.
 */
#pragma once

#include "cix.h"
#include "domain/rating.h"

/*
 * Fills the input from a report, as of the day that the report was made unless as_of is given.
 *
 *   report  lives as long as the input
 *
 * What no report tells (a death, an identity in doubt) is taken from the ratings that it holds;
 * fraud cases and listings count as far as the member may see them, so that only a member with all
 * data classes is sure to recompute what the exchange rated. Who may be under age follows from
 * the year of birth.
 */
void report_rating_input(struct arena *arena, const Cix__V1__Report *report,
                         const struct day *as_of, struct rating_input *input);
