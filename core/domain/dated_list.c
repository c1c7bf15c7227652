#include "domain/dated_list.h"

#include <string.h>

/* The place of the first row whose code is not below this one. */
static size_t lower_bound(const struct dated_list *list, const char *code)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(list->codes[middle].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool dated_list_has(const struct dated_list *list, const char *code, int first_year, int last_year)
{
    for (size_t i = lower_bound(list, code);
         i < list->count && strcmp(list->codes[i].code, code) == 0; i++) {
        const struct dated_code *row = &list->codes[i];

        if (row->first_year <= last_year && (row->last_year == 0 || row->last_year >= first_year))
            return true;
    }
    return false;
}
