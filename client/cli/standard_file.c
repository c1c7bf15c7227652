#include "cli/standard_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool standard_file_read(struct ctx *ctx, const char *path, bool is_draft,
                        struct standard **standard)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    char *text = arena_alloc(ctx->arena, STANDARD_TEXT_MAX + 1);
    size_t size = fread(text, 1, STANDARD_TEXT_MAX + 1, file);
    struct ctx reading;

    fclose(file);
    ctx_init(&reading, ctx->arena);
    *standard = arena_alloc(ctx->arena, sizeof(**standard));
    return standard_read(&reading, text, size, is_draft, *standard) ||
           fail(ctx, ERR_INVALID, reading.error.reason, "%s: %s", path, reading.error.message);
}

bool standard_file_write(struct ctx *ctx, const char *path, const struct standard *standard)
{
    struct builder text = {.arena = ctx->arena};
    FILE *file = fopen(path, "we");

    if (!file)
        return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    standard_write(standard, &text);
    bool is_written = fwrite(text.data, 1, text.size, file) == text.size;

    is_written &= fclose(file) == 0;
    return is_written || fail(ctx, ERR_INVALID, "FILE", "%s: cannot be written", path);
}
