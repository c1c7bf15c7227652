/*
 * A set of 64-bit keys, each with a few bytes beside it, in bounded memory: millions of keys of a
 * file are remembered, and when the budget is used up the set says so instead of growing.
 *
 * Keys are made of digests, so that two different ones are the same by chance only (10^7 keys: less
 * than 10^-5). Entries lie in 256 parts by the upper byte; growing doubles one part, not all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { KEYSET_PARTS = 256 };

enum keyset_result {
    KEYSET_NEW,
    KEYSET_KNOWN,
    KEYSET_FULL, /* the key is new and was not kept */
};

struct keyset_part {
    unsigned char *entries;
    uint32_t room, count; /* room: a power of two, or 0 */
};

struct keyset {
    struct keyset_part parts[KEYSET_PARTS];
    size_t entry_size;
    int64_t *budget; /* bytes left; may be shared by several sets */
};

/* payload: bytes beside each key, a multiple of 8 or 0. budget must outlive the set. */
void keyset_init(struct keyset *set, size_t payload, int64_t *budget);
void keyset_done(struct keyset *set);

/* Adds a key; payload (may be NULL) is copied beside a new one. */
enum keyset_result keyset_add(struct keyset *set, uint64_t key, const void *payload);

/* What lies beside a key, or NULL when it is not in the set. Valid until the next keyset_add. */
void *keyset_find(const struct keyset *set, uint64_t key);
