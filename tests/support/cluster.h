/*
 * PostgreSQL for tests: one private cluster for all test programs that run at about the same time,
 * and in it a database of its own, freshly cloned from a migrated template, for each program.
 *
 * The first program that asks starts a keeper process, which starts the cluster and ends with it
 * when no program has used it for a few seconds. Programs may run side by side and may be killed.
 */
#pragma once

#include "db/db.h"

struct test_database {
    char name[64];
    const char *uri;       /* for the server roles: db_options.role */
    const char *owner_uri; /* superuser */
    const char *socket;    /* folder, PGHOST */
};

/* Clones a migrated database. It is dropped when the program ends. Aborts when it cannot. */
void test_database_open(struct test_database *database);

/* The same without a migration: an empty database. */
void test_database_open_empty(struct test_database *database);

/* A connection, or the end of the program. */
struct db *test_database_connect(const struct test_database *database, enum db_role role);

/* A temporary folder that PostgreSQL's user may pass through, removed when the program ends. */
const char *test_folder(void);
