/*
 * The listener. Accepts members' TCP connections, demands a certificate, polices HTTP/2, and hands
 * clean plaintext connections over by callback; it knows nothing of gRPC.
 *
 * Promises: no byte reaches the adopter before the certificate was verified and admitted, and none
 * that breaks the rules of guard/frame.h; TLS 1.2 or 1.3 without resumption; every limit below
 * holds at any load; a withdrawn member is closed within one second of guard_sweep. It does not see
 * what calls mean: rates and quotas of calls are the business of the layers above.
 *
 * All functions may be called from any thread. Callbacks come from the guard's own threads, must be
 * thread-safe and quick, and must not call guard_free.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "guard/frame.h"
#include "guard/peer.h"
#include "guard/reason.h"

struct guard;

/* Bounds; zero in a field means the value in brackets. */
struct guard_limits {
    int connections;          /* adopted ones [a third of the descriptor limit, at most 12,000] */
    int member_connections;   /* of one member [16] */
    int handshakes;           /* connections before authentication [64, which is also the most] */
    int handshake_timeout_ms; /* from accept to the end of TLS, and from there to SETTINGS [5000] */
    int idle_timeout_ms;      /* without a byte in either direction [15 minutes] */
    struct frame_limits frames;
};

enum guard_event_kind {
    GUARD_EVENT_REFUSED,      /* before adoption; at most one a second and reason, see count */
    GUARD_EVENT_VIOLATION,    /* closed for breaking the rules, certificate banned: an alarm */
    GUARD_EVENT_CLOSED,       /* an adopted connection closed for another reason of ours */
    GUARD_EVENT_RELOADED,     /* new certificates or revocation list in force */
    GUARD_EVENT_RELOAD_FAILED /* the old ones stay in force; message says why: an alarm */
};

/* For log and metrics. Never holds personal data. Texts live as long as the callback. */
struct guard_event {
    enum guard_event_kind kind;
    enum guard_reason reason;
    const char *member_code; /* "" when no member is known */
    const char *address;     /* of the latest one; "" for reloads */
    uint64_t count;          /* connections that this event stands for */
    int64_t ban_ms;          /* VIOLATION: how long the certificate stays out */
    const char *message;     /* RELOAD_FAILED: why; else "" */
};

struct guard_options {
    const char *address;          /* numeric, IPv4 or IPv6; NULL for every address of both */
    int port;                     /* 0 for any free one, see guard_port */
    const char *certificate_file; /* PEM, the leaf first, then intermediates */
    const char *key_file;         /* PEM; refused when others than owner and group may read it */
    const char *ca_file;          /* PEM, the roots that sign members' certificates */
    const char *crl_file;         /* PEM, one list for each issuer of leaves; NULL for none */
    const char *trust_domain;     /* of spiffe://<trust-domain>/member/<code> */
    int pumps;                    /* data threads [one per four processors] */
    struct guard_limits limits;

    void *user; /* first argument of the callbacks */

    /*
     * May this certificate's member connect now? Asked at the handshake and by guard_sweep.
     * NULL admits whoever the CA signed.
     */
    bool (*admit)(void *user, const struct guard_peer *peer);

    /* Takes the adopter's end of a socketpair and owns it; guard_peer_of answers already. */
    void (*adopt)(void *user, int fd);

    /* Told what happens; NULL for nobody. */
    void (*event)(void *user, const struct guard_event *event);
};

struct guard_stats {
    uint64_t accepted_count; /* TCP connections since start */
    uint64_t adopted_count;
    int open_count;          /* adopted and not closed yet */
    int handshake_count;     /* before authentication */
    int banned_count;        /* certificates */
    uint64_t received_bytes; /* plaintext, from members */
    uint64_t sent_bytes;
    int64_t certificate_ends_us;                /* of the server's own certificate */
    uint64_t reason_counts[GUARD_REASON_COUNT]; /* refusals and closes */
};

/*
 * Listens and starts the threads. Texts of options are copied. Fails with ERR_PRECONDITION and the
 * reason GUARD_CERTIFICATE (a file is missing, wrong, expired or readable by others) or
 * GUARD_ADDRESS (not free, not ours).
 */
MUST_USE bool guard_start(struct ctx *ctx, const struct guard_options *options,
                          struct guard **guard);

/* Closes everything at once and frees it. Accepts NULL. For an orderly end call guard_drain first.
 */
void guard_free(struct guard *guard);

int guard_port(const struct guard *guard);

/*
 * Who is behind the adopter's end fd of a pair. False when fd was never one. The answer stays until
 * the number is used again, so it is right as long as the caller holds the descriptor open.
 */
bool guard_peer_of(struct guard *guard, int fd, struct guard_peer *peer);

/* Asks admit again for every open connection and closes those refused or with an expired
 * certificate. */
void guard_sweep(struct guard *guard);

/* Closes a member's open connections. They may come back if admitted. */
void guard_close_member(struct guard *guard, const char *member_code);

/*
 * Reads certificate, key, CA and CRL again and closes the open connections they no longer trust. On
 * failure the old ones stay in force. Also done within a second when one of the files changed.
 */
MUST_USE bool guard_reload(struct ctx *ctx, struct guard *guard);

/*
 * Puts other bounds in force, but idle_timeout_ms and frames. Connections that are open stay.
 */
void guard_limit(struct guard *guard, const struct guard_limits *limits);

/*
 * Stops listening and drops unfinished handshakes. Adopted connections go on until their adopter
 * closes; what it sent before is delivered.
 */
void guard_drain(struct guard *guard);

void guard_stats(struct guard *guard, struct guard_stats *stats);
