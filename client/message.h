/*
 * protobuf-c messages by their descriptors: making, finding fields, marking presence, naming enums.
 *
 * What JSON and CSV share. A message made here lives in an arena and is never freed by protobuf-c.
 * Nothing here knows a message of cix.v1.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

enum { CIX_NAME_MAX = 64 };

/* An empty message. */
ProtobufCMessage *cix_message_new(struct arena *arena,
                                  const ProtobufCMessageDescriptor *descriptor);

/* protobuf-c's allocator over an arena: alloc within its budget, free does nothing. */
ProtobufCAllocator cix_message_allocator(struct arena *arena);

/* The lowerCamel name of a field, as proto3 JSON spells it. */
void cix_message_camel(const char *field, char camel[CIX_NAME_MAX]);

/* The field of this lowerCamel or snake_case name, or NULL. */
const ProtobufCFieldDescriptor *cix_message_field(const ProtobufCMessageDescriptor *descriptor,
                                                  const char *name);

/* True when the field is in the message: a repeated one with elements, a oneof's chosen one, a
 * message pointer that is set, or a plain value that differs from its default. */
bool cix_message_has(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Elements of a repeated field; 0 or 1 for another. */
size_t cix_message_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Where element index of a field lies. */
const void *cix_message_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           size_t index);

/*
 * Where the field's value is to be written; marks it present, and appends an element when it is
 * repeated. NULL when another field of the same oneof was chosen before.
 */
void *cix_message_slot(struct arena *arena, ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field);

/* "day as YYYYMMDD" or "month as YYYYMM", when the field is one by its name; otherwise NULL. */
const char *cix_message_day_words(const ProtobufCFieldDescriptor *field);

/* Bytes of one value of a field's type. */
size_t cix_message_value_size(const ProtobufCFieldDescriptor *field);

/*
 * The enum value of this name, with or without the enum's own prefix ("PURPOSE_LOAN_APPROVAL" or
 * "LOAN_APPROVAL"), or of this number. NULL when there is none.
 */
const ProtobufCEnumValue *cix_message_enum(const ProtobufCEnumDescriptor *descriptor,
                                           const char *name);

/* The value's name without the enum's prefix, "UNKNOWN" when the number is not in the enum. */
const char *cix_message_enum_name(const ProtobufCEnumDescriptor *descriptor, int value);

/* "DAILY or FILE": all values but the first (unspecified), without prefix. */
char *cix_message_enum_words(struct arena *arena, const ProtobufCEnumDescriptor *descriptor);

/* The value name nearest to a wrong one, without prefix, or NULL. */
const char *cix_message_enum_nearest(const ProtobufCEnumDescriptor *descriptor, const char *name);

/* The snake_case field name nearest to a wrong one, or NULL. */
const char *cix_message_field_nearest(const ProtobufCMessageDescriptor *descriptor,
                                      const char *name);

/* Decimal integer with optional minus sign, all of text, within the bounds; false otherwise. */
MUST_USE bool cix_message_integer(const char *text, int64_t lowest, int64_t highest,
                                  int64_t *value);
