/*
 * Finds values where they must not stand: as they are, in hexadecimal of either case, and in
 * base64 at each of its three alignments.
 *
 * One pass over the data, whatever the number of values.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { NEEDLES_MAX = 512 };

struct needle {
    const char *value; /* what it stands for */
    const char *form;  /* "plain", "hex", ... */
    struct bytes bytes;
};

struct needles {
    struct arena *arena;
    struct needle items[NEEDLES_MAX];
    int count;
    int next[NEEDLES_MAX]; /* with the same first two bytes; -1 ends */
    int first[65536];      /* by the first two bytes; -1: none */
};

/* Large: make it static. */
void needles_init(struct needles *needles, struct arena *arena);

/* A value of at least six bytes, in all its forms. */
void needles_add(struct needles *needles, const char *value);

/* The plain SHA-256 of a value that could be guessed: as it is, and in hexadecimal. */
void needles_add_digest(struct needles *needles, const char *what, struct bytes value);

/* The first needle in the data, or NULL. */
const struct needle *needles_find(const struct needles *needles, const void *data, size_t size);

/* The same in one file; needles that lie over the end of a block are found too. */
const struct needle *needles_find_file(const struct needles *needles, const char *path);

/* Every file below a folder: told to `found` with its path; answers how many files held one. */
int needles_find_below(const struct needles *needles, const char *folder,
                       void (*found)(const char *path, const struct needle *needle), int *files);
