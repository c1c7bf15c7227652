/*
 * Signs a statement with the server's own key, so that whoever holds its certificate can check it.
 *
 * The key is read for each signature: that is rare, and a renewed key is in force at once. A
 * statement begins with words of its own, which no handshake of TLS ever signs.
 */
#pragma once

#include "base/ctx.h"
#include "base/digest.h"

/*
 * Signature over the text, in the ctx's arena: SHA-256, or what the kind of key brings (Ed25519).
 *
 *   key_file  PEM, without a passphrase
 *
 * ERR_INTERNAL / ATTESTATION_KEY.
 */
MUST_USE bool attest_sign(struct ctx *ctx, const char *key_file, const char *text,
                          struct bytes *signature);
