/*
 * What cixd does beside its calls: it looks for changes of the registry and the standards twice a
 * second, and keeps the data in order. Threads with a connection each, so that what takes long
 * delays neither the registry nor what is due in seconds.
 */
#pragma once

#include <stdbool.h>

#include "base/ctx.h"
#include "batch/batch.h"
#include "batch/standards.h"
#include "ops/config.h"
#include "store/member.h"

struct background;

struct background_options {
    const struct config *config; /* must outlive it; read by the caller of background_limit */
    const char *database_uri;    /* as config */
    struct batch *batch;
    struct standards *standards;
    /* A new picture of the members; from background_start, then from a thread of it. */
    void (*install)(void *user, const struct member_list *list);
    void *user;
};

/* Starts all of it; members and standards are installed once before it returns. */
MUST_USE bool background_start(struct ctx *ctx, const struct background_options *options,
                               struct background **background);

/* Takes over what config says now of days and hours. Main thread. */
void background_limit(struct background *background);

/* False while the registry cannot be read, mostly since the database is away. Accepts NULL. */
bool background_is_well(const struct background *background);

/* Ends all threads within about a second (job.h); what they were at goes on in the next server. */
void background_stop(struct background *background);

/* After background_stop and batch_stop: writes the last counts of refusals and quotas down. Accepts
 * NULL. */
void background_free(struct background *background);
