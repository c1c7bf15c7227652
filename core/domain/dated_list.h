/*
 * Long lists of codes, each with the years in which it was in force. They are made at build time
 * from region.csv and industry.csv beside this file (cmake/embed_codes.sh); CODES.md says where
 * they come from and what they leave out. A look-up is a binary search.
 *
 * A year counts when the code was in force on one day of it: the sources tell the state at the end
 * of each year, so the days themselves are not known.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATED_CODE_MAX = 7, DATED_YEAR_MAX = 9999 };

/* One code and one time in force; one that was given up and given again has a row for each. */
struct dated_code {
    char code[DATED_CODE_MAX];
    int16_t first_year; /* 0: in force before the list begins */
    int16_t last_year;  /* 0: in force when the list ends */
    uint32_t label;     /* place in the list's labels */
};

struct dated_list {
    const struct dated_code *codes; /* by rising code and year */
    size_t count;
    const char *labels; /* each ends with a zero byte; the name of a region, a label in English */
};

/* GB/T 2260 and GB/T 4754-2017. */
extern const struct dated_list dated_regions;
extern const struct dated_list dated_industries;

/* Whether the code was in force in one of the years; 0 and DATED_YEAR_MAX: in any year. */
bool dated_list_has(const struct dated_list *list, const char *code, int first_year, int last_year);
