#include "cli/protection.h"

#include <stdio.h>

#include "cli/csv.h"
#include "cli/online.h"
#include "message.h"

static const char *kind_word(const Cix__V1__ReportedProtection *item)
{
    return cix_message_enum_name(&cix__v1__protection_kind__descriptor, (int)item->kind);
}

void protection_print(struct arena *arena, Cix__V1__ReportedProtection *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Cix__V1__ReportedProtection *item = items[i];
        printf("%s since %s", kind_word(item), online_day(arena, item->from_on));
        if (item->until_on_presence_case)
            printf(" until %s", online_day(arena, item->until_on));
        for (size_t k = 0; k < item->n_phones; k++)
            printf("%s%s", k ? ", " : "; call ", item->phones[k]);
        putchar('\n');
    }
}

void protection_write_kinds(Cix__V1__ReportedProtection *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? ";" : "", kind_word(items[i]));
}

void protection_write_phones(Cix__V1__ReportedProtection *const *items, size_t count)
{
    struct arena arena = {0};
    struct builder text = {.arena = &arena};

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < items[i]->n_phones; k++)
            builder_format(&text, "%s%s", text.size ? ";" : "", items[i]->phones[k]);
    csv_write_cell(stdout, text.size ? text.data : "");
    arena_done(&arena);
}
