/*
 * Child processes of the private cluster: initdb, postgres, and the question for a version.
 *
 * A child gets nothing of ours: no descriptors, no signal mask, and as root not our user. Does not
 * restart or watch anything; cluster.c does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/ctx.h"

enum { PROCESS_GROUPS_MAX = 32 };

/* The user that children run as. */
struct process_user {
    bool is_other; /* false: as ourselves, nothing to change */
    uid_t uid;
    gid_t gid;
    gid_t groups[PROCESS_GROUPS_MAX];
    int group_count;
    char name[64];
};

struct process {
    const char *const *argv; /* argv[0]: path of the program; ends with NULL */
    const struct process_user *user;
    const char *folder; /* working folder of the child, or NULL for "/" */
    int output;         /* descriptor for its stdout and stderr */
    int kept;           /* descriptor that it inherits as number 3, or -1 */
    bool dies_with_us;  /* SIGINT when the calling thread ends; call from the main thread */
};

/*
 * Ourselves, or as root the named user: PostgreSQL refuses to run as root.
 * ERR_PRECONDITION / CLUSTER_USER when there is no such user.
 */
MUST_USE bool process_user_find(struct ctx *ctx, const char *name_if_root,
                                struct process_user *user);

/* Starts a child; its failure to run shows as exit status 127. */
MUST_USE bool process_start(struct ctx *ctx, const struct process *process, pid_t *pid);

/*
 * Runs a child to its end and keeps the last of its output (at most size - 1 bytes, with a NUL).
 * Fails with ERR_INTERNAL / CLUSTER_PROGRAM and the last line said when its status is not 0.
 */
MUST_USE bool process_run(struct ctx *ctx, const struct process *process, char *output,
                          size_t size);
