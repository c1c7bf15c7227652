#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

#include "db/connection.h"
#include "db/wire.h"

void rows_take(struct rows *rows, PGresult *result)
{
    rows->result = result;
    rows->count = PQntuples(result);
    rows->current = -1;
}

bool rows_next(struct rows *rows)
{
    if (rows->current + 1 >= rows->count)
        return false;
    rows->current++;
    return true;
}

int rows_column(const struct rows *rows, const char *name)
{
    int column = PQfnumber(rows->result, name);
    CHECK(column >= 0);
    return column;
}

bool rows_is_null(const struct rows *rows, int column)
{
    return PQgetisnull(rows->result, rows->current, column);
}

/* Copies a value of exactly size bytes; a NULL leaves the zeros. Another width is another type. */
static void read_fixed(const struct rows *rows, int column, void *value, size_t size)
{
    memset(value, 0, size);
    if (rows_is_null(rows, column))
        return;
    CHECK((size_t)PQgetlength(rows->result, rows->current, column) == size);
    memcpy(value, PQgetvalue(rows->result, rows->current, column), size);
}

bool rows_bool(const struct rows *rows, int column)
{
    uint8_t wire;
    read_fixed(rows, column, &wire, sizeof(wire));
    return wire != 0;
}

int16_t rows_int2(const struct rows *rows, int column)
{
    uint16_t wire;
    read_fixed(rows, column, &wire, sizeof(wire));
    return (int16_t)be16toh(wire);
}

int32_t rows_int4(const struct rows *rows, int column)
{
    uint32_t wire;
    read_fixed(rows, column, &wire, sizeof(wire));
    return (int32_t)be32toh(wire);
}

int64_t rows_int8(const struct rows *rows, int column)
{
    uint64_t wire;
    read_fixed(rows, column, &wire, sizeof(wire));
    return (int64_t)be64toh(wire);
}

struct day rows_day(const struct rows *rows, int column)
{
    if (rows_is_null(rows, column))
        return (struct day){0};
    return (struct day){rows_int4(rows, column) + DAYS_TO_2000};
}

int64_t rows_instant_us(const struct rows *rows, int column)
{
    return rows_is_null(rows, column) ? 0 : rows_int8(rows, column) + US_TO_2000;
}

struct uuid rows_uuid(const struct rows *rows, int column)
{
    struct uuid uuid;
    read_fixed(rows, column, uuid.bytes, sizeof(uuid.bytes));
    return uuid;
}

const char *rows_text(const struct rows *rows, int column)
{
    if (rows_is_null(rows, column))
        return NULL;
    return PQgetvalue(rows->result, rows->current, column);
}

struct bytes rows_bytes(const struct rows *rows, int column)
{
    if (rows_is_null(rows, column))
        return (struct bytes){0};
    return (struct bytes){
        .data = (const uint8_t *)PQgetvalue(rows->result, rows->current, column),
        .size = (size_t)PQgetlength(rows->result, rows->current, column),
    };
}

static uint32_t word_at(const uint8_t *data)
{
    uint32_t wire;
    memcpy(&wire, data, sizeof(wire));
    return be32toh(wire);
}

/* Length of a one-dimensional array of the given item width; data: its first item's length. */
static int array_open(struct bytes array, size_t width, const uint8_t **data)
{
    if (array.size == 0 || word_at(array.data) == 0)
        return 0;
    CHECK(array.size >= ARRAY_HEADER_SIZE && word_at(array.data) == 1);
    CHECK(word_at(array.data + 4) == 0);
    uint32_t count = word_at(array.data + ARRAY_EMPTY_SIZE);
    CHECK(array.size == ARRAY_HEADER_SIZE + count * (sizeof(int32_t) + width));
    *data = array.data + ARRAY_HEADER_SIZE;
    return (int)count;
}

const int64_t *rows_int8s(const struct rows *rows, int column, struct arena *arena, int *count)
{
    const uint8_t *data = NULL;
    *count = array_open(rows_bytes(rows, column), sizeof(int64_t), &data);
    int64_t *items = arena_array(arena, (size_t)*count, sizeof(*items));
    for (int i = 0; i < *count; i++, data += sizeof(int32_t) + sizeof(int64_t)) {
        uint64_t high = word_at(data + 4);
        items[i] = (int64_t)(high << 32 | word_at(data + 8));
    }
    return items;
}

void rows_optional_int8s(const struct rows *rows, int column, struct optional_int8 *items, int max)
{
    struct bytes array = rows_bytes(rows, column);
    uint32_t count = 0;
    size_t at = ARRAY_HEADER_SIZE;

    memset(items, 0, (size_t)max * sizeof(*items));
    if (array.size != 0 && word_at(array.data) != 0) {
        CHECK(array.size >= ARRAY_HEADER_SIZE && word_at(array.data) == 1);
        count = word_at(array.data + ARRAY_EMPTY_SIZE);
    }
    for (uint32_t i = 0; i < count && i < (uint32_t)max; i++) {
        CHECK(at + sizeof(int32_t) <= array.size);
        bool is_null = word_at(array.data + at) == UINT32_MAX;
        at += sizeof(int32_t);
        if (is_null)
            continue;
        CHECK(at + sizeof(int64_t) <= array.size);
        uint64_t high = word_at(array.data + at);
        items[i] =
            (struct optional_int8){true, (int64_t)(high << 32 | word_at(array.data + at + 4))};
        at += sizeof(int64_t);
    }
}

const int64_t *rows_instants_us(const struct rows *rows, int column, struct arena *arena,
                                int *count)
{
    int64_t *items = (int64_t *)rows_int8s(rows, column, arena, count);
    for (int i = 0; i < *count; i++)
        items[i] += US_TO_2000;
    return items;
}

const int32_t *rows_int4s(const struct rows *rows, int column, struct arena *arena, int *count)
{
    const uint8_t *data = NULL;
    *count = array_open(rows_bytes(rows, column), sizeof(int32_t), &data);
    int32_t *items = arena_array(arena, (size_t)*count, sizeof(*items));
    for (int i = 0; i < *count; i++, data += sizeof(int32_t) + sizeof(int32_t))
        items[i] = (int32_t)word_at(data + 4);
    return items;
}

const int16_t *rows_int2s(const struct rows *rows, int column, struct arena *arena, int *count)
{
    const uint8_t *data = NULL;
    *count = array_open(rows_bytes(rows, column), sizeof(int16_t), &data);
    int16_t *items = arena_array(arena, (size_t)*count, sizeof(*items));
    for (int i = 0; i < *count; i++, data += sizeof(int32_t) + sizeof(int16_t))
        items[i] = (int16_t)(uint16_t)(data[4] << 8 | data[5]);
    return items;
}

void rows_done(struct rows *rows)
{
    PQclear(rows->result);
    *rows = (struct rows){.current = -1};
}
