/*
 * What became of those to whom a member gave a grade, beside what the grade promises.
 *
 * A cohort is the subjects of one grade that were performing at the end of a month; a default is
 * counted within the twelve months after it. The observed rate has a Wilson interval at 95 %. All
 * of it is whole numbers, rates are basis points. Bounds: domain.md 4.1.
 */
#pragma once

#include <stdint.h>

/* Numbers of the wire's GradeJudgement. */
enum calibration_judgement {
    CALIBRATION_NONE = 0,
    CALIBRATION_AGREES = 1,     /* the interval and the bounds of the master grade meet */
    CALIBRATION_TOO_GOOD = 2,   /* even the lower end is above what the master grade allows */
    CALIBRATION_TOO_BAD = 3,    /* even the upper end is below what it says at least */
    CALIBRATION_NOT_MAPPED = 4, /* the member did not say what its grade means */
};

enum { CALIBRATION_MONTHS = 12 };

struct calibration {
    int32_t rate_bps;            /* rounded half up */
    int32_t low_bps, high_bps;   /* of the interval, rounded outward */
    int32_t least_bps, most_bps; /* that the master grade stands for; 0 when there is none */
    enum calibration_judgement judgement;
};

/*
 * Judges a cohort.
 *
 *   subjects      1 to 2^40
 *   defaulted     0 to subjects
 *   master_grade  "AAA" to "D"; "" or a word of no scale: not mapped
 */
struct calibration calibration_of(int64_t subjects, int64_t defaulted, const char *master_grade);
