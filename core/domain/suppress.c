#include "domain/suppress.h"

const struct suppress_limits suppress_limits_regulator = {
    .subjects_min = 10,
    .is_complementary = true,
};

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

static bool is_dominated(const struct suppress_limits *limits, const struct suppress_cell *cell)
{
    return exceeds(cell->top1, cell->amount, limits->top1_bps_max) ||
           exceeds((__int128)cell->top1 + cell->top2, cell->amount, limits->top2_bps_max);
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
    return is_dominated(limits, cell) ? SUPPRESSION_DOMINANCE : SUPPRESSION_NONE;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sum_capped(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/*
 * What subtraction gives: the cells kept back, taken together. Subjects and members of different
 * cells may be the same. So there are at least as many subjects as in the cell with the most, and
 * as the published cells leave of the total; at least as many members as in the cell with the most;
 * and the one or two largest members hold at least what they hold in one cell.
 */
static struct suppress_cell sum_hidden(const struct suppress_cell *cells, size_t count,
                                       const struct suppress_cell *total,
                                       const enum suppression *reasons)
{
    struct suppress_cell hidden = {0};
    int64_t left = total->subjects;
    int64_t both = 0;

    for (size_t i = 0; i < count; i++) {
        if (reasons[i] == SUPPRESSION_NONE) {
            left -= cells[i].subjects;
            continue;
        }
        hidden.subjects = larger(hidden.subjects, cells[i].subjects);
        hidden.members = (int32_t)larger(hidden.members, cells[i].members);
        hidden.amount = sum_capped(hidden.amount, cells[i].amount);
        hidden.top1 = larger(hidden.top1, cells[i].top1);
        both = larger(both, sum_capped(cells[i].top1, cells[i].top2));
    }
    hidden.subjects = larger(hidden.subjects, left);
    hidden.top2 = larger(both, hidden.top1) - hidden.top1;
    return hidden;
}

static size_t count_hidden(size_t count, const enum suppression *reasons)
{
    size_t hidden = 0;

    for (size_t i = 0; i < count; i++)
        hidden += reasons[i] != SUPPRESSION_NONE;
    return hidden;
}

static bool is_protected(const struct suppress_limits *limits, const struct suppress_cell *cells,
                         size_t count, const struct suppress_cell *total,
                         const enum suppression *reasons)
{
    size_t hidden_count = count_hidden(count, reasons);
    struct suppress_cell hidden = sum_hidden(cells, count, total, reasons);

    return hidden_count == 0 || (hidden_count >= 2 && judge(limits, &hidden) == SUPPRESSION_NONE);
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
    while (!is_protected(limits, cells, count, total, reasons)) {
        size_t smallest = seek_smallest(cells, count, reasons);

        if (smallest == count) /* all are kept back: subtraction gives the total, judged above */
            return count_hidden(count, reasons) >= 2 ? SUPPRESSION_NONE : SUPPRESSION_COMPLEMENTARY;
        reasons[smallest] = SUPPRESSION_COMPLEMENTARY;
    }
    return SUPPRESSION_NONE;
}
