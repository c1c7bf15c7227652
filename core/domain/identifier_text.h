/*
 * What of a subject's identifiers is stored sealed beside their values, as one text: a line
 * "first day, last day, region" each, "-" for a day that is not given. None holds a line end
 * (A017).
 */
#pragma once

#include "base/text.h"
#include "domain/record.h"

/* Adds the line of an identifier. */
void identifier_text_add(struct builder *lines, const struct identifier_detail *detail);

/*
 * Days and region of the line at a place, from 1, of lines as identifier_text_add makes them;
 * nothing given when there is none. The rest of detail becomes 0.
 */
void identifier_text_read(struct arena *arena, const char *lines, int place,
                          struct identifier_detail *detail);
