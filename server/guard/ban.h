/*
 * Certificates that are not let in for a while, because their last connection broke the rules.
 *
 * Budgets per connection are not enough: who reconnects gets a new burst each time. A first ban
 * lasts 2 s and each further one twice as long, up to 5 min; ten calm minutes forgive. The table is
 * bounded; time is an argument. Not thread-safe.
 */
#pragma once

#include <stdint.h>

enum { BAN_TABLE_MAX = 1024, BAN_KEY_SIZE = 32 };

#define BAN_FIRST_US   INT64_C(2000000)
#define BAN_LONGEST_US INT64_C(300000000)
#define BAN_FORGIVE_US INT64_C(600000000)

struct ban {
    uint8_t fingerprint[BAN_KEY_SIZE];
    int64_t until_us;
    int64_t length_us; /* of the latest ban */
};

struct ban_table {
    struct ban bans[BAN_TABLE_MAX];
    int count;
};

/*
 * Bans a certificate from now on, and returns for how long. While a ban runs, further violations
 * (of connections that were open already) begin it anew at the same length. In a full table the ban
 * that ends first gives way.
 */
int64_t ban_add(struct ban_table *table, const uint8_t fingerprint[BAN_KEY_SIZE], int64_t now_us);

/* Microseconds until the certificate is let in again; 0 when it is not banned. */
int64_t ban_left_us(const struct ban_table *table, const uint8_t fingerprint[BAN_KEY_SIZE],
                    int64_t now_us);

/* Bans that are running. */
int ban_count(const struct ban_table *table, int64_t now_us);
