/*
 * The fields of a packed protobuf message, one after another, as they stand on the wire.
 *
 * Knows tags, varints and lengths; nothing of descriptors. Never reads past the end, never
 * allocates. Groups, field number 0, varints beyond 64 bits and lengths beyond the rest are
 * malformed.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_FIXED32 = 5,
};

/* What is left to read. */
struct wire {
    const uint8_t *at;
    const uint8_t *end;
};

struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;     /* WIRE_VARINT */
    struct bytes bytes; /* WIRE_BYTES: the content; borrowed */
};

struct wire wire_over(struct bytes bytes);

/* Reads the next field: 1 when there is one, 0 at the end, -1 when the bytes are malformed. */
MUST_USE int wire_next(struct wire *wire, struct wire_field *field);

/* Reads one varint of at most 10 bytes; false when there is none. */
MUST_USE bool wire_varint(struct wire *wire, uint64_t *value);
