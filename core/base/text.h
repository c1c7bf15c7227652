/*
 * Text as it arrives: checked for UTF-8, bounded, and brought to one form before it is compared or
 * indexed. Formatting goes through bounded builders; nothing here allocates but from an arena.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

/* True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates) without NUL. */
bool text_is_utf8(const char *data, size_t size);

/*
 * The code point at the start of size > 0 bytes, and the bytes that it takes: always one at least.
 * A byte that is no UTF-8 stands for itself, as U+FFFD.
 */
size_t text_next(const char *data, size_t size, uint32_t *code);

/* Unicode code points in well-formed UTF-8. */
size_t text_length(const char *data, size_t size);

/* True when a control character (C0, DEL, C1) occurs. */
bool text_has_control(const char *text);

/*
 * The form that identifiers are compared in: outer spaces cut, full-width ASCII made half-width,
 * ASCII letters made upper case. Inner spaces stay and make the check fail. (domain.md section 3)
 */
char *text_fold_identifier(struct arena *arena, const char *text);

/*
 * The form that names are indexed in: the same folding, inner runs of space made one space, middle
 * dots (U+00B7, U+2022, U+30FB, U+FF65) made U+00B7. Case of ASCII letters is ignored.
 */
char *text_fold_name(struct arena *arena, const char *text);

/* Columns a text takes on a terminal: wide (East Asian) characters count two. */
size_t text_columns(const char *text);

/* Decimal digits only, at most 18; false otherwise. */
MUST_USE bool text_to_int64(const char *text, int64_t *value);

/* Lower-case hexadecimal; out has 2 * size + 1 bytes. */
void text_to_hex(const uint8_t *data, size_t size, char *out);
MUST_USE bool text_from_hex(const char *text, uint8_t *out, size_t size);

/* A growing text in an arena. Zero-initialise with its arena. */
struct builder {
    struct arena *arena;
    char *data; /* NUL-terminated once something was put */
    size_t size;
    size_t room;
};
void builder_put(struct builder *builder, const char *data, size_t size);
void builder_text(struct builder *builder, const char *text);
void builder_format(struct builder *builder, const char *format, ...) PRINTF_LIKE(2, 3);
/* A JSON string with its quotes. text: UTF-8. */
void builder_json(struct builder *builder, const char *text);

/* Closest of count candidates by edit distance, or NULL when none is near (distance <= 3). */
const char *text_nearest(const char *given, const char *const *candidates, size_t count);

/* The value in the first line "name=value" of lines, with its size; NULL when none has the name. */
const char *text_line_value(const char *lines, const char *name, size_t *size);
