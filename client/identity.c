#include "identity.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"

enum { AUTHORITY, CERTIFICATE, KEY };
enum { FILE_MAX = 256 * 1024 };

static void stamp(const struct stat *found, struct cix_file_stamp *stamp)
{
    *stamp = (struct cix_file_stamp){.device = (int64_t)found->st_dev,
                                     .inode = (int64_t)found->st_ino,
                                     .size = found->st_size,
                                     .changed_s = found->st_mtim.tv_sec,
                                     .changed_ns = found->st_mtim.tv_nsec};
}

/* The stamp is of the open file, so that it belongs to what is read. */
static bool read_file(const char *path, char **text, struct cix_file_stamp *read_stamp,
                      struct cix_error *error)
{
    FILE *file = fopen(path, "re");
    struct stat found;

    if (!file || fstat(fileno(file), &found) || found.st_size > FILE_MAX) {
        int reason = file && !errno ? EFBIG : errno;
        if (file)
            fclose(file);
        return cix_error_set(error, CIX_FAILED_PRECONDITION, "FILE_UNREADABLE", "%s: %s", path,
                             strerror(reason));
    }
    *text = calloc(1, FILE_MAX + 1);
    CHECK(*text);
    size_t size = fread(*text, 1, FILE_MAX, file);
    (*text)[size] = '\0';
    stamp(&found, read_stamp);
    fclose(file);
    return true;
}

static X509 *parse_cert(const char *text)
{
    BIO *bio = BIO_new_mem_buf(text, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return cert;
}

static EVP_PKEY *parse_key(const char *text)
{
    BIO *bio = BIO_new_mem_buf(text, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");

    BIO_free(bio);
    return key;
}

static bool invalid(struct cix_error *error, const char *path, const char *what)
{
    return cix_error_set(error, CIX_FAILED_PRECONDITION, "CERTIFICATE_INVALID", "%s: %s", path,
                         what);
}

static bool check(const char *const paths[CIX_IDENTITY_FILES], const struct cix_identity *identity,
                  struct cix_error *error)
{
    X509 *authority = parse_cert(identity->pem[AUTHORITY]);
    X509 *cert = parse_cert(identity->pem[CERTIFICATE]);
    EVP_PKEY *key = parse_key(identity->pem[KEY]);
    bool is_good = true;

    if (!authority)
        is_good = invalid(error, paths[AUTHORITY], "holds no PEM certificate");
    else if (!cert)
        is_good = invalid(error, paths[CERTIFICATE], "holds no PEM certificate");
    else if (!key)
        is_good = invalid(error, paths[KEY], "holds no PEM key without passphrase");
    else if (X509_check_private_key(cert, key) != 1)
        is_good = invalid(error, paths[KEY], "is not the key of the certificate");
    else if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
        is_good = invalid(error, paths[CERTIFICATE], "the certificate has expired");
    X509_free(authority);
    X509_free(cert);
    EVP_PKEY_free(key);
    return is_good;
}

bool cix_identity_read(const char *const paths[CIX_IDENTITY_FILES], struct cix_identity *identity,
                       struct cix_error *error)
{
    struct cix_identity read = {.pem = {NULL}};

    for (int i = 0; i < CIX_IDENTITY_FILES; i++) {
        if (!read_file(paths[i], &read.pem[i], &read.stamps[i], error)) {
            cix_identity_done(&read);
            return false;
        }
    }
    if (!check(paths, &read, error)) {
        cix_identity_done(&read);
        return false;
    }
    *identity = read;
    return true;
}

bool cix_identity_is_stale(const char *const paths[CIX_IDENTITY_FILES],
                           const struct cix_identity *identity)
{
    for (int i = 0; i < CIX_IDENTITY_FILES; i++) {
        struct stat found;
        struct cix_file_stamp now;
        if (stat(paths[i], &found))
            return false; /* being replaced: look again later */
        stamp(&found, &now);
        if (memcmp(&now, &identity->stamps[i], sizeof(now)) != 0)
            return true;
    }
    return false;
}

void cix_identity_done(struct cix_identity *identity)
{
    for (int i = 0; i < CIX_IDENTITY_FILES; i++) {
        if (identity->pem[i])
            OPENSSL_cleanse(identity->pem[i], strlen(identity->pem[i]));
        free(identity->pem[i]);
        identity->pem[i] = NULL;
    }
}
