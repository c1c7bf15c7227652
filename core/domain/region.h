/*
 * Regions and industries as codes: whether one has the form and the known prefix. Codes change over
 * the years, so the counties themselves are not listed and an unknown one is never refused here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The first two digits name a province of GB/T 2260. digits: at least two characters. */
bool region_is_province(const char *digits);

/* The provinces of GB/T 2260: their number, and one's name with its two digits. index: from 0. */
size_t region_province_count(void);
const char *region_province(size_t index, char digits[3]);

/* GB/T 2260 (six digits of a known province) or ISO 3166-2 (a known country, '-', 1 to 3
 * characters). */
bool region_is_known(const char *region);

/*
 * Two to six digits, or two capital letters and perhaps '-' and 1 to 3 characters: it may be a code
 * that is not known, but no name or number of a person. Regions are stored and shown in plain text.
 */
bool region_is_code(const char *region);

/* English name of the province that a GB/T 2260 code of any length lies in, "" for other codes. */
const char *region_label(const char *region);

/* GB/T 4754: section letter A to T and two to four digits whose division lies in that section. */
bool industry_is_known(const char *industry);

/* A capital letter, or none, and at most four digits. Not empty. As region_is_code. */
bool industry_is_code(const char *industry);
