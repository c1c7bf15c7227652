#include <endian.h>
#include <limits.h>
#include <string.h>

#include "db/db.h"
#include "db/wire.h"

void params_init(struct params *params, struct arena *arena)
{
    params->arena = arena;
    params->count = 0;
}

static void put(struct params *params, unsigned type, const void *value, size_t size)
{
    CHECK(params->count < PARAMS_MAX);
    CHECK(size <= INT_MAX);
    params->type[params->count] = type;
    params->value[params->count] = value;
    params->size[params->count] = (int)size;
    params->count++;
}

static void put_copy(struct params *params, unsigned type, const void *value, size_t size)
{
    put(params, type, arena_copy(params->arena, value, size), size);
}

void params_bool(struct params *params, bool value)
{
    uint8_t wire = value;
    put_copy(params, OID_BOOL, &wire, sizeof(wire));
}

void params_int2(struct params *params, int16_t value)
{
    uint16_t wire = htobe16((uint16_t)value);
    put_copy(params, OID_INT2, &wire, sizeof(wire));
}

void params_int4(struct params *params, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);
    put_copy(params, OID_INT4, &wire, sizeof(wire));
}

void params_int8(struct params *params, int64_t value)
{
    params_int8_or_null(params, true, value);
}

void params_int8_or_null(struct params *params, bool is_present, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    if (is_present)
        put_copy(params, OID_INT8, &wire, sizeof(wire));
    else
        put(params, OID_INT8, NULL, 0);
}

void params_text(struct params *params, const char *value)
{
    if (value)
        put_copy(params, OID_TEXT, value, strlen(value));
    else
        put(params, OID_TEXT, NULL, 0);
}

void params_bytes(struct params *params, const void *data, size_t size)
{
    if (data)
        put_copy(params, OID_BYTEA, data, size);
    else
        put(params, OID_BYTEA, NULL, 0);
}

void params_uuid(struct params *params, const struct uuid *value)
{
    if (value)
        put_copy(params, OID_UUID, value->bytes, sizeof(value->bytes));
    else
        put(params, OID_UUID, NULL, 0);
}

void params_day(struct params *params, struct day value)
{
    params_day_or_null(params, true, value);
}

void params_day_or_null(struct params *params, bool is_present, struct day value)
{
    uint32_t wire = htobe32((uint32_t)(value.number - DAYS_TO_2000));
    if (is_present)
        put_copy(params, OID_DATE, &wire, sizeof(wire));
    else
        put(params, OID_DATE, NULL, 0);
}

void params_instant(struct params *params, int64_t us)
{
    uint64_t wire = htobe64((uint64_t)(us - US_TO_2000));
    put_copy(params, OID_TIMESTAMPTZ, &wire, sizeof(wire));
}

/* An array under construction: header, then a length and the bytes for each item. */
struct array {
    uint8_t *data;
    uint8_t *next;
    bool has_null;
};

static void array_word(struct array *array, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);
    memcpy(array->next, &wire, sizeof(wire));
    array->next += sizeof(wire);
}

static void array_item(struct array *array, const void *data, size_t size)
{
    array_word(array, (int32_t)size);
    memcpy(array->next, data, size);
    array->next += size;
}

static void array_null(struct array *array)
{
    array->has_null = true;
    array_word(array, -1);
}

/* PostgreSQL writes an empty array without any dimension. payload: bytes of all items together. */
static struct array array_start(struct params *params, unsigned item, int count, size_t payload)
{
    CHECK(count >= 0);
    size_t size = ARRAY_HEADER_SIZE + (size_t)count * sizeof(int32_t) + payload;
    struct array array = {.data = arena_alloc(params->arena, size)};
    array.next = array.data;
    array_word(&array, count > 0);
    array_word(&array, 0);
    array_word(&array, (int32_t)item);
    if (count > 0) {
        array_word(&array, count);
        array_word(&array, 1);
    }
    return array;
}

static void array_finish(struct params *params, struct array *array, unsigned type)
{
    array->data[7] = array->has_null;
    put(params, type, array->data, (size_t)(array->next - array->data));
}

/* Items of one width; at(items, i) writes item i in network order. */
struct fixed {
    unsigned type;
    unsigned item;
    size_t width;
    void (*write)(const void *items, int i, uint8_t *wire);
};

static void put_fixed(struct params *params, const struct fixed *fixed, const void *items,
                      const bool *is_present, int count)
{
    struct array array =
        array_start(params, fixed->item, count, (size_t)(count > 0 ? count : 0) * fixed->width);
    for (int i = 0; i < count; i++) {
        if (is_present && !is_present[i]) {
            array_null(&array);
            continue;
        }
        array_word(&array, (int32_t)fixed->width);
        fixed->write(items, i, array.next);
        array.next += fixed->width;
    }
    array_finish(params, &array, fixed->type);
}

static void write_bool(const void *items, int i, uint8_t *wire)
{
    *wire = ((const bool *)items)[i];
}

static void write_int2(const void *items, int i, uint8_t *wire)
{
    uint16_t value = htobe16((uint16_t)((const int16_t *)items)[i]);
    memcpy(wire, &value, sizeof(value));
}

static void write_int4(const void *items, int i, uint8_t *wire)
{
    uint32_t value = htobe32((uint32_t)((const int32_t *)items)[i]);
    memcpy(wire, &value, sizeof(value));
}

static void write_int8(const void *items, int i, uint8_t *wire)
{
    uint64_t value = htobe64((uint64_t)((const int64_t *)items)[i]);
    memcpy(wire, &value, sizeof(value));
}

static void write_uuid(const void *items, int i, uint8_t *wire)
{
    memcpy(wire, ((const struct uuid *)items)[i].bytes, sizeof(struct uuid));
}

static void write_day(const void *items, int i, uint8_t *wire)
{
    int32_t days = ((const struct day *)items)[i].number - DAYS_TO_2000;
    write_int4(&days, 0, wire);
}

static void write_instant(const void *items, int i, uint8_t *wire)
{
    int64_t us = ((const int64_t *)items)[i] - US_TO_2000;
    write_int8(&us, 0, wire);
}

void params_bools(struct params *params, const bool *items, int count)
{
    static const struct fixed fixed = {OID_BOOL_ARRAY, OID_BOOL, 1, write_bool};
    put_fixed(params, &fixed, items, NULL, count);
}

void params_int2s(struct params *params, const int16_t *items, const bool *is_present, int count)
{
    static const struct fixed fixed = {OID_INT2_ARRAY, OID_INT2, 2, write_int2};
    put_fixed(params, &fixed, items, is_present, count);
}

void params_int4s(struct params *params, const int32_t *items, const bool *is_present, int count)
{
    static const struct fixed fixed = {OID_INT4_ARRAY, OID_INT4, 4, write_int4};
    put_fixed(params, &fixed, items, is_present, count);
}

void params_int8s(struct params *params, const int64_t *items, const bool *is_present, int count)
{
    static const struct fixed fixed = {OID_INT8_ARRAY, OID_INT8, 8, write_int8};
    put_fixed(params, &fixed, items, is_present, count);
}

void params_uuids(struct params *params, const struct uuid *items, const bool *is_present,
                  int count)
{
    static const struct fixed fixed = {OID_UUID_ARRAY, OID_UUID, 16, write_uuid};
    put_fixed(params, &fixed, items, is_present, count);
}

void params_days(struct params *params, const struct day *items, const bool *is_present, int count)
{
    static const struct fixed fixed = {OID_DATE_ARRAY, OID_DATE, 4, write_day};
    put_fixed(params, &fixed, items, is_present, count);
}

void params_instants(struct params *params, const int64_t *us, const bool *is_present, int count)
{
    static const struct fixed fixed = {OID_TIMESTAMPTZ_ARRAY, OID_TIMESTAMPTZ, 8, write_instant};
    put_fixed(params, &fixed, us, is_present, count);
}

void params_texts(struct params *params, const char *const *items, int count)
{
    size_t payload = 0;
    for (int i = 0; i < count; i++)
        payload += items[i] ? strlen(items[i]) : 0;
    struct array array = array_start(params, OID_TEXT, count, payload);
    for (int i = 0; i < count; i++) {
        if (items[i])
            array_item(&array, items[i], strlen(items[i]));
        else
            array_null(&array);
    }
    array_finish(params, &array, OID_TEXT_ARRAY);
}

void params_bytess(struct params *params, const struct bytes *items, int count)
{
    size_t payload = 0;
    for (int i = 0; i < count; i++)
        payload += items[i].data ? items[i].size : 0;
    struct array array = array_start(params, OID_BYTEA, count, payload);
    for (int i = 0; i < count; i++) {
        if (items[i].data)
            array_item(&array, items[i].data, items[i].size);
        else
            array_null(&array);
    }
    array_finish(params, &array, OID_BYTEA_ARRAY);
}
