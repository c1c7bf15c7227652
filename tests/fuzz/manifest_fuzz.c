/*
 * The manifest of a backup from any bytes. The first byte chooses whether the last line, the digest
 * of all others, is put right, so that what lies behind it is reached. What is taken holds
 * together.
 */
#include "command/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_manifest(const struct manifest *manifest, const char *text, size_t size)
{
    CHECK(manifest->schema >= 1 && manifest->tables.count > 0);
    CHECK(manifest->signed_text.size < size && manifest->dump_bytes >= 0);
    CHECK(!memcmp(manifest->signed_text.data, text, manifest->signed_text.size));
    for (int i = 0; i < manifest->tables.count; i++)
        CHECK(*manifest->tables.tables[i].name && manifest->tables.tables[i].rows >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct builder text = {.arena = NULL};
    struct manifest manifest;
    struct arena arena;
    struct ctx ctx;

    if (size == 0)
        return 0;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    text.arena = &arena;
    builder_put(&text, (const char *)data + 1, size - 1);
    if (data[0] & 1) {
        char hex[2 * DIGEST_SIZE + 1];
        struct digest digest = digest_of(data + 1, size - 1);
        text_to_hex(digest.bytes, DIGEST_SIZE, hex);
        builder_format(&text, "end %s\n", hex);
    }
    char *copy = arena_copy(&arena, text.data, text.size);
    if (manifest_parse(&ctx, copy, text.size, &manifest))
        check_manifest(&manifest, text.data, text.size);
    else
        CHECK(!strcmp(ctx.error.reason, "BACKUP_BROKEN"));
    arena_done(&arena);
    return 0;
}
