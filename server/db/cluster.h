/*
 * The private PostgreSQL cluster of `cixd serve --data DIR`: made, started, watched, stopped.
 *
 * For trials and small sites: one machine, a unix socket, no password and no port. The socket's
 * folder is 0700, peer authentication gives the serving user the four server roles, and the
 * superuser only to the separate migration connection. Data is checksummed and fsync is on. A
 * second process on the same folder is refused; an orphan shuts itself down. Not for a database
 * that somebody else runs (--database URI): nothing here touches one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"

struct cluster;

struct cluster_options {
    const char *data;    /* folder of the exchange; the cluster is its sub-folder postgres */
    const char *os_user; /* as root: who runs PostgreSQL; NULL: "postgres" */
    const char *bin;     /* folder of initdb and postgres; NULL: found */
    bool is_ephemeral;   /* tests only: no fsync, little memory */
};

/*
 * Makes the cluster when the folder holds none, starts PostgreSQL and waits until it answers;
 * database cix exists then. Call from the main thread: PostgreSQL gets SIGINT when that thread
 * ends.
 *
 * Fails with ERR_PRECONDITION and CLUSTER_IN_USE (another cixd has the folder), CLUSTER_VERSION
 * (made by another PostgreSQL), CLUSTER_USER, CLUSTER_PROGRAM, CLUSTER_FOLDER, or ERR_UNAVAILABLE /
 * CLUSTER_START; the message says what to do.
 */
MUST_USE bool cluster_start(struct ctx *ctx, const struct cluster_options *options,
                            struct cluster **cluster);

/*
 * For a command beside the server: uses the running cluster of the folder, or starts it until
 * cluster_stop. ERR_NOT_FOUND / CLUSTER_FOLDER when the folder holds none.
 */
MUST_USE bool cluster_attach(struct ctx *ctx, const struct cluster_options *options,
                             struct cluster **cluster);

/* libpq strings: database cix as a server role (db_options.role), and as superuser to migrate. */
const char *cluster_uri(const struct cluster *cluster);
const char *cluster_owner_uri(const struct cluster *cluster);
/* Folder of the socket, for other databases of the same cluster (tests). */
const char *cluster_socket(const struct cluster *cluster);
/* Process id of the postmaster, 0 while there is none or it is another process's child. */
int64_t cluster_pid(const struct cluster *cluster);

/* What cluster_watch saw since the call before. */
enum cluster_news {
    CLUSTER_QUIET,
    CLUSTER_DIED,      /* ended by itself; it is started again after a pause */
    CLUSTER_RESTARTED, /* started again; connections work within moments: db_reopen */
};

/*
 * Looks after PostgreSQL: reaps it, and starts it again after 0.1 s, doubling to 5 s while it keeps
 * dying. Never blocks. Call it every 0.1 s or so from the thread that called cluster_start.
 */
enum cluster_news cluster_watch(struct cluster *cluster);

/*
 * Stops PostgreSQL (fast: open transactions roll back) when this process started it, waits for its
 * end, and frees. Accepts NULL.
 */
void cluster_stop(struct cluster *cluster);

/*
 * Removes a data folder that cluster_start made, when it is stopped; one that is not there is
 * removed. ERR_UNAVAILABLE / CLUSTER_IN_USE while a PostgreSQL runs in it.
 */
MUST_USE bool cluster_discard(struct ctx *ctx, const char *folder);
