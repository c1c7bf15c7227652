/*
 * Writing struct cix_error: the library's own failures, and what the exchange sent.
 */
#pragma once

#include "base/arena.h"
#include "base/check.h"
#include "cix.h"

/* Writes a failure found on this side. Always false. */
bool cix_error_set(struct cix_error *error, enum cix_status status, const char *reason,
                   const char *format, ...) PRINTF_LIKE(4, 5);

/*
 * Writes what a call ended with. message: text of the status, not terminated. details: the packed
 * google.rpc.Status of the trailer, or empty; what cannot be unpacked in it is passed over. Always
 * false.
 */
bool cix_error_receive(struct cix_error *error, enum cix_status status, struct bytes message,
                       struct bytes details);
