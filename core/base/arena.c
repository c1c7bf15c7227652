#include "base/arena.h"

#include <openssl/crypto.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGNMENT = alignof(max_align_t),
    BLOCK_MIN = 8 * 1024,
    BLOCK_MAX = 256 * 1024,
};

struct arena_block {
    struct arena_block *older;
    size_t room; /* bytes behind the header */
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *arena, size_t budget)
{
    *arena = (struct arena){.budget = budget};
}

static void block_free(const struct arena *arena, struct arena_block *block)
{
    if (arena->is_wiped)
        OPENSSL_cleanse(block->data, block->used);
    free(block);
}

void arena_done(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->older;
        block_free(arena, block);
    }
    arena->used = 0;
}

/* The newest block is kept, so that an arena used call after call asks the system for nothing. */
void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;

    if (!kept || kept->room > BLOCK_MAX) {
        arena_done(arena);
        return;
    }
    arena->blocks = kept->older;
    arena_done(arena);
    if (arena->is_wiped)
        OPENSSL_cleanse(kept->data, kept->used);
    kept->used = 0;
    kept->older = NULL;
    arena->blocks = kept;
}

/* Sizes are multiples of the alignment and never zero, so that two results never share an address.
 */
static size_t rounded(size_t size)
{
    CHECK(size <= SIZE_MAX / 2);
    return size ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
}

static size_t next_room(const struct arena *arena, size_t size)
{
    size_t room = arena->blocks ? arena->blocks->room * 2 : BLOCK_MIN;

    if (room > BLOCK_MAX)
        room = BLOCK_MAX;
    return room < size ? size : room;
}

static struct arena_block *block_new(size_t room)
{
    struct arena_block *block = malloc(sizeof(*block) + room);

    if (block) {
        block->room = room;
        block->used = 0;
        block->older = NULL;
    }
    return block;
}

/* A block made for one large piece goes behind the newest, whose free room is not lost that way. */
static void block_link(struct arena *arena, struct arena_block *block)
{
    if (arena->blocks && block->room > BLOCK_MAX) {
        block->older = arena->blocks->older;
        arena->blocks->older = block;
        return;
    }
    block->older = arena->blocks;
    arena->blocks = block;
}

static void *take(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;

    if (!block || block->room - block->used < size) {
        block = block_new(next_room(arena, size));
        if (!block)
            return NULL;
        block_link(arena, block);
    }
    void *data = block->data + block->used;
    block->used += size;
    arena->used += size;
    return data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t whole = rounded(size);
    void *data = take(arena, whole);

    CHECK(data);
    return memset(data, 0, whole);
}

void *arena_try(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = rounded(size);
    if (arena->budget && (arena->used > arena->budget || size > arena->budget - arena->used))
        return NULL;
    return take(arena, size);
}

void *arena_array(struct arena *arena, size_t count, size_t item_size)
{
    CHECK(item_size == 0 || count <= SIZE_MAX / 2 / item_size);
    return arena_alloc(arena, count * item_size);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);

    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

char *arena_vformat(struct arena *arena, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    CHECK(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    CHECK(vsnprintf(text, (size_t)length + 1, format, args) == length);
    return text;
}
