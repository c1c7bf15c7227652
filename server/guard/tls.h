/*
 * TLS as the guard wants it: server contexts from files, reloaded without a stop, and what a
 * client's certificate says.
 *
 * TLS 1.2 and 1.3, a client certificate always, ALPN h2, no tickets, no session cache, no
 * renegotiation, no compression, no early data: every connection proves its key anew, so a revoked
 * certificate has no way back in. The chain must end in the CA file and the leaf must not be on the
 * CRL. Thread-safe where it says so.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "base/ctx.h"
#include "guard/peer.h"
#include "guard/reason.h"

struct tls;

struct tls_files {
    const char *certificate;
    const char *key;
    const char *ca;
    const char *crl; /* NULL for none */
};

/* One handshake: who came, and why not. Must stay where it is while its SSL lives in handshake. */
struct tls_handshake {
    const char *trust_domain;
    struct guard_peer
        peer; /* known once the chain was verified; generation and address untouched */
    enum guard_reason reason;
    /* Asked about a verified peer before TLS is answered, so that a refusal is an alert. */
    enum guard_reason (*judge)(void *user, const struct guard_peer *peer);
    void *user;
};

enum tls_progress { TLS_DONE, TLS_WANT_READ, TLS_WANT_WRITE, TLS_REFUSED };

/* Reads the files; fails with ERR_PRECONDITION, GUARD_CERTIFICATE. The paths must outlive it. */
MUST_USE bool tls_new(struct ctx *ctx, const struct tls_files *files, struct tls **tls);
void tls_free(struct tls *tls);

/* Reads the files again; on failure the old context stays. Thread-safe. */
MUST_USE bool tls_reload(struct ctx *ctx, struct tls *tls);

/* True when a file differs from when it was last read, with success or without. Thread-safe. */
bool tls_is_stale(struct tls *tls);

/* End of the server's own certificate, microseconds since 1970. Thread-safe. */
int64_t tls_certificate_ends_us(struct tls *tls);

/* A server side on a connected, non-blocking socket; NULL when memory ends. Thread-safe. */
SSL *tls_begin(struct tls *tls, int fd, struct tls_handshake *handshake);

/* Goes on with the handshake. TLS_REFUSED: handshake->reason says why. */
enum tls_progress tls_step(SSL *ssl, struct tls_handshake *handshake);

/* The verified chain of a finished handshake, leaf first; free with tls_chain_free. */
STACK_OF(X509) * tls_chain(SSL *ssl);
void tls_chain_free(STACK_OF(X509) * chain);

/* GUARD_OK when the current CA and CRL still trust the chain. Thread-safe. */
enum guard_reason tls_recheck(struct tls *tls, STACK_OF(X509) * chain);
