/*
 * Keys, certificates and revocation lists as PEM files.
 *
 * Files are written to the side, synced and renamed, so that a reader never sees half of one; keys
 * get mode 0600 from the start. Keys are P-256. Every function fails with PKI_FILE or PKI_CRYPTO.
 */
#pragma once

#include <openssl/x509.h>
#include <stdbool.h>

#include "base/ctx.h"

enum { PEM_PATH_MAX = 1024 };

MUST_USE bool pem_key_new(struct ctx *ctx, EVP_PKEY **key);

MUST_USE bool pem_key_read(struct ctx *ctx, const char *path, EVP_PKEY **key);
MUST_USE bool pem_cert_read(struct ctx *ctx, const char *path, X509 **cert);
MUST_USE bool pem_crl_read(struct ctx *ctx, const char *path, X509_CRL **crl);
MUST_USE bool pem_csr_read(struct ctx *ctx, const char *path, X509_REQ **request);

MUST_USE bool pem_key_write(struct ctx *ctx, const char *path, EVP_PKEY *key);
MUST_USE bool pem_cert_write(struct ctx *ctx, const char *path, X509 *cert);
MUST_USE bool pem_crl_write(struct ctx *ctx, const char *path, X509_CRL *crl);
MUST_USE bool pem_csr_write(struct ctx *ctx, const char *path, X509_REQ *request);

/* Fails with PKI_CRYPTO and OpenSSL's latest reason. */
bool pem_fail(struct ctx *ctx, const char *what);
