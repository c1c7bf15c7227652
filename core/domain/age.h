/*
 * Age bands of the statistics. Under 18 and unknown have none.
 */
#pragma once

#include "base/day.h"

/* Numbers are stored in roll-ups. */
enum age_band {
    AGE_BAND_NONE = 0,
    AGE_BAND_18_24 = 1,
    AGE_BAND_25_34 = 2,
    AGE_BAND_35_44 = 3,
    AGE_BAND_45_54 = 4,
    AGE_BAND_55_64 = 5,
    AGE_BAND_65_UP = 6,
};

/* The band of an age in whole years. */
enum age_band age_band_of_years(int years);

/* The band on a day, by the birth date. */
enum age_band age_band_on(struct day birth, struct day on);

/* The band at the end of a month when only the birth year is known: the age reached in that year.
 */
enum age_band age_band_of_birth_year(int birth_year, struct period period);

/* "18-24" .. "65+", "none". */
const char *age_band_name(enum age_band band);
