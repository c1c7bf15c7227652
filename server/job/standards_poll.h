/*
 * Polls the rating standards by their revision and hands every new set on: what is published or
 * retired counts on every server within a second.
 */
#pragma once

#include "job/job.h"
#include "store/standard.h"

struct standards_poll {
    bool is_begun;     /* something was handed on */
    uint64_t revision; /* of the last that was */
    void (*install)(void *user, uint64_t revision, const struct standard_versions *versions);
    void *user;
};

/* A job over a struct standards_poll. */
MUST_USE bool standards_poll_run(struct ctx *ctx, struct db *db, void *standards_poll,
                                 bool *has_more);
