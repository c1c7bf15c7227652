/*
 * The operators' port: /metrics, /live and /ready over plain HTTP, on the loopback address only.
 * Any other address is refused at start. Nothing here changes the server or shows personal data.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"

struct admin;

struct admin_options {
    const char *listen; /* "127.0.0.1:7480"; port 0 takes a free one */
    /*
     * True when calls can be served; otherwise writes one line why, without personal data. Called
     * on the port's own thread. NULL: always ready.
     */
    bool (*is_ready)(void *user, char *why, size_t room);
    void *user;
};

/*
 * Starts the port on a thread of its own. /live answers 200 while the process runs; /ready 200 or
 * 503 with the line of is_ready. ERR_INVALID ADMIN_NOT_LOOPBACK for other addresses,
 * ERR_UNAVAILABLE ADMIN_PORT_TAKEN when it cannot be bound.
 */
MUST_USE bool admin_start(struct ctx *ctx, const struct admin_options *options,
                          struct admin **admin);

/* The port that is bound. */
int admin_port(const struct admin *admin);

/* Stops and releases. Accepts NULL. */
void admin_stop(struct admin *admin);
