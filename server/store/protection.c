#include "store/protection.h"

void protection_add(struct arena *arena, const struct protection **list,
                    const struct protection *added)
{
    struct protection *kept = arena_copy(arena, added, sizeof(*added));

    if (added->phones.data)
        kept->phones.data = arena_copy(arena, added->phones.data, added->phones.size);
    kept->next = *list;
    *list = kept;
}

void protection_end_read(const struct rows *rows, int column, struct protection *protection)
{
    protection->has_end = !rows_is_null(rows, column);
    if (protection->has_end)
        protection->until_on = rows_day(rows, column);
}
