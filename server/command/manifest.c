#include "command/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { MANIFEST_MAX = 1024 * 1024, TABLES_MAX = 4096, PIECE = 256 * 1024, HEX_SIZE = 65 };

#define FIRST_LINE "cix-backup 1"

static bool fail_unreadable(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_NOT_FOUND, "BACKUP_UNREADABLE", "cannot read %.160s: %s", path,
                strerror(errno));
}

static const char *hex_of(struct ctx *ctx, const struct digest *digest)
{
    char *text = arena_alloc(ctx->arena, HEX_SIZE);

    text_to_hex(digest->bytes, DIGEST_SIZE, text);
    return text;
}

bool manifest_measure(struct ctx *ctx, const char *path, int64_t *bytes, struct digest *digest)
{
    uint8_t *piece = arena_alloc(ctx->arena, PIECE);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t sum = 0;
    ssize_t got = -1;

    CHECK(state && EVP_DigestInit_ex(state, EVP_sha256(), NULL) == 1);
    while (fd >= 0 && (got = read(fd, piece, PIECE)) > 0) {
        CHECK(EVP_DigestUpdate(state, piece, (size_t)got) == 1);
        sum += got;
    }
    CHECK(EVP_DigestFinal_ex(state, digest->bytes, NULL) == 1);
    EVP_MD_CTX_free(state);
    if (fd >= 0)
        close(fd);
    if (fd < 0 || got < 0)
        return fail_unreadable(ctx, path);
    *bytes = sum;
    return true;
}

static void put_made(struct builder *out)
{
    time_t now = (time_t)(clock_now_us() / 1000000);
    char text[32];
    struct tm parts;

    gmtime_r(&now, &parts);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    builder_format(out, "made %s cixd " CIX_VERSION "\n", text);
}

static const char *manifest_text(struct ctx *ctx, const struct manifest *manifest,
                                 const struct vault_ring *ring, size_t *size)
{
    struct builder out = {.arena = ctx->arena};
    struct digest digest;

    builder_text(&out, FIRST_LINE "\n");
    put_made(&out);
    builder_format(&out, "schema %d\n", manifest->schema);
    builder_format(&out, "file " MANIFEST_DUMP " %lld %s\n", (long long)manifest->dump_bytes,
                   hex_of(ctx, &manifest->dump_digest));
    for (int i = 0; i < manifest->tables.count; i++)
        builder_format(&out, "table %s %lld %s\n", manifest->tables.tables[i].name,
                       (long long)manifest->tables.tables[i].rows,
                       hex_of(ctx, &manifest->tables.tables[i].digest));
    digest = vault_ring_sign(ring, (struct bytes){(const uint8_t *)out.data, out.size});
    builder_format(&out, "ring %s\n", hex_of(ctx, &digest));
    digest = digest_of(out.data, out.size);
    builder_format(&out, "end %s\n", hex_of(ctx, &digest));
    *size = out.size;
    return out.data;
}

bool manifest_write(struct ctx *ctx, const char *folder, const struct manifest *manifest,
                    const struct vault_ring *ring)
{
    const char *path = arena_format(ctx->arena, "%s/" MANIFEST_NAME, folder);
    size_t size;
    const char *text = manifest_text(ctx, manifest, ring, &size);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_good = fd >= 0 && write(fd, text, size) == (ssize_t)size && fsync(fd) == 0;

    if (fd >= 0)
        is_good = close(fd) == 0 && is_good;
    return is_good || fail(ctx, ERR_INTERNAL, "BACKUP_UNWRITTEN", "cannot write %.160s: %s", path,
                           strerror(errno));
}

static bool fail_broken(struct ctx *ctx, const char *what)
{
    return fail(ctx, ERR_INVALID, "BACKUP_BROKEN", "%s; use another backup", what);
}

static bool read_text(struct ctx *ctx, const char *folder, char **text, size_t *size)
{
    const char *path = arena_format(ctx->arena, "%s/" MANIFEST_NAME, folder);
    char *room = arena_alloc(ctx->arena, MANIFEST_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t got = -1;

    if (fd < 0)
        return fail(ctx, ERR_NOT_FOUND, "BACKUP_MISSING",
                    "%.120s holds no whole backup: %s is missing", folder, MANIFEST_NAME);
    while (used < MANIFEST_MAX && (got = read(fd, room + used, MANIFEST_MAX - used)) > 0)
        used += (size_t)got;
    close(fd);
    if (got < 0)
        return fail_unreadable(ctx, path);
    room[used] = '\0';
    *text = room;
    *size = used;
    return used < MANIFEST_MAX || fail_broken(ctx, "the manifest is damaged");
}

/* Takes "WORD rest" off the front; NULL when the next line begins with another word. */
static char *take_line(char **at, const char *word)
{
    size_t size = strlen(word);
    char *line = *at;
    char *end = strchr(line, '\n');

    if (!end || strncmp(line, word, size) != 0 || line[size] != ' ')
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line + size + 1;
}

static bool take_hex(const char *text, struct digest *digest)
{
    return text && strlen(text) == HEX_SIZE - 1 && text_from_hex(text, digest->bytes, DIGEST_SIZE);
}

/* "NAME NUMBER HEX" of a file or a table. */
static bool take_entry(char *line, const char **name, int64_t *number, struct digest *digest)
{
    char *first = line ? strchr(line, ' ') : NULL;
    char *second = first ? strchr(first + 1, ' ') : NULL;

    if (!second)
        return false;
    *first = '\0';
    *second = '\0';
    *name = line;
    return *line && text_to_int64(first + 1, number) && *number >= 0 &&
           take_hex(second + 1, digest);
}

static bool parse(struct ctx *ctx, char *text, struct manifest *manifest)
{
    char *at = text + strlen(FIRST_LINE) + 1;
    int64_t schema = 0;
    const char *name;
    char *line;

    manifest->made = take_line(&at, "made");
    line = manifest->made ? take_line(&at, "schema") : NULL;
    if (!line || !text_to_int64(line, &schema) || schema < 1 || schema > 9999 ||
        !take_entry(take_line(&at, "file"), &name, &manifest->dump_bytes, &manifest->dump_digest) ||
        strcmp(name, MANIFEST_DUMP) != 0)
        return false;
    manifest->schema = (int)schema;
    manifest->tables.tables = arena_array(ctx->arena, TABLES_MAX, sizeof(struct backup_table));
    while ((line = take_line(&at, "table")) != NULL) {
        struct backup_table *table = &manifest->tables.tables[manifest->tables.count];
        if (manifest->tables.count == TABLES_MAX ||
            !take_entry(line, &table->name, &table->rows, &table->digest))
            return false;
        manifest->tables.count++;
    }
    manifest->signed_text.size = (size_t)(at - text);
    return manifest->tables.count > 0 && take_hex(take_line(&at, "ring"), &manifest->ring) &&
           *at == '\0';
}

/* The last line holds the digest of all others; it is cut off. */
static bool check_end(char *text, size_t size)
{
    size_t last = strlen("end ") + HEX_SIZE;
    struct digest given;
    struct digest is;
    char *at;

    if (size <= last)
        return false;
    at = text + size - last;
    is = digest_of(text, size - last);
    if (!take_hex(take_line(&at, "end"), &given) || *at != '\0')
        return false;
    text[size - last] = '\0';
    return memcmp(given.bytes, is.bytes, DIGEST_SIZE) == 0;
}

bool manifest_parse(struct ctx *ctx, char *text, size_t size, struct manifest *manifest)
{
    struct manifest found = {.schema = 0};

    if (strlen(text) != size || !check_end(text, size))
        return fail_broken(ctx, "the manifest is damaged");
    if (strncmp(text, FIRST_LINE "\n", strlen(FIRST_LINE) + 1) != 0)
        return fail_broken(ctx, "the backup is of a newer version: use that cixd");
    /* Parsing cuts the lines apart. */
    found.signed_text.data = arena_copy(ctx->arena, text, size);
    if (!parse(ctx, text, &found))
        return fail_broken(ctx, "the manifest cannot be read");
    *manifest = found;
    return true;
}

bool manifest_read(struct ctx *ctx, const char *folder, struct manifest *manifest)
{
    size_t size = 0;
    char *text = NULL;

    return read_text(ctx, folder, &text, &size) && manifest_parse(ctx, text, size, manifest);
}

bool manifest_check_dump(struct ctx *ctx, const char *folder, const struct manifest *manifest)
{
    const char *path = arena_format(ctx->arena, "%s/" MANIFEST_DUMP, folder);
    struct digest digest;
    int64_t bytes;

    if (!manifest_measure(ctx, path, &bytes, &digest))
        return false;
    if (bytes != manifest->dump_bytes)
        return fail_broken(ctx, MANIFEST_DUMP " has another size than the manifest says");
    return memcmp(digest.bytes, manifest->dump_digest.bytes, DIGEST_SIZE) == 0 ||
           fail_broken(ctx, MANIFEST_DUMP " was damaged or altered");
}

bool manifest_check_ring(struct ctx *ctx, const struct manifest *manifest,
                         const struct vault_ring *ring)
{
    struct digest digest = vault_ring_sign(ring, manifest->signed_text);

    return CRYPTO_memcmp(digest.bytes, manifest->ring.bytes, DIGEST_SIZE) == 0 ||
           fail(ctx, ERR_INVALID, "RING_OTHER",
                "the backup was not made under this key ring, or its manifest was forged");
}

bool manifest_check_tables(struct ctx *ctx, const struct manifest *manifest,
                           const struct backup_tables *tables)
{
    for (int i = 0; i < manifest->tables.count && i < tables->count; i++) {
        const struct backup_table *kept = &manifest->tables.tables[i];
        const struct backup_table *is = &tables->tables[i];
        if (strcmp(kept->name, is->name) != 0)
            return fail(ctx, ERR_INTERNAL, "RESTORE_DIFFERS", "table %.60s is missing or new",
                        kept->name);
        if (kept->rows != is->rows)
            return fail(ctx, ERR_INTERNAL, "RESTORE_DIFFERS",
                        "table %.60s has %lld rows, the backup %lld", is->name, (long long)is->rows,
                        (long long)kept->rows);
        if (memcmp(kept->digest.bytes, is->digest.bytes, DIGEST_SIZE) != 0)
            return fail(ctx, ERR_INTERNAL, "RESTORE_DIFFERS",
                        "table %.60s has other rows than the backup", is->name);
    }
    return manifest->tables.count == tables->count ||
           fail(ctx, ERR_INTERNAL, "RESTORE_DIFFERS", "%d tables, the backup has %d", tables->count,
                manifest->tables.count);
}
