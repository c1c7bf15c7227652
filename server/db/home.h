/*
 * The data folder of a private cluster, and what is in it. For cluster.c only.
 *
 *   lock            held by the one cixd that serves this folder
 *   postgres.lock   held by every PostgreSQL process of it, so a dying cluster is waited for
 *   postgres/       the cluster; cix.conf in it is written anew at each start
 *   run/            the socket (0700), unless the path would be too long for one
 *   socket          the folder that holds the socket
 *   postgres.log    what PostgreSQL said at its last start
 */
#pragma once

#include "base/ctx.h"
#include "db/process.h"

struct home {
    struct arena *arena;
    const char *folder; /* absolute */
    const char *bin;
    const char *cluster; /* folder/postgres */
    const char *socket;  /* folder of the socket */
    struct process_user user;
    bool is_ephemeral;
};

/* Makes the folder when it is missing and finds user, programs and paths. Refuses a cluster of
 * another user (CLUSTER_USER) before anything is changed. */
MUST_USE bool home_open(struct ctx *ctx, struct home *home);
/* True when the folder holds a cluster. */
bool home_has_cluster(const struct home *home);
/* Runs initdb beside and moves the result into place: a kill leaves no half cluster. */
MUST_USE bool home_make_cluster(struct ctx *ctx, struct home *home);
/* Removes a folder with all that is in it, as ourselves; one that is not there is removed. */
MUST_USE bool home_discard(struct ctx *ctx, const char *path);
/* Writes cix.conf, pg_hba.conf and pg_ident.conf, and readies the socket's folder. */
MUST_USE bool home_configure(struct ctx *ctx, struct home *home);
/* The socket folder as the running server noted it. */
MUST_USE bool home_read_socket(struct ctx *ctx, struct home *home);
/* Path of a file in the folder. */
const char *home_path(const struct home *home, const char *name);
/* Replaces a file by text, owned by PostgreSQL's user, mode 0600. */
MUST_USE bool home_write(struct ctx *ctx, const struct home *home, const char *path,
                         const char *text);

/* settings.c: text of cix.conf for this machine. */
const char *settings_text(const struct home *home);

/* programs.c: the folder of the PostgreSQL programs that fit the cluster, if there is one. */
MUST_USE bool programs_find(struct ctx *ctx, struct home *home);

/*
 * Path of the newest client program of that name, pg_dump or pg_restore, in bin or, when that is
 * NULL, where packages put them. NULL with CLUSTER_PROGRAM when there is none. In the arena of ctx.
 */
const char *programs_client(struct ctx *ctx, const char *bin, const char *name);
