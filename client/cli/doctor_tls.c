/*
 * The steps of the doctor over TLS: does the exchange prove who it is, does it take the member's
 * certificate, does it speak HTTP/2.
 *
 * With TLS 1.3 a client's handshake is over before the server has looked at its certificate: the
 * refusal comes as an alert in place of the first bytes. So the identity is judged when something
 * was read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/doctor.h"

enum { NAME_ROOM = 256, QUIET_US = 1000 * 1000, SETTINGS_FRAME = 4 };

/* HTTP/2's connection preface and an empty SETTINGS frame (RFC 9113, 3.4 and 6.5). */
static const unsigned char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";

/* ---- What went wrong ---- */

/* How the exchange's certificate fails (X509_V_ERR_...); all others are SERVER_UNTRUSTED. */
static const struct {
    int error;
    enum doctor_fault fault;
} verify_faults[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, DOCTOR_SERVER_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, DOCTOR_SERVER_NOT_YET_VALID},
    {X509_V_ERR_HOSTNAME_MISMATCH, DOCTOR_SERVER_NAME},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, DOCTOR_SERVER_NAME},
    {X509_V_ERR_INVALID_PURPOSE, DOCTOR_SERVER_PURPOSE},
};

/* What an alert of the exchange says about the own certificate (RFC 8446, 6.2). */
static const struct {
    int alert;
    enum doctor_fault fault;
} alert_faults[] = {
    {SSL_AD_UNKNOWN_CA, DOCTOR_OWN_UNTRUSTED},
    {SSL_AD_DECRYPT_ERROR, DOCTOR_OWN_UNTRUSTED},
    {SSL_AD_CERTIFICATE_EXPIRED, DOCTOR_OWN_EXPIRED},
    {SSL_AD_CERTIFICATE_REVOKED, DOCTOR_OWN_REVOKED},
    {SSL_AD_BAD_CERTIFICATE, DOCTOR_OWN_NAME},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, DOCTOR_OWN_PURPOSE},
    {SSL_AD_HANDSHAKE_FAILURE, DOCTOR_OWN_NOT_ADMITTED},
    {SSL_AD_ACCESS_DENIED, DOCTOR_OWN_NOT_ADMITTED},
    {SSL_AD_CERTIFICATE_UNKNOWN, DOCTOR_OWN_REFUSED},
    {TLS13_AD_CERTIFICATE_REQUIRED, DOCTOR_OWN_REFUSED},
    {SSL_AD_PROTOCOL_VERSION, DOCTOR_TLS_VERSION},
    {TLS1_AD_NO_APPLICATION_PROTOCOL, DOCTOR_ALPN_MISSING},
};

/* Failures that OpenSSL finds on this side. */
static const struct {
    int reason;
    enum doctor_fault fault;
} protocol_faults[] = {
    {SSL_R_WRONG_VERSION_NUMBER, DOCTOR_TLS_NONE},
    {SSL_R_PACKET_LENGTH_TOO_LONG, DOCTOR_TLS_NONE},
    {SSL_R_UNSUPPORTED_PROTOCOL, DOCTOR_TLS_VERSION},
    {SSL_R_WRONG_SSL_VERSION, DOCTOR_TLS_VERSION},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, DOCTOR_CLOSED},
};

static enum doctor_fault fault_of_verify(int error)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verify_faults); i++) {
        if (verify_faults[i].error == error)
            return verify_faults[i].fault;
    }
    return DOCTOR_SERVER_UNTRUSTED;
}

/* Of the oldest error on OpenSSL's list. fallback: when it is none of the tables'. */
static enum doctor_fault fault_of_list(enum doctor_fault fallback)
{
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_REASON(error);

    if (!error)
        return DOCTOR_CLOSED;
    if (ERR_GET_LIB(error) != ERR_LIB_SSL)
        return fallback;
    for (size_t i = 0; i < ARRAY_LENGTH(alert_faults); i++) {
        if (reason == SSL_AD_REASON_OFFSET + alert_faults[i].alert)
            return alert_faults[i].fault;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(protocol_faults); i++) {
        if (reason == protocol_faults[i].reason)
            return protocol_faults[i].fault;
    }
    return fallback;
}

static const char *openssl_words(void)
{
    const char *words = ERR_reason_error_string(ERR_peek_error());

    return words ? words : "the connection was closed";
}

/* ---- The handshake ---- */

static int on_verify(int is_ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct doctor *doctor = SSL_get_app_data(ssl);
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    char subject[NAME_ROOM] = "", issuer[NAME_ROOM] = "";

    X509_NAME_oneline(X509_get_subject_name(leaf), subject, sizeof(subject));
    X509_NAME_oneline(X509_get_issuer_name(leaf), issuer, sizeof(issuer));
    doctor->server = arena_format(&doctor->arena, "%s issued by %s", subject, issuer);
    if (!is_ok)
        doctor->verify_error = X509_STORE_CTX_get_error(store);
    return is_ok;
}

/* The name that gRPC too compares: --server-name, or the host. */
static bool set_name(struct doctor *doctor)
{
    const char *name = doctor->settings.server_name ? doctor->settings.server_name : doctor->host;
    unsigned char address[16];

    if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(doctor->ssl), name);
    return SSL_set1_host(doctor->ssl, name) && SSL_set_tlsext_host_name(doctor->ssl, name);
}

/* Without one nothing is shown to the exchange, and its verdict would be about nothing. */
static bool has_own_pair(const struct doctor *doctor)
{
    return doctor->key && doctor->certificate &&
           X509_check_private_key(doctor->certificate, doctor->key) == 1;
}

static bool begin(struct doctor *doctor)
{
    static const unsigned char h2[] = {2, 'h', '2'};

    doctor->context = SSL_CTX_new(TLS_client_method());
    if (!doctor->context || !SSL_CTX_set_min_proto_version(doctor->context, TLS1_2_VERSION) ||
        !SSL_CTX_load_verify_file(doctor->context, doctor->settings.ca) ||
        SSL_CTX_set_alpn_protos(doctor->context, h2, sizeof(h2)))
        return false;
    SSL_CTX_set_verify(doctor->context, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_mode(doctor->context, SSL_MODE_AUTO_RETRY);
    /* What does not fit together was told by an earlier step: then the handshake goes without. */
    if (has_own_pair(doctor) &&
        SSL_CTX_use_certificate_chain_file(doctor->context, doctor->settings.cert) == 1 &&
        SSL_CTX_use_PrivateKey(doctor->context, doctor->key) != 1)
        return false;
    ERR_clear_error();
    doctor->ssl = SSL_new(doctor->context);
    if (!doctor->ssl || !SSL_set_fd(doctor->ssl, doctor->fd) || !set_name(doctor))
        return false;
    SSL_set_app_data(doctor->ssl, (char *)doctor);
    return true;
}

/* Waits for what SSL wants; false when it wants nothing more or the time is up. */
static bool wait_for_ssl(struct doctor *doctor, int outcome, int64_t until_us, bool *is_late)
{
    int wanted = SSL_get_error(doctor->ssl, outcome);

    if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE)
        return false;
    *is_late = !doctor_wait(doctor, wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_us);
    return !*is_late;
}

static void tell_handshake(struct doctor *doctor)
{
    enum doctor_fault fault = fault_of_list(DOCTOR_TLS_FAILED);

    if (doctor->verify_error != X509_V_OK) {
        doctor_tell(doctor, DOCTOR_TLS, fault_of_verify(doctor->verify_error), "%s: %s",
                    doctor->server ? doctor->server : "",
                    X509_verify_cert_error_string(doctor->verify_error));
    } else if (fault >= DOCTOR_OWN_UNTRUSTED && fault <= DOCTOR_OWN_REFUSED && doctor->server) {
        /* TLS 1.2: refused while shaking hands, but the exchange has proven itself. */
        doctor_tell(doctor, DOCTOR_TLS, DOCTOR_NONE, "%s", doctor->server);
        if (has_own_pair(doctor))
            doctor_tell(doctor, DOCTOR_IDENTITY, fault, "%s", openssl_words());
    } else {
        doctor_tell(doctor, DOCTOR_TLS, fault, "%s", openssl_words());
    }
    ERR_clear_error();
}

void doctor_check_tls(struct doctor *doctor)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)doctor->timeout_ms * 1000;
    bool is_late = false;
    int outcome;

    ERR_clear_error();
    if (!begin(doctor)) {
        doctor_tell(doctor, DOCTOR_TLS, DOCTOR_TLS_FAILED, "%s", openssl_words());
        return;
    }
    do {
        ERR_clear_error();
        outcome = SSL_connect(doctor->ssl);
    } while (outcome != 1 && wait_for_ssl(doctor, outcome, until_us, &is_late));
    if (outcome == 1)
        doctor_tell(doctor, DOCTOR_TLS, DOCTOR_NONE, "%s, %s", SSL_get_version(doctor->ssl),
                    doctor->server);
    else if (is_late)
        doctor_tell(doctor, DOCTOR_TLS, DOCTOR_TLS_SILENT, "%d seconds", doctor->timeout_ms / 1000);
    else
        tell_handshake(doctor);
}

/* ---- Behind the handshake ---- */

static bool is_h2(const SSL *ssl)
{
    const unsigned char *protocol;
    unsigned int size;

    SSL_get0_alpn_selected(ssl, &protocol, &size);
    return size == 2 && !memcmp(protocol, "h2", 2);
}

static const char *fingerprint(struct doctor *doctor)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned int size = 0;

    if (!X509_digest(doctor->certificate, EVP_sha256(), digest, &size))
        return "unknown";
    text_to_hex(digest, size, hex);
    return arena_string(&doctor->arena, hex);
}

/* Reads up to the size of a frame's head. False: it failed; is_late tells a silence. */
static bool read_greeting(struct doctor *doctor, int64_t until_us, bool *is_late)
{
    while (doctor->greeting_size < sizeof(doctor->greeting)) {
        ERR_clear_error();
        int count = SSL_read(doctor->ssl, doctor->greeting + doctor->greeting_size,
                             (int)(sizeof(doctor->greeting) - doctor->greeting_size));
        if (count > 0)
            doctor->greeting_size += (size_t)count;
        else if (!wait_for_ssl(doctor, count, until_us, is_late))
            return false;
    }
    return true;
}

/*
 * A server of gRPC speaks first. One that waits for the client's greeting gets it after a while,
 * not at once: bytes that a refusing server has not read would cost us its alert.
 */
static bool greet(struct doctor *doctor, bool *is_late)
{
    int64_t now_us = clock_monotonic_us();
    int64_t until_us = now_us + (int64_t)doctor->timeout_ms * 1000;

    if (read_greeting(doctor, now_us + QUIET_US, is_late))
        return true;
    if (!*is_late || SSL_write(doctor->ssl, preface, sizeof(preface) - 1) <= 0)
        return false;
    *is_late = false;
    return read_greeting(doctor, until_us, is_late);
}

void doctor_check_identity(struct doctor *doctor)
{
    bool is_late = false;

    if (doctor->results[DOCTOR_IDENTITY].is_tried) /* TLS 1.2: refused already */
        return;
    if (!has_own_pair(doctor)) /* an earlier step tells why */
        return;
    doctor->is_greeted = greet(doctor, &is_late);
    enum doctor_fault fault =
        doctor->is_greeted || is_late ? DOCTOR_NONE : fault_of_list(DOCTOR_CLOSED);
    bool is_about_us = fault >= DOCTOR_OWN_UNTRUSTED && fault <= DOCTOR_OWN_REFUSED;
    if (is_about_us || fault == DOCTOR_CLOSED)
        doctor_tell(doctor, DOCTOR_IDENTITY, fault, "%s; fingerprint %s",
                    is_about_us ? openssl_words() : "no alert came", fingerprint(doctor));
    else if (fault != DOCTOR_NONE)
        doctor_tell(doctor, DOCTOR_IDENTITY, fault, "%s", openssl_words());
    else
        doctor_tell(doctor, DOCTOR_IDENTITY, DOCTOR_NONE, "fingerprint %s", fingerprint(doctor));
    ERR_clear_error();
}

void doctor_check_protocol(struct doctor *doctor)
{
    if (!is_h2(doctor->ssl))
        doctor_tell(doctor, DOCTOR_PROTOCOL, DOCTOR_ALPN_MISSING, "no protocol was agreed");
    else if (!doctor->is_greeted)
        doctor_tell(doctor, DOCTOR_PROTOCOL, DOCTOR_NOT_GRPC, "it says nothing");
    else if (doctor->greeting[3] != SETTINGS_FRAME)
        doctor_tell(doctor, DOCTOR_PROTOCOL, DOCTOR_NOT_GRPC, "its first bytes are no SETTINGS");
    else
        doctor_tell(doctor, DOCTOR_PROTOCOL, DOCTOR_NONE, "HTTP/2");
}
