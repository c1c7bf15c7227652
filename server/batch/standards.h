/*
 * The rating standards in force, read once and shared: one immutable set that is replaced whole.
 *
 * A job polls the database by revision and loads a new set; a batch works under the one that it
 * began with (struct session), so a standard never changes within it. Thread-safe.
 */
#pragma once

#include <stdint.h>

#include "base/digest.h"
#include "domain/standard.h"

enum { STANDARDS_MAX = 16 /* in force at once */ };

/* One standard as it is published: its number in the database and its canonical text. */
struct standards_text {
    int32_t number;
    struct digest digest; /* SHA-256 of the text */
    struct bytes text;
};

/* One that could be read. Its days are in standard: a published one may not be valid today. */
struct standards_entry {
    int32_t number;
    struct digest digest;
    const struct standard *standard;
};

struct standards_set {
    uint64_t revision; /* 0 before the first load */
    int count;
    struct standards_entry entries[STANDARDS_MAX]; /* by number; one version an id */
    struct arena *arena;                           /* private: what entries point to */
    int holders;                                   /* private */
};

struct standards;

/* Told of a standard that is left out: it cannot be read, or is not what its digest says. */
typedef void standards_unreadable_fn(void *user, int32_t number, const struct error *error);

struct standards *standards_new(void);
void standards_free(struct standards *standards);

/*
 * Replaces the set by what the texts say, ordered by number. What cannot be read is told to
 * unreadable (may be NULL) and left out, as is what goes beyond STANDARDS_MAX. Texts are copied.
 */
void standards_load(struct standards *standards, uint64_t revision,
                    const struct standards_text *texts, int count,
                    standards_unreadable_fn *unreadable, void *user);

/* The set of now, held until standards_release. Never NULL; empty before the first load. */
const struct standards_set *standards_acquire(struct standards *standards);
void standards_release(struct standards *standards, const struct standards_set *set);

/* The entry of a standard's name, or of its number in the database; NULL: it is not in the set. */
const struct standards_entry *standards_by_id(const struct standards_set *set, const char *id);
const struct standards_entry *standards_by_number(const struct standards_set *set, int32_t number);
