/*
 * Control totals: one amount a record, summed by currency, as ControlTotal of submission.proto
 * says. The member's program and the exchange both compute them by this code and compare (rule
 * F003).
 *
 * Sums are modulo 2^64, so that no file, however wrong, has none.
 */
#pragma once

#include "cix/v1/record.pb-c.h"

enum { CONTROL_MAX = 256, CONTROL_CURRENCY_SIZE = 4 };

/* Records that name no currency of ISO 4217 are summed under this code of the standard for "none".
 */
#define CONTROL_NO_CURRENCY "XXX"

/* Sums of a chunk or a file. Zero-initialise; items stay sorted by currency. */
struct control {
    int64_t records;
    int count;
    struct control_item {
        char currency[CONTROL_CURRENCY_SIZE];
        int64_t amount;
    } items[CONTROL_MAX];
};

/* Counts one record and adds its amount, if it has one. */
void control_add(struct control *control, const Cix__V1__Record *record);
