/*
 * The only place that reads a clock. Pure code gets the day by argument.
 */
#pragma once

#include <stdint.h>

#include "base/day.h"

/* Microseconds since 1970-01-01 UTC. */
int64_t clock_now_us(void);

/* Microseconds of a clock that never steps; only differences mean something. */
int64_t clock_monotonic_us(void);

/* The business date of an instant in the exchange's reporting zone (UTC+8, GB/T 7408). */
struct day clock_day_of(int64_t now_us);

/* The first instant of the business date behind that of an instant, microseconds since 1970 UTC. */
int64_t clock_day_ends_us(int64_t now_us);
