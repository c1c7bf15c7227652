/*
 * What the guard's own files share: the guard, its links (adopted connections) and its threads.
 *
 * One thread accepts and shakes hands (accept.c), one or more move bytes (pump.c). guard->lock
 * covers the list of links, the bans and the counts; a link's bytes belong to its pump alone. Lock
 * order: guard->lock before pump->lock; no callback is called under either.
 */
#pragma once

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "guard/ban.h"
#include "guard/frame.h"
#include "guard/guard.h"
#include "guard/identity.h"
#include "guard/tls.h"

enum {
    HANDSHAKES_MAX = 64,
    PUMPS_MAX = 16,
    PUMP_BYTES = 65536, /* most that is under way in one direction of a link */
    TICK_MS = 1000      /* files looked at, timeouts found */
};

struct link;
struct pump;

/* Bytes that the other side did not take yet. Empty (data NULL) nearly always. */
struct rest {
    uint8_t *data;
    size_t start;
    size_t end;
};

/* Tells which of a link's two descriptors an epoll event belongs to. */
struct link_end {
    struct link *link;
    bool is_client;
};

enum link_state {
    LINK_OPEN,
    LINK_LINGERING, /* all said; waiting so that the client can read it */
    LINK_DEAD       /* to be freed at the end of the pump's round */
};

struct link {
    /* under guard->lock */
    struct link *previous;
    struct link *next;

    /* set by any thread, read by the pump: why the link must end, an enum guard_reason */
    atomic_int sentence;

    /* fixed once the pump has it */
    struct pump *pump;
    struct guard_peer peer;
    STACK_OF(X509) * chain;
    struct link_end client_end;
    struct link_end pair_end;

    /* the pump's own */
    struct link *pump_next;
    struct link *ready_next;
    enum link_state state;
    SSL *ssl;
    int client_fd;
    int pair_fd;
    bool is_ready; /* in the pump's list of links with work */
    bool client_can_read, client_can_write, pair_can_read, pair_can_write;
    bool is_client_ended, is_pair_ended;
    bool is_discarding; /* lingering, and reading what still comes */
    struct rest up;     /* client to adopter */
    struct rest down;   /* adopter to client */
    struct frame_walk walk;
    int64_t deadline_us; /* of the first SETTINGS, then of silence, then of lingering */
};

struct pump {
    struct guard *guard;
    pthread_t thread;
    int epoll_fd;
    int wake_fd;
    pthread_mutex_t lock;
    struct link *inbox; /* under lock, by pump_next */
    atomic_bool is_stopping;
    atomic_bool has_sentences; /* some link of ours has a sentence to be carried out */
    atomic_ullong received_bytes;
    atomic_ullong sent_bytes;

    /* the thread's own */
    struct link *links; /* by pump_next */
    struct link *ready_first, *ready_last;
    int lingering_count;
    int dead_count;
    int64_t ticked_us;
    uint8_t scratch[PUMP_BYTES];
};

/* Folds equal refusals into one event a second. */
struct event_fold {
    int64_t told_us; /* 0: never */
    uint64_t untold_count;
    char address[46];
    char member_code[33];
};

struct guard {
    struct guard_options options; /* texts are our copies; limits: those of the start */
    atomic_int connections, member_connections, handshakes, handshake_timeout_ms;
    struct tls *tls;
    struct identity_table identities;
    int listen_fd;
    int accept_wake_fd;
    int port;
    pthread_t accept_thread;
    bool is_accept_running;
    atomic_bool is_draining;
    atomic_bool is_stopping;
    atomic_int handshake_count;
    struct pump *pumps[PUMPS_MAX];
    int pump_count;

    pthread_mutex_t lock;
    struct link *links;
    int link_count;
    struct ban_table bans;
    uint64_t generation;
    uint64_t accepted_count;
    uint64_t adopted_count;
    uint64_t reason_counts[GUARD_REASON_COUNT];
    struct event_fold folds[GUARD_REASON_COUNT];
};

/* guard.c */

/* Decides about a verified peer: ban, caps, then the owner's admit. */
enum guard_reason guard_judge(void *guard, const struct guard_peer *peer);

/* Puts a link on the list, unless a cap says no. */
enum guard_reason guard_link_add(struct guard *guard, struct link *link);
void guard_link_remove(struct guard *guard, struct link *link);

/* Counts a refusal and tells the owner, at most once a second for each reason. */
void guard_refused(struct guard *guard, enum guard_reason reason, const struct guard_peer *peer);

/* Tells of refusals that were held back for long enough. */
void guard_tell_refused(struct guard *guard, int64_t now_us);

/* Counts the end of a link by our decision, bans for a violation, tells the owner. */
void guard_ended(struct guard *guard, enum guard_reason reason, const struct guard_peer *peer);

/* Reloads certificates when their files changed. */
void guard_look_at_files(struct guard *guard);

/* Starts a thread that receives no signals. */
bool guard_thread_start(pthread_t *thread, void *(*body)(void *), void *argument);

/* accept.c */
bool accept_listen(struct ctx *ctx, struct guard *guard);
void *accept_main(void *guard);

/* pump.c */
struct pump *pump_new(struct guard *guard);
/* Stops the thread, closes its links and frees it. */
void pump_free(struct pump *pump);
/* Gives a link to the pump's thread. */
void pump_give(struct pump *pump, struct link *link);
/* Sentences a link of the list; its pump's thread carries it out. Under guard->lock. */
void pump_sentence(struct link *link, enum guard_reason reason);
