#include "wire/control.h"

#include <string.h>

#include "base/check.h"
#include "base/money.h"

/* Which field is the amount of a kind, what stands in for it, and where its currency is named. */
static const struct amount {
    Cix__V1__Record__RecordCase kind;
    const char *field;
    const char *substitute; /* or NULL */
    const char *currency;   /* or NULL: the kind names none */
} amounts[] = {
    {CIX__V1__RECORD__RECORD_SUBJECT, "registered_capital", NULL, "capital_currency"},
    {CIX__V1__RECORD__RECORD_ACCOUNT, "original_amount", "credit_limit", "currency"},
    {CIX__V1__RECORD__RECORD_PERFORMANCE, "balance", NULL, NULL},
    {CIX__V1__RECORD__RECORD_ACCOUNT_EVENT, "amount", NULL, NULL},
    {CIX__V1__RECORD__RECORD_PARTY, "liability_amount", NULL, NULL},
    {CIX__V1__RECORD__RECORD_PUBLIC_RECORD, "amount", NULL, "currency"},
    {CIX__V1__RECORD__RECORD_FRAUD_CASE, "amount_at_risk", NULL, "currency"},
    {CIX__V1__RECORD__RECORD_BEHAVIOUR, "transaction_amount", NULL, "currency"},
    {CIX__V1__RECORD__RECORD_STATEMENT, "total_assets", "annual_income", "currency"},
    {CIX__V1__RECORD__RECORD_FUND_REPORT, "client_liability", NULL, "currency"},
    {CIX__V1__RECORD__RECORD_COLLECTION, "demanded_amount", NULL, NULL},
};

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);

    CHECK(field);
    return field;
}

/* An int64 of a message; false when it is one that may be absent, and is. */
static bool read_amount(const ProtobufCMessage *message, const char *name, int64_t *value)
{
    const ProtobufCFieldDescriptor *field = field_of(message, name);
    const char *base = (const char *)message;

    CHECK(field->type == PROTOBUF_C_TYPE_INT64);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t chosen;
        memcpy(&chosen, base + field->quantifier_offset, sizeof(chosen));
        if (chosen != field->id)
            return false;
    }
    memcpy(value, base + field->offset, sizeof(*value));
    return true;
}

static const char *currency_of(const ProtobufCMessage *message, const char *name)
{
    const char *text;

    if (!name)
        return CONTROL_NO_CURRENCY;
    memcpy(&text, (const char *)message + field_of(message, name)->offset, sizeof(text));
    return money_minor_digits(text) >= 0 ? text : CONTROL_NO_CURRENCY;
}

static void add(struct control *control, const char *currency, int64_t amount)
{
    int at = 0, order = 1;

    while (at < control->count && (order = strcmp(control->items[at].currency, currency)) < 0)
        at++;
    if (at == control->count || order != 0) {
        CHECK(control->count < CONTROL_MAX); /* ISO 4217 has fewer */
        memmove(&control->items[at + 1], &control->items[at],
                (size_t)(control->count - at) * sizeof(control->items[0]));
        control->items[at] = (struct control_item){.amount = 0};
        memcpy(control->items[at].currency, currency, CONTROL_CURRENCY_SIZE);
        control->count++;
    }
    control->items[at].amount = (int64_t)((uint64_t)control->items[at].amount + (uint64_t)amount);
}

void control_add(struct control *control, const Cix__V1__Record *record)
{
    const ProtobufCMessage *message;
    int64_t value;

    control->records++;
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        const struct amount *amount = &amounts[i];
        if (amount->kind != record->record_case)
            continue;
        message = (const ProtobufCMessage *)record->consent; /* all kinds share this place */
        if (read_amount(message, amount->field, &value) ||
            (amount->substitute && read_amount(message, amount->substitute, &value)))
            add(control, currency_of(message, amount->currency), value);
        return;
    }
}
