#include "rpc/check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rpc/wire.h"

enum { FIELD_MAX = 128 }; /* fields of one message type; ours have far fewer */

struct walk {
    struct wire_fault *fault;
    uint32_t elements; /* so far, over all levels */
    size_t unknown;    /* bytes so far, over all levels */
};

/* One message at its level. */
struct level {
    const ProtobufCMessageDescriptor *type;
    struct bytes bytes;
    int depth;
    uint64_t seen[FIELD_MAX / 64]; /* fields that may not come again, by index */
};

static bool check_level(struct walk *walk, struct level *level);

static bool refuse(struct walk *walk, const char *expected)
{
    walk->fault->expected = expected;
    return false;
}

static enum wire_type wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_FIXED32;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_FIXED64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_BYTES;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        break;
    }
    return WIRE_VARINT;
}

/* Unpacking cuts these to 32 bits; what would change by that is refused. */
static bool is_narrow(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_INT32 || type == PROTOBUF_C_TYPE_SINT32 ||
           type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_ENUM;
}

static bool fits(ProtobufCType type, uint64_t value)
{
    if (!is_narrow(type) || value <= UINT32_MAX)
        return true;
    bool is_signed = type == PROTOBUF_C_TYPE_INT32 || type == PROTOBUF_C_TYPE_ENUM;
    return is_signed && value >= (uint64_t)INT32_MIN; /* sign-extended */
}

static bool add_elements(struct walk *walk, size_t count)
{
    if (count > WIRE_ELEMENT_MAX - walk->elements)
        return refuse(walk, "must not have that many elements");
    walk->elements += (uint32_t)count;
    return true;
}

static bool check_unknown(struct walk *walk, size_t size)
{
    if (size > WIRE_UNKNOWN_MAX - walk->unknown)
        return refuse(walk, "must not carry that many unknown fields");
    walk->unknown += size;
    return add_elements(walk, 1);
}

static bool check_packed_varints(struct walk *walk, ProtobufCType type, struct bytes bytes)
{
    struct wire wire = wire_over(bytes);
    uint64_t value;

    while (wire.at < wire.end) {
        if (!wire_varint(&wire, &value))
            return refuse(walk, "must be well-formed packed values");
        if (!fits(type, value))
            return refuse(walk, "must fit 32 bits");
        if (!add_elements(walk, 1))
            return false;
    }
    return true;
}

static bool check_packed(struct walk *walk, ProtobufCType type, struct bytes bytes)
{
    enum wire_type wire_type = wire_type_of(type);
    size_t size = wire_type == WIRE_FIXED32 ? 4 : 8;

    if (wire_type == WIRE_VARINT)
        return check_packed_varints(walk, type, bytes);
    if (bytes.size % size)
        return refuse(walk, "must be well-formed packed values");
    return add_elements(walk, bytes.size / size);
}

static bool check_string(struct walk *walk, struct bytes bytes)
{
    if (bytes.size > WIRE_STRING_MAX)
        return refuse(walk, "must not be that long");
    if (!text_is_utf8((const char *)bytes.data, bytes.size))
        return refuse(walk, "must be UTF-8 without NUL");
    return true;
}

static bool check_message(struct walk *walk, const ProtobufCMessageDescriptor *type,
                          struct bytes bytes, int depth)
{
    struct level level = {.type = type, .bytes = bytes, .depth = depth};

    if (depth > WIRE_DEPTH_MAX)
        return refuse(walk, "must not be nested that deep");
    return check_level(walk, &level);
}

/* Marks what may not come again: the field, or all members of its oneof. */
static bool mark_seen(struct walk *walk, struct level *level, const ProtobufCFieldDescriptor *known)
{
    const ProtobufCMessageDescriptor *type = level->type;
    bool is_oneof = known->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    size_t index = (size_t)(known - type->fields);

    if (level->seen[index / 64] >> (index % 64) & 1)
        return refuse(walk, is_oneof ? "must be the only one of its kind" : "must come once");
    for (size_t i = 0; is_oneof && i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &type->fields[i];

        if (other->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
            other->quantifier_offset == known->quantifier_offset)
            level->seen[i / 64] |= UINT64_C(1) << (i % 64);
    }
    level->seen[index / 64] |= UINT64_C(1) << (index % 64);
    return true;
}

static bool check_value(struct walk *walk, struct level *level,
                        const ProtobufCFieldDescriptor *known, const struct wire_field *field)
{
    if (field->type != wire_type_of(known->type))
        return refuse(walk, "must have the type of the contract");
    if (known->type == PROTOBUF_C_TYPE_STRING)
        return check_string(walk, field->bytes);
    if (known->type == PROTOBUF_C_TYPE_MESSAGE)
        return check_message(walk, known->descriptor, field->bytes, level->depth + 1);
    if (field->type == WIRE_VARINT && !fits(known->type, field->value))
        return refuse(walk, "must fit 32 bits");
    return true;
}

static bool check_known(struct walk *walk, struct level *level,
                        const ProtobufCFieldDescriptor *known, const struct wire_field *field)
{
    if (known->label != PROTOBUF_C_LABEL_REPEATED)
        return mark_seen(walk, level, known) && check_value(walk, level, known, field);
    if (field->type == WIRE_BYTES && wire_type_of(known->type) != WIRE_BYTES)
        return check_packed(walk, known->type, field->bytes);
    return add_elements(walk, 1) && check_value(walk, level, known, field);
}

/* How many elements of the field stand before the one that ends at `at`. */
static unsigned index_before(const struct level *level, const ProtobufCFieldDescriptor *known,
                             const uint8_t *at)
{
    struct wire wire = wire_over(level->bytes);
    struct wire_field field;
    unsigned count = 0;

    while (wire_next(&wire, &field) == 1 && wire.at < at)
        count += field.number == known->id;
    return count;
}

/* Puts the field in front of the path that the inner levels made. */
static void name_fault(struct walk *walk, const struct level *level,
                       const ProtobufCFieldDescriptor *known, const uint8_t *at)
{
    char *path = walk->fault->field;
    size_t room = sizeof(walk->fault->field) - 1;
    char head[96];
    int length;

    if (known->label == PROTOBUF_C_LABEL_REPEATED)
        length = snprintf(head, sizeof(head), "%s[%u]%s", known->name,
                          index_before(level, known, at), path[0] ? "." : "");
    else
        length = snprintf(head, sizeof(head), "%s%s", known->name, path[0] ? "." : "");
    size_t kept = strlen(path), size = (size_t)length < sizeof(head) ? (size_t)length : 0;
    if (kept > room - size)
        kept = room - size;
    memmove(path + size, path, kept);
    memcpy(path, head, size);
    path[size + kept] = '\0';
}

static bool check_level(struct walk *walk, struct level *level)
{
    struct wire wire = wire_over(level->bytes);
    struct wire_field field;

    CHECK(level->type->n_fields <= FIELD_MAX);
    for (;;) {
        const uint8_t *start = wire.at;
        int got = wire_next(&wire, &field);

        if (got == 0)
            return true;
        if (got < 0)
            return refuse(walk, "must be a well-formed message");
        const ProtobufCFieldDescriptor *known =
            protobuf_c_message_descriptor_get_field(level->type, field.number);
        if (!known && !check_unknown(walk, (size_t)(wire.at - start)))
            return false;
        if (known && !check_known(walk, level, known, &field)) {
            name_fault(walk, level, known, wire.at);
            return false;
        }
    }
}

bool wire_check(const ProtobufCMessageDescriptor *type, struct bytes bytes,
                struct wire_fault *fault)
{
    struct walk walk = {.fault = fault};

    *fault = (struct wire_fault){.expected = NULL};
    return check_message(&walk, type, bytes, 1);
}
