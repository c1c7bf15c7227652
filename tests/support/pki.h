/*
 * A certificate authority for tests: makes keys, certificates and revocation lists, right and
 * wrong.
 *
 * Everything is written as PEM into one folder: <name>.pem, <name>.key (0600), <name>-crl.pem. Keys
 * are P-256. Failures abort: a test without its certificates has nothing to say. Never for real
 * use; `cix pki` makes the certificates that people use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The trust domain of the members that pki_member makes. */
#define PKI_TRUST_DOMAIN "exchange.test"

enum { PKI_PATH_MAX = 512, PKI_URI_MAX = 2, PKI_REVOKED_MAX = 16 };

struct pki;

/* What a leaf says. All zero: a client certificate of 30 days without any name. */
struct pki_leaf {
    const char *uris[PKI_URI_MAX]; /* URI names; NULL ends */
    const char *dns;               /* a DNS name; NULL for none */
    const char *common_name;       /* NULL for "test" */
    bool is_server;                /* EKU serverAuth and localhost, 127.0.0.1, ::1 as names */
    bool has_no_eku;
    bool is_authority;   /* may sign others */
    bool is_self_signed; /* signed by its own key, issuer is itself */
    int64_t begins_in_s; /* validity, relative to now; both zero: from 1 minute ago, 30 days */
    int64_t ends_in_s;
};

/*
 * Makes an authority and writes <name>.pem and an empty <name>-crl.pem into the folder.
 * Free with pki_free.
 */
struct pki *pki_new(const char *folder, const char *name);
void pki_free(struct pki *pki);

/* Writes <name>.pem and <name>.key for a leaf. */
void pki_issue(struct pki *pki, const char *name, const struct pki_leaf *leaf);

/* The server's certificate: "server.pem" and "server.key" when name is "server". */
void pki_server(struct pki *pki, const char *name);

/* A member's certificate with spiffe://PKI_TRUST_DOMAIN/member/<code>; files <code>.pem, .key. */
void pki_member(struct pki *pki, const char *code);

/* A second certificate of a member under a file name of its own. */
void pki_member_as(struct pki *pki, const char *code, const char *name);

/* Puts the certificate <name>.pem on the list and writes <authority>-crl.pem again. */
void pki_revoke(struct pki *pki, const char *name);

/* Writes <authority>-crl.pem whose next update is so many seconds from now. */
void pki_write_crl(struct pki *pki, int64_t ends_in_s);

/* folder/name + suffix (".pem", ".key", "-crl.pem"); the buffer is returned. */
const char *pki_path(const struct pki *pki, const char *name, const char *suffix,
                     char path[PKI_PATH_MAX]);

/* SHA-256 of the DER form of <name>.pem: how the registry knows a certificate. */
void pki_fingerprint(const struct pki *pki, const char *name, uint8_t fingerprint[32]);
