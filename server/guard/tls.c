#include "guard/tls.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "guard/name.h"

enum { FILE_COUNT = 4, CERT_LIST_BYTES_MAX = 32768, CHAIN_DEPTH_MAX = 4, READ_BYTES = 32768 };

struct stamp {
    struct timespec modified;
    ino_t inode;
    off_t size;
};

struct tls {
    struct tls_files files;
    pthread_mutex_t lock;
    SSL_CTX *context;                /* the one in force */
    struct stamp stamps[FILE_COUNT]; /* of the files when last read */
    int64_t certificate_ends_us;
};

/* Reasons */

static const struct {
    int error;
    enum guard_reason reason;
} verify_reasons[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, GUARD_CERTIFICATE_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, GUARD_CERTIFICATE_NOT_YET_VALID},
    {X509_V_ERR_CERT_REVOKED, GUARD_CERTIFICATE_REVOKED},
    {X509_V_ERR_INVALID_PURPOSE, GUARD_CERTIFICATE_PURPOSE},
    {X509_V_ERR_INVALID_CA, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, GUARD_CERTIFICATE_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_GET_CRL, GUARD_CRL_UNUSABLE},
    {X509_V_ERR_CRL_HAS_EXPIRED, GUARD_CRL_UNUSABLE},
    {X509_V_ERR_CRL_NOT_YET_VALID, GUARD_CRL_UNUSABLE},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, GUARD_CRL_UNUSABLE},
};

static enum guard_reason reason_of_verify(int error)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verify_reasons); i++)
        if (verify_reasons[i].error == error)
            return verify_reasons[i].reason;
    return GUARD_CERTIFICATE_INVALID;
}

static const struct {
    int error;
    enum guard_reason reason;
} protocol_reasons[] = {
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, GUARD_CERTIFICATE_MISSING},
    {SSL_R_HTTP_REQUEST, GUARD_TLS_PLAINTEXT},
    {SSL_R_HTTPS_PROXY_REQUEST, GUARD_TLS_PLAINTEXT},
    {SSL_R_WRONG_VERSION_NUMBER, GUARD_TLS_PLAINTEXT},
    {SSL_R_UNSUPPORTED_PROTOCOL, GUARD_TLS_VERSION},
    {SSL_R_VERSION_TOO_LOW, GUARD_TLS_VERSION},
    {SSL_R_NO_SHARED_CIPHER, GUARD_TLS_CIPHER},
    {SSL_R_NO_APPLICATION_PROTOCOL, GUARD_ALPN_MISSING},
};

static enum guard_reason reason_of_protocol(void)
{
    unsigned long error = ERR_peek_error();

    for (size_t i = 0; i < ARRAY_LENGTH(protocol_reasons); i++)
        if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == protocol_reasons[i].error)
            return protocol_reasons[i].reason;
    return GUARD_TLS_FAILED;
}

/* What a certificate says */

static int64_t time_us(const ASN1_TIME *time)
{
    struct tm broken_down;

    if (!time || !ASN1_TIME_to_tm(time, &broken_down))
        return 0;
    return (int64_t)timegm(&broken_down) * 1000000;
}

/* The one URI name of the leaf; anything but exactly one is refused. */
static enum guard_reason uri_find(const GENERAL_NAMES *names, const char **uri, size_t *size)
{
    int count = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_URI)
            continue;
        count++;
        *uri = (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
        *size = (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier);
    }
    if (count == 1)
        return GUARD_OK;
    return count == 0 ? GUARD_NAME_MISSING : GUARD_NAME_SEVERAL;
}

static enum guard_reason member_code_find(X509 *leaf, const char *trust_domain, char code[33])
{
    int occurrence = 0; /* -1: no such extension, -2: several */
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, &occurrence, NULL);
    const char *uri = NULL;
    size_t size = 0;

    if (!names)
        return occurrence == -2 ? GUARD_NAME_SEVERAL : GUARD_NAME_MISSING;
    enum guard_reason reason = uri_find(names, &uri, &size);
    if (reason == GUARD_OK)
        reason = name_member_code(uri, size, trust_domain, code);
    GENERAL_NAMES_free(names);
    return reason;
}

static enum guard_reason leaf_check(X509 *leaf, struct tls_handshake *handshake)
{
    struct guard_peer *peer = &handshake->peer;
    unsigned int size = 0;

    if (X509_check_ca(leaf)) /* an authority is not a member */
        return GUARD_CERTIFICATE_PURPOSE;
    enum guard_reason reason = member_code_find(leaf, handshake->trust_domain, peer->member_code);
    if (reason != GUARD_OK)
        return reason;
    if (!X509_digest(leaf, EVP_sha256(), peer->fingerprint, &size))
        return GUARD_CERTIFICATE_INVALID;
    peer->not_after_us = time_us(X509_get0_notAfter(leaf));
    return handshake->judge ? handshake->judge(handshake->user, peer) : GUARD_OK;
}

/* Called for each certificate of the chain, the leaf last. */
static int on_verify(int is_ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_handshake *handshake = SSL_get_app_data(ssl);

    if (!is_ok) {
        handshake->reason = reason_of_verify(X509_STORE_CTX_get_error(store));
        return 0;
    }
    if (X509_STORE_CTX_get_error_depth(store) > 0)
        return 1;
    handshake->reason = leaf_check(X509_STORE_CTX_get_current_cert(store), handshake);
    if (handshake->reason == GUARD_OK)
        return 1;
    /* The alert: bad_certificate for what the certificate says, else handshake_failure. */
    X509_STORE_CTX_set_error(store, handshake->reason < GUARD_NOT_ADMITTED
                                        ? X509_V_ERR_CERT_REJECTED
                                        : X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

static int on_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_size,
                   const unsigned char *offered, unsigned int offered_size, void *user)
{
    static const unsigned char h2[] = {2, 'h', '2'};
    unsigned char *match;

    (void)ssl;
    (void)user;
    if (SSL_select_next_proto(&match, chosen_size, h2, sizeof(h2), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

/* Contexts */

static bool fail_file(struct ctx *ctx, const char *path, const char *what)
{
    return fail(ctx, ERR_PRECONDITION, "GUARD_CERTIFICATE", "%s: %s", path, what);
}

static void stamps_take(const struct tls_files *files, struct stamp stamps[FILE_COUNT])
{
    const char *paths[FILE_COUNT] = {files->certificate, files->key, files->ca, files->crl};

    for (int i = 0; i < FILE_COUNT; i++) {
        struct stat status;

        stamps[i] = (struct stamp){0};
        if (paths[i] && stat(paths[i], &status) == 0)
            stamps[i] = (struct stamp){status.st_mtim, status.st_ino, status.st_size};
    }
}

/* As PostgreSQL asks of its key: ours and closed to others, or root's and open to a group. */
static bool key_is_private(struct ctx *ctx, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return fail_file(ctx, path, strerror(errno));
    mode_t open_bits = status.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    if (status.st_mode & open_bits)
        return fail_file(ctx, path, "key file may be read by others, chmod 0600 it");
    return true;
}

static bool load_own(struct ctx *ctx, SSL_CTX *context, const struct tls_files *files,
                     int64_t *ends_us)
{
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
        return fail_file(ctx, files->certificate, "no certificate in PEM");
    if (!key_is_private(ctx, files->key))
        return false;
    if (SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail_file(ctx, files->key, "no key in PEM that fits the certificate");
    *ends_us = time_us(X509_get0_notAfter(SSL_CTX_get0_certificate(context)));
    if (*ends_us <= clock_now_us())
        return fail_file(ctx, files->certificate, "the server's certificate has expired");
    return true;
}

static bool load_trust(struct ctx *ctx, SSL_CTX *context, const struct tls_files *files)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(files->ca);

    if (!names || SSL_CTX_load_verify_file(context, files->ca) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fail_file(ctx, files->ca, "no CA certificate in PEM");
    }
    SSL_CTX_set_client_CA_list(context, names);
    if (!files->crl)
        return true;
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!lookup || X509_load_crl_file(lookup, files->crl, X509_FILETYPE_PEM) < 1)
        return fail_file(ctx, files->crl, "no revocation list in PEM");
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return true;
}

static void configure(SSL_CTX *context)
{
    static const unsigned char session_context[] = "cix";

    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK");
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
    SSL_CTX_set_verify_depth(context, CHAIN_DEPTH_MAX);
    SSL_CTX_set_max_cert_list(context, CERT_LIST_BYTES_MAX);
    SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
    /* One read call may bring several records; the pump reads until none is left. */
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_BYTES);
}

static bool context_new(struct ctx *ctx, const struct tls_files *files, SSL_CTX **result,
                        int64_t *ends_us)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (!context)
        return fail(ctx, ERR_INTERNAL, "GUARD_CERTIFICATE", "no memory for a TLS context");
    configure(context);
    ERR_clear_error();
    bool is_loaded = load_own(ctx, context, files, ends_us) && load_trust(ctx, context, files);
    ERR_clear_error();
    if (!is_loaded) {
        SSL_CTX_free(context);
        return false;
    }
    *result = context;
    return true;
}

bool tls_new(struct ctx *ctx, const struct tls_files *files, struct tls **result)
{
    struct tls *tls = calloc(1, sizeof(*tls));

    CHECK(tls && pthread_mutex_init(&tls->lock, NULL) == 0);
    tls->files = *files;
    if (!tls_reload(ctx, tls)) {
        tls_free(tls);
        return false;
    }
    *result = tls;
    return true;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

bool tls_reload(struct ctx *ctx, struct tls *tls)
{
    struct stamp stamps[FILE_COUNT];
    SSL_CTX *context = NULL;
    int64_t ends_us = 0;

    /* Taken before reading: what changes while we read is seen as changed afterwards. */
    stamps_take(&tls->files, stamps);
    bool is_read = context_new(ctx, &tls->files, &context, &ends_us);
    pthread_mutex_lock(&tls->lock);
    memcpy(tls->stamps, stamps, sizeof(stamps));
    if (is_read) {
        SSL_CTX *old = tls->context;
        tls->context = context;
        tls->certificate_ends_us = ends_us;
        context = old;
    }
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(context); /* connections hold their own reference */
    return is_read;
}

bool tls_is_stale(struct tls *tls)
{
    struct stamp stamps[FILE_COUNT];
    bool is_stale = false;

    stamps_take(&tls->files, stamps);
    pthread_mutex_lock(&tls->lock);
    for (int i = 0; i < FILE_COUNT; i++)
        is_stale |= stamps[i].modified.tv_sec != tls->stamps[i].modified.tv_sec ||
                    stamps[i].modified.tv_nsec != tls->stamps[i].modified.tv_nsec ||
                    stamps[i].inode != tls->stamps[i].inode ||
                    stamps[i].size != tls->stamps[i].size;
    pthread_mutex_unlock(&tls->lock);
    return is_stale;
}

int64_t tls_certificate_ends_us(struct tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    int64_t ends_us = tls->certificate_ends_us;
    pthread_mutex_unlock(&tls->lock);
    return ends_us;
}

static SSL_CTX *context_take(struct tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    SSL_CTX *context = tls->context;
    SSL_CTX_up_ref(context);
    pthread_mutex_unlock(&tls->lock);
    return context;
}

/* Handshakes */

SSL *tls_begin(struct tls *tls, int fd, struct tls_handshake *handshake)
{
    SSL_CTX *context = context_take(tls);
    SSL *ssl = SSL_new(context);

    SSL_CTX_free(context);
    if (!ssl || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_app_data(ssl, handshake);
    SSL_set_accept_state(ssl);
    return ssl;
}

/* OpenSSL asks its ALPN callback only when the client offers something. */
static bool is_h2(const SSL *ssl)
{
    const unsigned char *protocol;
    unsigned int size;

    SSL_get0_alpn_selected(ssl, &protocol, &size);
    return size == 2 && memcmp(protocol, "h2", 2) == 0;
}

enum tls_progress tls_step(SSL *ssl, struct tls_handshake *handshake)
{
    ERR_clear_error();
    int outcome = SSL_do_handshake(ssl);

    if (outcome == 1) {
        SSL_set_app_data(ssl, NULL); /* no renegotiation: the callback will not run again */
        if (is_h2(ssl) && handshake->peer.member_code[0])
            return TLS_DONE;
        handshake->reason = GUARD_ALPN_MISSING;
        return TLS_REFUSED;
    }
    switch (SSL_get_error(ssl, outcome)) {
    case SSL_ERROR_WANT_READ:
        return TLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANT_WRITE;
    default:
        if (handshake->reason == GUARD_OK)
            handshake->reason = reason_of_protocol();
        ERR_clear_error();
        return TLS_REFUSED;
    }
}

STACK_OF(X509) * tls_chain(SSL *ssl)
{
    return X509_chain_up_ref(SSL_get0_verified_chain(ssl));
}

void tls_chain_free(STACK_OF(X509) * chain)
{
    sk_X509_pop_free(chain, X509_free);
}

enum guard_reason tls_recheck(struct tls *tls, STACK_OF(X509) * chain)
{
    SSL_CTX *context = context_take(tls);
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    enum guard_reason reason = GUARD_CERTIFICATE_INVALID;

    if (store && chain &&
        X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(context), sk_X509_value(chain, 0),
                            chain) &&
        X509_STORE_CTX_set_default(store, "ssl_client")) {
        reason = X509_verify_cert(store) == 1 ? GUARD_OK
                                              : reason_of_verify(X509_STORE_CTX_get_error(store));
    }
    X509_STORE_CTX_free(store);
    SSL_CTX_free(context);
    ERR_clear_error();
    return reason;
}
