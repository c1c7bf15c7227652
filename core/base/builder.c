/*
 * The growing text of text.h. Room doubles; what was outgrown stays in the arena until it ends.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { BUILDER_ROOM = 64 };

void builder_put(struct builder *builder, const char *data, size_t size)
{
    CHECK(size < SIZE_MAX / 4 && builder->size < SIZE_MAX / 4);
    if (builder->size + size + 1 > builder->room) {
        size_t room = builder->room ? builder->room * 2 : BUILDER_ROOM;

        if (room < builder->size + size + 1)
            room = builder->size + size + 1;
        char *larger = arena_alloc(builder->arena, room);
        if (builder->size)
            memcpy(larger, builder->data, builder->size);
        builder->data = larger;
        builder->room = room;
    }
    if (size)
        memcpy(builder->data + builder->size, data, size);
    builder->size += size;
    builder->data[builder->size] = '\0';
}

void builder_text(struct builder *builder, const char *text)
{
    builder_put(builder, text, strlen(text));
}

void builder_format(struct builder *builder, const char *format, ...)
{
    char local[256];
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(local, sizeof(local), format, args);
    CHECK(length >= 0);
    if ((size_t)length < sizeof(local))
        builder_put(builder, local, (size_t)length);
    else
        builder_text(builder, arena_vformat(builder->arena, format, again));
    va_end(again);
    va_end(args);
}

/* The short escape of a character that JSON forbids bare, or 0. */
static char short_escape(char c)
{
    static const char forbidden[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(forbidden, c) : NULL;

    return at ? letters[at - forbidden] : '\0';
}

void builder_json(struct builder *builder, const char *text)
{
    builder_put(builder, "\"", 1);
    while (*text) {
        size_t plain = 0;

        while ((unsigned char)text[plain] >= 0x20 && !short_escape(text[plain]))
            plain++;
        builder_put(builder, text, plain);
        text += plain;
        if (!*text)
            break;
        if (short_escape(*text))
            builder_put(builder, (char[]){'\\', short_escape(*text)}, 2);
        else
            builder_format(builder, "\\u%04x", (unsigned)(unsigned char)*text);
        text++;
    }
    builder_put(builder, "\"", 1);
}
