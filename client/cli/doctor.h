/*
 * cix pki doctor: what keeps a member from the exchange, found step by step and told in words.
 *
 * A step looks at one thing and writes what it found: good, a remark, or a fault of the table in
 * doctor_table.c, which holds the words, the advice and the exit code. TLS is done here by a plain
 * OpenSSL client and not by gRPC, because gRPC tells only that a connection failed. Nothing is sent
 * to the exchange but a handshake, an empty HTTP/2 greeting and, when all else is good, GetMember.
 */
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/settings.h"

/* Rows of the table; their words are stable. */
enum doctor_fault {
    DOCTOR_NONE,
    DOCTOR_SETTING_MISSING,
    DOCTOR_ADDRESS_MALFORMED,
    DOCTOR_FILE_UNREADABLE,
    DOCTOR_KEY_UNREADABLE,
    DOCTOR_KEY_ENCRYPTED,
    DOCTOR_KEY_OPEN,
    DOCTOR_KEY_WEAK,
    DOCTOR_CERTIFICATE_UNREADABLE,
    DOCTOR_KEY_MISMATCH,
    DOCTOR_CHAIN_BROKEN,
    DOCTOR_CERTIFICATE_EXPIRED,
    DOCTOR_CERTIFICATE_NOT_YET_VALID,
    DOCTOR_CERTIFICATE_ENDS_SOON,
    DOCTOR_CERTIFICATE_PURPOSE,
    DOCTOR_NAME_MISSING,
    DOCTOR_NAME_SEVERAL,
    DOCTOR_NAME_FOREIGN,
    DOCTOR_NAME_MALFORMED,
    DOCTOR_AUTHORITY_UNREADABLE,
    DOCTOR_AUTHORITY_NOT_ONE,
    DOCTOR_AUTHORITY_EXPIRED,
    DOCTOR_CLOCK_BEHIND,
    DOCTOR_HOST_UNKNOWN,
    DOCTOR_PORT_REFUSED,
    DOCTOR_CONNECT_TIMEOUT,
    DOCTOR_UNREACHABLE,
    DOCTOR_TLS_SILENT,
    DOCTOR_TLS_NONE,
    DOCTOR_TLS_VERSION,
    DOCTOR_TLS_FAILED,
    DOCTOR_SERVER_UNTRUSTED,
    DOCTOR_SERVER_EXPIRED,
    DOCTOR_SERVER_NOT_YET_VALID,
    DOCTOR_SERVER_NAME,
    DOCTOR_SERVER_PURPOSE,
    DOCTOR_OWN_UNTRUSTED,
    DOCTOR_OWN_EXPIRED,
    DOCTOR_OWN_REVOKED,
    DOCTOR_OWN_NAME,
    DOCTOR_OWN_PURPOSE,
    DOCTOR_OWN_NOT_ADMITTED,
    DOCTOR_OWN_REFUSED,
    DOCTOR_ALPN_MISSING,
    DOCTOR_NOT_GRPC,
    DOCTOR_CLOSED,
    DOCTOR_CALL_REFUSED,
    DOCTOR_CALL_FAILED,
    DOCTOR_MEMBER_TESTING,
    DOCTOR_MEMBER_RESTRICTED,
    DOCTOR_FAULT_COUNT,
};

struct doctor_fault_row {
    const char *word; /* stable, UPPER_SNAKE */
    bool is_remark;   /* calls go through nevertheless */
    enum cli_exit exit;
    const char *meaning; /* a sentence without full stop; what was found follows in brackets */
    const char *advice;  /* what to do, and who */
};

extern const struct doctor_fault_row doctor_faults[DOCTOR_FAULT_COUNT];

/* The steps, in their order. */
enum doctor_step {
    DOCTOR_SETTINGS,
    DOCTOR_FILES,
    DOCTOR_KEY,
    DOCTOR_CERTIFICATE,
    DOCTOR_NAME,
    DOCTOR_AUTHORITY,
    DOCTOR_CLOCK,
    DOCTOR_HOST,
    DOCTOR_PORT,
    DOCTOR_TLS,
    DOCTOR_IDENTITY,
    DOCTOR_PROTOCOL,
    DOCTOR_CALL,
    DOCTOR_STEP_COUNT,
};

/* What a step found. */
struct doctor_result {
    bool is_tried;
    enum doctor_fault fault;
    const char *found; /* facts, e.g. the file or the address; "" for none */
};

struct addrinfo;

/* One examination. Texts live in the arena. */
struct doctor {
    struct arena arena;
    struct settings settings;
    int timeout_ms; /* of one step on the network */
    struct doctor_result results[DOCTOR_STEP_COUNT];

    char *host, *port;      /* of the address */
    EVP_PKEY *key;          /* own */
    X509 *certificate;      /* own leaf */
    STACK_OF(X509) * chain; /* behind the leaf, in its file */
    X509 *authority;        /* the first of the file */
    struct addrinfo *places;
    int fd; /* -1: none */
    SSL_CTX *context;
    SSL *ssl;
    int verify_error;   /* X509_V_ERR_... of the exchange's certificate */
    const char *server; /* its subject and issuer, once seen */
    bool is_greeted;    /* bytes of the exchange have come behind the handshake */
    unsigned char greeting[9];
    size_t greeting_size;
};

/* Prepares an examination and releases it. */
void doctor_init(struct doctor *doctor, const struct settings *settings);
void doctor_done(struct doctor *doctor);

/* Runs the steps up to the last one that is named, those whose needs are met. */
void doctor_run(struct doctor *doctor, enum doctor_step last);

/* The first fault that is no remark, or DOCTOR_NONE; where it was found. */
enum doctor_fault doctor_verdict(const struct doctor *doctor, enum doctor_step *step);

/* The name of a step as it is printed. */
const char *doctor_step_name(enum doctor_step step);

/* Writes what a step found; the first fault of a step stands. Always false when there is a fault.
 */
bool doctor_tell(struct doctor *doctor, enum doctor_step step, enum doctor_fault fault,
                 const char *format, ...) PRINTF_LIKE(4, 5);

/* The steps. doctor_file.c */
void doctor_check_settings(struct doctor *doctor);
void doctor_check_files(struct doctor *doctor);
void doctor_check_key(struct doctor *doctor);
void doctor_check_certificate(struct doctor *doctor);
void doctor_check_name(struct doctor *doctor);
void doctor_check_authority(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);

/* doctor_link.c */
void doctor_check_host(struct doctor *doctor);
void doctor_check_port(struct doctor *doctor);

/* doctor_tls.c */
void doctor_check_tls(struct doctor *doctor);
void doctor_check_identity(struct doctor *doctor);
void doctor_check_protocol(struct doctor *doctor);

/* doctor_call.c */
void doctor_check_call(struct doctor *doctor);

/* Waits until the socket can be read (or written) or the time of the step is up. */
bool doctor_wait(const struct doctor *doctor, short events, int64_t until_us);

/* Why a connection that failed as UNAVAILABLE failed; DOCTOR_NONE when nothing was found. */
enum doctor_fault doctor_explain(const struct settings *settings, struct arena *arena,
                                 const char **found);
