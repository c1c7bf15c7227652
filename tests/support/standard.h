/*
 * A small standard for tests, with one of everything: attributes of each sort, two cards, a cross,
 * exclusions and overrides.
 */
#pragma once

#include "domain/rating.h"

/* The text of it, in canonical form. */
extern const char small_standard[];

/* Reads it (a failure fails the test). The arena must outlive the standard. */
void small_standard_read(struct arena *arena, struct standard *standard);

/* A text with one line replaced; the line begins with `beginning`. NULL removes it. */
char *small_standard_with(struct arena *arena, const char *beginning, const char *line);
