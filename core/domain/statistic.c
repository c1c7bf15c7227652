#include "domain/statistic.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"

static int by_value(const void *a, const void *b)
{
    const struct statistic_share *left = a;
    const struct statistic_share *right = b;

    return strcmp(left->value, right->value);
}

static int by_member(const void *a, const void *b)
{
    const struct statistic_share *left = a;
    const struct statistic_share *right = b;

    return (left->member_id > right->member_id) - (left->member_id < right->member_id);
}

/* One member's whole holding in a cell joins it. */
static bool add_member(struct statistic_cell *cell, int64_t outstanding)
{
    int64_t held;

    if (outstanding == INT64_MIN)
        return false;
    held = outstanding < 0 ? -outstanding : outstanding;
    cell->members++;
    if (held > cell->top1) {
        cell->top2 = cell->top1;
        cell->top1 = held;
    } else if (held > cell->top2) {
        cell->top2 = held;
    }
    return money_add(cell->held, held, &cell->held);
}

static bool add_share(struct statistic_cell *cell, const struct statistic_share *share)
{
    return money_add(cell->accounts, share->accounts, &cell->accounts) &&
           money_add(cell->outstanding, share->outstanding, &cell->outstanding) &&
           money_add(cell->overdue, share->overdue, &cell->overdue) &&
           money_add(cell->non_performing, share->non_performing, &cell->non_performing) &&
           money_add(cell->classed, share->classed, &cell->classed);
}

static bool fold_cells(struct arena *arena, struct statistic_share *shares, size_t count,
                       struct statistic_table *table)
{
    struct statistic_cell *cell = NULL;

    qsort(shares, count, sizeof(*shares), by_value);
    table->cells = arena_array(arena, count, sizeof(*table->cells));
    for (size_t i = 0; i < count; i++) {
        if (!cell || strcmp(cell->value, shares[i].value) != 0) {
            cell = &table->cells[table->count++];
            cell->value = shares[i].value;
        }
        if (!add_share(cell, &shares[i]) || !add_member(cell, shares[i].outstanding))
            return false;
    }
    return true;
}

static bool fold_total(struct statistic_share *shares, size_t count, struct statistic_cell *total)
{
    int64_t outstanding = 0;

    qsort(shares, count, sizeof(*shares), by_member);
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count || shares[i + 1].member_id != shares[i].member_id;

        if (!add_share(total, &shares[i]) ||
            !money_add(outstanding, shares[i].outstanding, &outstanding))
            return false;
        if (!is_last)
            continue;
        if (!add_member(total, outstanding))
            return false;
        outstanding = 0;
    }
    return true;
}

bool statistic_fold(struct arena *arena, struct statistic_share *shares, size_t count,
                    struct statistic_table *table)
{
    struct statistic_table folded = {0};

    if (count > 0 &&
        (!fold_cells(arena, shares, count, &folded) || !fold_total(shares, count, &folded.total)))
        return false;
    *table = folded;
    return true;
}

static int value_of_cell(const void *value, const void *cell)
{
    return strcmp(value, ((const struct statistic_cell *)cell)->value);
}

struct statistic_cell *statistic_seek(const struct statistic_table *table, const char *value)
{
    if (table->count == 0)
        return NULL;
    return bsearch(value, table->cells, table->count, sizeof(*table->cells), value_of_cell);
}

struct suppress_cell statistic_shown(const struct statistic_cell *cell)
{
    return (struct suppress_cell){.subjects = cell->subjects,
                                  .members = cell->members,
                                  .amount = cell->held,
                                  .top1 = cell->top1,
                                  .top2 = cell->top2};
}

enum statistic_basis statistic_basis_of(const struct statistic_cell *cell)
{
    if (cell->accounts == 0)
        return STATISTIC_BASIS_NONE;
    if (cell->classed == 0)
        return STATISTIC_BASIS_DAYS_OVERDUE;
    return cell->classed == cell->accounts ? STATISTIC_BASIS_CLASS : STATISTIC_BASIS_MIXED;
}

int32_t statistic_ratio_bps(const struct statistic_cell *cell)
{
    int32_t ratio = money_ratio_bps(cell->non_performing, cell->outstanding);

    return ratio < 0 ? 0 : ratio;
}
