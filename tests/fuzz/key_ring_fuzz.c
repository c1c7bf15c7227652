/*
 * The files of a key ring from any bytes, as a wrapped ring holds them: what is taken is packed
 * again the same, signs, and is written as a folder that a server opens, or is refused there with a
 * reason.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory, where there is some: the ring makes each file durable. */
static const char *scratch(void)
{
    static char path[64];

    snprintf(path, sizeof(path), "%s/key_ring_fuzz.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    CHECK(mkdtemp(path));
    return path;
}

static void remove_folder(const char *folder)
{
    DIR *entries = opendir(folder);

    for (struct dirent *entry = entries ? readdir(entries) : NULL; entry; entry = readdir(entries))
        unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries)
        closedir(entries);
    rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vault_ring *ring = NULL, *again = NULL;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (vault_ring_parse((struct bytes){data, size}, &ring)) {
        const char *parent = scratch();
        const char *folder = arena_format(&arena, "%s/keys", parent);
        struct bytes packed = vault_ring_pack(&arena, ring);
        struct digest one = vault_ring_sign(ring, packed);
        CHECK(packed.size == size && !memcmp(packed.data, data, size));
        if (vault_ring_write(&ctx, ring, folder)) {
            CHECK(vault_ring_read(&ctx, folder, &again));
            struct digest other = vault_ring_sign(again, packed);
            CHECK(!memcmp(one.bytes, other.bytes, DIGEST_SIZE));
        } else {
            CHECK(*ctx.error.reason);
        }
        remove_folder(folder);
        remove_folder(arena_format(&arena, "%s.partial", folder));
        CHECK(rmdir(parent) == 0);
    }
    vault_ring_free(again);
    vault_ring_free(ring);
    arena_done(&arena);
    return 0;
}
