#include "cli/keyset.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 16 };

void keyset_init(struct keyset *set, size_t payload, int64_t *budget)
{
    CHECK(payload % sizeof(uint64_t) == 0);
    *set = (struct keyset){.entry_size = sizeof(uint64_t) + payload, .budget = budget};
}

void keyset_done(struct keyset *set)
{
    for (int i = 0; i < KEYSET_PARTS; i++)
        free(set->parts[i].entries);
    *set = (struct keyset){.entry_size = 0};
}

/* Zero marks a free entry. */
static uint64_t stored(uint64_t key)
{
    return key ? key : 1;
}

static struct keyset_part *part_of(const struct keyset *set, uint64_t key)
{
    return (struct keyset_part *)&set->parts[key >> 56];
}

/* The entry of the key, or the free one where it belongs. */
static unsigned char *place_of(const struct keyset *set, const struct keyset_part *part,
                               uint64_t key)
{
    uint64_t at = key & (part->room - 1), found;

    for (;; at = (at + 1) & (part->room - 1)) {
        unsigned char *entry = part->entries + at * set->entry_size;
        memcpy(&found, entry, sizeof(found));
        if (!found || found == key)
            return entry;
    }
}

/* Doubles a part. False: the budget does not allow it. */
static bool grow(struct keyset *set, struct keyset_part *part)
{
    struct keyset_part grown = {.room = part->room ? part->room * 2 : ROOM_FIRST,
                                .count = part->count};
    int64_t more = (int64_t)((grown.room - part->room) * set->entry_size);

    if (more > *set->budget)
        return false;
    grown.entries = calloc(grown.room, set->entry_size);
    CHECK(grown.entries);
    for (uint32_t i = 0; i < part->room; i++) {
        const unsigned char *entry = part->entries + i * set->entry_size;
        uint64_t key;
        memcpy(&key, entry, sizeof(key));
        if (key)
            memcpy(place_of(set, &grown, key), entry, set->entry_size);
    }
    free(part->entries);
    *part = grown;
    *set->budget -= more;
    return true;
}

enum keyset_result keyset_add(struct keyset *set, uint64_t key, const void *payload)
{
    struct keyset_part *part = part_of(set, stored(key));
    uint64_t found = stored(key);

    if (part->room && keyset_find(set, key))
        return KEYSET_KNOWN;
    if ((part->count + 1) * 4 > part->room * 3 && !grow(set, part))
        return KEYSET_FULL;
    unsigned char *entry = place_of(set, part, found);
    memcpy(entry, &found, sizeof(found));
    if (payload)
        memcpy(entry + sizeof(found), payload, set->entry_size - sizeof(found));
    part->count++;
    return KEYSET_NEW;
}

void *keyset_find(const struct keyset *set, uint64_t key)
{
    const struct keyset_part *part = part_of(set, stored(key));
    unsigned char *entry = part->room ? place_of(set, part, stored(key)) : NULL;
    uint64_t found = 0;

    if (entry)
        memcpy(&found, entry, sizeof(found));
    return found ? entry + sizeof(found) : NULL;
}
