#include "domain/suppress.h"

const struct suppress_limits suppress_limits_regulator = {.subjects_min = 10};

const struct suppress_limits suppress_limits_association = {
    .subjects_min = 10,
    .members_min = 3,
    .top1_bps_max = 7000,
    .top2_bps_max = 8500,
    .is_complementary = true,
};

/* part / whole > limit, exactly. */
static bool exceeds(__int128 part, int64_t whole, int32_t limit_bps)
{
    return limit_bps > 0 && whole > 0 && part * 10000 > (__int128)whole * limit_bps;
}

static enum suppression judge(const struct suppress_limits *limits,
                              const struct suppress_cell *cell)
{
    if (cell->subjects == 0)
        return SUPPRESSION_NONE;
    if (cell->subjects < limits->subjects_min)
        return SUPPRESSION_TOO_FEW_SUBJECTS;
    if (cell->members < limits->members_min)
        return SUPPRESSION_TOO_FEW_MEMBERS;
    if (exceeds(cell->top1, cell->amount, limits->top1_bps_max) ||
        exceeds((__int128)cell->top1 + cell->top2, cell->amount, limits->top2_bps_max))
        return SUPPRESSION_DOMINANCE;
    return SUPPRESSION_NONE;
}

/* What subtraction gives: the cells kept back, taken together. */
struct hidden {
    size_t count;
    int64_t subjects;
    int32_t members; /* at least so many: members of different cells may be the same */
};

static struct hidden sum_hidden(const struct suppress_cell *cells, size_t count,
                                const enum suppression *reasons)
{
    struct hidden hidden = {0};

    for (size_t i = 0; i < count; i++) {
        if (reasons[i] == SUPPRESSION_NONE)
            continue;
        hidden.count++;
        hidden.subjects += cells[i].subjects;
        if (cells[i].members > hidden.members)
            hidden.members = cells[i].members;
    }
    return hidden;
}

static bool is_protected(const struct suppress_limits *limits, struct hidden hidden)
{
    if (hidden.count == 0)
        return true;
    return hidden.count >= 2 && hidden.subjects >= limits->subjects_min &&
           hidden.members >= limits->members_min;
}

/* The published cell with the fewest subjects: what is lost by keeping it back is least. */
static size_t seek_smallest(const struct suppress_cell *cells, size_t count,
                            const enum suppression *reasons)
{
    size_t smallest = count;

    for (size_t i = 0; i < count; i++) {
        if (reasons[i] != SUPPRESSION_NONE || cells[i].subjects == 0)
            continue;
        if (smallest == count || cells[i].subjects < cells[smallest].subjects)
            smallest = i;
    }
    return smallest;
}

enum suppression suppress_table(const struct suppress_limits *limits,
                                const struct suppress_cell *cells, size_t count,
                                const struct suppress_cell *total, enum suppression *reasons)
{
    for (size_t i = 0; i < count; i++)
        reasons[i] = judge(limits, &cells[i]);
    enum suppression total_reason = total ? judge(limits, total) : SUPPRESSION_NONE;
    if (!total || total_reason != SUPPRESSION_NONE || !limits->is_complementary)
        return total_reason;
    while (!is_protected(limits, sum_hidden(cells, count, reasons))) {
        size_t smallest = seek_smallest(cells, count, reasons);

        if (smallest == count)
            return SUPPRESSION_COMPLEMENTARY;
        reasons[smallest] = SUPPRESSION_COMPLEMENTARY;
    }
    return SUPPRESSION_NONE;
}
