#include "support/needle.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/digest.h"
#include "base/text.h"

enum { LEAST = 6, DESCRIPTORS = 16 };

static unsigned head_of(const uint8_t *data)
{
    return (unsigned)data[0] << 8 | data[1];
}

void needles_init(struct needles *needles, struct arena *arena)
{
    needles->arena = arena;
    needles->count = 0;
    memset(needles->first, 0xff, sizeof(needles->first));
}

static void add(struct needles *needles, const char *value, const char *form, struct bytes bytes)
{
    int i = needles->count++;
    unsigned head = head_of(bytes.data);

    CHECK(i < NEEDLES_MAX && bytes.size >= 4);
    needles->items[i] = (struct needle){value, form, bytes};
    needles->next[i] = needles->first[head];
    needles->first[head] = i;
}

static void add_text(struct needles *needles, const char *value, const char *form, const char *text)
{
    add(needles, value, form, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static const char *upper(struct arena *arena, const char *text)
{
    char *copy = arena_string(arena, text);

    for (char *next = copy; *next; next++)
        if (*next >= 'a' && *next <= 'f')
            *next = (char)(*next - 'a' + 'A');
    return copy;
}

/*
 * Base64 of the value as it looks behind `before` other bytes: only the digits that depend on the
 * value alone.
 */
static const char *base64_behind(struct arena *arena, const char *value, int before)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = strlen(value);
    size_t bits = size * 8;
    size_t skip = before == 0 ? 0 : before == 1 ? 4 : 2; /* bits of a digit shared with those */
    char *text = arena_alloc(arena, bits / 6 + 1);
    size_t count = 0;

    for (size_t bit = skip; bit + 6 <= bits; bit += 6) {
        unsigned pair = (unsigned)(uint8_t)value[bit / 8] << 8;
        if (bit / 8 + 1 < size)
            pair |= (uint8_t)value[bit / 8 + 1];
        text[count++] = digits[pair >> (10 - bit % 8) & 63];
    }
    return text;
}

void needles_add(struct needles *needles, const char *value)
{
    static const char *const forms[] = {"base64", "base64 behind 1", "base64 behind 2"};
    size_t size = strlen(value);
    char *hex = arena_alloc(needles->arena, 2 * size + 1);
    const char *kept = arena_string(needles->arena, value);

    CHECK(size >= LEAST);
    text_to_hex((const uint8_t *)value, size, hex);
    add_text(needles, kept, "plain", kept);
    add_text(needles, kept, "hex", hex);
    add_text(needles, kept, "HEX", upper(needles->arena, hex));
    for (int i = 0; i < 3; i++)
        add_text(needles, kept, forms[i], base64_behind(needles->arena, kept, i));
}

void needles_add_digest(struct needles *needles, const char *what, struct bytes value)
{
    struct digest digest = digest_of(value.data, value.size);
    char *hex = arena_alloc(needles->arena, 2 * DIGEST_SIZE + 1);

    text_to_hex(digest.bytes, DIGEST_SIZE, hex);
    add_text(needles, what, "hex of the digest", hex);
    add(needles, what, "digest",
        (struct bytes){arena_copy(needles->arena, digest.bytes, DIGEST_SIZE), DIGEST_SIZE});
}

static const struct needle *match(const struct needles *needles, const uint8_t *data, size_t size)
{
    for (int i = needles->first[head_of(data)]; i >= 0; i = needles->next[i]) {
        const struct needle *needle = &needles->items[i];
        if (needle->bytes.size <= size && !memcmp(needle->bytes.data, data, needle->bytes.size))
            return needle;
    }
    return NULL;
}

const struct needle *needles_find(const struct needles *needles, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (size_t at = 0; at + 2 <= size; at++) {
        const struct needle *found = match(needles, bytes + at, size - at);
        if (found)
            return found;
    }
    return NULL;
}

const struct needle *needles_find_file(const struct needles *needles, const char *path)
{
    const struct needle *found = NULL;
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return NULL; /* gone meanwhile */
    CHECK(fstat(file, &status) == 0);
    if (status.st_size > 0) {
        void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        CHECK(data != MAP_FAILED);
        found = needles_find(needles, data, (size_t)status.st_size);
        munmap(data, (size_t)status.st_size);
    }
    close(file);
    return found;
}

/* nftw has no argument for its caller. */
static struct {
    const struct needles *needles;
    void (*found)(const char *path, const struct needle *needle);
    int files;
    int hits;
} walk;

static int visit(const char *path, const struct stat *status, int kind, struct FTW *position)
{
    const struct needle *needle;

    (void)position;
    if (kind != FTW_F || !S_ISREG(status->st_mode))
        return 0;
    walk.files++;
    needle = needles_find_file(walk.needles, path);
    if (needle) {
        walk.hits++;
        walk.found(path, needle);
    }
    return 0;
}

int needles_find_below(const struct needles *needles, const char *folder,
                       void (*found)(const char *path, const struct needle *needle), int *files)
{
    walk.needles = needles;
    walk.found = found;
    walk.files = walk.hits = 0;
    CHECK(nftw(folder, visit, DESCRIPTORS, FTW_PHYS) == 0);
    *files = walk.files;
    return walk.hits;
}
