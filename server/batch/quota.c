#include "batch/quota.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"

enum {
    BUCKETS = QUOTA_MEMBERS_MAX, /* members share one only beyond that many */
    RATE_MAX = 1000000           /* so that a day's tokens fit; nobody reaches it */
};

#define DAY_US (INT64_C(86400) * 1000000)

struct bucket {
    int32_t member_id;
    bool is_filled; /* for the first time: not while it was only learned of */
    bool is_daily;  /* the member has a daily quota */
    int64_t milli_tokens;
    int64_t filled_us;
    struct day day;
    int64_t spent_today;
    int64_t spent_elsewhere; /* today */
};

struct quota {
    pthread_mutex_t mutex;
    struct bucket buckets[BUCKETS];
};

struct quota *quota_new(void)
{
    struct quota *quota = calloc(1, sizeof(*quota));

    CHECK(quota);
    pthread_mutex_init(&quota->mutex, NULL);
    return quota;
}

void quota_free(struct quota *quota)
{
    if (!quota)
        return;
    pthread_mutex_destroy(&quota->mutex);
    free(quota);
}

/* The member's bucket by linear probing; the last one tried when all are taken. */
static struct bucket *bucket_of(struct quota *quota, int32_t member_id, struct day day)
{
    unsigned start = (unsigned)member_id % BUCKETS;
    struct bucket *bucket = NULL;

    for (unsigned i = 0; i < BUCKETS; i++) {
        bucket = &quota->buckets[(start + i) % BUCKETS];
        if (bucket->member_id == member_id || !bucket->member_id)
            break;
    }
    if (bucket->member_id != member_id)
        *bucket = (struct bucket){.member_id = member_id, .day = day};
    if (bucket->day.number < day.number) {
        bucket->day = day;
        bucket->spent_today = bucket->spent_elsewhere = 0;
    }
    return bucket;
}

/*
 * Time is used up only by the whole milli-tokens that come of it: else who asks often enough would
 * lose the fractions, and with them everything.
 */
static void refill(struct bucket *bucket, const struct member_quota *quota, int64_t now_us)
{
    int64_t room = INT64_C(1000) * quota->burst;

    bucket->is_daily = quota->per_day > 0;
    if (!bucket->is_filled) {
        bucket->is_filled = true;
        bucket->milli_tokens = room;
        bucket->filled_us = now_us;
    }
    int64_t rate = quota->per_second < RATE_MAX ? quota->per_second : RATE_MAX;
    int64_t elapsed_us = now_us - bucket->filled_us;

    if (elapsed_us > DAY_US) {
        bucket->filled_us = now_us - DAY_US;
        elapsed_us = DAY_US;
    }
    if (rate && elapsed_us > 0) {
        int64_t gained = elapsed_us * rate / 1000;
        bucket->milli_tokens += gained;
        bucket->filled_us += (gained * 1000 + rate - 1) / rate;
    }
    if (bucket->milli_tokens > room)
        bucket->milli_tokens = room;
}

static int64_t spend(struct bucket *bucket, const struct member_quota *quota, int tokens,
                     int64_t now_us)
{
    int64_t milli = INT64_C(1000) * tokens;
    int64_t wait_ms = 0;

    if (quota->per_day && bucket->spent_today + bucket->spent_elsewhere + tokens > quota->per_day)
        return (clock_day_ends_us(now_us) - now_us) / 1000 + 1;
    if (quota->per_second) {
        /* A burst larger than the bucket passes when the bucket is full: it can never be fuller. */
        int64_t room = INT64_C(1000) * quota->burst;
        int64_t needed = milli < room ? milli : room;
        if (bucket->milli_tokens < needed)
            wait_ms = (needed - bucket->milli_tokens) / quota->per_second + 1;
        else
            bucket->milli_tokens -= milli;
    }
    if (!wait_ms)
        bucket->spent_today += tokens;
    return wait_ms;
}

int64_t quota_spend(struct quota *quota, const struct member *member, int tokens,
                    int64_t monotonic_us, int64_t now_us)
{
    struct bucket *bucket;
    int64_t wait_ms;

    if (!member->quota.per_second && !member->quota.per_day)
        return 0;
    pthread_mutex_lock(&quota->mutex);
    bucket = bucket_of(quota, member->member_id, clock_day_of(now_us));
    refill(bucket, &member->quota, monotonic_us);
    wait_ms = spend(bucket, &member->quota, tokens, now_us);
    pthread_mutex_unlock(&quota->mutex);
    return wait_ms;
}

int quota_spendings(struct quota *quota, struct day day, struct member_spending *rows)
{
    int count = 0;

    pthread_mutex_lock(&quota->mutex);
    for (int i = 0; i < BUCKETS; i++) {
        const struct bucket *bucket = &quota->buckets[i];

        if (bucket->is_daily && bucket->day.number == day.number && bucket->spent_today > 0)
            rows[count++] = (struct member_spending){.member_id = bucket->member_id,
                                                     .here = bucket->spent_today,
                                                     .elsewhere = bucket->spent_elsewhere};
    }
    pthread_mutex_unlock(&quota->mutex);
    return count;
}

void quota_learn(struct quota *quota, struct day day, const struct member_spending *known)
{
    struct bucket *bucket;

    pthread_mutex_lock(&quota->mutex);
    bucket = bucket_of(quota, known->member_id, day);
    if (bucket->day.number == day.number) { /* else it ended meanwhile */
        if (bucket->spent_today < known->here)
            bucket->spent_today = known->here;
        bucket->spent_elsewhere = known->elsewhere;
    }
    pthread_mutex_unlock(&quota->mutex);
}
