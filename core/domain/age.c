#include "domain/age.h"

enum age_band age_band_of_years(int years)
{
    if (years < 18)
        return AGE_BAND_NONE;
    if (years < 25)
        return AGE_BAND_18_24;
    int band = AGE_BAND_25_34 + (years - 25) / 10;
    return band > AGE_BAND_65_UP ? AGE_BAND_65_UP : (enum age_band)band;
}

enum age_band age_band_on(struct day birth, struct day on)
{
    return age_band_of_years(day_years_between(birth, on));
}

enum age_band age_band_of_birth_year(int birth_year, struct period period)
{
    if (birth_year <= 0)
        return AGE_BAND_NONE;
    return age_band_of_years(period_to_wire(period) / 100 - birth_year);
}

const char *age_band_name(enum age_band band)
{
    static const char *const names[] = {"none", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"};

    return band <= AGE_BAND_65_UP ? names[band] : names[AGE_BAND_NONE];
}
