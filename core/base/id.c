#include "base/id.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

enum {
    COUNTER_BITS = 12,
    COUNTER_ROOM = 1 << COUNTER_BITS,
    NODE_BITS = 10,
};

#define EPOCH_2020_MS INT64_C(1577836800000)
#define TIME_MAX      ((INT64_C(1) << 41) - 1)

static _Atomic int node_number;

/* Milliseconds since 2020 and counter of the next free id, without the node: ms << 12 | counter. */
static _Atomic int64_t next_free;

void id_node_set(int node)
{
    CHECK(node >= 0 && node <= ID_NODE_MAX);
    atomic_store(&node_number, node);
}

/* Where count ids may start: now or later, and all of them in one millisecond. */
static int64_t place_for(int64_t free_from, int64_t now_ms, int count)
{
    int64_t place = now_ms << COUNTER_BITS;

    if (place < free_from)
        place = free_from;
    if ((place & (COUNTER_ROOM - 1)) + count > COUNTER_ROOM)
        place = ((place >> COUNTER_BITS) + 1) << COUNTER_BITS;
    return place;
}

int64_t id_new_many(int count)
{
    CHECK(count >= 1 && count <= COUNTER_ROOM);
    int64_t now_ms = clock_now_us() / 1000 - EPOCH_2020_MS;
    int64_t free_from = atomic_load(&next_free);
    int64_t place;

    do {
        place = place_for(free_from, now_ms > 0 ? now_ms : 1, count);
    } while (!atomic_compare_exchange_weak(&next_free, &free_from, place + count));

    int64_t ms = place >> COUNTER_BITS;
    CHECK(ms <= TIME_MAX);
    return ms << (NODE_BITS + COUNTER_BITS) | (int64_t)atomic_load(&node_number) << COUNTER_BITS |
           (place & (COUNTER_ROOM - 1));
}

int64_t id_new(void)
{
    return id_new_many(1);
}

int64_t id_time_us(int64_t id)
{
    return ((id >> (NODE_BITS + COUNTER_BITS)) + EPOCH_2020_MS) * 1000;
}

struct uuid uuid_new(void)
{
    uint64_t ms = (uint64_t)(clock_now_us() / 1000);
    struct uuid uuid;

    digest_random(uuid.bytes, sizeof(uuid.bytes));
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    uuid.bytes[6] = (uint8_t)(0x70 | (uuid.bytes[6] & 0x0f));
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3f));
    return uuid;
}

static const char shape[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(const char *text, struct uuid *uuid)
{
    struct uuid result = {{0}};
    size_t nibble = 0;

    if (strlen(text) != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        int value = hex_value(text[i]);

        if (shape[i] == '-' ? text[i] != '-' : value < 0)
            return false;
        if (shape[i] == '-')
            continue;
        result.bytes[nibble / 2] = (uint8_t)(result.bytes[nibble / 2] << 4 | value);
        nibble++;
    }
    *uuid = result;
    return true;
}

void uuid_format(const struct uuid *uuid, char text[37])
{
    size_t nibble = 0;

    for (size_t i = 0; i < sizeof(shape); i++) {
        if (shape[i] != 'h') {
            text[i] = shape[i];
            continue;
        }
        int value = uuid->bytes[nibble / 2] >> (nibble % 2 ? 0 : 4) & 0x0f;
        text[i] = "0123456789abcdef"[value];
        nibble++;
    }
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
