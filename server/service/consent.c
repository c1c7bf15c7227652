#include "service/consent.h"

void consent_from_proto(const Cix__V1__Consent *message, struct consent_record *record)
{
    *record = (struct consent_record){
        .consent_id = message->consent_id,
        .identifier.given = "",
        .form = (enum consent_form)message->form,
        .signed_on = day_field_of_plain(message->signed_on),
        .effective_on = day_field_of_plain(message->effective_on),
        .expires_on = day_field_of_plain(message->expires_on),
        .document_hash = {message->document_hash.data, message->document_hash.len},
        .is_revoked = message->is_revoked,
    };
    if (message->identifier) {
        record->identifier.type = (enum identifier_type)message->identifier->type;
        record->identifier.given = message->identifier->value;
    }
    for (size_t i = 0; i < message->n_purposes && i < RECORD_PURPOSES_MAX; i++)
        record->purposes[record->purpose_count++] = (enum purpose)message->purposes[i];
    for (size_t i = 0; i < message->n_data_classes && i < RECORD_DATA_CLASSES_MAX; i++)
        record->data_classes[record->data_class_count++] = (int)message->data_classes[i];
}

int64_t consent_purpose_bits(const struct consent_record *record)
{
    int64_t bits = 0;

    for (int i = 0; i < record->purpose_count; i++)
        if ((int)record->purposes[i] > 0 && (int)record->purposes[i] < 63)
            bits |= INT64_C(1) << (int)record->purposes[i];
    return bits;
}

int32_t consent_data_class_bits(const struct consent_record *record)
{
    int32_t bits = 0;

    for (int i = 0; i < record->data_class_count; i++)
        if (record->data_classes[i] >= 1 && record->data_classes[i] <= 8)
            bits |= 1 << (record->data_classes[i] - 1);
    return bits;
}
