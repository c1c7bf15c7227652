/*
 * Numbers and days as people write them, read exactly: no floating point, no guessing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

enum decimal_result {
    DECIMAL_GOOD,
    DECIMAL_WRONG,   /* not a number of this form */
    DECIMAL_PRECISE, /* has more decimals than there are places */
    DECIMAL_LARGE,   /* beyond 18 digits */
};

/*
 * A decimal number times 10^shift (0 to 17) as a whole one. mark: '.' or ',' before the decimals;
 * the other one may stand between groups of three digits. A sign may lead; zeros behind the last
 * place do no harm.
 */
MUST_USE enum decimal_result decimal_read(const char *text, char mark, int shift, int64_t *value);

/* What a pattern of days holds. */
struct pattern {
    bool has_year, has_month, has_day;
};

/*
 * Looks at a pattern: YYYY, MM or M (one or two digits), DD or D; a "*" at its end stands for
 * whatever follows; all else stands for itself. False: a part is given twice or is none of these.
 */
MUST_USE bool pattern_check(const char *pattern, struct pattern *found);

/*
 * Reads a text by a checked pattern into YYYYMMDD, or YYYYMM where it has no day. False: it is not
 * of this form, or no such day or month exists.
 */
MUST_USE bool pattern_read(const char *pattern, const char *text, int32_t *value);
