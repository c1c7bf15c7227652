#include "wire/completeness.h"

#include <stdbool.h>
#include <string.h>

#include "base/check.h"

enum { FIELDS_MAX = 8 };

/* The fields that count, by kind. Text and numbers without presence are given when not empty. */
static const struct {
    Cix__V1__Record__RecordCase kind;
    const char *fields[FIELDS_MAX];
} kinds[] = {
    {CIX__V1__RECORD__RECORD_SUBJECT,
     {"segment", "birth_on", "sex", "region", "mobiles", "address"}},
    {CIX__V1__RECORD__RECORD_ACCOUNT,
     {"matures_on", "term_months", "annual_rate_bps", "repay_frequency", "security", "region",
      "industry", "channel"}},
    {CIX__V1__RECORD__RECORD_PERFORMANCE,
     {"balance", "due_amount", "paid_amount", "overdue_amount", "days_overdue", "five_category",
      "remaining_terms", "reported_on"}},
};

static bool is_given(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *base = (const char *)message;
    const char *text;
    uint32_t number;
    size_t count;

    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        memcpy(&number, base + field->quantifier_offset, sizeof(number));
        return number == field->id;
    }
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        memcpy(&count, base + field->quantifier_offset, sizeof(count));
        return count > 0;
    }
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        memcpy(&text, base + field->offset, sizeof(text));
        return *text != '\0';
    }
    memcpy(&number, base + field->offset, sizeof(number)); /* int32 and enums */
    return number != 0;
}

void completeness_add(struct completeness *completeness, const Cix__V1__Record *record)
{
    const ProtobufCMessage *message = (const ProtobufCMessage *)record->consent; /* the oneof's */

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].kind != record->record_case)
            continue;
        for (int k = 0; k < FIELDS_MAX && kinds[i].fields[k]; k++) {
            const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(
                message->descriptor, kinds[i].fields[k]);
            CHECK(field);
            completeness->due++;
            completeness->given += is_given(message, field);
        }
    }
}
