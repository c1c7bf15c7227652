/*
 * How far two spellings of a name lie apart: for finding that one identifier was given with the
 * names of two persons, and for the operator who decides whether two subjects are one. Only the
 * distance leaves this file; names stay where they were unsealed. What counts is letters. Width,
 * case, spaces, dots, hyphens, brackets and accents do not, nor does the order of words (given name
 * first or last), nor the three ways to write the vowel of LU in Latin letters. Names in different
 * scripts (Han, Latin) cannot be compared by letters and are never a conflict.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

enum {
    NAME_DISTANCE_FULL = 1000, /* nothing in common */
    /*
     * Above it two names are two persons' (rule S016). One character of three may differ (a typing
     * error, a homophone); one of two may not, for two is a whole name.
     */
    NAME_DISTANCE_CONFLICT = 400,
    NAME_DISTANCE_LETTERS = 160, /* what lies behind is not compared */
};

/*
 * Edit distance over code points, as thousandths of the longer name, rounded up: 0 (the same
 * letters) to NAME_DISTANCE_FULL. Symmetric. a, b: UTF-8, any length; broken bytes count as
 * letters.
 */
int name_distance(struct arena *arena, const char *a, const char *b);

/* Whether both are written in one script and lie further apart than NAME_DISTANCE_CONFLICT. */
bool name_is_conflict(struct arena *arena, const char *a, const char *b);
