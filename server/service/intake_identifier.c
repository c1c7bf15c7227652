/*
 * What a subject's record says of its identifiers beside their values, as its version keeps it.
 */
#include <inttypes.h>

#include "base/text.h"
#include "domain/identifier_text.h"
#include "service/intake_row.h"

static bool says_something(const struct identifier_detail *detail)
{
    return *detail->issuer_region || detail->valid_from.is_present ||
           detail->valid_until.is_present || detail->verification || detail->is_primary;
}

void intake_identifiers_tell(const struct intake *intake, const struct subject_record *record,
                             struct record_subject *row)
{
    struct builder json = {.arena = intake->arena}, lines = {.arena = intake->arena};

    for (int i = 0; i < record->identifier_count; i++) {
        const struct identifier_detail *detail = &record->details[i];
        if (!says_something(detail))
            continue;
        struct digest lookup = intake_lookup(intake, &record->identifiers[i]);
        uint64_t head = 0;
        for (int byte = 0; byte < 8; byte++)
            head = head << 8 | lookup.bytes[byte];
        builder_format(&json, "%s{\"head\":%" PRId64 ",\"verification\":%d,\"primary\":%s}",
                       json.size ? "," : "[", (int64_t)head, detail->verification,
                       detail->is_primary ? "true" : "false");
        identifier_text_add(&lines, detail);
    }
    if (!json.size)
        return;
    builder_text(&json, "]");
    row->details = json.data;
    row->sealed_details = intake_seal(intake, PLACE_IDENTIFIER_TEXT, row->record_id, lines.data);
}
