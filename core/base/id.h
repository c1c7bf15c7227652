/*
 * Ids. Rows of the exchange: 64-bit, time-ordered, made by the application with a node number, so
 * that no database sequence is needed on any number of nodes. Clients' own: UUIDs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

enum { ID_NODE_MAX = 1023 };

struct uuid {
    uint8_t bytes[16];
};

/*
 * Sets this process's node number, 0..ID_NODE_MAX. Call once before id_new. Two processes with one
 * database must differ; the default is 0.
 */
void id_node_set(int node);

/*
 * A new id: 41 bits of milliseconds since 2020-01-01 UTC, 10 bits node, 12 bits counter. Rises
 * strictly within a process, also when the clock steps back. Thread-safe, lock-free. Always > 0.
 */
int64_t id_new(void);

/* count ids that follow one another, the first returned. count: 1..4096. */
int64_t id_new_many(int count);

/* Microseconds since 1970 at which the id was made, cut to milliseconds. */
int64_t id_time_us(int64_t id);

/* A random UUID (version 7: time-ordered). */
struct uuid uuid_new(void);
/* Canonical form, 8-4-4-4-12, either case. */
MUST_USE bool uuid_parse(const char *text, struct uuid *uuid);
/* 37 bytes with the NUL, lower case. */
void uuid_format(const struct uuid *uuid, char text[37]);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
