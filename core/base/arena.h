/*
 * Memory that lives as long as one call or one batch and is released in one step.
 *
 * Everything a handler, a store or a domain function returns by pointer lives in an arena; nobody
 * frees it piece by piece. An arena has a budget in bytes, so that hostile input cannot grow it
 * without end: arena_try answers NULL beyond it, arena_alloc is for our own bounded needs and
 * aborts when the machine is out of memory.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes handed out since init or reset */
    size_t budget;              /* bytes arena_try may hand out; 0 means no bound */
    bool is_wiped;              /* contents are cleansed before release: the arena holds secrets */
};

/* A run of bytes owned by somebody else, mostly an arena. data may be NULL when size is 0. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

/* Makes an empty arena. budget: bytes that arena_try may hand out, 0 for no bound. */
void arena_init(struct arena *arena, size_t budget);

/* Releases everything; the arena may be used again with the same budget. */
void arena_reset(struct arena *arena);

/* Releases everything for good. Accepts a zeroed arena. */
void arena_done(struct arena *arena);

/* Hands out size bytes, zeroed, aligned for any type. Never NULL; ignores the budget. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same within the budget; NULL beyond it. For sizes that a peer decides. Not zeroed. */
void *arena_try(struct arena *arena, size_t size);

/* An array of count zeroed items; aborts on overflow of the product. */
void *arena_array(struct arena *arena, size_t count, size_t item_size);

/* Copies size bytes; the copy has a NUL behind it that is not counted. */
void *arena_copy(struct arena *arena, const void *data, size_t size);

/* Copies a string. NULL gives NULL. */
char *arena_string(struct arena *arena, const char *text);

/* Formats into the arena. */
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vformat(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);
