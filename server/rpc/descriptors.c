#include "rpc/descriptors.h"

#include <string.h>

#include "rpc/wire.h"

extern const unsigned char descriptors_data[];
extern const size_t descriptors_size;

/* Field numbers of google.protobuf.FileDescriptorSet, FileDescriptorProto and what is in them. */
enum {
    SET_FILE = 1,
    FILE_NAME = 1,
    FILE_PACKAGE = 2,
    FILE_DEPENDENCY = 3,
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_SERVICE = 6,
    ANY_NAME = 1,
    MESSAGE_FIELD = 2,
    MESSAGE_NESTED = 3,
    MESSAGE_ENUM = 4,
    ENUM_VALUE = 2,
    SERVICE_METHOD = 2,
};

/* Calls for each field of that number; stops at the first that answers true. */
static bool any_field(struct bytes message, uint32_t number,
                      bool (*is_it)(struct bytes content, const void *wanted), const void *wanted)
{
    struct wire wire = wire_over(message);
    struct wire_field field;

    while (wire_next(&wire, &field) == 1)
        if (field.number == number && field.type == WIRE_BYTES && is_it(field.bytes, wanted))
            return true;
    return false;
}

/* The first field of that number; empty when there is none. */
static struct bytes field_of(struct bytes message, uint32_t number)
{
    struct wire wire = wire_over(message);
    struct wire_field field;

    while (wire_next(&wire, &field) == 1)
        if (field.number == number && field.type == WIRE_BYTES)
            return field.bytes;
    return (struct bytes){.data = NULL, .size = 0};
}

static bool is_text(struct bytes content, const char *text)
{
    return content.size == strlen(text) && memcmp(content.data, text, content.size) == 0;
}

static struct bytes whole_set(void)
{
    return (struct bytes){.data = descriptors_data, .size = descriptors_size};
}

int descriptors_count(void)
{
    struct wire wire = wire_over(whole_set());
    struct wire_field field;
    int count = 0;

    while (wire_next(&wire, &field) == 1)
        count += field.number == SET_FILE;
    CHECK(count <= DESCRIPTOR_FILE_MAX);
    return count;
}

struct bytes descriptors_file(int index)
{
    struct wire wire = wire_over(whole_set());
    struct wire_field field;

    while (wire_next(&wire, &field) == 1)
        if (field.number == SET_FILE && index-- == 0)
            return field.bytes;
    return (struct bytes){.data = NULL, .size = 0};
}

int descriptors_by_name(const char *name)
{
    int count = descriptors_count();

    for (int i = 0; i < count; i++)
        if (is_text(field_of(descriptors_file(i), FILE_NAME), name))
            return i;
    return -1;
}

/*
 * What is left of a full name behind the name of this thing: NULL when the thing is another, ""
 * when it is the thing itself.
 */
static const char *rest_behind(struct bytes name, const char *symbol)
{
    if (strncmp(symbol, (const char *)name.data, name.size) != 0)
        return NULL;
    symbol += name.size;
    if (*symbol == '\0')
        return symbol;
    return *symbol == '.' && symbol[1] ? symbol + 1 : NULL;
}

static bool is_named(struct bytes thing, const void *symbol)
{
    return is_text(field_of(thing, ANY_NAME), symbol);
}

static bool declares_in_enum(struct bytes thing, const void *symbol)
{
    const char *rest = rest_behind(field_of(thing, ANY_NAME), symbol);

    return rest && (*rest == '\0' || any_field(thing, ENUM_VALUE, is_named, rest));
}

static bool declares_in_service(struct bytes thing, const void *symbol)
{
    const char *rest = rest_behind(field_of(thing, ANY_NAME), symbol);

    return rest && (*rest == '\0' || any_field(thing, SERVICE_METHOD, is_named, rest));
}

/* Goes one step down for each part of the name, so the name bounds it. */
static bool declares_in_message(struct bytes thing, const void *symbol)
{
    const char *rest = rest_behind(field_of(thing, ANY_NAME), symbol);

    if (!rest || *rest == '\0')
        return rest != NULL;
    return any_field(thing, MESSAGE_FIELD, is_named, rest) ||
           any_field(thing, MESSAGE_NESTED, declares_in_message, rest) ||
           any_field(thing, MESSAGE_ENUM, declares_in_enum, rest);
}

static bool file_declares(struct bytes file, const char *symbol)
{
    const char *rest = rest_behind(field_of(file, FILE_PACKAGE), symbol);

    return rest && *rest &&
           (any_field(file, FILE_MESSAGE, declares_in_message, rest) ||
            any_field(file, FILE_ENUM, declares_in_enum, rest) ||
            any_field(file, FILE_SERVICE, declares_in_service, rest));
}

int descriptors_by_symbol(const char *symbol)
{
    int count = descriptors_count();

    for (int i = 0; i < count; i++)
        if (file_declares(descriptors_file(i), symbol))
            return i;
    return -1;
}

/* The files that one file imports. */
static uint64_t imports_of(struct bytes file)
{
    struct wire wire = wire_over(file);
    struct wire_field field;
    uint64_t files = 0;
    int count = descriptors_count();

    while (wire_next(&wire, &field) == 1) {
        if (field.number != FILE_DEPENDENCY || field.type != WIRE_BYTES)
            continue;
        for (int i = 0; i < count; i++) {
            struct bytes name = field_of(descriptors_file(i), FILE_NAME);

            if (name.size == field.bytes.size &&
                memcmp(name.data, field.bytes.data, name.size) == 0)
                files |= UINT64_C(1) << i;
        }
    }
    return files;
}

/* protoc writes a file behind all that it imports, so one pass from the back finds everything. */
uint64_t descriptors_closure(int index)
{
    uint64_t files = UINT64_C(1) << index;

    for (int i = index; i >= 0; i--)
        if (files >> i & 1)
            files |= imports_of(descriptors_file(i));
    return files;
}
