/*
 * Two names of any bytes, parted by the first line feed: the distance is symmetric, in its range,
 * and nothing from a name to itself.
 */
#include "domain/name_distance.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;

    arena_init(&arena, 0);
    char *a = arena_copy(&arena, data, size);
    char *b = a + strcspn(a, "\n");
    if (*b)
        *b++ = '\0';
    int distance = name_distance(&arena, a, b);
    CHECK(distance >= 0 && distance <= NAME_DISTANCE_FULL);
    CHECK(name_distance(&arena, b, a) == distance);
    CHECK(name_distance(&arena, a, a) == 0 && name_distance(&arena, b, b) == 0);
    CHECK(!name_is_conflict(&arena, a, b) || distance > NAME_DISTANCE_CONFLICT);
    CHECK(name_is_conflict(&arena, a, b) == name_is_conflict(&arena, b, a));
    arena_done(&arena);
    return 0;
}
