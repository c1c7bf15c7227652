/*
 * The name in a member's certificate: spiffe://<trust-domain>/member/<code>. Pure.
 */
#pragma once

#include <stddef.h>

#include "guard/reason.h"

/*
 * Reads the member's code from the bytes of a URI name (which may hold anything, also NUL).
 *
 *   code   [a-z0-9-], 3 to 32 of them, NUL-terminated; written on GUARD_OK only
 *
 * GUARD_NAME_FOREIGN: another scheme, trust domain or path; GUARD_NAME_MALFORMED: the code is
 * wrong.
 */
enum guard_reason name_member_code(const char *uri, size_t size, const char *trust_domain,
                                   char code[33]);
