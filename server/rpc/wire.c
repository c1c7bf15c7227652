#include "rpc/wire.h"

#include <limits.h>

enum {
    VARINT_MAX = 10, /* bytes of a 64-bit varint */
    TAG_MAX = 5,     /* bytes of a tag or a length: 32 bits; protobuf-c reads no more */
};

struct wire wire_over(struct bytes bytes)
{
    return (struct wire){.at = bytes.data,
                         .end = bytes.size ? bytes.data + bytes.size : bytes.data};
}

static bool read_varint(struct wire *wire, int size_max, uint64_t *value)
{
    uint64_t sum = 0;

    for (int i = 0; i < size_max && wire->at < wire->end; i++) {
        uint8_t byte = *wire->at++;

        if (i == VARINT_MAX - 1 && byte > 1)
            return false;
        sum |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = sum;
            return true;
        }
    }
    return false;
}

bool wire_varint(struct wire *wire, uint64_t *value)
{
    return read_varint(wire, VARINT_MAX, value);
}

static bool read_bytes(struct wire *wire, uint64_t size, struct bytes *bytes)
{
    if (size > (uint64_t)(wire->end - wire->at))
        return false;
    *bytes = (struct bytes){.data = wire->at, .size = (size_t)size};
    wire->at += size;
    return true;
}

static bool read_value(struct wire *wire, struct wire_field *field)
{
    uint64_t size;

    switch (field->type) {
    case WIRE_VARINT:
        return wire_varint(wire, &field->value);
    case WIRE_FIXED64:
        return read_bytes(wire, 8, &field->bytes);
    case WIRE_FIXED32:
        return read_bytes(wire, 4, &field->bytes);
    case WIRE_BYTES:
        return read_varint(wire, TAG_MAX, &size) && size <= INT_MAX &&
               read_bytes(wire, size, &field->bytes);
    }
    return false;
}

int wire_next(struct wire *wire, struct wire_field *field)
{
    uint64_t tag;

    if (wire->at == wire->end)
        return 0;
    if (!read_varint(wire, TAG_MAX, &tag) || tag > UINT32_MAX || tag < 8)
        return -1;
    *field = (struct wire_field){.number = (uint32_t)(tag >> 3), .type = (enum wire_type)(tag & 7)};
    return read_value(wire, field) ? 1 : -1;
}
