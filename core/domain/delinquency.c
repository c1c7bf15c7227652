#include "domain/delinquency.h"

#include <string.h>

enum { DAYS_A_BUCKET = 30, NPL_DAYS = 90, WORKING_DAYS = 10 };

enum bucket bucket_of_days(int32_t days_overdue)
{
    if (days_overdue <= 0)
        return BUCKET_CURRENT;
    int bucket = (days_overdue - 1) / DAYS_A_BUCKET + 1;
    return bucket > BUCKET_M7 ? BUCKET_M7 : (enum bucket)bucket;
}

/* The bucket that a status names by itself; UNKNOWN where it names none. */
static enum bucket bucket_of_status(char status)
{
    if (status >= '1' && status <= '7')
        return (enum bucket)(status - '0');
    if (status && strchr("N*MA", status))
        return BUCKET_CURRENT;
    if (status && strchr("BG", status))
        return BUCKET_WRITTEN_OFF;
    if (status && strchr("CDZ", status))
        return BUCKET_SETTLED;
    return BUCKET_UNKNOWN;
}

enum bucket bucket_of_month(char repay_status, struct count_field days_overdue)
{
    enum bucket bucket = bucket_of_status(repay_status);
    bool is_open = bucket == BUCKET_UNKNOWN || bucket == BUCKET_CURRENT;

    if (is_open && days_overdue.is_present)
        return bucket_of_days(days_overdue.value);
    return bucket;
}

const char *bucket_name(enum bucket bucket)
{
    static const char *const names[] = {"CUR", "M1", "M2", "M3",      "M4",     "M5",
                                        "M6",  "M7", "WO", "SETTLED", "UNKNOWN"};

    return bucket <= BUCKET_UNKNOWN ? names[bucket] : names[BUCKET_UNKNOWN];
}

/* From harmless to worst. */
static const char by_badness[] = "/#*ACNM1234567DZGB";

char delinquency_worst(const char *statuses, size_t count)
{
    const char *worst = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *at = statuses[i] ? strchr(by_badness, statuses[i]) : NULL;

        if (at && (!worst || at > worst))
            worst = at;
    }
    return worst ? *worst : '\0';
}

bool delinquency_is_npl(int five_category, struct count_field days_overdue, char repay_status,
                        enum npl_basis *basis)
{
    bool is_classed = five_category >= FIVE_CATEGORY_NORMAL && five_category <= FIVE_CATEGORY_LOSS;

    *basis = is_classed ? NPL_BASIS_CLASS : NPL_BASIS_DAYS;
    if (is_classed)
        return five_category >= FIVE_CATEGORY_SUBSTANDARD;
    if (days_overdue.is_present)
        return days_overdue.value >= NPL_DAYS;
    return repay_status && strchr("4567B", repay_status);
}

/* 1970-01-01 was a Thursday; Monday is 0. */
static int weekday(struct day day)
{
    return ((day.number + 3) % 7 + 7) % 7;
}

struct day delinquency_deadline(struct period period)
{
    struct day day = period_last_day(period);

    for (int left = WORKING_DAYS; left > 0;) {
        day = day_add(day, 1);
        if (weekday(day) < 5)
            left--;
    }
    return day;
}

bool delinquency_is_late(struct period period, struct day reported_on)
{
    return reported_on.number > delinquency_deadline(period).number;
}

bool delinquency_is_behind(struct period last_reported, struct day today)
{
    return delinquency_is_late(period_add(last_reported, 1), today);
}
