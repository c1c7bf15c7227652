/*
 * Folding, measuring and quoting of any bytes: forms are final, and good text stays good text.
 */
#include "base/text.h"

#include <string.h>

#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(struct arena *arena, const char *text,
                       char *(*fold)(struct arena *arena, const char *text))
{
    char *once = fold(arena, text);

    CHECK(strcmp(fold(arena, once), once) == 0);
    if (text_is_utf8(text, strlen(text)))
        CHECK(text_is_utf8(once, strlen(once)));
    CHECK(*once != ' ' && (!*once || once[strlen(once) - 1] != ' '));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const words[] = {"listen", "database", "log-level"};
    struct arena arena;

    arena_init(&arena, 0);
    text_is_utf8((const char *)data, size); /* before the copy adds a NUL */
    char *text = arena_copy(&arena, data, size);
    check_form(&arena, text, text_fold_name);
    check_form(&arena, text, text_fold_identifier);
    CHECK(text_columns(text) <= 2 * strlen(text));
    text_has_control(text);
    text_nearest(text, words, ARRAY_LENGTH(words));
    struct builder builder = {.arena = &arena};
    builder_json(&builder, text);
    for (size_t i = 0; i < builder.size; i++)
        CHECK((unsigned char)builder.data[i] >= 0x20);
    arena_done(&arena);
    return 0;
}
