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
 * A report tells no fraud case and no conflict of identity; facts about them are left false. Who is
 * under age follows from the year of birth: certain only from the year after the eighteenth.
 */
void report_rating_input(struct arena *arena, const Cix__V1__Report *report,
                         const struct day *as_of, struct rating_input *input);
