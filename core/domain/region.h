/*
 * Regions and industries as codes: whether one has the form, is on the list, and was in force. The
 * lists end somewhere (CODES.md), so a code that is not on them is remarked and never refused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/day.h"

/* The provinces of GB/T 2260: their number, and one's name with its two digits. index: from 0. */
size_t region_province_count(void);
const char *region_province(size_t index, char digits[3]);

/*
 * Whether the first six characters are a code of GB/T 2260 that was in force in one of the years,
 * both included. Taiwan, Hong Kong and Macao have no districts on the list: a code that begins like
 * one of them is in force always. digits: may be longer, or shorter.
 */
bool region_was_in_force(const char *digits, int first_year, int last_year);

/* GB/T 2260 of any year, or ISO 3166-2 (a known country, '-', 1 to 3 characters). */
bool region_is_known(const char *region);

/* The same, GB/T 2260 in force in the year of the day. */
bool region_is_known_on(const char *region, struct day day);

/*
 * Two to six digits, or two capital letters and perhaps '-' and 1 to 3 characters: it may be a code
 * that is not known, but no name or number of a person. Regions are stored and shown in plain text.
 */
bool region_is_code(const char *region);

/* English name of the province that a GB/T 2260 code of any length lies in, "" for other codes. */
const char *region_label(const char *region);

/* GB/T 4754-2017: a division, group or class after its section's letter: "A01", "A011", "A0111". */
bool industry_is_known(const char *industry);

/*
 * The same on a day. Of the editions before 2017-10-01 the groups and classes are not on the list:
 * section and division must be known, two more digits may follow.
 */
bool industry_is_known_on(const char *industry, struct day day);

/* A capital letter, or none, and at most four digits. Not empty. As region_is_code. */
bool industry_is_code(const char *industry);
