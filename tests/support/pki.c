#include "support/pki.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/check.h"

struct pki {
    char folder[PKI_PATH_MAX - 128];
    char name[64];
    EVP_PKEY *key;
    X509 *certificate;
    ASN1_INTEGER *revoked[PKI_REVOKED_MAX];
    int revoked_count;
};

const char *pki_path(const struct pki *pki, const char *name, const char *suffix,
                     char path[PKI_PATH_MAX])
{
    int size = snprintf(path, PKI_PATH_MAX, "%s/%s%s", pki->folder, name, suffix);

    CHECK(size > 0 && size < PKI_PATH_MAX);
    return path;
}

static EVP_PKEY *key_new(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");

    CHECK(key);
    return key;
}

/* Files appear whole, so that a server that watches them never reads half of one. */
static FILE *file_begin(const char *path, mode_t mode, char temporary[PKI_PATH_MAX])
{
    int size = snprintf(temporary, PKI_PATH_MAX, "%s~", path);

    CHECK(size > 0 && size < PKI_PATH_MAX);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    CHECK(fd >= 0);
    FILE *file = fdopen(fd, "w");
    CHECK(file);
    return file;
}

static void file_end(FILE *file, const char *temporary, const char *path)
{
    CHECK(fclose(file) == 0);
    CHECK(rename(temporary, path) == 0);
}

static void key_write(EVP_PKEY *key, const char *path)
{
    char temporary[PKI_PATH_MAX];
    FILE *file = file_begin(path, 0600, temporary);

    CHECK(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    file_end(file, temporary, path);
}

static void certificate_write(X509 *certificate, const char *path)
{
    char temporary[PKI_PATH_MAX];
    FILE *file = file_begin(path, 0644, temporary);

    CHECK(PEM_write_X509(file, certificate));
    file_end(file, temporary, path);
}

static X509 *certificate_read(const struct pki *pki, const char *name)
{
    char path[PKI_PATH_MAX];
    FILE *file = fopen(pki_path(pki, name, ".pem", path), "r");

    CHECK(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    CHECK(certificate);
    return certificate;
}

static void extension_add(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CHECK(extension);
    CHECK(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

static void serial_set(X509 *certificate)
{
    uint64_t serial;

    CHECK(RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1);
    CHECK(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1));
}

static X509 *certificate_begin(EVP_PKEY *key, const char *common_name, int64_t begins_in_s,
                               int64_t ends_in_s)
{
    X509 *certificate = X509_new();

    CHECK(certificate && X509_set_version(certificate, X509_VERSION_3));
    serial_set(certificate);
    CHECK(X509_gmtime_adj(X509_getm_notBefore(certificate), begins_in_s));
    CHECK(X509_gmtime_adj(X509_getm_notAfter(certificate), ends_in_s));
    CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                     (const unsigned char *)common_name, -1, -1, 0));
    CHECK(X509_set_pubkey(certificate, key));
    return certificate;
}

struct pki *pki_new(const char *folder, const char *name)
{
    struct pki *pki = calloc(1, sizeof(*pki));
    char path[PKI_PATH_MAX];

    CHECK(pki);
    CHECK(snprintf(pki->folder, sizeof(pki->folder), "%s", folder) < (int)sizeof(pki->folder));
    CHECK(snprintf(pki->name, sizeof(pki->name), "%s", name) < (int)sizeof(pki->name));
    pki->key = key_new();
    pki->certificate = certificate_begin(pki->key, name, -3600, 3650L * 86400);
    CHECK(X509_set_issuer_name(pki->certificate, X509_get_subject_name(pki->certificate)));
    extension_add(pki->certificate, pki->certificate, NID_basic_constraints, "critical,CA:TRUE");
    extension_add(pki->certificate, pki->certificate, NID_key_usage,
                  "critical,keyCertSign,cRLSign");
    extension_add(pki->certificate, pki->certificate, NID_subject_key_identifier, "hash");
    CHECK(X509_sign(pki->certificate, pki->key, EVP_sha256()));
    certificate_write(pki->certificate, pki_path(pki, name, ".pem", path));
    pki_write_crl(pki, 30L * 86400);
    return pki;
}

void pki_free(struct pki *pki)
{
    if (!pki)
        return;
    for (int i = 0; i < pki->revoked_count; i++)
        ASN1_INTEGER_free(pki->revoked[i]);
    X509_free(pki->certificate);
    EVP_PKEY_free(pki->key);
    free(pki);
}

static void names_add(X509 *certificate, X509 *issuer, const struct pki_leaf *leaf)
{
    char names[1024] = "";
    size_t used = 0;

    for (int i = 0; i < PKI_URI_MAX && leaf->uris[i]; i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, ",URI:%s", leaf->uris[i]);
    if (leaf->dns)
        used += (size_t)snprintf(names + used, sizeof(names) - used, ",DNS:%s", leaf->dns);
    if (leaf->is_server)
        used += (size_t)snprintf(names + used, sizeof(names) - used,
                                 ",DNS:localhost,IP:127.0.0.1,IP:::1");
    CHECK(used < sizeof(names));
    if (used > 0)
        extension_add(certificate, issuer, NID_subject_alt_name, names + 1);
}

void pki_issue(struct pki *pki, const char *name, const struct pki_leaf *leaf)
{
    bool is_dated = leaf->begins_in_s || leaf->ends_in_s;
    const char *common_name = leaf->common_name ? leaf->common_name : "test";
    EVP_PKEY *key = key_new();
    X509 *certificate = certificate_begin(key, common_name, is_dated ? leaf->begins_in_s : -60,
                                          is_dated ? leaf->ends_in_s : 30L * 86400);
    X509 *issuer = leaf->is_self_signed ? certificate : pki->certificate;
    char path[PKI_PATH_MAX];

    CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)));
    extension_add(certificate, issuer, NID_basic_constraints,
                  leaf->is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!leaf->has_no_eku)
        extension_add(certificate, issuer, NID_ext_key_usage,
                      leaf->is_server ? "serverAuth" : "clientAuth");
    names_add(certificate, issuer, leaf);
    CHECK(X509_sign(certificate, leaf->is_self_signed ? key : pki->key, EVP_sha256()));
    certificate_write(certificate, pki_path(pki, name, ".pem", path));
    key_write(key, pki_path(pki, name, ".key", path));
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void pki_server(struct pki *pki, const char *name)
{
    pki_issue(pki, name, &(struct pki_leaf){.common_name = "server", .is_server = true});
}

void pki_member_as(struct pki *pki, const char *code, const char *name)
{
    char uri[128];

    snprintf(uri, sizeof(uri), "spiffe://" PKI_TRUST_DOMAIN "/member/%s", code);
    pki_issue(pki, name, &(struct pki_leaf){.uris = {uri}, .common_name = code});
}

void pki_member(struct pki *pki, const char *code)
{
    pki_member_as(pki, code, code);
}

static void crl_fill(const struct pki *pki, X509_CRL *crl)
{
    for (int i = 0; i < pki->revoked_count; i++) {
        X509_REVOKED *entry = X509_REVOKED_new();

        CHECK(entry && X509_REVOKED_set_serialNumber(entry, pki->revoked[i]));
        ASN1_TIME *now = X509_gmtime_adj(NULL, -60);
        CHECK(now && X509_REVOKED_set_revocationDate(entry, now));
        ASN1_TIME_free(now);
        CHECK(X509_CRL_add0_revoked(crl, entry));
    }
}

void pki_write_crl(struct pki *pki, int64_t ends_in_s)
{
    char path[PKI_PATH_MAX], temporary[PKI_PATH_MAX];
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *last = X509_gmtime_adj(NULL, -3600);
    ASN1_TIME *next = X509_gmtime_adj(NULL, ends_in_s);

    CHECK(crl && last && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2));
    CHECK(X509_CRL_set_issuer_name(crl, X509_get_subject_name(pki->certificate)));
    CHECK(X509_CRL_set1_lastUpdate(crl, last) && X509_CRL_set1_nextUpdate(crl, next));
    crl_fill(pki, crl);
    CHECK(X509_CRL_sort(crl) && X509_CRL_sign(crl, pki->key, EVP_sha256()));
    pki_path(pki, pki->name, "-crl.pem", path);
    FILE *file = file_begin(path, 0644, temporary);
    CHECK(PEM_write_X509_CRL(file, crl));
    file_end(file, temporary, path);
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
}

void pki_revoke(struct pki *pki, const char *name)
{
    X509 *certificate = certificate_read(pki, name);

    CHECK(pki->revoked_count < PKI_REVOKED_MAX);
    pki->revoked[pki->revoked_count++] = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    pki_write_crl(pki, 30L * 86400);
}

void pki_fingerprint(const struct pki *pki, const char *name, uint8_t fingerprint[32])
{
    X509 *certificate = certificate_read(pki, name);
    unsigned int size = 0;

    CHECK(X509_digest(certificate, EVP_sha256(), fingerprint, &size) && size == 32);
    X509_free(certificate);
}
