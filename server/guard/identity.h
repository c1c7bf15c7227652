/*
 * Who is behind a descriptor: the table that rpc asks when a call arrives.
 *
 * An entry is written before the descriptor is handed over and stays until the number is used
 * again; whoever holds the descriptor open therefore always finds its own connection. Thread-safe.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "guard/peer.h"

struct identity_table {
    pthread_mutex_t lock;
    struct guard_peer *peers; /* by descriptor; generation 0 means never used */
    int count;
};

void identity_init(struct identity_table *table);
void identity_done(struct identity_table *table);

/* Registers the peer behind fd. peer->generation is not 0. */
void identity_put(struct identity_table *table, int fd, const struct guard_peer *peer);

/* Copies the peer behind fd; false when there never was one. */
bool identity_get(struct identity_table *table, int fd, struct guard_peer *peer);
