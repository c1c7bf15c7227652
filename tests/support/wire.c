#include "support/wire.h"

#include <string.h>

#include "base/check.h"

void wire_bytes(struct wire *wire, const void *data, size_t size)
{
    CHECK(size <= WIRE_MAX - wire->size);
    if (size > 0)
        memcpy(wire->data + wire->size, data, size);
    wire->size += size;
}

static void byte_put(struct wire *wire, uint32_t byte)
{
    uint8_t value = (uint8_t)byte;

    wire_bytes(wire, &value, 1);
}

void wire_preface(struct wire *wire)
{
    wire_bytes(wire, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
}

static void number_put(struct wire *wire, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        byte_put(wire, number >> shift & 0xff);
}

void wire_header(struct wire *wire, uint32_t length, int type, int flags, uint32_t stream)
{
    byte_put(wire, length >> 16 & 0xff);
    byte_put(wire, length >> 8 & 0xff);
    byte_put(wire, length & 0xff);
    byte_put(wire, (uint32_t)type);
    byte_put(wire, (uint32_t)flags);
    number_put(wire, stream);
}

void wire_frame(struct wire *wire, int type, int flags, uint32_t stream, const struct wire *payload)
{
    wire_header(wire, (uint32_t)payload->size, type, flags, stream);
    wire_bytes(wire, payload->data, payload->size);
}

void wire_zeros(struct wire *wire, size_t size, int type, int flags, uint32_t stream)
{
    wire_header(wire, (uint32_t)size, type, flags, stream);
    CHECK(size <= WIRE_MAX - wire->size);
    memset(wire->data + wire->size, 0, size);
    wire->size += size;
}

void wire_number(struct wire *wire, int type, uint32_t stream, uint32_t number)
{
    wire_header(wire, 4, type, 0, stream);
    number_put(wire, number);
}

void wire_open(struct wire *wire)
{
    wire_preface(wire);
    wire_header(wire, 0, WIRE_SETTINGS, 0, 0);
}

void wire_integer(struct wire *wire, int prefix_bits, int pattern, uint32_t value)
{
    uint32_t full = (1U << prefix_bits) - 1;

    if (value < full) {
        byte_put(wire, (uint32_t)pattern | value);
        return;
    }
    byte_put(wire, (uint32_t)pattern | full);
    for (value -= full; value >= 0x80; value >>= 7)
        byte_put(wire, 0x80 | (value & 0x7f));
    byte_put(wire, value);
}

static void string_put(struct wire *wire, const char *text)
{
    size_t size = strlen(text);

    wire_integer(wire, 7, 0, (uint32_t)size);
    wire_bytes(wire, text, size);
}

void wire_field(struct wire *wire, const char *name, const char *value)
{
    byte_put(wire, 0);
    string_put(wire, name);
    string_put(wire, value);
}

void wire_call_fields(struct wire *wire, const char *path)
{
    wire_integer(wire, 7, 0x80, 3); /* :method POST */
    wire_integer(wire, 7, 0x80, 7); /* :scheme https */
    wire_integer(wire, 6, 0x40, 4); /* :path, added to the table */
    string_put(wire, path);
    wire_integer(wire, 4, 0, 1); /* :authority */
    string_put(wire, "localhost");
    wire_field(wire, "te", "trailers");
    wire_field(wire, "content-type", "application/grpc");
}
