#include "cli/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "message.h"

enum { ELEMENT_MAX = 8 };

static const char ignored_prefix[] = "cix_";

static const ProtobufCFieldDescriptor *find_plain(const ProtobufCMessageDescriptor *descriptor,
                                                  const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, name);

    return field && field->type != PROTOBUF_C_TYPE_MESSAGE ? field : NULL;
}

/* "identifiers_2_type" behind the field's name is "_2_type". */
static bool find_inside(const ProtobufCFieldDescriptor *outer, const char *rest,
                        struct column *column)
{
    char *end = (char *)rest;
    long element = 0;

    if (*rest++ != '_')
        return false;
    if (outer->label == PROTOBUF_C_LABEL_REPEATED) {
        element = strtol(rest, &end, 10);
        if (end == rest || *end != '_' || element < 1 || element > ELEMENT_MAX)
            return false;
        rest = end + 1;
    }
    column->outer = outer;
    column->element = (int)element;
    column->inner = find_plain(outer->descriptor, rest);
    return column->inner != NULL;
}

static bool find_in(const ProtobufCMessageDescriptor *descriptor, const char *name,
                    struct column *column)
{
    column->outer = find_plain(descriptor, name);
    column->inner = NULL;
    if (column->outer)
        return true;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *outer = &descriptor->fields[i];
        size_t size = strlen(outer->name);
        if (outer->type == PROTOBUF_C_TYPE_MESSAGE && !strncmp(name, outer->name, size) &&
            find_inside(outer, name + size, column))
            return true;
    }
    return false;
}

/* The kinds themselves are no columns: a row is of one. */
static bool find_column(const struct columns *columns, const char *name, struct column *column)
{
    if (find_in(columns->descriptor, name, column))
        return true;
    column->is_beside = true;
    return columns->larger && find_in(columns->larger, name, column) &&
           !(column->outer->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

static bool is_same(const struct column *a, const struct column *b)
{
    return a->outer && a->outer == b->outer && a->inner == b->inner && a->element == b->element;
}

static bool refuse_column(struct ctx *ctx, const ProtobufCMessageDescriptor *descriptor,
                          const char *name)
{
    const char *near = cix_message_field_nearest(descriptor, name);

    return fail_field(ctx, "UNKNOWN_COLUMN", name, "no such column in a file of %s records%s%s",
                      descriptor->short_name, near ? ", perhaps " : "", near ? near : "");
}

static bool read_headings(struct ctx *ctx, const struct csv_row *headings, struct columns *columns)
{
    columns->count = headings->count;
    for (int i = 0; i < headings->count; i++) {
        struct column *column = &columns->items[i];
        column->name = arena_string(ctx->arena, headings->cells[i].text);
        if (!strncmp(column->name, ignored_prefix, sizeof(ignored_prefix) - 1))
            continue;
        if (!find_column(columns, column->name, column))
            return refuse_column(ctx, columns->descriptor, column->name);
        for (int j = 0; j < i; j++) {
            if (is_same(column, &columns->items[j]))
                return fail_field(ctx, "COLUMN_TWICE", column->name, "the column is given twice");
        }
    }
    return true;
}

bool columns_read(struct ctx *ctx, const ProtobufCMessageDescriptor *descriptor,
                  const struct csv_row *headings, struct columns *columns)
{
    *columns = (struct columns){.descriptor = descriptor};
    return read_headings(ctx, headings, columns);
}

bool columns_read_kind(struct ctx *ctx, const ProtobufCMessageDescriptor *larger,
                       const ProtobufCFieldDescriptor *kind, const struct csv_row *headings,
                       struct columns *columns)
{
    *columns = (struct columns){.descriptor = kind->descriptor, .larger = larger, .kind = kind};
    return read_headings(ctx, headings, columns);
}

static bool set_integer(const char *text, bool is_wide, void *slot)
{
    int64_t value;

    if (!cix_message_integer(text, is_wide ? INT64_MIN : INT32_MIN, is_wide ? INT64_MAX : INT32_MAX,
                             &value))
        return false;
    if (is_wide)
        *(int64_t *)slot = value;
    else
        *(int32_t *)slot = (int32_t)value;
    return true;
}

static bool set_bool(const char *text, protobuf_c_boolean *slot)
{
    *slot = !strcmp(text, "true") || !strcmp(text, "1");
    return *slot || !strcmp(text, "false") || !strcmp(text, "0");
}

static bool set_enum(const ProtobufCEnumDescriptor *descriptor, const char *text, int *slot)
{
    const ProtobufCEnumValue *value = cix_message_enum(descriptor, text);

    if (value)
        *slot = value->value;
    return value != NULL;
}

static bool set_bytes(struct arena *arena, const char *text, ProtobufCBinaryData *slot)
{
    size_t size = strlen(text) / 2;
    uint8_t *data = arena_alloc(arena, size + 1);

    if (strlen(text) % 2 || !text_from_hex(text, data, size))
        return false;
    *slot = (ProtobufCBinaryData){.len = size, .data = data};
    return true;
}

/* slot NULL: another field of the same choice was given. */
static bool set_value(struct arena *arena, const ProtobufCFieldDescriptor *field, const char *text,
                      void *slot)
{
    if (!slot)
        return false;
    if (field->type == PROTOBUF_C_TYPE_INT32)
        return set_integer(text, false, slot);
    if (field->type == PROTOBUF_C_TYPE_INT64)
        return set_integer(text, true, slot);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return set_bool(text, slot);
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return set_enum(field->descriptor, text, slot);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return set_bytes(arena, text, slot);
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        *(char **)slot = arena_string(arena, text);
        return true;
    }
    return false;
}

static const char *expected(struct arena *arena, const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return "true or false";
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return cix_message_enum_words(arena, field->descriptor);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return "hexadecimal digits";
    const char *day = cix_message_day_words(field);
    return day ? arena_format(arena, "a %s", day) : "a whole number in range";
}

/* One value; a list gets one for each part between semicolons. */
static bool set_field(struct ctx *ctx, ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field, const char *text)
{
    char *rest;

    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return set_value(ctx->arena, field, text, cix_message_slot(ctx->arena, message, field));
    rest = arena_string(ctx->arena, text);
    for (char *part; (part = strtok_r(rest, ";", &rest));) {
        if (!set_value(ctx->arena, field, part, cix_message_slot(ctx->arena, message, field)))
            return false;
    }
    return true;
}

/* The messages inside that this row has made so far. */
struct inside {
    const ProtobufCFieldDescriptor *outer[ELEMENT_MAX * 2];
    int element[ELEMENT_MAX * 2];
    ProtobufCMessage *message[ELEMENT_MAX * 2];
    int count;
};

/* The message that a column's inner field belongs to; made at its first value. */
static ProtobufCMessage *find_target(struct arena *arena, const struct column *column,
                                     struct inside *inside, ProtobufCMessage *message)
{
    if (!column->inner)
        return message;
    for (int i = 0; i < inside->count; i++) {
        if (inside->outer[i] == column->outer && inside->element[i] == column->element)
            return inside->message[i];
    }
    CHECK(inside->count < ELEMENT_MAX * 2);
    ProtobufCMessage *made = cix_message_new(arena, column->outer->descriptor);
    *(ProtobufCMessage **)cix_message_slot(arena, message, column->outer) = made;
    inside->outer[inside->count] = column->outer;
    inside->element[inside->count] = column->element;
    inside->message[inside->count++] = made;
    return made;
}

bool columns_message(struct ctx *ctx, const struct columns *columns, const struct csv_row *row,
                     ProtobufCMessage **message)
{
    struct inside inside = {.count = 0};
    ProtobufCMessage *larger = NULL;

    if (row->count != columns->count)
        return fail(ctx, ERR_INVALID, "COLUMN_COUNT",
                    "expected %d cells, as in the first row, not %d", columns->count, row->count);
    ProtobufCMessage *made = cix_message_new(ctx->arena, columns->descriptor);
    if (columns->larger) {
        larger = cix_message_new(ctx->arena, columns->larger);
        *(ProtobufCMessage **)cix_message_slot(ctx->arena, larger, columns->kind) = made;
    }
    for (int i = 0; i < row->count; i++) {
        const struct column *column = &columns->items[i];
        const ProtobufCFieldDescriptor *field = column->inner ? column->inner : column->outer;
        if (!field || !row->cells[i].size)
            continue;
        ProtobufCMessage *target =
            find_target(ctx->arena, column, &inside, column->is_beside ? larger : made);
        if (!set_field(ctx, target, field, row->cells[i].text))
            return fail_field(ctx, "WRONG_VALUE", column->name, "expected %s",
                              expected(ctx->arena, field));
    }
    *message = larger ? larger : made;
    return true;
}
