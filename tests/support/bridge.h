/*
 * A connection over mTLS that looks like a plain socket: a thread carries the bytes. So that a
 * client which only speaks plaintext can stand before a real exchange, with any certificate.
 */
#pragma once

#include <stdbool.h>

#include "support/tlsclient.h"

struct bridge;

/* Connects; false when the handshake fails. fd: the plain end, which the caller owns. */
bool bridge_open(const struct tls_client_options *options, struct bridge **bridge, int *fd);

/* True once the far side has ended the connection. */
bool bridge_is_cut(const struct bridge *bridge);

/* After the plain end was closed: waits for the thread, and releases. */
void bridge_close(struct bridge *bridge);
