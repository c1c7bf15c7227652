/*
 * A rating for people.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"

/* Prints a rating with its reasons, with_points: and the points of every characteristic. */
void rating_view_print(struct arena *arena, const Cix__V1__Rating *rating, bool with_points);
