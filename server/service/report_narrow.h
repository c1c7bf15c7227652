/*
 * What of a report is left for a member whose level of reciprocity is "default": its own records,
 * others' accounts in default, public records and flags. Names stay, but not whose the others' are,
 * nor since when; identifiers stay without what members say of them. The functions of the database
 * leave out the same, where no other question of the batch may see it.
 */
#pragma once

#include "base/arena.h"
#include "store/report.h"

/* The answer as the member may see it: the same one unless it is narrow. Views the answer. */
const struct report_answer *report_narrow(struct arena *arena, const struct report_answer *answer);
