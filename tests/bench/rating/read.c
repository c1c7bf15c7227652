/*
 * How fast everybody is read, as the job that rates again reads them and with nothing else to do:
 * what its pass over all is held against.
 *
 *     bench_rating_read DATABASE-URI
 *
 * Prints `READ <subjects> <microseconds>`. The connection is one of role cix_admin.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/rating.h"

enum { SLICE = 1000 }; /* as the job */

static bool read_all(struct ctx *ctx, struct db *db, int64_t *count)
{
    struct rating_ask ask = {
        .pass = RATING_PASS_ALL, .most = SLICE, .today = clock_day_of(clock_now_us())};
    struct rating_slice slice = {.is_end = false};

    while (!slice.is_end) {
        arena_reset(ctx->arena);
        if (!rating_slice(ctx, db, &ask, &slice))
            return false;
        ask.after = slice.through;
        *count += slice.count;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct db_options options = {
        .uri = argc > 1 ? argv[1] : "", .role = DB_ROLE_ADMIN, .application = "bench read"};
    struct arena arena;
    struct ctx ctx;
    struct db *db = NULL;
    int64_t count = 0;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    bool is_good = db_open(&ctx, &options, &db);
    int64_t begun_us = clock_monotonic_us();
    is_good = is_good && read_all(&ctx, db, &count);
    if (is_good)
        printf("READ %" PRId64 " %" PRId64 "\n", count, clock_monotonic_us() - begun_us);
    else
        fprintf(stderr, "bench: %s\n", ctx.error.message);
    db_close(db);
    arena_done(&arena);
    return is_good ? 0 : 1;
}
