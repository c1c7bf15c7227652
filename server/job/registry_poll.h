/*
 * Polls the registry of members by its version and hands every new picture on. It keeps the promise
 * that suspension and revocation are in force within one second.
 */
#pragma once

#include "job/job.h"
#include "store/member.h"

struct registry_poll {
    int64_t version; /* last picture handed on; starts at 0 */
    void (*install)(void *user, const struct member_list *list);
    void *user;
};

/* A job over a struct registry_poll. */
MUST_USE bool registry_poll_run(struct ctx *ctx, struct db *db, void *registry_poll,
                                bool *has_more);
