/*
 * The data-quality index of a member in one month: whole numbers, basis points, no state.
 *
 * index = 0.35 acceptance + 0.20 timeliness + 0.15 completeness + 0.15 (1 - dispute loss)
 *       + 0.15 match quality. Source: domain.md 5.2, after the index that the Reserve Bank of India
 * asks of its credit bureaus. Each ratio is rounded half up to basis points first, then the sum.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What was counted; all at least 0, and each part at most its whole. */
struct quality_counts {
    int64_t accepted, rejected, quarantined, warned;
    int64_t months, late;             /* months of accounts received; of them too late */
    int64_t fields_due, fields_given; /* optional fields of the records received */
    int64_t unmatched;                /* records with a conflict of identity */
    int64_t disputes, disputes_lost;  /* that ended in the month */
    int64_t escalated, unanswered;    /* disputes past their last day; of them without an answer */
    int64_t active, reported;         /* accounts: open a month before; reported for the month */
    int64_t records_before;           /* received in the month before */
    bool has_missing;                 /* the month is closed, and counted account by account */
    int64_t missing;                  /* accounts without the month that is due */
};

struct quality {
    bool has_index; /* a record was received */
    int32_t index_bps;
    int32_t acceptance_bps, timeliness_bps, completeness_bps, dispute_loss_bps, match_bps;
    int64_t missing;
    int32_t fall_bps;
};

/*
 * The index and its parts. A ratio of nothing is 10000; a dispute loss of nothing is 0; of no
 * record there is no index, and index_bps is 0.
 */
struct quality quality_of(const struct quality_counts *counts);
