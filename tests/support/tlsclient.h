/*
 * A blocking TLS client for tests that gRPC's client cannot be made to do: wrong certificates,
 * wrong versions, raw bytes. Every wait is bounded.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "support/pki.h"

struct tls_client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

/* How to connect. All zero but port: no certificate, ALPN h2, any version, 127.0.0.1. */
struct tls_client_options {
    const char *address; /* NULL for 127.0.0.1 */
    int port;
    const char *certificate_file; /* NULL for none */
    const char *key_file;
    const char *ca_file; /* verifies the server; NULL for no verification */
    bool has_no_alpn;
    const char *alpn;     /* instead of h2 */
    int version;          /* TLS1_1_VERSION ...: exactly this one; 0 for any */
    SSL_SESSION *session; /* offered for resumption */
    int timeout_ms;       /* of each read and write; 0 for 5 s */
};

/* A TCP connection; -1 when refused. */
int tcp_connect(const char *address, int port, int timeout_ms);

/*
 * Connects and shakes hands. False when either fails; the client is to be closed in any case. With
 * TLS 1.3 a refusal of the certificate shows only at the first read.
 */
bool tls_client_open(struct tls_client *client, const struct tls_client_options *options);
void tls_client_close(struct tls_client *client);

/* True when all bytes were taken. */
bool tls_client_write(struct tls_client *client, const void *data, size_t size);

/* Bytes read; 0 at the end of the stream, on an alert, or when time ran out. */
size_t tls_client_read(struct tls_client *client, void *data, size_t room);
