/*
 * What the clients of the crash test submit. A plan follows from the seed of the run, the client
 * and a serial number, so that a client that was killed sends the same bytes again, and the checker
 * knows what should be there without being told.
 *
 * Most plans bring persons of their own and an account of a shared person. Corrections replace and
 * delete months of the shared persons' accounts and facts about them, which every client does at
 * the same time.
 */
#pragma once

#include "base/id.h"
#include "support/contribution.h"
#include "wire/control.h"

enum {
    PLAN_CHUNKS_MAX = 4,
    PLAN_PERSONS = 4,           /* a chunk */
    PLAN_SHARED = 6,            /* persons that all clients report on */
    PLAN_FIRST_CORRECTIONS = 2, /* plans of a client, behind its first */
    PLAN_PERIOD = 202403,
    PLAN_RIVAL = 1000000,
};

/* How a plan comes to the exchange. */
enum plan_way {
    PLAN_ORDERLY,   /* by one connection, chunk after chunk */
    PLAN_TWINS,     /* the same submission by two connections at once */
    PLAN_RIVALS,    /* the same file under two ids at once: one of them is taken */
    PLAN_DISORDERLY /* chunks out of order, again, and with other bytes; then in order */
};

struct plan {
    unsigned seed;
    int client;
    int serial; /* from 0; a rival's is larger by PLAN_RIVAL */
    struct uuid id;
    Cix__V1__SubmissionMode mode;
    enum plan_way way;
    bool is_declared;   /* with hash, count and control totals */
    bool is_held;       /* so many months are refused that the file waits to be accepted */
    bool is_correction; /* of shared months and facts */
    bool is_taken_back; /* as a whole, once it is committed */
    int chunk_count;
    int64_t first_person;
};

/* Seed, client and serial in; the rest out. Serial 0 opens the shared accounts, the next correct
 * them. */
void plan_make(unsigned seed, int client, int serial, struct plan *plan);

/* The records of a chunk, from 1, into an empty contribution: the same bytes each time. */
void plan_chunk(const struct plan *plan, int number, struct contribution *contribution);

/* How many records a chunk has, and how many of them are months and facts. */
struct plan_count {
    int records;
    int months;
    int facts;
};
struct plan_count plan_count(const struct plan *plan, int number);

/* The fact of shared person k that a chunk of corrections puts right in one of its lines. */
struct plan_fact {
    int line;
    int k;
    int64_t
        value; /* its amount: no two corrections say the same; modulo PLAN_FACT_VALUES it is k */
    bool is_deletion;
};
enum { PLAN_FACT_VALUES = 8, PLAN_FACT_LEAST = 1000000 };

/* All of them, one of each shared person, behind the months. */
void plan_facts(const struct plan *plan, int number, struct plan_fact facts[PLAN_SHARED]);

/* What a member would declare of the file, with its parts. */
struct plan_declaration {
    Cix__V1__Declaration message;
    uint8_t hash[32];
    struct control control;
    Cix__V1__ControlTotal totals[CONTROL_MAX];
    Cix__V1__ControlTotal *list[CONTROL_MAX];
};
void plan_declare(const struct plan *plan, struct plan_declaration *declaration);
