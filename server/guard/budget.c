#include "guard/budget.h"

#include "base/check.h"

/*
 * The figures were tried against C core, grpc-js and Go clients. A late reset is free while streams
 * are opened for it: a client whose calls all run into their deadlines, again and again, is slow,
 * not hostile.
 */
static const struct budget_row rows[BUDGET_COUNT] = {
    /* rule                   reason             burst  /s  /stream  /KiB */
    [BUDGET_RAPID_RESET] = {GUARD_RAPID_RESET, 300, 50, 0, 0},
    [BUDGET_LATE_RESET] = {GUARD_RAPID_RESET, 300, 50, 1, 0},
    [BUDGET_SETTINGS] = {GUARD_SETTINGS_FLOOD, 20, 1, 0, 0},
    [BUDGET_PING] = {GUARD_PING_FLOOD, 100, 10, 0, 0},
    [BUDGET_ACK] = {GUARD_ACK_FLOOD, 1000, 100, 0, 0},
    [BUDGET_EMPTY_DATA] = {GUARD_EMPTY_DATA_FLOOD, 100, 10, 0, 0},
    [BUDGET_STREAM_END] = {GUARD_STREAM_END_FLOOD, 100, 0, 1, 0},
    [BUDGET_WINDOW_UPDATE] = {GUARD_WINDOW_UPDATE_FLOOD, 4000, 1000, 4, 2},
    [BUDGET_PRIORITY] = {GUARD_PRIORITY_FLOOD, 200, 10, 1, 0},
    [BUDGET_GOAWAY] = {GUARD_GOAWAY_FLOOD, 5, 1, 0, 0},
    [BUDGET_UNKNOWN] = {GUARD_UNKNOWN_FRAME_FLOOD, 20, 1, 0, 0},
    [BUDGET_STREAM_ERROR] = {GUARD_STREAM_ERROR_FLOOD, 10, 1, 0, 0},
};

const struct budget_row *budget_row_of(enum budget_rule rule)
{
    CHECK(rule < BUDGET_COUNT);
    return &rows[rule];
}

void budget_init(struct budget *budget, int64_t now_us)
{
    *budget = (struct budget){0};
    for (enum budget_rule rule = 0; rule < BUDGET_COUNT; rule++)
        budget->buckets[rule] = (struct budget_bucket){(int64_t)rows[rule].burst * 1000000, now_us};
}

static void give(struct budget *budget, enum budget_rule rule, int64_t tokens_micro)
{
    struct budget_bucket *bucket = &budget->buckets[rule];
    int64_t full = (int64_t)rows[rule].burst * 1000000;

    bucket->tokens_micro += tokens_micro;
    if (bucket->tokens_micro > full)
        bucket->tokens_micro = full;
}

enum guard_reason budget_spend(struct budget *budget, enum budget_rule rule, int64_t now_us)
{
    struct budget_bucket *bucket = &budget->buckets[rule];
    int64_t elapsed_us = now_us - bucket->filled_us;

    /* An hour fills every bucket that time fills; more would only invite overflow. */
    if (elapsed_us > INT64_C(3600000000))
        elapsed_us = INT64_C(3600000000);
    if (elapsed_us > 0) {
        bucket->filled_us = now_us;
        give(budget, rule, elapsed_us * rows[rule].per_second);
    }
    if (bucket->tokens_micro < 1000000)
        return rows[rule].reason;
    bucket->tokens_micro -= 1000000;
    return GUARD_OK;
}

void budget_stream_opened(struct budget *budget)
{
    for (enum budget_rule rule = 0; rule < BUDGET_COUNT; rule++)
        if (rows[rule].per_stream)
            give(budget, rule, (int64_t)rows[rule].per_stream * 1000000);
}

void budget_bytes_sent(struct budget *budget, size_t size)
{
    size_t sent = budget->sent_rest + size;

    budget->sent_rest = (uint32_t)(sent % 1024);
    if (sent < 1024)
        return;
    for (enum budget_rule rule = 0; rule < BUDGET_COUNT; rule++)
        if (rows[rule].per_kb_sent)
            give(budget, rule, (int64_t)(sent / 1024) * rows[rule].per_kb_sent * 1000000);
}
