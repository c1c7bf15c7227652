#include "base/text.h"

#include <stdio.h>
#include <string.h>

/*
 * Reads one code point of UTF-8. Gives the bytes it takes, or 0 when they are not well-formed: bare
 * continuation, overlong form, surrogate, beyond U+10FFFF, or cut off.
 */
static size_t read_code(const char *data, size_t size, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)data;
    size_t length = at[0] < 0x80   ? 1
                    : at[0] < 0xc0 ? 0
                    : at[0] < 0xe0 ? 2
                    : at[0] < 0xf0 ? 3
                    : at[0] < 0xf8 ? 4
                                   : 0;

    if (length == 0 || length > size)
        return 0;
    uint32_t value = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fu);
    }
    if (value < smallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return length;
}

size_t text_next(const char *data, size_t size, uint32_t *code)
{
    size_t length = read_code(data, size, code);

    if (length > 0)
        return length;
    *code = 0xfffd;
    return 1;
}

bool text_is_utf8(const char *data, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint32_t code;
        size_t length = read_code(data + i, size - i, &code);

        if (length == 0 || code == 0)
            return false;
        i += length;
    }
    return true;
}

size_t text_length(const char *data, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)data[i] & 0xc0) != 0x80;
    return count;
}

bool text_has_control(const char *text)
{
    size_t size = strlen(text);

    for (size_t i = 0; i < size;) {
        uint32_t code;

        i += text_next(text + i, size - i, &code);
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            return true;
    }
    return false;
}

static bool is_space(uint32_t code)
{
    return code == ' ' || code == '\t' || code == 0xa0 || (code >= 0x2000 && code <= 0x200a) ||
           code == 0x202f || code == 0x3000;
}

static bool is_middle_dot(uint32_t code)
{
    return code == 0xb7 || code == 0x2022 || code == 0x30fb || code == 0xff65;
}

/* Full-width ASCII (U+FF01..U+FF5E) to ASCII, every space to U+0020, letters to upper case. */
static uint32_t fold(uint32_t code)
{
    if (code >= 0xff01 && code <= 0xff5e)
        code -= 0xfee0;
    if (is_space(code))
        return ' ';
    return code >= 'a' && code <= 'z' ? code - 'a' + 'A' : code;
}

static const char middle_dot[] = "\xc2\xb7";

/* One pass for both forms. The result is never longer than the text, but for the dot's second byte.
 */
static char *fold_text(struct arena *arena, const char *text, bool is_name)
{
    struct builder out = {.arena = arena};
    size_t size = strlen(text);
    size_t spaces = 0; /* seen and not yet written: outer ones never are */

    for (size_t i = 0; i < size;) {
        uint32_t code;
        size_t length = text_next(text + i, size - i, &code);
        uint32_t folded = fold(code);

        if (folded == ' ') {
            spaces++;
        } else {
            for (; out.size > 0 && spaces > 0; spaces = is_name ? 0 : spaces - 1)
                builder_put(&out, " ", 1);
            spaces = 0;
            if (is_name && is_middle_dot(code))
                builder_put(&out, middle_dot, 2);
            else if (folded < 0x80)
                builder_put(&out, &(char){(char)folded}, 1);
            else
                builder_put(&out, text + i, length);
        }
        i += length;
    }
    return out.data ? out.data : arena_string(arena, "");
}

char *text_fold_identifier(struct arena *arena, const char *text)
{
    return fold_text(arena, text, false);
}

char *text_fold_name(struct arena *arena, const char *text)
{
    return fold_text(arena, text, true);
}

struct code_range {
    uint32_t first;
    uint32_t last;
};

/* Unicode East Asian Width W and F, in the blocks that names and messages use. */
static const struct code_range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* Combining marks, joiners and variation selectors. */
static const struct code_range columnless[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0x302a, 0x302d},   {0x3099, 0x309a},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

static bool is_in(const struct code_range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

size_t text_columns(const char *text)
{
    size_t size = strlen(text);
    size_t columns = 0;

    for (size_t i = 0; i < size;) {
        uint32_t code;

        i += text_next(text + i, size - i, &code);
        if (code < 0x300)
            columns++;
        else if (!is_in(columnless, ARRAY_LENGTH(columnless), code))
            columns += is_in(wide, ARRAY_LENGTH(wide), code) ? 2 : 1;
    }
    return columns;
}

bool text_to_int64(const char *text, int64_t *value)
{
    size_t size = strlen(text);
    int64_t result = 0;

    if (size == 0 || size > 18)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        result = result * 10 + (text[i] - '0');
    }
    *value = result;
    return true;
}

void text_to_hex(const uint8_t *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 0x0f];
    }
    out[2 * size] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_from_hex(const char *text, uint8_t *out, size_t size)
{
    if (strlen(text) != 2 * size)
        return false;
    for (size_t i = 0; i < 2 * size; i++)
        if (hex_value(text[i]) < 0)
            return false;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    return true;
}

enum { NEAREST_ROOM = 64, NEAREST_DISTANCE = 3 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance of two texts shorter than NEAREST_ROOM, by one row of the table. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NEAREST_ROOM];
    size_t size = strlen(b);

    for (size_t j = 0; j <= size; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[size];
}

const char *text_nearest(const char *given, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t best = NEAREST_DISTANCE + 1;

    if (strlen(given) >= NEAREST_ROOM)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(candidates[i]) >= NEAREST_ROOM)
            continue;
        size_t distance = edit_distance(given, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

const char *text_line_value(const char *lines, const char *name, size_t *size)
{
    size_t name_size = strlen(name);

    for (const char *at = lines; *at;) {
        size_t length = strcspn(at, "\n");
        if (!strncmp(at, name, name_size) && at[name_size] == '=') {
            *size = length - name_size - 1;
            return at + name_size + 1;
        }
        at += length + (at[length] == '\n');
    }
    return NULL;
}
