#include "message.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NEAREST_MAX = 64 };

ProtobufCMessage *cix_message_new(struct arena *arena, const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message = arena_alloc(arena, descriptor->sizeof_message);

    protobuf_c_message_init(descriptor, message);
    return message;
}

static void *allocate(void *arena, size_t size)
{
    return arena_try(arena, size);
}

static void forget(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

ProtobufCAllocator cix_message_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){.alloc = allocate, .free = forget, .allocator_data = arena};
}

void cix_message_camel(const char *field, char camel[CIX_NAME_MAX])
{
    size_t size = 0;
    bool is_next_upper = false;

    for (; *field && size + 1 < CIX_NAME_MAX; field++) {
        if (*field == '_') {
            is_next_upper = true;
            continue;
        }
        camel[size++] = is_next_upper ? (char)toupper((unsigned char)*field) : *field;
        is_next_upper = false;
    }
    camel[size] = '\0';
}

const ProtobufCFieldDescriptor *cix_message_field(const ProtobufCMessageDescriptor *descriptor,
                                                  const char *name)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        char camel[CIX_NAME_MAX];
        cix_message_camel(field->name, camel);
        if (!strcmp(field->name, name) || !strcmp(camel, name))
            return field;
    }
    return NULL;
}

size_t cix_message_value_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return 4;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    }
    return 0;
}

static const void *raw(const ProtobufCMessage *message, unsigned offset)
{
    return (const char *)message + offset;
}

static bool is_oneof(const ProtobufCFieldDescriptor *field)
{
    return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

size_t cix_message_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)raw(message, field->quantifier_offset);
    return cix_message_has(message, field) ? 1 : 0;
}

static bool is_zero(const void *value, size_t size)
{
    static const char zeros[sizeof(ProtobufCBinaryData)];

    return !memcmp(value, zeros, size);
}

bool cix_message_has(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *value = raw(message, field->offset);

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)raw(message, field->quantifier_offset) > 0;
    if (is_oneof(field))
        return *(const uint32_t *)raw(message, field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return *(char *const *)value && **(char *const *)value;
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)value)->len > 0;
    return !is_zero(value, cix_message_value_size(field));
}

const void *cix_message_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           size_t index)
{
    const void *value = raw(message, field->offset);

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        value = *(char *const *)value + index * cix_message_value_size(field);
    return value;
}

/* The room doubles whenever the count is a power of two, so no capacity need be stored. */
static void *append(struct arena *arena, ProtobufCMessage *message,
                    const ProtobufCFieldDescriptor *field)
{
    size_t *count = (size_t *)((char *)message + field->quantifier_offset);
    char **elements = (char **)((char *)message + field->offset);
    size_t size = cix_message_value_size(field);

    if (!(*count & (*count - 1))) {
        char *grown = arena_array(arena, *count ? *count * 2 : 1, size);
        if (*count)
            memcpy(grown, *elements, *count * size);
        *elements = grown;
    }
    return *elements + (*count)++ * size;
}

void *cix_message_slot(struct arena *arena, ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return append(arena, message, field);
    if (is_oneof(field)) {
        uint32_t *chosen = (uint32_t *)((char *)message + field->quantifier_offset);
        if (*chosen && *chosen != field->id)
            return NULL;
        *chosen = field->id;
    }
    return (char *)message + field->offset;
}

/* Length of the prefix that the enum's values share: "FlagStatus" makes "FLAG_STATUS_". */
static size_t prefix_length(const ProtobufCEnumDescriptor *descriptor)
{
    size_t size = 1;

    for (const char *at = descriptor->short_name; *at; at++)
        size += isupper((unsigned char)*at) && at != descriptor->short_name ? 2 : 1;
    return size;
}

static const char *without_prefix(const ProtobufCEnumDescriptor *descriptor, const char *name)
{
    size_t prefix = prefix_length(descriptor);

    return strlen(name) > prefix && name[prefix - 1] == '_' ? name + prefix : name;
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);

    return size >= end_size && !strcmp(name + size - end_size, end);
}

const char *cix_message_day_words(const ProtobufCFieldDescriptor *field)
{
    static const char *const days[] = {"_on", "valid_from", "valid_until"};

    if (field->type != PROTOBUF_C_TYPE_INT32)
        return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++)
        if (ends_with(field->name, days[i]))
            return "day as YYYYMMDD";
    return ends_with(field->name, "period") ? "month as YYYYMM" : NULL;
}

bool cix_message_integer(const char *text, int64_t lowest, int64_t highest, int64_t *value)
{
    const char *digits = text + (*text == '-');
    char *end;

    if (!isdigit((unsigned char)*digits))
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*end || errno || number < lowest || number > highest)
        return false;
    *value = number;
    return true;
}

const ProtobufCEnumValue *cix_message_enum(const ProtobufCEnumDescriptor *descriptor,
                                           const char *name)
{
    int64_t number;

    for (unsigned i = 0; i < descriptor->n_values; i++) {
        const ProtobufCEnumValue *value = &descriptor->values[i];
        if (!strcmp(value->name, name) || !strcmp(without_prefix(descriptor, value->name), name))
            return value;
    }
    if (cix_message_integer(name, INT32_MIN, INT32_MAX, &number))
        return protobuf_c_enum_descriptor_get_value(descriptor, (int)number);
    return NULL;
}

const char *cix_message_enum_name(const ProtobufCEnumDescriptor *descriptor, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);

    return value ? without_prefix(descriptor, value->name) : "UNKNOWN";
}

char *cix_message_enum_words(struct arena *arena, const ProtobufCEnumDescriptor *descriptor)
{
    struct builder words = {.arena = arena};

    builder_text(&words, "");
    for (unsigned i = 1; i < descriptor->n_values; i++) {
        const char *between = i == 1 ? "" : i + 1 == descriptor->n_values ? " or " : ", ";
        builder_format(&words, "%s%s", between,
                       without_prefix(descriptor, descriptor->values[i].name));
    }
    return words.data;
}

const char *cix_message_enum_nearest(const ProtobufCEnumDescriptor *descriptor, const char *name)
{
    const char *names[NEAREST_MAX];
    size_t count = 0;

    for (unsigned i = 0; i < descriptor->n_values && count < NEAREST_MAX; i++)
        names[count++] = without_prefix(descriptor, descriptor->values[i].name);
    return text_nearest(without_prefix(descriptor, name), names, count);
}

const char *cix_message_field_nearest(const ProtobufCMessageDescriptor *descriptor,
                                      const char *name)
{
    const char *names[NEAREST_MAX];
    size_t count = 0;

    for (unsigned i = 0; i < descriptor->n_fields && count < NEAREST_MAX; i++)
        names[count++] = descriptor->fields[i].name;
    return text_nearest(name, names, count);
}
