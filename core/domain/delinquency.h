/*
 * How late a debt is: buckets, the worst of many months, non-performing, and a member's own
 * lateness.
 *
 * All of it is pure arithmetic on codes and days. Source: domain.md 2.1, 4.3 and rule M030.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/day.h"
#include "domain/record.h"

/* Delinquency buckets. Numbers are stored in roll-ups. */
enum bucket {
    BUCKET_CURRENT = 0,
    BUCKET_M1 = 1, /* 1-30 days */
    BUCKET_M2 = 2,
    BUCKET_M3 = 3,
    BUCKET_M4 = 4,
    BUCKET_M5 = 5,
    BUCKET_M6 = 6,          /* 151-180 days */
    BUCKET_M7 = 7,          /* more than 180 days */
    BUCKET_WRITTEN_OFF = 8, /* bad debt, or ended abnormally */
    BUCKET_SETTLED = 9,
    BUCKET_UNKNOWN = 10,
};

/* The bucket of so many days overdue; 0 and less is CURRENT. */
enum bucket bucket_of_days(int32_t days_overdue);

/*
 * The bucket of a month: by its repay status, or by its days overdue when the status does not tell
 * ('#', '/' or none). A status that says current never hides days overdue.
 */
enum bucket bucket_of_month(char repay_status, struct count_field days_overdue);

/* "CUR", "M1" .. "M7", "WO", "SETTLED", "UNKNOWN". */
const char *bucket_name(enum bucket bucket);

/*
 * The worst of several repay statuses: bad debt, then abnormal end, settled with assets, repaid by
 * the guarantor, digits downwards, late inside the month, normal, and the rest. '\0' for none.
 *
 *   statuses  in any order; '\0' entries are months without a report
 */
char delinquency_worst(const char *statuses, size_t count);

/* Why an account counts as performing or not. Numbers of the wire's NonPerformingBasis. */
enum npl_basis {
    NPL_BASIS_CLASS = 1, /* five-category class 3 to 5 */
    NPL_BASIS_DAYS = 2,  /* no class: 90 days overdue and more */
};

/*
 * Whether the month is non-performing. Classes 1 to 5 decide by themselves; without one (also 6 and
 * 9, which rank nothing) days overdue decide, and without days the repay status (4 to 7, B).
 */
bool delinquency_is_npl(int five_category, struct count_field days_overdue, char repay_status,
                        enum npl_basis *basis);

/* The last day on which a month may be reported in time: ten working days (Monday to Friday) on. */
struct day delinquency_deadline(struct period period);

/* Rule M030: this month was reported after its deadline. */
bool delinquency_is_late(struct period period, struct day reported_on);

/* The member owes a report: the month after the last one that it reported is past its deadline. */
bool delinquency_is_behind(struct period last_reported, struct day today);
