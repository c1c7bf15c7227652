/*
 * The steps of the doctor that need no network: settings, files, and what the certificates say.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "cli/ca.h"
#include "cli/doctor.h"

enum { NAME_ROOM = 256, SOON_DAYS = 14, CODE_AT_LEAST = 3, CHAIN_MAX = 8 };

/* What TLS asks of a key at the least (security level 2 of OpenSSL): RSA of 2,048 bits. */
enum { SECURITY_BITS = 112 };

static const char scheme[] = "spiffe://";
static const char member_part[] = "/member/";

/* ---- Settings and files ---- */

static bool split_address(struct doctor *doctor)
{
    const char *address = doctor->settings.address;
    const char *colon = strrchr(address, ':');
    int64_t port;

    if (!colon || colon == address || !text_to_int64(colon + 1, &port) || port < 1 || port > 65535)
        return false;
    size_t size = (size_t)(colon - address);
    bool is_bracketed = *address == '[' && colon[-1] == ']';
    if (!is_bracketed && memchr(address, ':', size))
        return false;
    doctor->host = arena_format(&doctor->arena, "%.*s", (int)(size - (is_bracketed ? 2u : 0u)),
                                address + is_bracketed);
    doctor->port = arena_string(&doctor->arena, colon + 1);
    return *doctor->host;
}

void doctor_check_settings(struct doctor *doctor)
{
    const struct settings *settings = &doctor->settings;
    const char *missing = !settings->address ? "address"
                          : !settings->ca    ? "ca"
                          : !settings->cert  ? "cert"
                          : !settings->key   ? "key"
                                             : NULL;

    if (missing)
        doctor_tell(doctor, DOCTOR_SETTINGS, DOCTOR_SETTING_MISSING, "%s", missing);
    else if (!split_address(doctor))
        doctor_tell(doctor, DOCTOR_SETTINGS, DOCTOR_ADDRESS_MALFORMED, "%s", settings->address);
    else
        doctor_tell(doctor, DOCTOR_SETTINGS, DOCTOR_NONE, "the exchange is %s", settings->address);
}

void doctor_check_files(struct doctor *doctor)
{
    const char *const paths[] = {doctor->settings.ca, doctor->settings.cert, doctor->settings.key};

    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        FILE *file = fopen(paths[i], "re");
        struct stat status;
        bool is_regular = file && !fstat(fileno(file), &status) && S_ISREG(status.st_mode);
        int reason = file ? EISDIR : errno;
        if (file)
            fclose(file);
        if (!is_regular) {
            doctor_tell(doctor, DOCTOR_FILES, DOCTOR_FILE_UNREADABLE, "%s: %s", paths[i],
                        strerror(reason));
            return;
        }
    }
    doctor_tell(doctor, DOCTOR_FILES, DOCTOR_NONE, "%s, %s, %s", paths[0], paths[1], paths[2]);
}

/* ---- The key ---- */

/* Never asks at the terminal; remembers that a passphrase was wanted. */
static int no_passphrase(char *text, int room, int is_writing, void *user)
{
    (void)text;
    (void)room;
    (void)is_writing;
    *(bool *)user = true;
    return -1;
}

static bool read_key(struct doctor *doctor)
{
    FILE *file = fopen(doctor->settings.key, "re");
    bool is_encrypted = false;

    if (file) {
        doctor->key = PEM_read_PrivateKey(file, NULL, no_passphrase, &is_encrypted);
        fclose(file);
    }
    ERR_clear_error();
    if (doctor->key)
        return true;
    return doctor_tell(doctor, DOCTOR_KEY,
                       is_encrypted ? DOCTOR_KEY_ENCRYPTED : DOCTOR_KEY_UNREADABLE, "%s",
                       doctor->settings.key);
}

void doctor_check_key(struct doctor *doctor)
{
    const char *path = doctor->settings.key;
    struct stat status;

    if (!read_key(doctor))
        return;
    if (stat(path, &status))
        doctor_tell(doctor, DOCTOR_KEY, DOCTOR_FILE_UNREADABLE, "%s: %s", path, strerror(errno));
    else if (status.st_mode & (S_IRWXG | S_IRWXO))
        doctor_tell(doctor, DOCTOR_KEY, DOCTOR_KEY_OPEN, "%s has mode %04o", path,
                    (unsigned)(status.st_mode & 07777));
    else if (EVP_PKEY_get_security_bits(doctor->key) < SECURITY_BITS)
        doctor_tell(doctor, DOCTOR_KEY, DOCTOR_KEY_WEAK, "%s holds %s with %d bits", path,
                    EVP_PKEY_get0_type_name(doctor->key), EVP_PKEY_get_bits(doctor->key));
    else
        doctor_tell(doctor, DOCTOR_KEY, DOCTOR_NONE, "%s, %d bits, mode %04o",
                    EVP_PKEY_get0_type_name(doctor->key), EVP_PKEY_get_bits(doctor->key),
                    (unsigned)(status.st_mode & 07777));
}

/* ---- Certificates ---- */

/* The first certificate of a file, and those behind it when chain is given. */
static X509 *read_certificates(const char *path, STACK_OF(X509) * *chain)
{
    FILE *file = fopen(path, "re");
    X509 *first = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    X509 *next;

    if (chain)
        *chain = sk_X509_new_null();
    while (first && chain && sk_X509_num(*chain) < CHAIN_MAX &&
           (next = PEM_read_X509(file, NULL, NULL, NULL)))
        sk_X509_push(*chain, next);
    if (file)
        fclose(file);
    ERR_clear_error();
    return first;
}

static const char *instant(struct doctor *doctor, const ASN1_TIME *time)
{
    struct tm tm;
    char text[40];

    if (!ASN1_TIME_to_tm(time, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm))
        return "an unreadable time";
    return arena_string(&doctor->arena, text);
}

static const char *subject(struct doctor *doctor, const X509 *certificate)
{
    char text[NAME_ROOM];

    X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof(text));
    return arena_string(&doctor->arena, text);
}

/* Index of the certificate in the file that does not sign the one before it; 0: none. */
static int chain_break(const struct doctor *doctor)
{
    X509 *below = doctor->certificate;

    for (int i = 0; i < sk_X509_num(doctor->chain); i++) {
        X509 *issuer = sk_X509_value(doctor->chain, i);
        EVP_PKEY *key = X509_get0_pubkey(issuer);
        bool is_issuer =
            X509_check_issued(issuer, below) == X509_V_OK && key && X509_verify(below, key) == 1;
        ERR_clear_error();
        if (!is_issuer)
            return i + 2;
        below = issuer;
    }
    return 0;
}

static bool is_for_clients(X509 *certificate)
{
    uint32_t usage = X509_get_extended_key_usage(certificate);

    return !X509_check_ca(certificate) && (usage == UINT32_MAX || usage & XKU_SSL_CLIENT);
}

static void check_times(struct doctor *doctor)
{
    const ASN1_TIME *begins = X509_get0_notBefore(doctor->certificate);
    const ASN1_TIME *ends = X509_get0_notAfter(doctor->certificate);
    int days = 0, seconds;

    ASN1_TIME_diff(&days, &seconds, NULL, ends);
    if (X509_cmp_current_time(ends) < 0)
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_CERTIFICATE_EXPIRED, "on %s",
                    instant(doctor, ends));
    else if (X509_cmp_current_time(begins) > 0)
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_CERTIFICATE_NOT_YET_VALID, "before %s",
                    instant(doctor, begins));
    else if (days < SOON_DAYS)
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_CERTIFICATE_ENDS_SOON, "on %s",
                    instant(doctor, ends));
    else
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_NONE, "%s, valid until %s",
                    subject(doctor, doctor->certificate), instant(doctor, ends));
}

void doctor_check_certificate(struct doctor *doctor)
{
    const char *path = doctor->settings.cert;

    doctor->certificate = read_certificates(path, &doctor->chain);
    if (!doctor->certificate) {
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_CERTIFICATE_UNREADABLE, "%s", path);
        return;
    }
    bool is_pair = !doctor->key || X509_check_private_key(doctor->certificate, doctor->key) == 1;
    int broken = chain_break(doctor);
    ERR_clear_error();
    if (!is_pair)
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_KEY_MISMATCH, "%s and %s", path,
                    doctor->settings.key);
    else if (broken)
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_CHAIN_BROKEN, "certificate %d of %s", broken,
                    path);
    else if (!is_for_clients(doctor->certificate))
        doctor_tell(doctor, DOCTOR_CERTIFICATE, DOCTOR_CERTIFICATE_PURPOSE, "%s", path);
    else
        check_times(doctor);
}

/* ---- The name ---- */

/* The URI names of the certificate: how many, and the last of them. */
static int find_uri(struct doctor *doctor, const char **uri)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(doctor->certificate, NID_subject_alt_name, NULL, NULL);
    int count = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        const ASN1_STRING *text = name->d.uniformResourceIdentifier;
        *uri = arena_format(&doctor->arena, "%.*s", ASN1_STRING_length(text),
                            (const char *)ASN1_STRING_get0_data(text));
        count++;
    }
    GENERAL_NAMES_free(names);
    return count;
}

void doctor_check_name(struct doctor *doctor)
{
    const char *uri = "";

    if (!doctor->certificate) {
        doctor_tell(doctor, DOCTOR_NAME, DOCTOR_CERTIFICATE_UNREADABLE, "%s",
                    doctor->settings.cert);
        return;
    }
    int count = find_uri(doctor, &uri);
    bool is_scheme = !strncmp(uri, scheme, strlen(scheme));
    const char *part = is_scheme ? strstr(uri + strlen(scheme), member_part) : NULL;
    const char *code = part ? part + strlen(member_part) : NULL;
    if (count != 1)
        doctor_tell(doctor, DOCTOR_NAME, count ? DOCTOR_NAME_SEVERAL : DOCTOR_NAME_MISSING,
                    "%d URI names", count);
    else if (!part || part == uri + strlen(scheme))
        doctor_tell(doctor, DOCTOR_NAME, DOCTOR_NAME_FOREIGN, "%.120s", uri);
    else if (!ca_code_is_valid(code))
        doctor_tell(doctor, DOCTOR_NAME, DOCTOR_NAME_MALFORMED, "%.120s", uri);
    else
        doctor_tell(doctor, DOCTOR_NAME, DOCTOR_NONE, "member %s, trust domain %.*s", code,
                    (int)(part - uri - (ptrdiff_t)strlen(scheme)), uri + strlen(scheme));
}

/* ---- The authority and the clock ---- */

void doctor_check_authority(struct doctor *doctor)
{
    const char *path = doctor->settings.ca;

    doctor->authority = read_certificates(path, NULL);
    if (!doctor->authority) {
        doctor_tell(doctor, DOCTOR_AUTHORITY, DOCTOR_AUTHORITY_UNREADABLE, "%s", path);
        return;
    }
    const ASN1_TIME *ends = X509_get0_notAfter(doctor->authority);
    if (!X509_check_ca(doctor->authority))
        doctor_tell(doctor, DOCTOR_AUTHORITY, DOCTOR_AUTHORITY_NOT_ONE, "%s: %s", path,
                    subject(doctor, doctor->authority));
    else if (X509_cmp_current_time(ends) < 0)
        doctor_tell(doctor, DOCTOR_AUTHORITY, DOCTOR_AUTHORITY_EXPIRED, "on %s",
                    instant(doctor, ends));
    else
        doctor_tell(doctor, DOCTOR_AUTHORITY, DOCTOR_NONE, "%s, valid until %s",
                    subject(doctor, doctor->authority), instant(doctor, ends));
}

/* An authority exists before it signs: a clock before its beginning is wrong. */
void doctor_check_clock(struct doctor *doctor)
{
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    const ASN1_TIME *begins = doctor->authority ? X509_get0_notBefore(doctor->authority) : NULL;

    if (begins && X509_cmp_current_time(begins) > 0)
        doctor_tell(doctor, DOCTOR_CLOCK, DOCTOR_CLOCK_BEHIND,
                    "here it is %s, the authority begins %s", instant(doctor, now),
                    instant(doctor, begins));
    else
        doctor_tell(doctor, DOCTOR_CLOCK, DOCTOR_NONE, "here it is %s", instant(doctor, now));
    ASN1_TIME_free(now);
}
