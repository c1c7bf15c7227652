#include "json.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/text.h"
#include "message.h"

enum { PATH_MAX_BYTES = 256 };

/* Where in the text we are; the parent's is above. */
struct place {
    const struct place *above;
    const char *name;
    long index; /* -1: not an element */
};

static void write_path(const struct place *place, char *path, size_t room)
{
    size_t used;

    if (!place) {
        *path = '\0';
        return;
    }
    write_path(place->above, path, room);
    used = strlen(path);
    if (place->index >= 0)
        snprintf(path + used, room - used, "[%ld]", place->index);
    else
        snprintf(path + used, room - used, "%s%s", used ? "." : "", place->name);
}

static bool refuse(struct ctx *ctx, const struct place *place, const char *reason,
                   const char *expected)
{
    char path[PATH_MAX_BYTES];

    write_path(place, path, sizeof(path));
    return fail_field(ctx, reason, path, "%s", expected);
}

static bool read_message(struct ctx *ctx, const struct place *place, json_t *json,
                         ProtobufCMessage *message);

static bool refuse_number(struct ctx *ctx, const struct place *place,
                          const ProtobufCFieldDescriptor *field, const char *reason,
                          const char *expected)
{
    const char *day = cix_message_day_words(field);

    return refuse(ctx, place, reason,
                  day ? arena_format(ctx->arena, "expected a %s", day) : expected);
}

static bool read_integer(struct ctx *ctx, const struct place *place, json_t *json,
                         const ProtobufCFieldDescriptor *field, int64_t *value)
{
    bool is_wide = field->type == PROTOBUF_C_TYPE_INT64;
    int64_t lowest = is_wide ? INT64_MIN : INT32_MIN;
    int64_t highest = is_wide ? INT64_MAX : INT32_MAX;

    if (json_is_string(json)) {
        if (cix_message_integer(json_string_value(json), lowest, highest, value))
            return true;
        return refuse_number(ctx, place, field, "OUT_OF_RANGE", "expected a whole number in range");
    }
    if (!json_is_integer(json))
        return refuse_number(ctx, place, field, "WRONG_TYPE", "expected a whole number");
    *value = json_integer_value(json);
    if (*value < lowest || *value > highest)
        return refuse_number(ctx, place, field, "OUT_OF_RANGE", "expected a number of 32 bits");
    return true;
}

static bool read_enum(struct ctx *ctx, const struct place *place, json_t *json,
                      const ProtobufCEnumDescriptor *descriptor, int *number)
{
    const ProtobufCEnumValue *value = NULL;
    char expected[PATH_MAX_BYTES];

    if (json_is_string(json)) {
        value = cix_message_enum(descriptor, json_string_value(json));
    } else if (json_is_integer(json)) {
        json_int_t given = json_integer_value(json);
        if (given >= INT32_MIN && given <= INT32_MAX)
            value = protobuf_c_enum_descriptor_get_value(descriptor, (int)given);
    } else {
        return refuse(ctx, place, "WRONG_TYPE", "expected the name of a value");
    }
    if (!value) {
        const char *near = json_is_string(json)
                               ? cix_message_enum_nearest(descriptor, json_string_value(json))
                               : NULL;
        snprintf(expected, sizeof(expected), "expected a value of %s%s%s", descriptor->short_name,
                 near ? ", perhaps " : "", near ? near : "");
        return refuse(ctx, place, "UNKNOWN_VALUE", expected);
    }
    *number = value->value;
    return true;
}

/* Strict base64 with padding. */
static bool read_bytes(struct ctx *ctx, const struct place *place, json_t *json,
                       ProtobufCBinaryData *data)
{
    const char *text = json_string_value(json);
    size_t size = json_string_length(json);
    size_t padding = 0;

    if (!text)
        return refuse(ctx, place, "WRONG_TYPE", "expected base64 text");
    while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
        padding++;
    uint8_t *bytes = arena_alloc(ctx->arena, size / 4 * 3 + 1);
    int decoded = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)size);
    if (size % 4 ||
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
            size - padding ||
        decoded < 0)
        return refuse(ctx, place, "WRONG_TYPE", "expected base64 text");
    *data = (ProtobufCBinaryData){.len = (size_t)decoded - padding, .data = bytes};
    return true;
}

static bool read_string(struct ctx *ctx, const struct place *place, json_t *json, char **value)
{
    if (!json_is_string(json))
        return refuse(ctx, place, "WRONG_TYPE", "expected text");
    *value = arena_copy(ctx->arena, json_string_value(json), json_string_length(json));
    return true;
}

static bool read_bool(struct ctx *ctx, const struct place *place, json_t *json,
                      protobuf_c_boolean *value)
{
    if (!json_is_boolean(json))
        return refuse(ctx, place, "WRONG_TYPE", "expected true or false");
    *value = json_is_true(json);
    return true;
}

static bool read_submessage(struct ctx *ctx, const struct place *place, json_t *json,
                            const ProtobufCFieldDescriptor *field, void *slot)
{
    ProtobufCMessage *message = cix_message_new(ctx->arena, field->descriptor);

    *(ProtobufCMessage **)slot = message;
    return read_message(ctx, place, json, message);
}

static bool read_number(struct ctx *ctx, const struct place *place, json_t *json,
                        const ProtobufCFieldDescriptor *field, void *slot)
{
    int64_t value;

    if (!read_integer(ctx, place, json, field, &value))
        return false;
    if (field->type == PROTOBUF_C_TYPE_INT64)
        *(int64_t *)slot = value;
    else
        *(int32_t *)slot = (int32_t)value;
    return true;
}

static bool read_value(struct ctx *ctx, const struct place *place, json_t *json,
                       const ProtobufCFieldDescriptor *field, void *slot)
{
    if (field->type == PROTOBUF_C_TYPE_INT32 || field->type == PROTOBUF_C_TYPE_INT64)
        return read_number(ctx, place, json, field, slot);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return read_bool(ctx, place, json, slot);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return read_string(ctx, place, json, slot);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return read_bytes(ctx, place, json, slot);
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return read_enum(ctx, place, json, field->descriptor, slot);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return read_submessage(ctx, place, json, field, slot);
    return refuse(ctx, place, "WRONG_TYPE", "this field has no JSON form");
}

static bool read_one(struct ctx *ctx, const struct place *place, json_t *json,
                     const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
    void *slot = cix_message_slot(ctx->arena, message, field);

    if (!slot)
        return refuse(ctx, place, "FIELD_CHOSEN_TWICE", "expected one of several fields, not two");
    return read_value(ctx, place, json, field, slot);
}

static bool read_field(struct ctx *ctx, const struct place *place, json_t *json,
                       const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
    if (json_is_null(json))
        return true;
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return read_one(ctx, place, json, field, message);
    if (!json_is_array(json))
        return refuse(ctx, place, "WRONG_TYPE", "expected an array");
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct place element = {.above = place, .index = (long)i};
        if (!read_one(ctx, &element, json_array_get(json, i), field, message))
            return false;
    }
    return true;
}

static bool refuse_unknown(struct ctx *ctx, const struct place *place,
                           const ProtobufCMessageDescriptor *descriptor)
{
    const char *near = cix_message_field_nearest(descriptor, place->name);
    char camel[CIX_NAME_MAX];
    char expected[PATH_MAX_BYTES];

    if (near)
        cix_message_camel(near, camel);
    snprintf(expected, sizeof(expected), "no such field in %s%s%s", descriptor->short_name,
             near ? ", perhaps " : "", near ? camel : "");
    return refuse(ctx, place, "UNKNOWN_FIELD", expected);
}

/* Both spellings of one field are two keys to jansson. */
static bool is_given_twice(json_t *json, const ProtobufCFieldDescriptor *field)
{
    char camel[CIX_NAME_MAX];

    cix_message_camel(field->name, camel);
    return strcmp(camel, field->name) != 0 && json_object_get(json, camel) &&
           json_object_get(json, field->name);
}

static bool read_message(struct ctx *ctx, const struct place *place, json_t *json,
                         ProtobufCMessage *message)
{
    const char *key;
    json_t *value;

    if (!json_is_object(json))
        return refuse(ctx, place, "WRONG_TYPE", "expected an object");
    json_object_foreach(json, key, value)
    {
        struct place inner = {.above = place, .name = key, .index = -1};
        const ProtobufCFieldDescriptor *field = cix_message_field(message->descriptor, key);
        if (!field)
            return refuse_unknown(ctx, &inner, message->descriptor);
        if (is_given_twice(json, field))
            return refuse(ctx, &inner, "FIELD_CHOSEN_TWICE", "expected each field once");
        if (!read_field(ctx, &inner, value, field, message))
            return false;
    }
    return true;
}

bool cix_json_read(struct ctx *ctx, const struct cix_json_text *text,
                   const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
    json_error_t error;

    if (text->size > CIX_JSON_MAX)
        return fail(ctx, ERR_INVALID, "JSON_TOO_LARGE", "more than %d bytes of JSON", CIX_JSON_MAX);
    json_t *json = json_loadb(text->data, text->size, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        bool is_twice = json_error_code(&error) == json_error_duplicate_key;
        return fail(ctx, ERR_INVALID, "JSON_SYNTAX", "%s at line %lld, column %d",
                    is_twice ? "a key is given twice" : "not well-formed JSON",
                    (long long)(error.line + (text->line ? text->line - 1 : 0)), error.column);
    }
    if (text->ignored && json_is_object(json))
        json_object_del(json, text->ignored);
    ProtobufCMessage *read = cix_message_new(ctx->arena, descriptor);
    bool is_read = read_message(ctx, NULL, json, read);
    json_decref(json);
    if (is_read)
        *message = read;
    return is_read;
}

static json_t *write_message(struct arena *arena, const ProtobufCMessage *message);

static json_t *write_bytes(struct arena *arena, const ProtobufCBinaryData *data)
{
    char *text = arena_alloc(arena, (data->len + 2) / 3 * 4 + 1);

    EVP_EncodeBlock((unsigned char *)text, data->data, (int)data->len);
    return json_string(text);
}

static json_t *write_enum(const ProtobufCEnumDescriptor *descriptor, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);

    return value ? json_string(value->name) : json_integer(number);
}

static json_t *write_wide(int64_t value)
{
    return json_sprintf("%" PRId64, value);
}

static json_t *write_value(struct arena *arena, const ProtobufCFieldDescriptor *field,
                           const void *value)
{
    if (field->type == PROTOBUF_C_TYPE_INT32)
        return json_integer(*(const int32_t *)value);
    if (field->type == PROTOBUF_C_TYPE_INT64)
        return write_wide(*(const int64_t *)value);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return json_boolean(*(const protobuf_c_boolean *)value);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return json_string(*(char *const *)value);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return write_bytes(arena, value);
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return write_enum(field->descriptor, *(const int *)value);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return write_message(arena, *(ProtobufCMessage *const *)value);
    return NULL;
}

static json_t *write_array(struct arena *arena, const ProtobufCMessage *message,
                           const ProtobufCFieldDescriptor *field)
{
    json_t *array = json_array();

    for (size_t i = 0; i < cix_message_count(message, field); i++)
        json_array_append_new(array, write_value(arena, field, cix_message_at(message, field, i)));
    return array;
}

static json_t *write_message(struct arena *arena, const ProtobufCMessage *message)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char camel[CIX_NAME_MAX];
        if (!cix_message_has(message, field))
            continue;
        cix_message_camel(field->name, camel);
        json_object_set_new(object, camel,
                            field->label == PROTOBUF_C_LABEL_REPEATED
                                ? write_array(arena, message, field)
                                : write_value(arena, field, cix_message_at(message, field, 0)));
    }
    return object;
}

char *cix_json_write(struct arena *arena, const ProtobufCMessage *message, int indent)
{
    json_t *json = write_message(arena, message);
    char *text = json_dumps(json, indent ? JSON_INDENT((size_t)indent) : JSON_COMPACT);

    CHECK(text);
    char *kept = arena_string(arena, text);
    free(text);
    json_decref(json);
    return kept;
}
