/*
 * `cixd serve`: everything brought up in order, watched, and brought down in the other order.
 */
#pragma once

#include "base/ctx.h"
#include "ops/config.h"

/*
 * Serves until SIGTERM or SIGINT, then drains; SIGHUP reads settings (config, by its sources),
 * certificates, CRL and keys again. Call from the main thread before any other thread exists.
 * False: it could not start; ctx says why.
 */
MUST_USE bool serve(struct ctx *ctx, struct config *config, const struct config_sources *sources);
