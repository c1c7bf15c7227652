#include "guard/ban.h"

#include <stddef.h>
#include <string.h>

static int find(const struct ban_table *table, const uint8_t fingerprint[BAN_KEY_SIZE])
{
    for (int i = 0; i < table->count; i++)
        if (memcmp(table->bans[i].fingerprint, fingerprint, BAN_KEY_SIZE) == 0)
            return i;
    return -1;
}

/* A free place, or the place of the ban that ends first. */
static struct ban *place(struct ban_table *table)
{
    struct ban *first = &table->bans[0];

    if (table->count < BAN_TABLE_MAX)
        return &table->bans[table->count++];
    for (int i = 1; i < table->count; i++)
        if (table->bans[i].until_us < first->until_us)
            first = &table->bans[i];
    return first;
}

static int64_t next_length(const struct ban *ban, int64_t now_us)
{
    if (now_us < ban->until_us)
        return ban->length_us;
    if (now_us - ban->until_us >= BAN_FORGIVE_US)
        return BAN_FIRST_US;
    return ban->length_us * 2 > BAN_LONGEST_US ? BAN_LONGEST_US : ban->length_us * 2;
}

int64_t ban_add(struct ban_table *table, const uint8_t fingerprint[BAN_KEY_SIZE], int64_t now_us)
{
    int index = find(table, fingerprint);
    struct ban *ban = index >= 0 ? &table->bans[index] : place(table);

    ban->length_us = index >= 0 ? next_length(ban, now_us) : BAN_FIRST_US;
    ban->until_us = now_us + ban->length_us;
    memcpy(ban->fingerprint, fingerprint, BAN_KEY_SIZE);
    return ban->length_us;
}

int64_t ban_left_us(const struct ban_table *table, const uint8_t fingerprint[BAN_KEY_SIZE],
                    int64_t now_us)
{
    int index = find(table, fingerprint);

    if (index < 0 || table->bans[index].until_us <= now_us)
        return 0;
    return table->bans[index].until_us - now_us;
}

int ban_count(const struct ban_table *table, int64_t now_us)
{
    int count = 0;

    for (int i = 0; i < table->count; i++)
        count += table->bans[i].until_us > now_us;
    return count;
}
