/*
 * How many frames of each kind one connection may send: a table of token buckets.
 *
 * A bucket begins full, is spent by frames, and is filled by time, by streams the client opens and
 * by bytes sent to it. An honest client must never find one empty, also when all its calls end at
 * one deadline, when it measures its bandwidth by PING, or reads a long stream in small steps.
 * Pure; time is an argument and may step back.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guard/reason.h"

enum budget_rule {
    BUDGET_RAPID_RESET, /* of a stream opened a moment ago */
    BUDGET_LATE_RESET,  /* of a stream that has lived: a deadline, a cancelled call */
    BUDGET_SETTINGS,
    BUDGET_PING,
    BUDGET_ACK,
    BUDGET_EMPTY_DATA,
    BUDGET_STREAM_END,
    BUDGET_WINDOW_UPDATE,
    BUDGET_PRIORITY,
    BUDGET_GOAWAY,
    BUDGET_UNKNOWN,
    BUDGET_STREAM_ERROR, /* spent by the server's resets that the client provoked */
    BUDGET_COUNT         /* also: a frame that costs nothing */
};

struct budget_row {
    enum guard_reason reason; /* when the bucket is empty */
    uint32_t burst;           /* tokens it holds, and begins with */
    uint32_t per_second;
    uint32_t per_stream;  /* tokens given by each stream the client opens */
    uint32_t per_kb_sent; /* tokens given by each KiB sent to the client */
};

struct budget_bucket {
    int64_t tokens_micro; /* millionths of a token */
    int64_t filled_us;
};

struct budget {
    struct budget_bucket buckets[BUDGET_COUNT];
    uint32_t sent_rest; /* bytes sent to the client that are not yet a KiB */
};

/* A row of the table, for tests and for documentation. */
const struct budget_row *budget_row_of(enum budget_rule rule);

void budget_init(struct budget *budget, int64_t now_us);

/* Takes a token; GUARD_OK, or the reason when there is none. */
enum guard_reason budget_spend(struct budget *budget, enum budget_rule rule, int64_t now_us);

void budget_stream_opened(struct budget *budget);
void budget_bytes_sent(struct budget *budget, size_t size);
