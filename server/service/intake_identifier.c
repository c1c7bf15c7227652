/*
 * What a subject's record says of its identifiers beside their values, as its version keeps it.
 */
#include <inttypes.h>

#include "base/text.h"
#include "service/intake_row.h"

static const char *day_text(struct arena *arena, const struct day_field *day)
{
    char *text = arena_alloc(arena, 11);

    text[0] = '\0';
    if (day->is_present)
        day_format(day->day, text);
    return text;
}

static bool says_something(const struct identifier_detail *detail)
{
    return *detail->issuer_region || detail->valid_from.is_present ||
           detail->valid_until.is_present || detail->verification || detail->is_primary;
}

const char *intake_identifier_details(const struct intake *intake,
                                      const struct subject_record *record)
{
    struct builder json = {.arena = intake->arena};

    for (int i = 0; i < record->identifier_count; i++) {
        const struct identifier_detail *detail = &record->details[i];
        if (!says_something(detail))
            continue;
        struct digest lookup = intake_lookup(intake, &record->identifiers[i]);
        uint64_t head = 0;
        for (int byte = 0; byte < 8; byte++)
            head = head << 8 | lookup.bytes[byte];
        builder_format(&json, "%s{\"head\":%" PRId64 ",\"region\":", json.size ? "," : "[",
                       (int64_t)head);
        builder_json(&json, detail->issuer_region);
        builder_format(&json,
                       ",\"from\":\"%s\",\"until\":\"%s\",\"verification\":%d,\"primary\":%s}",
                       day_text(intake->arena, &detail->valid_from),
                       day_text(intake->arena, &detail->valid_until), detail->verification,
                       detail->is_primary ? "true" : "false");
    }
    if (!json.size)
        return "";
    builder_text(&json, "]");
    return json.data;
}
