/*
 * A rating for people.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

/* Parts in a million, 0 to 1,000,000, as per cent in two digits, rounded half up: "18.95%". */
const char *rating_view_percent(struct arena *arena, int32_t ppm);

/* Prints a rating with its reasons, with_points: and the points of every characteristic. */
void rating_view_print(struct arena *arena, const Cix__V1__Rating *rating, bool with_points);
