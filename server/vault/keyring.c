#include "vault/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "vault/vault.h"

/* A key file is below 100 bytes; a name in the folder below 32. */
enum { KEY_FILE_MAX = 256, FILE_NAME_MAX = 32 };

/* Servers look for a new active key every second; a call that sealed before then ends long before
 * this. */
enum { SETTLED_US = 60 * 1000000 };

static const char *const index_names[] = {
    [KEY_IDENTIFIER] = "identifier",
    [KEY_NAME] = "name",
    [KEY_ACCOUNT] = "account",
    [KEY_OPERATOR] = "operator",
};

static bool fail_file(struct ctx *ctx, const char *what, const char *name)
{
    return fail(ctx, ERR_INTERNAL, "KEY_FILE_UNREADABLE", "cannot %s key file %s: %s", what, name,
                strerror(errno));
}

/* Looser than the owner alone, or somebody else's: the key may be known to others already. */
static bool require_private(struct ctx *ctx, const struct stat *status, const char *name)
{
    if ((status->st_mode & 077) != 0)
        return fail(ctx, ERR_PRECONDITION, "KEY_FILE_LOOSE",
                    "%s is open to others (mode %04o); run chmod go-rwx on it, and replace the key "
                    "if others may have read it",
                    name, (unsigned)(status->st_mode & 07777));
    if (status->st_uid != geteuid() && status->st_uid != 0)
        return fail(ctx, ERR_PRECONDITION, "KEY_FILE_LOOSE", "%s belongs to another user", name);
    return true;
}

static bool open_folder(struct ctx *ctx, const char *folder, int *fd)
{
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        return fail(ctx, ERR_NOT_FOUND, "KEY_FOLDER_MISSING", "cannot open key folder %s: %s",
                    folder, strerror(errno));
    struct stat status;
    if (fstat(opened, &status) != 0 || !require_private(ctx, &status, folder)) {
        close(opened);
        return fail(ctx, ERR_INTERNAL, "KEY_FILE_UNREADABLE", "cannot examine key folder");
    }
    *fd = opened;
    return true;
}

static bool read_open_file(struct ctx *ctx, int fd, const char *name, char text[KEY_FILE_MAX])
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return fail_file(ctx, "examine", name);
    if (!S_ISREG(status.st_mode) || status.st_size >= KEY_FILE_MAX)
        return fail(ctx, ERR_INTERNAL, "KEY_FILE_BROKEN", "%s is no key file", name);
    if (!require_private(ctx, &status, name))
        return false;
    ssize_t size = read(fd, text, KEY_FILE_MAX - 1);
    if (size < 0)
        return fail_file(ctx, "read", name);
    text[size] = '\0';
    return true;
}

static bool read_file(struct ctx *ctx, int folder, const char *name, char text[KEY_FILE_MAX])
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail_file(ctx, "open", name);
    bool is_good = read_open_file(ctx, fd, name, text);
    close(fd);
    return is_good;
}

/* Written beside, made durable, then moved into place: a key file is whole or absent. */
static bool write_file(struct ctx *ctx, int folder, const char *name, const char *text)
{
    char draft[FILE_NAME_MAX + 8];
    snprintf(draft, sizeof(draft), "%s.new", name);
    int fd = openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_file(ctx, "create", name);
    size_t size = strlen(text);
    bool is_good =
        fchmod(fd, 0600) == 0 && write(fd, text, size) == (ssize_t)size && fsync(fd) == 0;
    is_good = close(fd) == 0 && is_good;
    if (!is_good || renameat(folder, draft, folder, name) != 0 || fsync(folder) != 0)
        return fail_file(ctx, "write", name);
    return true;
}

static bool exists(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool write_key(struct ctx *ctx, int folder, const char *name, const char *title)
{
    if (exists(folder, name))
        return fail(ctx, ERR_EXISTS, "KEY_FILE_EXISTS", "key file %s is there already", name);
    uint8_t key[KEY_SIZE];
    char hex[2 * KEY_SIZE + 1];
    char text[KEY_FILE_MAX];
    digest_random(key, sizeof(key));
    text_to_hex(key, sizeof(key), hex);
    snprintf(text, sizeof(text), "cix key %s\n%s\n", title, hex);
    bool is_good = write_file(ctx, folder, name, text);
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(hex, sizeof(hex));
    OPENSSL_cleanse(text, sizeof(text));
    return is_good;
}

static bool parse_key(const char *text, const char *title, struct key *key)
{
    char head[64];
    int size = snprintf(head, sizeof(head), "cix key %s\n", title);
    if (strncmp(text, head, (size_t)size) != 0)
        return false;
    char hex[2 * KEY_SIZE + 1] = "";
    size_t rest = strlen(text) - (size_t)size;
    bool is_good = rest == 2 * KEY_SIZE + 1 && text[size + 2 * KEY_SIZE] == '\n';
    if (is_good) {
        memcpy(hex, text + size, 2 * KEY_SIZE);
        is_good = text_from_hex(hex, key->bytes, KEY_SIZE);
    }
    OPENSSL_cleanse(hex, sizeof(hex));
    return is_good;
}

static bool read_key(struct ctx *ctx, int folder, const char *name, const char *title,
                     struct key *key)
{
    char text[KEY_FILE_MAX];
    if (!read_file(ctx, folder, name, text))
        return false;
    bool is_good = parse_key(text, title, key);
    OPENSSL_cleanse(text, sizeof(text));
    return is_good || fail(ctx, ERR_INTERNAL, "KEY_FILE_BROKEN",
                           "%s does not hold the key that its name says", name);
}

static bool read_index_key(struct ctx *ctx, int folder, enum index_key which, struct key *key)
{
    char name[FILE_NAME_MAX];
    snprintf(name, sizeof(name), "%s.key", index_names[which]);
    return read_key(ctx, folder, name, index_names[which], key);
}

static void seal_name(uint32_t id, char name[FILE_NAME_MAX], char title[FILE_NAME_MAX])
{
    snprintf(name, FILE_NAME_MAX, "seal-%08u.key", id);
    snprintf(title, FILE_NAME_MAX, "seal %u", id);
}

static bool read_seal_key(struct ctx *ctx, int folder, uint32_t id, struct key *key)
{
    char name[FILE_NAME_MAX];
    char title[FILE_NAME_MAX];
    seal_name(id, name, title);
    key->id = id;
    return read_key(ctx, folder, name, title, key);
}

static bool write_seal_key(struct ctx *ctx, int folder, uint32_t id)
{
    char name[FILE_NAME_MAX];
    char title[FILE_NAME_MAX];
    seal_name(id, name, title);
    return write_key(ctx, folder, name, title);
}

/* Id of a sealing key by its file name; 0 for every other file. */
static uint32_t seal_id_of(const char *name)
{
    unsigned id = 0;
    char same[FILE_NAME_MAX];
    char title[FILE_NAME_MAX];
    if (sscanf(name, "seal-%8u.key", &id) != 1)
        return 0;
    seal_name(id, same, title);
    return strcmp(name, same) == 0 ? id : 0;
}

/* Ids of all sealing keys of the folder, in no order. */
static bool list_seal_ids(struct ctx *ctx, int folder, uint32_t ids[SEAL_KEY_MAX], int *count)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        if (fd >= 0)
            close(fd);
        return fail_file(ctx, "list", "folder");
    }
    int found = 0;
    for (struct dirent *entry = readdir(entries); entry && found <= SEAL_KEY_MAX;
         entry = readdir(entries)) {
        uint32_t id = seal_id_of(entry->d_name);
        if (id != 0 && found < SEAL_KEY_MAX)
            ids[found] = id;
        found += id != 0;
    }
    closedir(entries);
    if (found > SEAL_KEY_MAX)
        return fail(ctx, ERR_EXHAUSTED, "KEY_RING_FULL", "more than %d sealing keys", SEAL_KEY_MAX);
    *count = found;
    return true;
}

static bool read_active(struct ctx *ctx, int folder, uint32_t *id)
{
    char text[KEY_FILE_MAX];
    if (!read_file(ctx, folder, "active", text))
        return false;
    int64_t value = 0;
    text[strcspn(text, "\n")] = '\0';
    if (!text_to_int64(text, &value) || value <= 0 || value > UINT32_MAX)
        return fail(ctx, ERR_INTERNAL, "KEY_FILE_BROKEN", "active names no sealing key");
    *id = (uint32_t)value;
    return true;
}

static bool write_active(struct ctx *ctx, int folder, uint32_t id)
{
    char text[FILE_NAME_MAX];
    snprintf(text, sizeof(text), "%u\n", id);
    return write_file(ctx, folder, "active", text);
}

static bool load_seal_keys(struct ctx *ctx, int folder, struct keyring *ring)
{
    uint32_t ids[SEAL_KEY_MAX];
    uint32_t active = 0;
    if (!read_active(ctx, folder, &active) || !list_seal_ids(ctx, folder, ids, &ring->seal_count))
        return false;
    for (int i = 0; i < ring->seal_count; i++)
        if (!read_seal_key(ctx, folder, ids[i], &ring->seal[i]))
            return false;
    ring->active = keyring_seek(ring, active);
    return ring->active || fail(ctx, ERR_INTERNAL, "KEY_FILE_BROKEN",
                                "the active sealing key %u has no file", active);
}

static bool load_all(struct ctx *ctx, int folder, struct keyring *ring)
{
    for (int i = 0; i < INDEX_KEY_COUNT; i++)
        if (!read_index_key(ctx, folder, (enum index_key)i, &ring->index[i]))
            return false;
    return load_seal_keys(ctx, folder, ring);
}

bool keyring_load(struct ctx *ctx, const char *folder, struct keyring **ring)
{
    int fd = -1;
    if (!open_folder(ctx, folder, &fd))
        return false;
    struct keyring *loaded = calloc(1, sizeof(*loaded));
    CHECK(loaded);
    bool is_good = load_all(ctx, fd, loaded);
    close(fd);
    if (!is_good) {
        keyring_free(loaded);
        return false;
    }
    *ring = loaded;
    return true;
}

void keyring_free(struct keyring *ring)
{
    while (ring) {
        struct keyring *older = ring->older;
        OPENSSL_cleanse(ring, sizeof(*ring));
        free(ring);
        ring = older;
    }
}

const struct key *keyring_seek(const struct keyring *ring, uint32_t id)
{
    for (int i = 0; i < ring->seal_count; i++)
        if (ring->seal[i].id == id)
            return &ring->seal[i];
    return NULL;
}

static bool create_keys(struct ctx *ctx, int folder)
{
    char name[FILE_NAME_MAX];
    for (int i = 0; i < INDEX_KEY_COUNT; i++) {
        snprintf(name, sizeof(name), "%s.key", index_names[i]);
        if (!write_key(ctx, folder, name, index_names[i]))
            return false;
    }
    return write_seal_key(ctx, folder, 1) && write_active(ctx, folder, 1);
}

bool vault_create(struct ctx *ctx, const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fail(ctx, ERR_INTERNAL, "KEY_FOLDER_MISSING", "cannot make key folder %s: %s",
                    folder, strerror(errno));
    int fd = -1;
    if (!open_folder(ctx, folder, &fd))
        return false;
    bool is_good = create_keys(ctx, fd);
    close(fd);
    return is_good;
}

/* The newest sealing key; made when it is the active one. */
static bool require_newer_key(struct ctx *ctx, int folder, uint32_t *id)
{
    uint32_t ids[SEAL_KEY_MAX];
    uint32_t active = 0;
    uint32_t newest = 0;
    int count = 0;
    if (!read_active(ctx, folder, &active) || !list_seal_ids(ctx, folder, ids, &count))
        return false;
    for (int i = 0; i < count; i++)
        newest = ids[i] > newest ? ids[i] : newest;
    *id = newest > active ? newest : active + 1;
    if (newest > active)
        return true;
    if (count == SEAL_KEY_MAX)
        return fail(ctx, ERR_EXHAUSTED, "KEY_RING_FULL", "%d sealing keys are the limit",
                    SEAL_KEY_MAX);
    return write_seal_key(ctx, folder, active + 1);
}

bool vault_add(struct ctx *ctx, const char *folder, uint32_t *id)
{
    int fd = -1;
    if (!open_folder(ctx, folder, &fd))
        return false;
    /* Two at once would choose the same id. */
    bool is_good =
        flock(fd, LOCK_EX) == 0 ? require_newer_key(ctx, fd, id) : fail_file(ctx, "lock", "folder");
    close(fd);
    return is_good;
}

bool vault_rotate(struct ctx *ctx, const char *folder)
{
    int fd = -1;
    uint32_t id = 0;
    if (!open_folder(ctx, folder, &fd))
        return false;
    bool is_good = flock(fd, LOCK_EX) == 0
                       ? require_newer_key(ctx, fd, &id) && write_active(ctx, fd, id)
                       : fail_file(ctx, "lock", "folder");
    close(fd);
    return is_good;
}

/* Microseconds since the active key changed last. */
static bool active_age(struct ctx *ctx, int folder, int64_t *age_us)
{
    struct stat status;
    if (fstatat(folder, "active", &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_file(ctx, "examine", "active");
    *age_us =
        clock_now_us() - (int64_t)status.st_mtim.tv_sec * 1000000 - status.st_mtim.tv_nsec / 1000;
    return true;
}

static bool retire(struct ctx *ctx, int folder, uint32_t id)
{
    char name[FILE_NAME_MAX];
    char title[FILE_NAME_MAX];
    char retired[FILE_NAME_MAX];
    uint32_t active = 0;
    int64_t age_us = 0;
    if (!read_active(ctx, folder, &active) || !active_age(ctx, folder, &age_us))
        return false;
    if (id == active)
        return fail_precondition(ctx, "KEY_ACTIVE", "key", "sealing key %u is the active one", id);
    if (age_us < SETTLED_US)
        return fail_precondition(ctx, "KEY_TOO_FRESH", "key",
                                 "the active key changed less than a minute ago; wait for it");
    seal_name(id, name, title);
    snprintf(retired, sizeof(retired), "retired-%08u.key", id);
    if (renameat(folder, name, folder, retired) == 0 && fsync(folder) == 0)
        return true;
    return errno == ENOENT
               ? fail(ctx, ERR_NOT_FOUND, "KEY_UNKNOWN", "there is no sealing key %u", id)
               : fail_file(ctx, "rename", name);
}

bool vault_retire(struct ctx *ctx, const char *folder, uint32_t id)
{
    int fd = -1;
    if (!open_folder(ctx, folder, &fd))
        return false;
    bool is_good = flock(fd, LOCK_EX) == 0 ? retire(ctx, fd, id) : fail_file(ctx, "lock", "folder");
    close(fd);
    return is_good;
}
