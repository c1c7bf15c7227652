/*
 * A server of rpc/ with three methods of the contract and handlers of its own: no guard, no TLS, no
 * database. One a process; the client is connected over a socketpair.
 *
 *   MemberService/GetMember      answers the member of the connection, or is held
 *   FlagService/RemoveFlag       the flag's id says how it is refused, see rpc_fixture.c
 *   FlagService/BatchCheckFlags  as many empty results a message as it has inquiries
 */
#pragma once

#include <stdatomic.h>

#include "rpc/rpc.h"
#include "support/grpc_client.h"

enum {
    FIXTURE_REQUEST_MAX = 1024 * 1024,
    FIXTURE_BUDGET = 2 * 1024 * 1024,
    FIXTURE_CALLS_MAX = 40,
    FIXTURE_WAIT_MS = 10000, /* what a test waits at most */
};

#define LITERAL(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})
#define EMPTY         ((struct bytes){NULL, 0})

struct rpc_fixture {
    struct rpc_server *server;
    struct grpc_client *client;
    atomic_bool is_known;   /* a member is behind the connections */
    atomic_bool is_ready;   /* what health is told */
    atomic_bool is_holding; /* GetMember is kept instead of answered */
    atomic_int arrived, finished;
    atomic_int last_code; /* enum err of the call that finished last */
};

extern struct rpc_fixture fixture;

/* For cmocka: a fresh server and client for each test. */
int fixture_setup(void **state);
/* The same with streams that may be silent for an hour, not for 1.5 s. */
int fixture_setup_patient(void **state);
int fixture_teardown(void **state);

/* One more client. */
struct grpc_client *fixture_connect(void);

/* Answers what is held. */
void fixture_answer_held(void);
/* The first call that is held. */
struct rpc_call *fixture_held(void);

/* Wait until so many are held, or have finished; false after FIXTURE_WAIT_MS. */
bool fixture_holds(int count);
bool fixture_finishes(int count);

/* A unary call by the fixture's client. */
void fixture_call(const char *path, struct bytes request, struct grpc_reply *reply);
