#include "wire/fact.h"

#include <string.h>

#include "cix/v1/record.pb-c.h"

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *message,
                                                const struct fact_field *field)
{
    const ProtobufCFieldDescriptor *found =
        protobuf_c_message_descriptor_get_field_by_name(message, field->name);

    CHECK(found);
    return found;
}

static const ProtobufCMessageDescriptor *message_of(const struct fact_kind *kind)
{
    const ProtobufCFieldDescriptor *found =
        protobuf_c_message_descriptor_get_field(&cix__v1__record__descriptor, kind->kind);

    CHECK(found);
    return found->descriptor;
}

/* Plain fields are always there: zero is their value. */
static bool is_present(const ProtobufCMessage *proto, const ProtobufCFieldDescriptor *field)
{
    const void *choice = (const char *)proto + field->quantifier_offset;

    return !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) || *(const uint32_t *)choice == field->id;
}

static int64_t number_of(const ProtobufCMessage *proto, const ProtobufCFieldDescriptor *field)
{
    const void *at = (const char *)proto + field->offset;

    return field->type == PROTOBUF_C_TYPE_INT64 ? *(const int64_t *)at : *(const int32_t *)at;
}

static void read_field(const ProtobufCMessage *proto, const ProtobufCFieldDescriptor *source,
                       const struct fact_field *field, void *at)
{
    const void *from = (const char *)proto + source->offset;
    bool is_given = is_present(proto, source);

    if (fact_is_text(field->type)) {
        *(const char **)at = *(const char *const *)from;
        return;
    }
    switch ((int)field->type) {
    case FACT_IDENTIFIER:
        *(struct identifier_field *)at = wire_identifier(*(const Cix__V1__Identifier *const *)from);
        break;
    case FACT_COUNT:
        *(struct count_field *)at =
            (struct count_field){is_given, is_given ? (int32_t)number_of(proto, source) : 0};
        break;
    case FACT_MONEY:
        *(struct money_field *)at =
            (struct money_field){is_given, is_given ? number_of(proto, source) : 0};
        break;
    case FACT_DAY:
        *(struct day_field *)at =
            source->flags & PROTOBUF_C_FIELD_FLAG_ONEOF
                ? day_field_of(is_given, is_given ? (int32_t)number_of(proto, source) : 0)
                : day_field_of_plain((int32_t)number_of(proto, source));
        break;
    case FACT_BOOL:
        *(bool *)at = *(const protobuf_c_boolean *)from != 0;
        break;
    default:
        *(int32_t *)at = (int32_t)number_of(proto, source);
    }
}

void fact_from_proto(const struct fact_kind *kind, const ProtobufCMessage *proto, union fact *fact)
{
    memset(fact, 0, sizeof(*fact));
    for (size_t i = 0; i < kind->field_count; i++)
        read_field(proto, field_of(proto->descriptor, &kind->fields[i]), &kind->fields[i],
                   fact_at(fact, &kind->fields[i]));
}

static void write_number(ProtobufCMessage *proto, const ProtobufCFieldDescriptor *target,
                         int64_t number)
{
    void *at = (char *)proto + target->offset;

    if (target->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        *(uint32_t *)(void *)((char *)proto + target->quantifier_offset) = target->id;
    if (target->type == PROTOBUF_C_TYPE_INT64)
        *(int64_t *)at = number;
    else
        *(int32_t *)at = (int32_t)number;
}

static void write_field(const struct fact_field *field, const void *from, ProtobufCMessage *proto,
                        const ProtobufCFieldDescriptor *target)
{
    const struct count_field *count = from;
    const struct money_field *money = from;
    const struct day_field *day = from;

    if (fact_is_text(field->type)) {
        *(const char **)(void *)((char *)proto + target->offset) = *(const char *const *)from;
        return;
    }
    switch ((int)field->type) {
    case FACT_COUNT:
        if (count->is_present)
            write_number(proto, target, count->value);
        break;
    case FACT_MONEY:
        if (money->is_present)
            write_number(proto, target, money->minor);
        break;
    case FACT_DAY:
        if (day->is_present)
            write_number(proto, target, day_to_wire(day->day));
        break;
    case FACT_BOOL:
        *(protobuf_c_boolean *)((char *)proto + target->offset) = *(const bool *)from;
        break;
    default:
        write_number(proto, target, *(const int *)from);
    }
}

/* What a receiver has by other means, or must not have. */
static bool is_shown(const struct fact_field *field)
{
    return !(field->marks & FACT_HIDDEN) && field->type != FACT_IDENTIFIER &&
           field->type != FACT_NAME && field->type != FACT_ACCOUNT_NO && field->type != FACT_MEMBER;
}

ProtobufCMessage *fact_to_proto(struct arena *arena, const struct fact_kind *kind,
                                const union fact *fact)
{
    const ProtobufCMessageDescriptor *descriptor = message_of(kind);
    ProtobufCMessage *proto = arena_alloc(arena, descriptor->sizeof_message);

    protobuf_c_message_init(descriptor, proto);
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct fact_field *field = &kind->fields[i];
        if (is_shown(field))
            write_field(field, fact_const_at(fact, field), proto, field_of(descriptor, field));
    }
    return proto;
}
