/*
 * The trial certificate authority: one folder with ca.pem, ca.key, crl.pem and, below issued/, a
 * copy of every certificate it ever signed.
 *
 * Enough for a trial exchange and for tests; a real exchange keeps its authority offline.
 * Certificates carry what CIX asks for: a member exactly one URI name
 * spiffe://<domain>/member/<code> and client use only, a server DNS and IP names and server use
 * only.
 */
#pragma once

#include <openssl/x509.h>
#include <stdbool.h>

#include "base/ctx.h"
#include "cli/pem.h"

enum { CA_DOMAIN_MAX = 128, CA_SERIAL_MAX = 48, CA_LEAF_DAYS = 90 };

struct ca {
    char dir[PEM_PATH_MAX / 2];
    char domain[CA_DOMAIN_MAX]; /* trust domain */
    X509 *cert;
    EVP_PKEY *key;
    X509_CRL *crl;
};

/* What a certificate says. */
struct ca_leaf {
    const char *common_name;
    const char *names; /* subjectAltName in OpenSSL's form: "URI:...", "DNS:...,IP:..." */
    bool is_server;
    int days;
    EVP_PKEY *key; /* its public part is certified */
};

/* Makes the folder and the authority with an empty revocation list. Fails with PKI_EXISTS when
 * there is one. */
MUST_USE bool ca_init(struct ctx *ctx, const char *dir, const char *domain, int days);

/* Opens the authority of a folder; ca_close releases it, also after a failure. */
MUST_USE bool ca_open(struct ctx *ctx, const char *dir, struct ca *ca);
void ca_close(struct ca *ca);

/* Signs a certificate and keeps a copy in issued/. */
MUST_USE bool ca_issue(struct ctx *ctx, const struct ca *ca, const struct ca_leaf *leaf,
                       X509 **cert);

/* Adds a certificate to the revocation list, if it is not there yet; ca_write_crl publishes it. */
MUST_USE bool ca_revoke(struct ctx *ctx, struct ca *ca, X509 *cert);
bool ca_is_revoked(const struct ca *ca, X509 *cert);

/* Signs the revocation list anew, with the next number, valid for so many days, and writes crl.pem.
 */
MUST_USE bool ca_write_crl(struct ctx *ctx, struct ca *ca, int days);

/* dir/name + suffix. */
void ca_path(const struct ca *ca, const char *name, const char *suffix, char path[PEM_PATH_MAX]);

/* The serial number in upper-case hexadecimal. */
void ca_serial(const X509 *cert, char text[CA_SERIAL_MAX]);

/* The common name of the subject, "" when there is none. */
void ca_common_name(const X509 *cert, char *name, int room);

/* [a-z0-9-]{3,32}, as in the identity of a member. */
bool ca_code_is_valid(const char *code);

/* A trust domain: lower-case letters, digits, dots, dashes and underscores. */
bool ca_domain_is_valid(const char *domain);
