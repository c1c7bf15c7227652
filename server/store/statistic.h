/*
 * Aggregates: typed call of sql/api/statistic.sql. Role cix_regulate.
 */
#pragma once

#include "db/db.h"
#include "store/submission.h"

/* What the figures are divided by; numbers of the wire's StatisticDimension. */
enum statistic_dimension {
    STATISTIC_DIMENSION_PRODUCT = 1,
    STATISTIC_DIMENSION_REGION = 2,
    STATISTIC_DIMENSION_AGE_BAND = 3,
    STATISTIC_DIMENSION_MEMBER_TYPE = 4,
};

/* Figures of one value and member, minor units. */
struct statistic_share {
    const char *value; /* of the dimension, as stored; age bands and types as numbers */
    int32_t member_id;
    int64_t accounts;
    int64_t balance;
    int64_t overdue;
    int64_t non_performing;
    int64_t classed; /* accounts with a five-category class 1 to 5 */
};

struct statistic_subjects {
    const char *value;
    int64_t subjects;
};

struct statistic {
    struct statistic_share *shares; /* by value, then member */
    int share_count;
    struct statistic_subjects *subjects; /* by value */
    int subject_count;
    int64_t subjects_total; /* each counted once */
    int64_t as_of_us;       /* latest change that is counted; 0: none */
};

/* Fails with ROLE_REQUIRED. act: submission_id is not used. */
MUST_USE bool statistic_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                             struct period period, const char *currency,
                             enum statistic_dimension dimension, struct statistic *statistic);
