/*
 * A whole exchange for feature tests: a database of its own, keys, certificates, members, and the
 * built cixd as a process that serves them over mTLS. Everything ends with the program.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cix.h"
#include "domain/member.h"
#include "support/cluster.h"
#include "support/pki.h"

struct exchange {
    struct test_database database; /* unless it is private */
    struct cluster *cluster;       /* private: the one that cixd runs */
    struct db *admin;              /* role cix_admin */
    struct pki *pki;
    const char *folder; /* keys, certificates, log */
    char log_path[512]; /* what cixd wrote on stderr, over all starts */
    char address[64];   /* of members' port */
    int port;
    int admin_port;
    int pid; /* of cixd; 0 while it does not run */
    bool is_private;
    const char *flags[16]; /* further command line of cixd, NULL-ended */
};

/* Makes all and starts cixd; flags: further command line words, NULL-ended, or NULL. Aborts on
 * failure. */
void exchange_start(struct exchange *exchange, const char *const *flags);

/* The same with cixd's own private PostgreSQL, for tests that kill it. */
void exchange_start_private(struct exchange *exchange, const char *const *flags);

/* The same in a folder of the test's own making, e.g. on a small disk. */
void exchange_start_private_in(struct exchange *exchange, const char *folder,
                               const char *const *flags);

/* A connection as the superuser of the database; close it with db_close. */
struct db *exchange_owner(const struct exchange *exchange);

/* Ends cixd by SIGTERM and waits; asserts that it ended well. Also releases the rest. */
void exchange_stop(struct exchange *exchange);

/* Kills cixd at once (SIGKILL), or ends it; then exchange_serve starts it again on the same port.
 */
void exchange_kill(struct exchange *exchange);
void exchange_end(struct exchange *exchange);
void exchange_serve(struct exchange *exchange);

/* Adds a member with what its type may do by default, quota off, and its certificate. */
void exchange_member(struct exchange *exchange, const char *code, enum member_type type);

/* Adds or changes a member as given, and its certificate. */
void exchange_member_put(struct exchange *exchange, struct member *member);

/* What a member of this type may do by default; code and name filled. */
struct member exchange_member_of(const char *code, enum member_type type);

/*
 * A client with the member's certificate; close it with cix_close. It repeats nothing, so that
 * tests see what happened; that of a private exchange repeats as libcix does by itself.
 */
struct cix_client *exchange_client(const struct exchange *exchange, const char *code);

/* A client with any certificate file of the authority's folder (for the wrong ones). */
struct cix_client *exchange_client_as(const struct exchange *exchange, const char *name);

/*
 * Puts a standard's canonical text in force under a number, in the place of every earlier version
 * of its name: in force at the server after exchange_settle.
 */
void exchange_standard(const struct exchange *exchange, int number, const char *text);

/* Number of the registry's poll interval to wait for a change to be in force: sleeps one second. */
void exchange_settle(void);

/* True when the log of cixd holds the text. */
bool exchange_log_has(const struct exchange *exchange, const char *text);

/* Resident memory of cixd in KiB. */
int64_t exchange_memory_kib(const struct exchange *exchange);
