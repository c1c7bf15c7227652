#include "guard/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void identity_init(struct identity_table *table)
{
    *table = (struct identity_table){0};
    CHECK(pthread_mutex_init(&table->lock, NULL) == 0);
}

void identity_done(struct identity_table *table)
{
    pthread_mutex_destroy(&table->lock);
    free(table->peers);
    *table = (struct identity_table){0};
}

/* Descriptors are small and dense, so an array is the right map; the descriptor limit bounds it. */
static void grow(struct identity_table *table, int fd)
{
    int count = table->count ? table->count : 64;

    while (count <= fd)
        count *= 2;
    struct guard_peer *peers = realloc(table->peers, (size_t)count * sizeof(*peers));
    CHECK(peers);
    memset(peers + table->count, 0, (size_t)(count - table->count) * sizeof(*peers));
    table->peers = peers;
    table->count = count;
}

void identity_put(struct identity_table *table, int fd, const struct guard_peer *peer)
{
    CHECK(fd >= 0 && peer->generation != 0);
    pthread_mutex_lock(&table->lock);
    if (fd >= table->count)
        grow(table, fd);
    table->peers[fd] = *peer;
    pthread_mutex_unlock(&table->lock);
}

bool identity_get(struct identity_table *table, int fd, struct guard_peer *peer)
{
    bool is_known;

    pthread_mutex_lock(&table->lock);
    is_known = fd >= 0 && fd < table->count && table->peers[fd].generation != 0;
    if (is_known)
        *peer = table->peers[fd];
    pthread_mutex_unlock(&table->lock);
    return is_known;
}
