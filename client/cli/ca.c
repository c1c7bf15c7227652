#include "cli/ca.h"

#include <errno.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"

enum { SERIAL_BYTES = 16, CODE_MIN = 3, CODE_MAX = 32, BACKDATE_S = 300, CRL_DAYS = 365 };

bool ca_code_is_valid(const char *code)
{
    size_t size = strlen(code);

    return size >= CODE_MIN && size <= CODE_MAX &&
           strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

bool ca_domain_is_valid(const char *domain)
{
    size_t size = strlen(domain);

    return size > 0 && size < CA_DOMAIN_MAX &&
           strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == size;
}

void ca_path(const struct ca *ca, const char *name, const char *suffix, char path[PEM_PATH_MAX])
{
    snprintf(path, PEM_PATH_MAX, "%s/%s%s", ca->dir, name, suffix);
}

void ca_serial(const X509 *cert, char text[CA_SERIAL_MAX])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;

    snprintf(text, CA_SERIAL_MAX, "%s", hex ? hex : "");
    OPENSSL_free(hex);
    BN_free(number);
}

void ca_common_name(const X509 *cert, char *name, int room)
{
    *name = '\0';
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, room);
}

static bool set_serial(X509 *cert)
{
    uint8_t bytes[SERIAL_BYTES];

    digest_random(bytes, sizeof(bytes));
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return is_set;
}

static bool set_subject(X509 *cert, const char *common_name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!extension)
        return false;
    bool is_added = X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_body(X509 *cert, const struct ca_leaf *leaf)
{
    return X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
           set_subject(cert, leaf->common_name) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE_S) &&
           X509_time_adj_ex(X509_getm_notAfter(cert), leaf->days, 0, NULL) &&
           X509_set_pubkey(cert, leaf->key);
}

static bool make_authority(X509 *cert, const struct ca_leaf *self)
{
    return set_body(cert, self) && X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
           add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
           add_extension(cert, cert, NID_subject_alt_name, self->names) &&
           X509_sign(cert, self->key, EVP_sha256());
}

static bool make_leaf(X509 *cert, const struct ca *ca, const struct ca_leaf *leaf)
{
    return set_body(cert, leaf) && X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) &&
           add_extension(cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(cert, ca->cert, NID_key_usage, "critical,digitalSignature") &&
           add_extension(cert, ca->cert, NID_ext_key_usage,
                         leaf->is_server ? "serverAuth" : "clientAuth") &&
           add_extension(cert, ca->cert, NID_subject_key_identifier, "hash") &&
           add_extension(cert, ca->cert, NID_authority_key_identifier, "keyid:always") &&
           add_extension(cert, ca->cert, NID_subject_alt_name, leaf->names) &&
           X509_sign(cert, ca->key, EVP_sha256());
}

static bool make_folder(struct ctx *ctx, const char *path)
{
    if (mkdir(path, 0755) && errno != EEXIST)
        return fail(ctx, ERR_INTERNAL, "PKI_FILE", "%s: %s", path, strerror(errno));
    return true;
}

static bool make_folders(struct ctx *ctx, const struct ca *ca)
{
    char issued[PEM_PATH_MAX];
    char key[PEM_PATH_MAX];
    struct stat found;

    ca_path(ca, "issued", "", issued);
    ca_path(ca, "ca", ".key", key);
    if (!make_folder(ctx, ca->dir) || !make_folder(ctx, issued))
        return false;
    if (!stat(key, &found))
        return fail(ctx, ERR_EXISTS, "PKI_EXISTS", "%s is there already", key);
    return true;
}

static bool set_folder(struct ctx *ctx, struct ca *ca, const char *dir)
{
    *ca = (struct ca){.cert = NULL};
    if (strlen(dir) >= sizeof(ca->dir))
        return fail(ctx, ERR_INVALID, "PKI_FILE", "the folder's path is too long");
    snprintf(ca->dir, sizeof(ca->dir), "%s", dir);
    return true;
}

/* The key is written last: a folder without it is not an authority, and init may be run again. */
static bool write_authority(struct ctx *ctx, struct ca *ca)
{
    char cert[PEM_PATH_MAX];
    char key[PEM_PATH_MAX];

    ca_path(ca, "ca", ".pem", cert);
    ca_path(ca, "ca", ".key", key);
    return pem_cert_write(ctx, cert, ca->cert) && ca_write_crl(ctx, ca, CRL_DAYS) &&
           pem_key_write(ctx, key, ca->key);
}

bool ca_init(struct ctx *ctx, const char *dir, const char *domain, int days)
{
    struct ca ca;
    char name[CA_DOMAIN_MAX + 16];
    char uri[CA_DOMAIN_MAX + 16];

    if (!set_folder(ctx, &ca, dir) || !make_folders(ctx, &ca) || !pem_key_new(ctx, &ca.key))
        return false;
    snprintf(name, sizeof(name), "%.40s trial CA", domain);
    snprintf(uri, sizeof(uri), "URI:spiffe://%s", domain);
    struct ca_leaf self = {.common_name = name, .names = uri, .days = days, .key = ca.key};
    ca.cert = X509_new();
    bool is_made = ca.cert && make_authority(ca.cert, &self) ? write_authority(ctx, &ca)
                                                             : pem_fail(ctx, "authority");
    ca_close(&ca);
    return is_made;
}

/* The trust domain stands in the authority's own URI name. */
static bool read_domain(struct ctx *ctx, struct ca *ca)
{
    static const char scheme[] = "spiffe://";
    GENERAL_NAMES *names = X509_get_ext_d2i(ca->cert, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        const char *uri = (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
        if (!strncmp(uri, scheme, sizeof(scheme) - 1))
            snprintf(ca->domain, sizeof(ca->domain), "%s", uri + sizeof(scheme) - 1);
    }
    GENERAL_NAMES_free(names);
    if (!ca_domain_is_valid(ca->domain))
        return fail(ctx, ERR_INVALID, "PKI_DOMAIN", "ca.pem has no trust domain");
    return true;
}

bool ca_open(struct ctx *ctx, const char *dir, struct ca *ca)
{
    char cert[PEM_PATH_MAX];
    char key[PEM_PATH_MAX];
    char crl[PEM_PATH_MAX];

    if (!set_folder(ctx, ca, dir))
        return false;
    ca_path(ca, "ca", ".pem", cert);
    ca_path(ca, "ca", ".key", key);
    ca_path(ca, "crl", ".pem", crl);
    return pem_cert_read(ctx, cert, &ca->cert) && pem_key_read(ctx, key, &ca->key) &&
           pem_crl_read(ctx, crl, &ca->crl) && read_domain(ctx, ca);
}

void ca_close(struct ca *ca)
{
    X509_free(ca->cert);
    EVP_PKEY_free(ca->key);
    X509_CRL_free(ca->crl);
    *ca = (struct ca){.cert = NULL};
}

bool ca_issue(struct ctx *ctx, const struct ca *ca, const struct ca_leaf *leaf, X509 **cert)
{
    char serial[CA_SERIAL_MAX];
    char name[CA_SERIAL_MAX + 16];
    char path[PEM_PATH_MAX];
    X509 *made = X509_new();

    if (!made || !make_leaf(made, ca, leaf)) {
        X509_free(made);
        return pem_fail(ctx, "certificate");
    }
    ca_serial(made, serial);
    snprintf(name, sizeof(name), "issued/%s", serial);
    ca_path(ca, name, ".pem", path);
    if (!pem_cert_write(ctx, path, made)) {
        X509_free(made);
        return false;
    }
    *cert = made;
    return true;
}

bool ca_is_revoked(const struct ca *ca, X509 *cert)
{
    X509_REVOKED *entry = NULL;

    return X509_CRL_get0_by_cert(ca->crl, &entry, cert) == 1;
}

bool ca_revoke(struct ctx *ctx, struct ca *ca, X509 *cert)
{
    if (ca_is_revoked(ca, cert))
        return true;
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    bool is_added =
        entry && now && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(cert)) &&
        X509_REVOKED_set_revocationDate(entry, now) && X509_CRL_add0_revoked(ca->crl, entry);
    ASN1_TIME_free(now);
    if (is_added)
        return true;
    X509_REVOKED_free(entry);
    return pem_fail(ctx, "revocation");
}

static long next_crl_number(X509_CRL *crl)
{
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    long next = number ? ASN1_INTEGER_get(number) + 1 : 1;

    ASN1_INTEGER_free(number);
    return next;
}

static bool set_crl_number(X509_CRL *crl)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    bool is_set = number && ASN1_INTEGER_set(number, next_crl_number(crl)) &&
                  X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_REPLACE) == 1;

    ASN1_INTEGER_free(number);
    return is_set;
}

static bool sign_crl(const struct ca *ca, X509_CRL *crl, int days)
{
    ASN1_TIME *now = X509_gmtime_adj(NULL, -BACKDATE_S);
    ASN1_TIME *next = X509_time_adj_ex(NULL, days, 0, NULL);
    bool is_signed = now && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
                     X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert)) &&
                     X509_CRL_set1_lastUpdate(crl, now) && X509_CRL_set1_nextUpdate(crl, next) &&
                     set_crl_number(crl) && X509_CRL_sort(crl) &&
                     X509_CRL_sign(crl, ca->key, EVP_sha256());

    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    return is_signed;
}

bool ca_write_crl(struct ctx *ctx, struct ca *ca, int days)
{
    char path[PEM_PATH_MAX];

    if (!ca->crl)
        ca->crl = X509_CRL_new();
    if (!ca->crl || !sign_crl(ca, ca->crl, days))
        return pem_fail(ctx, "revocation list");
    ca_path(ca, "crl", ".pem", path);
    return pem_crl_write(ctx, path, ca->crl);
}
