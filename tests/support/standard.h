/*
 * A small standard for tests, with one of everything: attributes of each sort, two cards, a cross,
 * exclusions and overrides.
 */
#pragma once

#include "domain/rating.h"

/* The text of it, in canonical form. */
extern const char small_standard[];

/* One for merchants without accounts, by their transactions; and one for firms, by statements. */
extern const char trade_standard[];
extern const char firm_standard[];

/* Reads a text, or the small one (a failure fails the test). The arena must outlive the standard.
 */
void standard_text_read(struct arena *arena, const char *text, struct standard *standard);
void small_standard_read(struct arena *arena, struct standard *standard);

/* The small text with one line replaced; the line begins with `beginning`. NULL removes it. */
char *small_standard_with(struct arena *arena, const char *beginning, const char *line);

/* The same of another text. */
char *standard_text_with(struct arena *arena, const char *text, const char *beginning,
                         const char *line);

/* Fail the test, with the words of the attribute, unless its value is this number, or missing. */
void standard_value_is(const char *words, struct rating_value value, int64_t expected);
void standard_value_is_missing(const char *words, struct rating_value value);
