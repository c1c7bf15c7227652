/*
 * Finds the field boundaries of an HPACK block (RFC 7541) without decoding it.
 *
 * Counts what a decoder would be made to do: fields, integer lengths, string lengths. It keeps no
 * table, decodes no Huffman code and holds no byte of the block, so it costs next to nothing and
 * takes the block in pieces of any size. Pure: no I/O, no clock, no allocation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guard/reason.h"

enum {
    /*
     * Continuation bytes of one integer. Four carry 28 bits, far more than any legal index or
     * length here; RFC 7541 section 7.4 asks for such a limit, and gRPC 1.51 has none
     * (CVE-2023-33953).
     */
    HPACK_INTEGER_BYTES_MAX = 4,
    HPACK_INDEX_MAX = 1024,     /* the static table and as many of our own as 32 KiB could hold */
    HPACK_TABLE_UPDATES_MAX = 2 /* RFC 7541 section 4.2: at most two, only before the first field */
};

enum hpack_step {
    HPACK_FIELD,         /* the next byte begins a field */
    HPACK_INTEGER,       /* inside the continuation bytes of an integer */
    HPACK_STRING_LENGTH, /* the next byte begins a string */
    HPACK_STRING_BYTES   /* inside a string */
};

/* What the integer being read stands for. */
enum hpack_integer {
    HPACK_INTEGER_INDEX,
    HPACK_INTEGER_NAME_INDEX,
    HPACK_INTEGER_TABLE_SIZE,
    HPACK_INTEGER_LENGTH
};

struct hpack_walk {
    enum hpack_step step;
    enum hpack_integer integer;
    uint32_t value;         /* of the integer so far */
    uint32_t integer_bytes; /* continuation bytes so far */
    uint32_t string_left;   /* bytes of the string still to skip */
    uint32_t strings_left;  /* strings of this field still to come, the current one included */
    uint32_t field_count;
    uint32_t update_count;
    uint32_t field_max;
    uint32_t string_max;
};

/* Begins a block. field_max: fields allowed; string_max: longest string in bytes, encoded. */
void hpack_begin(struct hpack_walk *walk, uint32_t field_max, uint32_t string_max);

/* Walks over the next bytes of the block. GUARD_OK, or the reason to close the connection. */
enum guard_reason hpack_bytes(struct hpack_walk *walk, const uint8_t *data, size_t size);

/* Ends the block: GUARD_OK when it ends where a field ends. */
enum guard_reason hpack_end(const struct hpack_walk *walk);
