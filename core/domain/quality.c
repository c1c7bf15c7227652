#include "domain/quality.h"

#include "base/money.h"

enum {
    WHOLE = 10000,
    WEIGHT_ACCEPTANCE = 35,
    WEIGHT_TIMELINESS = 20,
    WEIGHT_COMPLETENESS = 15,
    WEIGHT_DISPUTES = 15,
    WEIGHT_MATCH = 15,
    WEIGHTS = 100,
};

/* part of whole; of nothing: what it is then. */
static int32_t ratio(int64_t part, int64_t whole, int32_t of_nothing)
{
    int32_t bps = money_ratio_bps(part, whole);

    if (bps < 0)
        return of_nothing;
    return bps > WHOLE ? WHOLE : bps;
}

struct quality quality_of(const struct quality_counts *counts)
{
    int64_t records = counts->accepted + counts->rejected + counts->quarantined;
    struct quality quality = {
        .has_index = records > 0,
        .acceptance_bps = ratio(counts->accepted, records, WHOLE),
        .timeliness_bps = ratio(counts->months - counts->late, counts->months, WHOLE),
        .completeness_bps = ratio(counts->fields_given, counts->fields_due, WHOLE),
        .dispute_loss_bps = ratio(counts->disputes_lost, counts->disputes, 0),
        .match_bps = ratio(records - counts->unmatched, records, WHOLE),
        .missing = counts->has_missing                 ? counts->missing
                   : counts->active > counts->reported ? counts->active - counts->reported
                                                       : 0,
        .fall_bps = records < counts->records_before
                        ? ratio(counts->records_before - records, counts->records_before, 0)
                        : 0,
    };
    int32_t sum =
        WEIGHT_ACCEPTANCE * quality.acceptance_bps + WEIGHT_TIMELINESS * quality.timeliness_bps +
        WEIGHT_COMPLETENESS * quality.completeness_bps +
        WEIGHT_DISPUTES * (WHOLE - quality.dispute_loss_bps) + WEIGHT_MATCH * quality.match_bps;

    quality.index_bps = quality.has_index ? (sum + WEIGHTS / 2) / WEIGHTS : 0;
    return quality;
}
