#include "cli/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is written: one of these, so that one writer serves all four kinds. */
enum pem_kind { PEM_KIND_KEY, PEM_KIND_CERT, PEM_KIND_CRL, PEM_KIND_CSR };

bool pem_fail(struct ctx *ctx, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return fail(ctx, ERR_INTERNAL, "PKI_CRYPTO", "%s: %s", what, reason ? reason : "failed");
}

static bool fail_file(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_INTERNAL, "PKI_FILE", "%s: %s", path, strerror(errno));
}

bool pem_key_new(struct ctx *ctx, EVP_PKEY **key)
{
    *key = EVP_EC_gen("P-256");
    return *key ? true : pem_fail(ctx, "key");
}

static FILE *open_to_read(struct ctx *ctx, const char *path)
{
    FILE *file = fopen(path, "re");

    if (!file)
        fail_file(ctx, path);
    return file;
}

bool pem_key_read(struct ctx *ctx, const char *path, EVP_PKEY **key)
{
    FILE *file = open_to_read(ctx, path);

    if (!file)
        return false;
    *key = PEM_read_PrivateKey(file, NULL, NULL, (void *)"");
    fclose(file);
    return *key ? true : pem_fail(ctx, path);
}

bool pem_cert_read(struct ctx *ctx, const char *path, X509 **cert)
{
    FILE *file = open_to_read(ctx, path);

    if (!file)
        return false;
    *cert = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return *cert ? true : pem_fail(ctx, path);
}

bool pem_crl_read(struct ctx *ctx, const char *path, X509_CRL **crl)
{
    FILE *file = open_to_read(ctx, path);

    if (!file)
        return false;
    *crl = PEM_read_X509_CRL(file, NULL, NULL, NULL);
    fclose(file);
    return *crl ? true : pem_fail(ctx, path);
}

bool pem_csr_read(struct ctx *ctx, const char *path, X509_REQ **request)
{
    FILE *file = open_to_read(ctx, path);

    if (!file)
        return false;
    *request = PEM_read_X509_REQ(file, NULL, NULL, NULL);
    fclose(file);
    return *request ? true : pem_fail(ctx, path);
}

static bool write_object(FILE *file, enum pem_kind kind, void *object)
{
    switch (kind) {
    case PEM_KIND_KEY:
        return PEM_write_PKCS8PrivateKey(file, object, NULL, NULL, 0, NULL, NULL) == 1;
    case PEM_KIND_CERT:
        return PEM_write_X509(file, object) == 1;
    case PEM_KIND_CRL:
        return PEM_write_X509_CRL(file, object) == 1;
    case PEM_KIND_CSR:
        return PEM_write_X509_REQ(file, object) == 1;
    }
    return false;
}

static bool write_file(struct ctx *ctx, const char *path, enum pem_kind kind, void *object)
{
    char beside[PEM_PATH_MAX];

    snprintf(beside, sizeof(beside), "%s.new", path);
    unlink(beside);
    int fd =
        open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kind == PEM_KIND_KEY ? 0600 : 0644);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file)
        return fail_file(ctx, beside);
    bool is_written = write_object(file, kind, object) && !fflush(file) && !fsync(fd);
    if (fclose(file) || !is_written || rename(beside, path)) {
        fail_file(ctx, path);
        unlink(beside);
        return false;
    }
    return true;
}

bool pem_key_write(struct ctx *ctx, const char *path, EVP_PKEY *key)
{
    return write_file(ctx, path, PEM_KIND_KEY, key);
}

bool pem_cert_write(struct ctx *ctx, const char *path, X509 *cert)
{
    return write_file(ctx, path, PEM_KIND_CERT, cert);
}

bool pem_crl_write(struct ctx *ctx, const char *path, X509_CRL *crl)
{
    return write_file(ctx, path, PEM_KIND_CRL, crl);
}

bool pem_csr_write(struct ctx *ctx, const char *path, X509_REQ *request)
{
    return write_file(ctx, path, PEM_KIND_CSR, request);
}
