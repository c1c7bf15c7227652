#include "vault/ring.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "vault/keyring.h"

enum {
    FILES_MAX = 2 * SEAL_KEY_MAX + INDEX_KEY_COUNT + 1,
    FILE_MAX = 256, /* a key file is below 100 bytes */
    NAME_MAX_SIZE = 32,
    MAGIC_SIZE = 8,
    COST_SIZE = 4,
    SALT_SIZE = 16,
    NONCE_SIZE = 12,
    TAG_SIZE = 16,
    HEAD_SIZE = MAGIC_SIZE + COST_SIZE + SALT_SIZE + NONCE_SIZE,
    SECRET_SIZE = 32,
    PLAIN_MAX = FILES_MAX * (1 + NAME_MAX_SIZE + 2 + FILE_MAX),
    COST_N = 17,
    COST_R = 8,
    COST_P = 1,
    KEY_LINE = 2 * KEY_SIZE
};

static const uint64_t MEMORY_MAX = UINT64_C(1) << 30;
static const char magic[MAGIC_SIZE] = "CIXRING\x01";

struct ring_file {
    char name[NAME_MAX_SIZE];
    uint8_t data[FILE_MAX];
    size_t size;
};

struct vault_ring {
    struct ring_file files[FILES_MAX]; /* by name */
    int count;
};

static struct vault_ring *ring_new(void)
{
    struct vault_ring *ring = calloc(1, sizeof(*ring));
    CHECK(ring);
    return ring;
}

void vault_ring_free(struct vault_ring *ring)
{
    if (ring)
        OPENSSL_cleanse(ring, sizeof(*ring));
    free(ring);
}

static bool has_number(const char *name, const char *prefix)
{
    size_t size = strlen(prefix);
    return strncmp(name, prefix, size) == 0 && strspn(name + size, "0123456789") == 8 &&
           strcmp(name + size + 8, ".key") == 0;
}

static bool is_ring_name(const char *name)
{
    static const char *const names[] = {"identifier.key", "name.key", "account.key", "operator.key",
                                        "active"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return has_number(name, "seal-") || has_number(name, "retired-");
}

static struct ring_file *find_file(const struct vault_ring *ring, const char *name)
{
    for (int i = 0; i < ring->count; i++)
        if (strcmp(ring->files[i].name, name) == 0)
            return (struct ring_file *)(uintptr_t)&ring->files[i];
    return NULL;
}

static int by_name(const void *one, const void *other)
{
    return strcmp(((const struct ring_file *)one)->name, ((const struct ring_file *)other)->name);
}

static bool read_file(struct ctx *ctx, int folder, const char *name, struct ring_file *file)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, file->data, sizeof(file->data));
    if (fd >= 0)
        close(fd);
    if (size < 0)
        return fail(ctx, ERR_INTERNAL, "KEY_FILE_UNREADABLE", "cannot read key file %s: %s", name,
                    strerror(errno));
    if (size == 0 || size == FILE_MAX)
        return fail(ctx, ERR_INTERNAL, "KEY_FILE_BROKEN", "%s is no key file", name);
    file->size = (size_t)size;
    snprintf(file->name, sizeof(file->name), "%.31s", name);
    return true;
}

static bool read_files(struct ctx *ctx, int folder, struct vault_ring *ring)
{
    DIR *entries = fdopendir(dup(folder));
    bool is_good = entries != NULL;
    for (struct dirent *entry = is_good ? readdir(entries) : NULL; entry && is_good;
         entry = readdir(entries)) {
        if (!is_ring_name(entry->d_name))
            continue;
        is_good = ring->count < FILES_MAX
                      ? read_file(ctx, folder, entry->d_name, &ring->files[ring->count])
                      : fail(ctx, ERR_EXHAUSTED, "KEY_RING_FULL", "too many key files");
        ring->count += is_good;
    }
    if (entries)
        closedir(entries);
    qsort(ring->files, (size_t)ring->count, sizeof(ring->files[0]), by_name);
    return is_good;
}

/* The keys themselves are checked by opening them as a server would. */
static bool require_sound(struct ctx *ctx, const char *folder)
{
    struct vault *vault = NULL;
    if (!vault_open(ctx, folder, &vault))
        return false;
    vault_free(vault);
    return true;
}

bool vault_ring_read(struct ctx *ctx, const char *folder, struct vault_ring **ring)
{
    struct vault_ring *found;
    bool is_good;
    if (!require_sound(ctx, folder))
        return false;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* No rotation meanwhile. */
    if (fd < 0 || flock(fd, LOCK_SH) != 0) {
        if (fd >= 0)
            close(fd);
        return fail(ctx, ERR_INTERNAL, "KEY_FILE_UNREADABLE", "cannot lock %s: %s", folder,
                    strerror(errno));
    }
    found = ring_new();
    is_good = read_files(ctx, fd, found);
    close(fd);
    if (!is_good) {
        vault_ring_free(found);
        return false;
    }
    *ring = found;
    return true;
}

/* All files one behind the other; answers the size. */
static size_t pack(const struct vault_ring *ring, uint8_t *plain)
{
    uint8_t *at = plain;
    for (int i = 0; i < ring->count; i++) {
        const struct ring_file *file = &ring->files[i];
        size_t size = strlen(file->name);
        *at++ = (uint8_t)size;
        memcpy(at, file->name, size);
        at += size;
        *at++ = (uint8_t)(file->size >> 8);
        *at++ = (uint8_t)file->size;
        memcpy(at, file->data, file->size);
        at += file->size;
    }
    return (size_t)(at - plain);
}

/* The second line of the file in binary; false when it is none. */
static bool identifier_key(const struct vault_ring *ring, uint8_t key[KEY_SIZE])
{
    const struct ring_file *file = find_file(ring, "identifier.key");
    char hex[KEY_LINE + 1] = "";
    if (!file || file->size <= KEY_LINE + 1)
        return false;
    memcpy(hex, file->data + file->size - KEY_LINE - 1, KEY_LINE);
    bool is_good = strlen(hex) == KEY_LINE && text_from_hex(hex, key, KEY_SIZE);
    OPENSSL_cleanse(hex, sizeof(hex));
    return is_good;
}

static bool unpack_file(const uint8_t **at, const uint8_t *end, struct ring_file *file)
{
    size_t name_size = **at;
    if (name_size == 0 || name_size >= NAME_MAX_SIZE || (size_t)(end - *at) < 1 + name_size + 2)
        return false;
    memcpy(file->name, *at + 1, name_size);
    *at += 1 + name_size;
    file->size = (size_t)((*at)[0] << 8 | (*at)[1]);
    *at += 2;
    if (file->size == 0 || file->size >= FILE_MAX || (size_t)(end - *at) < file->size ||
        strlen(file->name) != name_size || !is_ring_name(file->name))
        return false;
    memcpy(file->data, *at, file->size);
    *at += file->size;
    return true;
}

static bool unpack(const uint8_t *plain, size_t size, struct vault_ring *ring)
{
    const uint8_t *end = plain + size;
    uint8_t key[KEY_SIZE];
    bool is_good = true;
    while (is_good && plain < end) {
        struct ring_file *file = &ring->files[ring->count];
        is_good = ring->count < FILES_MAX && unpack_file(&plain, end, file) &&
                  (ring->count == 0 || strcmp(file[-1].name, file->name) < 0);
        ring->count += is_good;
    }
    is_good = is_good && find_file(ring, "active") && identifier_key(ring, key);
    OPENSSL_cleanse(key, sizeof(key));
    return is_good;
}

struct bytes vault_ring_pack(struct arena *arena, const struct vault_ring *ring)
{
    uint8_t *plain = arena_alloc(arena, PLAIN_MAX);
    size_t size = pack(ring, plain);
    return (struct bytes){plain, size};
}

bool vault_ring_parse(struct bytes plain, struct vault_ring **ring)
{
    struct vault_ring *found = ring_new();
    if (unpack(plain.data, plain.size, found)) {
        *ring = found;
        return true;
    }
    vault_ring_free(found);
    return false;
}

/* The key of a head's cost and salt; false when the cost is none that we pay. */
static bool derive(const uint8_t *head, struct bytes passphrase, uint8_t secret[SECRET_SIZE])
{
    const uint8_t *cost = head + MAGIC_SIZE;
    uint64_t n = cost[0] < 32 ? UINT64_C(1) << cost[0] : 0;
    if (cost[0] < 10 || n == 0 || cost[1] == 0 || cost[2] == 0 || cost[2] > 16 || cost[3] != 0 ||
        n * cost[1] * 128 > MEMORY_MAX)
        return false;
    return EVP_PBE_scrypt((const char *)passphrase.data, passphrase.size,
                          head + MAGIC_SIZE + COST_SIZE, SALT_SIZE, n, cost[1], cost[2],
                          MEMORY_MAX + (UINT64_C(1) << 20), secret, SECRET_SIZE) == 1;
}

/* One pass of AES-256-GCM with the head as what is authenticated beside. */
static bool run_cipher(bool is_sealing, const uint8_t *secret, const uint8_t *head, struct bytes in,
                       uint8_t *out, uint8_t tag[TAG_SIZE])
{
    const uint8_t *nonce = head + HEAD_SIZE - NONCE_SIZE;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int size = 0;
    bool is_good =
        cipher &&
        EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, secret, nonce, is_sealing) == 1 &&
        EVP_CipherUpdate(cipher, NULL, &size, head, HEAD_SIZE) == 1 &&
        EVP_CipherUpdate(cipher, out, &size, in.data, (int)in.size) == 1 &&
        (is_sealing || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1) &&
        EVP_CipherFinal_ex(cipher, out + size, &size) == 1 &&
        (!is_sealing || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) == 1);
    EVP_CIPHER_CTX_free(cipher);
    return is_good;
}

static bool fail_unwritten(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_INTERNAL, "RING_FILE_UNWRITTEN", "cannot write %.120s: %s", path,
                strerror(errno));
}

static bool sync_folder_of(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    int fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return is_good;
}

/* Some file systems of a network know no such rename. */
static bool rename_new(const char *draft, const char *path)
{
    if (renameat2(AT_FDCWD, draft, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL)
        return false;
    if (access(path, F_OK) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(draft, path) == 0;
}

/* Written beside and made durable, then given its name, unless something has it. */
static bool write_new(struct ctx *ctx, const char *path, const uint8_t *data, size_t size)
{
    const char *draft = arena_format(ctx->arena, "%s.partial", path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_unwritten(ctx, path);
    bool is_good =
        fchmod(fd, 0600) == 0 && write(fd, data, size) == (ssize_t)size && fsync(fd) == 0;
    is_good = close(fd) == 0 && is_good;
    if (is_good && rename_new(draft, path))
        return sync_folder_of(path) || fail_unwritten(ctx, path);
    bool is_taken = is_good && errno == EEXIST;
    if (!is_taken)
        fail_unwritten(ctx, path);
    unlink(draft);
    return !is_taken ? false
                     : fail(ctx, ERR_EXISTS, "RING_FILE_EXISTS",
                            "%.120s is there already; nothing is overwritten", path);
}

bool vault_ring_wrap(struct ctx *ctx, const struct vault_ring *ring, struct bytes passphrase,
                     const char *path)
{
    uint8_t secret[SECRET_SIZE];
    uint8_t *plain = calloc(1, PLAIN_MAX);
    uint8_t *whole = calloc(1, HEAD_SIZE + PLAIN_MAX + TAG_SIZE);
    CHECK(plain && whole);
    memcpy(whole, magic, MAGIC_SIZE);
    memcpy(whole + MAGIC_SIZE, (const uint8_t[COST_SIZE]){COST_N, COST_R, COST_P, 0}, COST_SIZE);
    digest_random(whole + MAGIC_SIZE + COST_SIZE, SALT_SIZE + NONCE_SIZE);
    size_t size = pack(ring, plain);
    bool is_good = derive(whole, passphrase, secret) &&
                   run_cipher(true, secret, whole, (struct bytes){plain, size}, whole + HEAD_SIZE,
                              whole + HEAD_SIZE + size);
    OPENSSL_cleanse(secret, sizeof(secret));
    OPENSSL_cleanse(plain, PLAIN_MAX);
    free(plain);
    is_good = is_good ? write_new(ctx, path, whole, HEAD_SIZE + size + TAG_SIZE)
                      : fail(ctx, ERR_INTERNAL, "RING_FILE_UNWRITTEN",
                             "the key ring could not be wrapped: 128 MiB of memory are needed");
    free(whole);
    return is_good;
}

/* The whole file; at most PLAIN_MAX and what stands around it. */
static bool read_wrapped(struct ctx *ctx, const char *path, uint8_t **data, size_t *size)
{
    enum { ROOM = HEAD_SIZE + PLAIN_MAX + TAG_SIZE + 1 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(ctx, ERR_NOT_FOUND, "RING_FILE_MISSING", "cannot open %.120s: %s", path,
                    strerror(errno));
    uint8_t *room = calloc(1, ROOM);
    CHECK(room);
    ssize_t got = read(fd, room, ROOM);
    close(fd);
    bool is_good = got > HEAD_SIZE + TAG_SIZE && got < ROOM && !memcmp(room, magic, MAGIC_SIZE - 1);
    if (!is_good || room[MAGIC_SIZE - 1] != magic[MAGIC_SIZE - 1]) {
        free(room);
        return fail(ctx, ERR_INVALID, "RING_FILE_BROKEN", "%.120s is %s", path,
                    is_good ? "of a newer version: use that cixd" : "no key ring, or cut short");
    }
    *data = room;
    *size = (size_t)got;
    return true;
}

bool vault_ring_unwrap(struct ctx *ctx, const char *path, struct bytes passphrase,
                       struct vault_ring **ring)
{
    uint8_t secret[SECRET_SIZE];
    uint8_t *data = NULL;
    size_t size = 0;
    if (!read_wrapped(ctx, path, &data, &size))
        return false;
    struct vault_ring *found = ring_new();
    size_t plain_size = size - HEAD_SIZE - TAG_SIZE;
    uint8_t *plain = calloc(1, PLAIN_MAX);
    CHECK(plain);
    bool is_good = derive(data, passphrase, secret) &&
                   run_cipher(false, secret, data, (struct bytes){data + HEAD_SIZE, plain_size},
                              plain, data + size - TAG_SIZE) &&
                   unpack(plain, plain_size, found);
    OPENSSL_cleanse(secret, sizeof(secret));
    OPENSSL_cleanse(plain, PLAIN_MAX);
    free(plain);
    free(data);
    if (!is_good) {
        vault_ring_free(found);
        return fail(ctx, ERR_INVALID, "RING_NOT_OPENED",
                    "%.120s does not open: the passphrase is another, or the file was altered",
                    path);
    }
    *ring = found;
    return true;
}

static bool is_same(const struct vault_ring *one, const struct vault_ring *other)
{
    bool is_good = one->count == other->count;
    for (int i = 0; is_good && i < one->count; i++)
        is_good = !strcmp(one->files[i].name, other->files[i].name) &&
                  one->files[i].size == other->files[i].size &&
                  !CRYPTO_memcmp(one->files[i].data, other->files[i].data, one->files[i].size);
    return is_good;
}

/* Nothing there, or exactly this ring. */
static bool look(struct ctx *ctx, const struct vault_ring *ring, const char *folder, bool *is_there)
{
    struct vault_ring *there = NULL;
    bool is_good;
    *is_there = false;
    if (access(folder, F_OK) != 0 || rmdir(folder) == 0)
        return true;
    *is_there = true;
    is_good = vault_ring_read(ctx, folder, &there) && is_same(ring, there);
    vault_ring_free(there);
    if (is_good)
        return true;
    ctx_clear(ctx);
    return fail(ctx, ERR_EXISTS, "KEY_FOLDER_TAKEN",
                "%.120s is not empty and does not hold this key ring; nothing is overwritten",
                folder);
}

bool vault_ring_fits(struct ctx *ctx, const struct vault_ring *ring, const char *folder)
{
    bool is_there;
    return look(ctx, ring, folder, &is_there);
}

static bool write_key_file(struct ctx *ctx, int folder, const struct ring_file *file)
{
    int fd =
        openat(folder, file->name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_good = fd >= 0 && fchmod(fd, 0600) == 0 &&
                   write(fd, file->data, file->size) == (ssize_t)file->size && fsync(fd) == 0;
    if (fd >= 0)
        is_good = close(fd) == 0 && is_good;
    return is_good || fail(ctx, ERR_INTERNAL, "RING_FILE_UNWRITTEN", "cannot write key file %s: %s",
                           file->name, strerror(errno));
}

static bool write_key_files(struct ctx *ctx, const struct vault_ring *ring, const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fail_unwritten(ctx, folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool is_good = fd >= 0 && fchmod(fd, 0700) == 0;
    for (int i = 0; is_good && i < ring->count; i++)
        is_good = write_key_file(ctx, fd, &ring->files[i]);
    is_good = is_good && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return is_good || fail_unwritten(ctx, folder);
}

bool vault_ring_write(struct ctx *ctx, const struct vault_ring *ring, const char *folder)
{
    const char *draft = arena_format(ctx->arena, "%s.partial", folder);
    bool is_there;
    if (!look(ctx, ring, folder, &is_there))
        return false;
    if (is_there)
        return true;
    if (!write_key_files(ctx, ring, draft) || !require_sound(ctx, draft))
        return false;
    if (rename(draft, folder) != 0 || !sync_folder_of(folder))
        return fail_unwritten(ctx, folder);
    return true;
}

struct digest vault_ring_sign(const struct vault_ring *ring, struct bytes text)
{
    static const char label[8] = "bkup/v1";
    uint8_t key[KEY_SIZE];
    struct digest inner = digest_of(text.data, text.size);
    uint8_t message[sizeof(label) + DIGEST_SIZE];
    struct digest result;
    unsigned size = 0;
    /* It was read from a sound ring, or parsed whole. */
    CHECK(identifier_key(ring, key));
    memcpy(message, label, sizeof(label));
    memcpy(message + sizeof(label), inner.bytes, DIGEST_SIZE);
    CHECK(HMAC(EVP_sha256(), key, KEY_SIZE, message, sizeof(message), result.bytes, &size) &&
          size == DIGEST_SIZE);
    OPENSSL_cleanse(key, sizeof(key));
    return result;
}

bool vault_ring_has(struct vault_ring *ring, uint32_t key_id, bool may_revive)
{
    char name[NAME_MAX_SIZE];
    struct ring_file *retired;
    snprintf(name, sizeof(name), "seal-%08u.key", key_id);
    if (find_file(ring, name))
        return true;
    snprintf(name, sizeof(name), "retired-%08u.key", key_id);
    retired = find_file(ring, name);
    if (!retired || !may_revive)
        return false;
    snprintf(retired->name, sizeof(retired->name), "seal-%08u.key", key_id);
    qsort(ring->files, (size_t)ring->count, sizeof(ring->files[0]), by_name);
    return true;
}
