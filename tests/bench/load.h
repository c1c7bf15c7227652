/*
 * cix-load: the load generator of the benches and of the attack tests. One process, one member, one
 * channel, many calls outstanding.
 */
#pragma once

#include <stdint.h>

#include "cix.h"

struct load {
    struct cix_client *client;
    const char *mode; /* fill month report flag echo */
    int64_t subjects; /* people 0 .. subjects - 1 */
    int accounts;     /* of each */
    int months;       /* of each account */
    int outstanding;  /* closed loop */
    int rate;         /* open loop: calls a second; 0: closed loop */
    double seconds;
    unsigned seed;
    const char *prefix; /* of account numbers and consents, so that a second fill adds accounts */
    int period;         /* last month, YYYYMM */
};

/* Latencies in microseconds, kept in buckets of about 3 %. */
struct histogram {
    int64_t counts[1024];
    int64_t total;
};
void histogram_add(struct histogram *histogram, int64_t us);
/* share: 0.5 for the median. */
int64_t histogram_at(const struct histogram *histogram, double share);

/* Submits people, consents, accounts and months; prints "fill N records in S s, R records/s". 0:
 * all taken. */
int load_fill(const struct load *load);

/*
 * Asks for reports, flags or nothing ("echo": GetMember); prints
 * "MODE outstanding=N rate=R p50_us=.. p99_us=.. failed=N".
 */
int load_ask(const struct load *load);
