#include "guard/hpack.h"

#include <stdbool.h>

/* The first byte of a field tells its kind and carries the start of an integer (RFC 7541 6). */
static const struct field_kind {
    uint8_t mask;
    uint8_t pattern;
    uint8_t prefix; /* largest value that fits the first byte */
    enum hpack_integer integer;
} field_kinds[] = {
    {0x80, 0x80, 0x7f, HPACK_INTEGER_INDEX},
    {0xc0, 0x40, 0x3f, HPACK_INTEGER_NAME_INDEX}, /* literal, added to the table */
    {0xe0, 0x20, 0x1f, HPACK_INTEGER_TABLE_SIZE},
    {0xe0, 0x00, 0x0f, HPACK_INTEGER_NAME_INDEX}, /* literal, never or not indexed */
};

void hpack_begin(struct hpack_walk *walk, uint32_t field_max, uint32_t string_max)
{
    *walk = (struct hpack_walk){.field_max = field_max, .string_max = string_max};
}

static enum guard_reason integer_done(struct hpack_walk *walk)
{
    switch (walk->integer) {
    case HPACK_INTEGER_INDEX:
        walk->step = HPACK_FIELD;
        return walk->value == 0 || walk->value > HPACK_INDEX_MAX ? GUARD_HPACK_MALFORMED : GUARD_OK;
    case HPACK_INTEGER_NAME_INDEX:
        walk->strings_left = walk->value == 0 ? 2 : 1;
        walk->step = HPACK_STRING_LENGTH;
        return walk->value > HPACK_INDEX_MAX ? GUARD_HPACK_MALFORMED : GUARD_OK;
    case HPACK_INTEGER_TABLE_SIZE:
        walk->step = HPACK_FIELD;
        return GUARD_OK;
    case HPACK_INTEGER_LENGTH:
        if (walk->value > walk->string_max)
            return GUARD_HEADER_BLOCK_TOO_LONG;
        walk->string_left = walk->value;
        if (walk->string_left > 0)
            walk->step = HPACK_STRING_BYTES;
        else
            walk->step = --walk->strings_left > 0 ? HPACK_STRING_LENGTH : HPACK_FIELD;
        return GUARD_OK;
    }
    return GUARD_HPACK_MALFORMED;
}

static enum guard_reason integer_begin(struct hpack_walk *walk, enum hpack_integer integer,
                                       uint8_t value, uint8_t prefix)
{
    walk->integer = integer;
    walk->value = value;
    walk->integer_bytes = 0;
    if (value < prefix)
        return integer_done(walk);
    walk->step = HPACK_INTEGER;
    return GUARD_OK;
}

static enum guard_reason integer_byte(struct hpack_walk *walk, uint8_t byte)
{
    if (walk->integer_bytes == HPACK_INTEGER_BYTES_MAX)
        return GUARD_HPACK_INTEGER;
    /* At most 28 bits and a prefix of 127: no overflow of 32. */
    walk->value += (uint32_t)(byte & 0x7f) << (7 * walk->integer_bytes);
    walk->integer_bytes++;
    return byte & 0x80 ? GUARD_OK : integer_done(walk);
}

static enum guard_reason field_begin(struct hpack_walk *walk, uint8_t byte)
{
    const struct field_kind *kind = field_kinds;

    while ((byte & kind->mask) != kind->pattern)
        kind++; /* the four patterns cover every byte */
    if (kind->integer == HPACK_INTEGER_TABLE_SIZE) {
        if (walk->field_count > 0 || ++walk->update_count > HPACK_TABLE_UPDATES_MAX)
            return GUARD_HPACK_MALFORMED;
    } else if (++walk->field_count > walk->field_max) {
        return GUARD_HEADER_FIELDS;
    }
    return integer_begin(walk, kind->integer, byte & kind->prefix, kind->prefix);
}

static size_t string_skip(struct hpack_walk *walk, size_t size)
{
    size_t skipped = size < walk->string_left ? size : walk->string_left;

    walk->string_left -= (uint32_t)skipped;
    if (walk->string_left == 0)
        walk->step = --walk->strings_left > 0 ? HPACK_STRING_LENGTH : HPACK_FIELD;
    return skipped;
}

enum guard_reason hpack_bytes(struct hpack_walk *walk, const uint8_t *data, size_t size)
{
    enum guard_reason reason = GUARD_OK;

    while (size > 0 && reason == GUARD_OK) {
        size_t taken = 1;

        switch (walk->step) {
        case HPACK_FIELD:
            reason = field_begin(walk, *data);
            break;
        case HPACK_INTEGER:
            reason = integer_byte(walk, *data);
            break;
        case HPACK_STRING_LENGTH:
            reason = integer_begin(walk, HPACK_INTEGER_LENGTH, *data & 0x7f, 0x7f);
            break;
        case HPACK_STRING_BYTES:
            taken = string_skip(walk, size);
            break;
        }
        data += taken;
        size -= taken;
    }
    return reason;
}

enum guard_reason hpack_end(const struct hpack_walk *walk)
{
    return walk->step == HPACK_FIELD ? GUARD_OK : GUARD_HPACK_MALFORMED;
}
