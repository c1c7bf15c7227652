/*
 * Messages as JSON after the proto3 JSON mapping: lowerCamel names, int64 as strings, enums by
 * name, bytes as base64, absent fields left out, fields of a presence oneof like any other.
 *
 * Reading is strict: an unknown field, a key given twice, a number out of range, a fraction or a
 * text that is not an enum's is an error that names the path ("account.creditLimit") and, where one
 * is near, the right word. Names may also be spelled as in the proto (snake_case), enum values
 * without their prefix. Errors never repeat a value.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/ctx.h"

enum { CIX_JSON_MAX = 1024 * 1024 };

/* One text to read. ignored: a top-level key that is passed over, or NULL. */
struct cix_json_text {
    const char *data;
    size_t size; /* at most CIX_JSON_MAX */
    const char *ignored;
    int64_t line; /* of the file, at which the text begins; 0: the first */
};

/*
 * Reads one message into the arena of ctx. Errors: JSON_SYNTAX (with line and column in the
 * message), JSON_TOO_LARGE, UNKNOWN_FIELD, WRONG_TYPE, OUT_OF_RANGE, UNKNOWN_VALUE,
 * FIELD_CHOSEN_TWICE; the path is the error's field.
 */
MUST_USE bool cix_json_read(struct ctx *ctx, const struct cix_json_text *text,
                            const ProtobufCMessageDescriptor *descriptor,
                            ProtobufCMessage **message);

/* The message as text in the arena. indent: spaces a level, 0 for one line. */
char *cix_json_write(struct arena *arena, const ProtobufCMessage *message, int indent);
