#include "base/clock.h"

#include <time.h>

#include "base/check.h"

static int64_t read_clock_us(clockid_t which)
{
    struct timespec now;

    CHECK(clock_gettime(which, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

/* UTC+8. */
static const int64_t zone_us = INT64_C(8) * 3600 * 1000000;
static const int64_t day_us = INT64_C(24) * 3600 * 1000000;

struct day clock_day_of(int64_t now_us)
{
    int64_t local = now_us + zone_us;

    /* Division rounds towards zero; days before 1970 need it downwards. */
    return (struct day){(int32_t)(local >= 0 ? local / day_us : -((day_us - 1 - local) / day_us))};
}

int64_t clock_day_ends_us(int64_t now_us)
{
    return (clock_day_of(now_us).number + 1) * day_us - zone_us;
}
