#include "store/purge.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"

static const struct statement turn_statement = {
    "purge_turn", "select after_id, ended_at from cix.purge_turn($1, $2)"};
static const struct statement step_statement = {
    "purge_step", "select kind, reason, items from cix.purge_step($1, $2, $3, $4, $5, $6, $7)"};
static const struct statement note_statement = {"purge_note", "select cix.purge_note($1, $2, $3)"};

enum { AFTER_ID, ENDED_AT };
enum { KIND, REASON, ITEMS };

bool purge_turn(struct ctx *ctx, struct db *db, int hours, int64_t now_us, struct purge_turn *turn)
{
    struct rows rows = {0};
    struct params params;
    bool has_row;

    params_init(&params, ctx->arena);
    params_int4(&params, hours);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &turn_statement, &params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *turn = (struct purge_turn){.is_due = !rows_is_null(&rows, AFTER_ID),
                                .has_ended = !rows_is_null(&rows, ENDED_AT)};
    if (turn->is_due)
        turn->after_id = rows_int8(&rows, AFTER_ID);
    if (turn->has_ended)
        turn->ended_at_us = rows_instant_us(&rows, ENDED_AT);
    rows_done(&rows);
    return true;
}

static void read_count(struct rows *rows, struct purge_slice *slice)
{
    int16_t kind = rows_int2(rows, KIND);

    if (kind) {
        CHECK(slice->count < PURGE_COUNTS_MAX);
        slice->counts[slice->count++] =
            (struct purge_count){kind, rows_int2(rows, REASON), rows_int8(rows, ITEMS)};
        return;
    }
    slice->is_last = rows_is_null(rows, ITEMS);
    if (!slice->is_last)
        slice->next_id = rows_int8(rows, ITEMS);
}

bool purge_step(struct ctx *ctx, struct db *db, int64_t after_id, int subjects, bool is_dry,
                int64_t now_us, struct purge_slice *slice)
{
    struct rows rows = {0};
    struct params params;
    uint8_t salt[16];

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_day(&params, clock_day_of(now_us));
    params_int8(&params, after_id);
    params_int4(&params, subjects);
    params_bool(&params, is_dry);
    params_instant(&params, now_us);
    params_int8(&params, id_new());
    params_bytes(&params, salt, sizeof(salt));
    if (!db_run(ctx, db, &step_statement, &params, &rows))
        return false;
    *slice = (struct purge_slice){.is_last = true};
    while (rows_next(&rows))
        read_count(&rows, slice);
    rows_done(&rows);
    return true;
}

bool purge_note(struct ctx *ctx, struct db *db, const struct purge_slice *slice, int64_t now_us)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_int8(&params, slice->next_id);
    params_bool(&params, slice->is_last);
    params_instant(&params, now_us);
    return db_run(ctx, db, &note_statement, &params, NULL);
}
