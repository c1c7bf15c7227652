/*
 * A guard in front of an adopter that echoes, for tests of the guard: a folder with certificates,
 * one guard, and what it told.
 *
 * The echo answers each piece it gets with an empty SETTINGS frame, so that the server's side of
 * the conversation is HTTP/2 too. Members bank-a and bank-b have certificates; bank-a can be
 * suspended.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "guard/guard.h"
#include "support/cmocka.h"
#include "support/pki.h"
#include "support/tlsclient.h"

enum { ADOPTED_MAX = 256, ANSWER_SIZE = 9 };

/* What one test runs against. */
struct front {
    char folder[64];
    struct pki *pki;
    struct pki *other;
    struct guard *guard;
    int port;
    struct arena arena;
    struct ctx ctx;
    atomic_int events[GUARD_REASON_COUNT];
    atomic_int reloads;
    atomic_int failed_reloads;
    atomic_llong ban_ms;
    atomic_bool is_suspended; /* admit says no to "bank-a" */
    atomic_int adopted;
    atomic_bool is_silent; /* the adopter reads nothing */
    atomic_int fds[ADOPTED_MAX];
    pthread_t echo;
    atomic_bool is_ending;
};

extern struct front front;

/* Setup: with a running guard of front_options, or with the files only, for front_start. */
int front_setup(void **state);
int front_setup_stopped(void **state);
int front_teardown(void **state);

/* Options on 127.0.0.1 with a handshake timeout of a second. */
struct guard_options front_options(void);
void front_start(const struct guard_options *options);

/* A file of the folder; the text lives for the next seven calls. */
const char *front_path(const char *name, const char *suffix);

/* How to connect with the certificate of that name; NULL for none. */
struct tls_client_options front_as(const char *name);

/* Sends preface and SETTINGS; true when the adopter answers. */
bool front_talk(struct tls_client *client);

/* True when a connection gets as far as an answer of the adopter. */
bool front_serves(const struct tls_client_options *options);
bool front_serves_member(const char *name);

/* Connects and talks, or fails the test. */
void front_open(struct tls_client *client, const char *name);

/* Until the other side closes; false when it is still open after the time of a read. */
bool front_is_closed(struct tls_client *client);

/* What the guard has told and counted. */
int front_events(enum guard_reason reason);
struct guard_stats front_stats(void);

/* Waits for what other threads will do; bounded, and only a failing test takes that long. */
#define wait_for(condition)                                                                        \
    do {                                                                                           \
        int64_t until_us = clock_monotonic_us() + 20000000;                                        \
        while (!(condition) && clock_monotonic_us() < until_us)                                    \
            usleep(1000);                                                                          \
        assert_true(condition);                                                                    \
    } while (0)
