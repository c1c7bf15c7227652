/* The closed vocabulary of a standard's text. */
#include "domain/standard.h"

#include <string.h>

static const char *const series_words[] = {
    [STANDARD_SERIES_LATE] = "late",       [STANDARD_SERIES_BALANCE] = "balance",
    [STANDARD_SERIES_PAID] = "paid",       [STANDARD_SERIES_DUE] = "due",
    [STANDARD_SERIES_OVERDUE] = "overdue", [STANDARD_SERIES_PREVIOUS] = "previous",
    [STANDARD_SERIES_SPEND] = "spend",     [STANDARD_SERIES_AVAILABLE] = "available",
    [STANDARD_SERIES_PAYRATE] = "payrate", [STANDARD_SERIES_USED] = "used",
    [STANDARD_SERIES_IDLE] = "idle",       [STANDARD_SERIES_NOPAY] = "nopay",
    [STANDARD_SERIES_UNPAID] = "unpaid",   [STANDARD_SERIES_FULL] = "full",
    [STANDARD_SERIES_LOW] = "low",         [STANDARD_SERIES_RISE] = "rise",
    [STANDARD_SERIES_JUMP] = "jump",       [STANDARD_SERIES_OVER] = "over",
    [STANDARD_SERIES_HIGH] = "high",       [STANDARD_SERIES_LATE1] = "late1",
    [STANDARD_SERIES_LATE2] = "late2",     [STANDARD_SERIES_LATE3] = "late3",
    [STANDARD_SERIES_LATE4] = "late4",
};

static const char *const measure_words[] = {
    [STANDARD_MEASURE_MAX] = "max",
    [STANDARD_MEASURE_MIN] = "min",
    [STANDARD_MEASURE_SUM] = "sum",
    [STANDARD_MEASURE_CHANGE] = "change",
    [STANDARD_MEASURE_COUNT] = "count",
    [STANDARD_MEASURE_SINCE] = "since",
    [STANDARD_MEASURE_RUN] = "run",
    [STANDARD_MEASURE_LIMIT] = "limit",
    [STANDARD_MEASURE_ACCOUNTS] = "accounts",
    [STANDARD_MEASURE_OPEN_ACCOUNTS] = "open-accounts",
    [STANDARD_MEASURE_OPEN_MEMBERS] = "open-members",
    [STANDARD_MEASURE_AGE_MONTHS] = "oldest-account",
    [STANDARD_MEASURE_YOUNG_ACCOUNTS] = "new-accounts",
    [STANDARD_MEASURE_MONTHS] = "months",
    [STANDARD_MEASURE_INQUIRIES] = "inquiries",
    [STANDARD_MEASURE_INQUIRING_MEMBERS] = "inquiring-members",
};

static const char *const fact_words[] = {
    [STANDARD_FACT_NO_FILE] = "no-file",
    [STANDARD_FACT_ONLY_INQUIRIES] = "only-inquiries",
    [STANDARD_FACT_NO_ACCOUNT] = "no-account",
    [STANDARD_FACT_WRONG_KIND] = "wrong-kind",
    [STANDARD_FACT_DECEASED] = "deceased",
    [STANDARD_FACT_UNDER_AGE] = "under-age",
    [STANDARD_FACT_FROZEN] = "frozen",
    [STANDARD_FACT_CONFLICT] = "conflict",
    [STANDARD_FACT_THIN] = "thin",
    [STANDARD_FACT_STALE] = "stale",
    [STANDARD_FACT_BAD_DEBT] = "bad-debt",
    [STANDARD_FACT_FLAG_LISTED] = "flag-listed",
    [STANDARD_FACT_FLAG_GRACE] = "flag-grace",
    [STANDARD_FACT_FLAG_SUSPENDED] = "flag-suspended",
    [STANDARD_FACT_FRAUD_PERPETRATOR] = "fraud-perpetrator",
};

static const char *const direction_words[] = {
    [STANDARD_FREE] = "free",
    [STANDARD_RISING] = "rising",
    [STANDARD_FALLING] = "falling",
    [STANDARD_AUTO] = "auto",
};

const char *standard_series_word(enum standard_series series)
{
    return series < ARRAY_LENGTH(series_words) ? series_words[series] : NULL;
}

const char *standard_measure_word(enum standard_measure measure)
{
    return measure < ARRAY_LENGTH(measure_words) ? measure_words[measure] : NULL;
}

const char *standard_fact_word(enum standard_fact fact)
{
    return fact < ARRAY_LENGTH(fact_words) ? fact_words[fact] : NULL;
}

const char *standard_direction_word(enum standard_direction direction)
{
    return direction < ARRAY_LENGTH(direction_words) ? direction_words[direction] : NULL;
}

int standard_attribute_find(const struct standard *standard, const char *name)
{
    for (int i = 0; i < standard->attribute_count; i++) {
        if (strcmp(standard->attributes[i].name, name) == 0)
            return i;
    }
    return -1;
}
