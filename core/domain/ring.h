/*
 * The two rings of an account: 60 months of repay status, 24 months of amounts.
 *
 * A ring has constant length and is updated in place. The slot of a month is its number modulo the
 * ring's length, so that no month ever moves; which months are in it follows from the account's
 * last period alone. Whoever moves the last period on must empty the slots that it skips
 * (ring_status_advance, ring_month_advance). The layout is shared with SQL and must not change:
 *
 *   status ring  60 bytes, one repay status character each, 0 for nothing
 *   month ring   24 slots of 40 bytes, big-endian:
 *                0  bitmap: bit 0 reported, 1 balance, 2 due, 3 paid, 4 overdue, 5 days overdue,
 *                   6 kept for review
 *                1  five-category class, 0 for none
 *                2  days overdue, int16        4  recorded at, seconds since 1970, uint32
 *                8  balance   16  due   24  paid   32  overdue, int64 each
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "domain/record.h"

enum {
    RING_STATUS_SIZE = 60,
    RING_MONTHS = 24,
    RING_SLOT_SIZE = 40,
    RING_MONTH_SIZE = RING_MONTHS * RING_SLOT_SIZE,
};

struct ring_status {
    struct period period;
    char status;
};

struct ring_month {
    struct period period;
    int five_category;     /* 0: none */
    bool is_quarantined;   /* kept for review by a rule */
    int64_t recorded_at_s; /* seconds since 1970 */
    struct count_field days_overdue;
    struct money_field balance;
    struct money_field due;
    struct money_field paid;
    struct money_field overdue;
};

/* Writes one month into its slot. days_overdue is cut to what int16 holds. */
void ring_month_encode(const struct ring_month *month, uint8_t slot[RING_SLOT_SIZE]);

/* Reads one slot as the given month; false when the month was not reported. */
MUST_USE bool ring_month_decode(const uint8_t slot[RING_SLOT_SIZE], struct period period,
                                struct ring_month *month);

/* The byte at which a month's slot begins in the month ring, and its place in the status ring. */
size_t ring_month_offset(struct period period);
size_t ring_status_offset(struct period period);

/*
 * Lists the months that carry something, newest first.
 *
 *   ring, size    as read from the database; a wrong size lists nothing
 *   last_period   the account's last reported month
 *
 * Returns how many months were written to list.
 */
int ring_status_list(const uint8_t *ring, size_t size, struct period last_period,
                     struct ring_status list[RING_STATUS_SIZE]);
int ring_month_list(const uint8_t *ring, size_t size, struct period last_period,
                    struct ring_month list[RING_MONTHS]);

/* Empties the slots of the months after last, up to and including to. Nothing when to <= last. */
void ring_status_advance(uint8_t ring[RING_STATUS_SIZE], struct period last, struct period to);
void ring_month_advance(uint8_t ring[RING_MONTH_SIZE], struct period last, struct period to);
