#include "job/rating_reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

/* Of three slices one is read, one waits, one is rated. */
enum { SLICE = 1000, SLOTS = 3, PASSES = RATING_PASS_DUE + 1, NONE = 0 };
enum { TICK_US = 50 * 1000 };

struct slot {
    struct arena arena;
    struct ctx ctx;
    struct rating_slice slice;
    bool is_read;
    int64_t read_us;
};

struct rating_reader {
    struct db *db;
    const struct db *owner;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below, but for the slots */
    pthread_cond_t turned;
    struct {
        bool is_open;
        int64_t after;
    } passes[PASSES]; /* by enum rating_pass */
    int last;         /* whose slice was read last */
    bool is_reading, is_paused, is_stopping, has_ended;
    bool is_held;          /* the slice before the next to be taken is still looked at */
    unsigned begun, taken; /* slices */
    struct slot slots[SLOTS];
};

/* Whose turn it is; NONE: nobody's. */
static int next_pass(const struct rating_reader *reader)
{
    int other = reader->last == RATING_PASS_ALL ? RATING_PASS_DUE : RATING_PASS_ALL;

    if (reader->is_paused)
        return NONE;
    if (reader->passes[other].is_open)
        return other;
    return reader->passes[reader->last].is_open ? reader->last : NONE;
}

static bool has_room(const struct rating_reader *reader)
{
    return reader->begun - reader->taken + reader->is_held < SLOTS;
}

/* One slice, without the lock. */
static void read_slot(struct rating_reader *reader, struct slot *slot, int pass)
{
    int64_t begun_us = clock_monotonic_us();
    const struct rating_ask ask = {.pass = (enum rating_pass)pass,
                                   .after = reader->passes[pass].after,
                                   .most = SLICE,
                                   .today = clock_day_of(clock_now_us())};

    pthread_mutex_unlock(&reader->lock);
    arena_reset(&slot->arena);
    ctx_init(&slot->ctx, &slot->arena);
    slot->is_read = rating_slice(&slot->ctx, reader->db, &ask, &slot->slice);
    slot->read_us = clock_monotonic_us() - begun_us;
    pthread_mutex_lock(&reader->lock);
}

/* The lock is held. */
static void read_next(struct rating_reader *reader, int pass)
{
    struct slot *slot = &reader->slots[reader->begun % SLOTS];

    reader->is_reading = true;
    read_slot(reader, slot, pass);
    reader->is_reading = false;
    reader->begun++;
    reader->last = pass;
    reader->is_paused = reader->is_paused || !slot->is_read;
    reader->passes[pass].after = slot->slice.through;
    reader->passes[pass].is_open = slot->is_read && !slot->slice.is_end;
    pthread_cond_broadcast(&reader->turned);
}

static void *reader_run(void *argument)
{
    struct rating_reader *reader = argument;

    pthread_mutex_lock(&reader->lock);
    while (!reader->is_stopping) {
        int pass = next_pass(reader);

        if (pass != NONE && has_room(reader))
            read_next(reader, pass);
        else
            pthread_cond_wait(&reader->turned, &reader->lock);
    }
    reader->has_ended = true;
    pthread_cond_broadcast(&reader->turned);
    pthread_mutex_unlock(&reader->lock);
    return NULL;
}

/*
 * Waits for the reader. What it reads is cut off when nobody wants it any more: again and again,
 * for between two statements there is none to cut off. The lock is held, also meanwhile.
 */
static void wait_for(struct rating_reader *reader)
{
    int64_t until_us = clock_now_us() + TICK_US;
    const struct timespec until = {.tv_sec = until_us / 1000000,
                                   .tv_nsec = until_us % 1000000 * 1000};

    (void)pthread_cond_timedwait(&reader->turned, &reader->lock, &until);
    if (reader->is_reading && (reader->is_stopping || db_is_cancelled(reader->owner)))
        db_cancel(reader->db);
}

bool rating_reader_start(struct ctx *ctx, const struct db_options *options, const struct db *owner,
                         struct rating_reader **result)
{
    struct rating_reader *reader = calloc(1, sizeof(*reader));

    CHECK(reader);
    if (!db_open(ctx, options, &reader->db)) {
        free(reader);
        return false;
    }
    reader->owner = owner;
    reader->last = RATING_PASS_ALL;
    pthread_mutex_init(&reader->lock, NULL);
    pthread_cond_init(&reader->turned, NULL);
    for (int i = 0; i < SLOTS; i++)
        arena_init(&reader->slots[i].arena, 0);
    if (pthread_create(&reader->thread, NULL, reader_run, reader)) {
        db_close(reader->db);
        free(reader);
        return fail(ctx, ERR_INTERNAL, "NO_THREAD", "a thread for reading could not be started");
    }
    *result = reader;
    return true;
}

void rating_reader_stop(struct rating_reader *reader)
{
    if (!reader)
        return;
    pthread_mutex_lock(&reader->lock);
    reader->is_stopping = true;
    pthread_cond_broadcast(&reader->turned);
    while (!reader->has_ended)
        wait_for(reader);
    pthread_mutex_unlock(&reader->lock);
    pthread_join(reader->thread, NULL);
    for (int i = 0; i < SLOTS; i++)
        arena_done(&reader->slots[i].arena);
    pthread_mutex_destroy(&reader->lock);
    pthread_cond_destroy(&reader->turned);
    db_close(reader->db);
    free(reader);
}

void rating_reader_open(struct rating_reader *reader, enum rating_pass pass, int64_t after)
{
    pthread_mutex_lock(&reader->lock);
    CHECK(!reader->passes[pass].is_open);
    reader->passes[pass].is_open = true;
    reader->passes[pass].after = after;
    pthread_cond_broadcast(&reader->turned);
    pthread_mutex_unlock(&reader->lock);
}

bool rating_reader_pause(struct rating_reader *reader)
{
    bool has_more;

    pthread_mutex_lock(&reader->lock);
    reader->is_paused = true;
    has_more = reader->passes[RATING_PASS_ALL].is_open || reader->passes[RATING_PASS_DUE].is_open;
    pthread_mutex_unlock(&reader->lock);
    return has_more;
}

bool rating_reader_take(struct ctx *ctx, struct rating_reader *reader,
                        const struct rating_slice **slice, int64_t *read_us)
{
    struct slot *slot = NULL;

    pthread_mutex_lock(&reader->lock);
    reader->is_held = false;
    pthread_cond_broadcast(&reader->turned);
    while (reader->begun == reader->taken && (reader->is_reading || next_pass(reader) != NONE))
        wait_for(reader);
    if (reader->begun != reader->taken) {
        slot = &reader->slots[reader->taken++ % SLOTS];
        reader->is_held = true;
    }
    pthread_mutex_unlock(&reader->lock);
    *slice = slot ? &slot->slice : NULL;
    *read_us = slot ? slot->read_us : 0;
    return !slot || slot->is_read ||
           fail(ctx, slot->ctx.error.code, slot->ctx.error.reason, "%s", slot->ctx.error.message);
}
