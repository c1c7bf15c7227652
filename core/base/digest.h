/*
 * SHA-256, HMAC-SHA-256 and random bytes by OpenSSL. The keys themselves belong to vault/.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { DIGEST_SIZE = 32 };

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

/* SHA-256 of one run of bytes. */
struct digest digest_of(const void *data, size_t size);

/* SHA-256 of several runs, one after the other. */
struct digest digest_of_parts(const struct bytes *parts, size_t count);

/* Cryptographically strong random bytes; aborts when the system has none. */
void digest_random(void *data, size_t size);
