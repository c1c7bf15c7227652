#include "domain/identifier_text.h"

#include <string.h>

enum { DAY_SIZE = 10 }; /* YYYY-MM-DD */

static void add_day(struct builder *lines, const struct day_field *day)
{
    char text[DAY_SIZE + 1] = "-";

    if (day->is_present)
        day_format(day->day, text);
    builder_format(lines, "%s ", text);
}

void identifier_text_add(struct builder *lines, const struct identifier_detail *detail)
{
    add_day(lines, &detail->valid_from);
    add_day(lines, &detail->valid_until);
    builder_format(lines, "%s\n", detail->issuer_region);
}

/* Reads a word and the space behind it; where the next one begins. */
static const char *read_day(const char *at, struct day_field *day)
{
    char text[DAY_SIZE + 1] = "";
    size_t size = strcspn(at, " \n");

    if (size == DAY_SIZE) {
        memcpy(text, at, DAY_SIZE);
        day->is_present = day->is_real = day_parse(text, &day->day);
    }
    return at + size + (at[size] == ' ');
}

void identifier_text_read(struct arena *arena, const char *lines, int place,
                          struct identifier_detail *detail)
{
    const char *at = lines;

    *detail = (struct identifier_detail){.issuer_region = ""};
    for (int line = 1; line < place && *at; line++) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    at = read_day(at, &detail->valid_from);
    at = read_day(at, &detail->valid_until);
    detail->issuer_region = arena_copy(arena, at, strcspn(at, "\n"));
}
