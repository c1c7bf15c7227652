/*
 * The wire check: what a packed message must be before protobuf-c may unpack it.
 *
 * protobuf-c accepts invalid UTF-8, cuts strings at a NUL, has no bound on nesting, merges fields
 * that come twice and keeps every unknown field. After this check none of that can happen, and a
 * refusal names the field. Pure: no allocation, no gRPC. What the values mean (which enum value,
 * how many records) is for the service.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/arena.h"

enum {
    WIRE_DEPTH_MAX = 8,           /* messages inside one another, the outermost counted */
    WIRE_ELEMENT_MAX = 50000,     /* elements of repeated fields and unknown fields, in all */
    WIRE_UNKNOWN_MAX = 64 * 1024, /* bytes of unknown fields (a newer client's), in all */
    WIRE_STRING_MAX = 64 * 1024,  /* bytes of one string */
};

struct wire_fault {
    char field[160];      /* path, e.g. "chunk.records[3].account.currency"; empty: the message */
    const char *expected; /* static: "must be UTF-8 without NUL" */
};

/*
 * True when the bytes are a message of that type: every known field has its wire type and a value
 * that fits, strings are UTF-8 without NUL, fields that are not repeated come once, one member of a
 * oneof at most, and all bounds hold. Else false, and the fault says what and where.
 */
MUST_USE bool wire_check(const ProtobufCMessageDescriptor *type, struct bytes bytes,
                         struct wire_fault *fault);
