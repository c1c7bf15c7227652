/*
 * What the parts of libcix share of a client.
 */
#pragma once

#include "channel.h"

struct cix_client {
    struct cix_channel *channel;
    int deadline_ms;
    int repeat_max;
};

/* True when asking again may succeed: the exchange was away, busy, or lost a race. */
bool cix_is_repeatable(enum cix_status status);

/*
 * How long to wait before repeat number attempt (from 0): what the exchange asked for, else 100 ms
 * doubled each time up to 5 s, with jitter of half, so that many clients do not come back at once.
 */
int cix_repeat_delay_ms(int attempt, const struct cix_error *error);

/* Unpacks a response into memory of its own. Error: RESPONSE_INVALID. */
bool cix_unpack(enum cix_method method, struct bytes packed, void **response,
                struct cix_error *error);
