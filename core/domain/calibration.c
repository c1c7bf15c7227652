#include "domain/calibration.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"

enum { BPS = 10000, PART = 10000 /* of one, in which z and its square are given */ };

/* Beyond any country; the arithmetic stays in 128 bits. */
static const int64_t subjects_most = INT64_C(1) << 40;

/* z = 1.96 for 95 %: its square in parts. */
static const int64_t z_square = 38416;

/* The upper bound of each master grade; the grade before gives the lower one. */
static const struct {
    const char *grade;
    int32_t most_bps;
} scale[] = {{"AAA", 3},  {"AA", 10},    {"A", 30},    {"BBB", 100}, {"BB", 300},
             {"B", 1000}, {"CCC", 2500}, {"CC", 5000}, {"C", BPS}};

/* The largest whole number whose square is at most n. */
static __int128 root(__int128 n)
{
    __int128 low = 0, high = (__int128)1 << 62;

    while (low < high) {
        __int128 middle = (low + high + 1) / 2;

        if (middle * middle <= n)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/*
 * Wilson: (2k + z^2 -+ z sqrt(z^2 + 4k(n - k)/n)) / (2(n + z^2)), everything but k and n times
 * PART. The root is taken with eight more bits; what it loses widens the interval.
 */
static void put_interval(int64_t n, int64_t k, struct calibration *calibration)
{
    enum { MORE = 256 };
    __int128 spread = (__int128)z_square * PART + (__int128)4 * PART * PART * k * (n - k) / n;
    __int128 half = root(spread * z_square / PART * MORE * MORE) + 1;
    __int128 middle = ((__int128)2 * PART * k + z_square) * MORE;
    __int128 whole = ((__int128)2 * PART * n + 2 * z_square) * MORE;
    __int128 low = (middle - half) * BPS / whole;
    __int128 high = ((middle + half) * BPS + whole - 1) / whole;

    calibration->low_bps = k == 0 || low < 0 ? 0 : (int32_t)low;
    calibration->high_bps = k == n || high > BPS ? BPS : (int32_t)high;
}

/* D stands for those that are in default: of a performing cohort nobody should be. */
static bool put_bounds(const char *master_grade, struct calibration *calibration)
{
    for (size_t i = 0; i < ARRAY_LENGTH(scale); i++) {
        if (strcmp(scale[i].grade, master_grade) != 0)
            continue;
        calibration->least_bps = i ? scale[i - 1].most_bps : 0;
        calibration->most_bps = scale[i].most_bps;
        return true;
    }
    if (strcmp(master_grade, "D") != 0)
        return false;
    calibration->least_bps = calibration->most_bps = BPS;
    return true;
}

struct calibration calibration_of(int64_t subjects, int64_t defaulted, const char *master_grade)
{
    struct calibration calibration = {0};

    CHECK(subjects > 0 && subjects <= subjects_most && defaulted >= 0 && defaulted <= subjects);
    calibration.rate_bps =
        (int32_t)(((__int128)2 * BPS * defaulted + subjects) / ((__int128)2 * subjects));
    put_interval(subjects, defaulted, &calibration);
    if (!put_bounds(master_grade, &calibration))
        calibration.judgement = CALIBRATION_NOT_MAPPED;
    else if (calibration.low_bps > calibration.most_bps)
        calibration.judgement = CALIBRATION_TOO_GOOD;
    else if (calibration.high_bps < calibration.least_bps)
        calibration.judgement = CALIBRATION_TOO_BAD;
    else
        calibration.judgement = CALIBRATION_AGREES;
    return calibration;
}
