/*
 * The code tables as lists that can be served: every table of the vocabulary under its name, with
 * version, source and, where a code was not always in force, the days of its validity.
 *
 * cixd serves them (ListCodes), cix carries them too (`cix codes --offline`), and the rules ask
 * code_is_valid_on: the same data everywhere. A list's version is the day of its last change,
 * YYYYMMDD; a code that is given up keeps its row and gets a last day, so that records of its time
 * stay readable. One that was given up and given again (regions alone) has a row for each time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"

enum { CODE_TEXT_MAX = 12, CODE_LIST_MAX = 64 };

/* One code. Texts are static but for code, which is a copy. */
struct code_word {
    char code[CODE_TEXT_MAX]; /* as it travels: a number, letters or a character */
    const char *name;         /* UPPER_SNAKE, or "" where the code is its own name */
    const char *label;        /* English; of a region its name, in Chinese */
    int32_t valid_from;       /* first day, YYYYMMDD; 0: always was */
    int32_t valid_until;      /* last day, YYYYMMDD; 0: still is */
};

struct code_list {
    const char *name;   /* "account_type" */
    const char *source; /* the standard or law behind it */
    int32_t version;    /* day of the last change, YYYYMMDD */
};

/* The lists by rising name; their number. */
extern const struct code_list code_lists[];
extern const size_t code_list_count;

/* The list of this name, or NULL. */
const struct code_list *code_list_find(const char *name);

/* How many codes it has. */
size_t code_list_size(const struct code_list *list);

/* The code at index, below code_list_size, in the list's own order. */
void code_list_word(const struct code_list *list, size_t index, struct code_word *word);

/* Whether the code is in force on a day, YYYYMMDD. */
bool code_word_is_in_force(const struct code_word *word, int32_t day);

/*
 * Whether a code of this list was in force on the day. A code that no list knows is not: look it
 * up first where unknown and ended must differ.
 */
bool code_is_valid_on(const char *list, const char *code, struct day day);
