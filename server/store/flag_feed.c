#include "store/flag_feed.h"

#include "base/digest.h"
#include "base/id.h"

enum { SALT_SIZE = 16 };

/* Outcomes of flag_feed_accept. */
enum outcome { DONE, UNKNOWN, COMPLETE };

static const struct statement list_statement = {
    "flag_feed_list", "select code, source, highest, missing, since, ranges, first_seqs, last_seqs"
                      " from cix.flag_feed_list($1, $2, $3, $4)"};
static const struct statement accept_statement = {
    "flag_feed_accept",
    "select outcome, accepted from cix.flag_feed_accept($1, $2, $3, $4, $5, $6, $7)"};

bool flag_feed_list(struct ctx *ctx, struct db *db, const char *code,
                    const struct flag_feed_gaps *behind, int page_size,
                    struct flag_feed_gaps **list, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_text(&params, behind ? behind->code : "");
    params_text(&params, behind ? behind->source : "");
    params_int4(&params, page_size);
    if (!db_run(ctx, db, &list_statement, &params, &rows))
        return false;
    *list = arena_array(ctx->arena, (size_t)rows.count, sizeof(**list));
    for (*count = 0; rows_next(&rows); (*count)++) {
        struct flag_feed_gaps *feed = &(*list)[*count];
        *feed = (struct flag_feed_gaps){
            .code = arena_string(ctx->arena, rows_text(&rows, 0)),
            .source = arena_string(ctx->arena, rows_text(&rows, 1)),
            .highest = rows_int8(&rows, 2),
            .missing = rows_int8(&rows, 3),
            .since_us = rows_instant_us(&rows, 4),
            .ranges = rows_int8(&rows, 5),
        };
        feed->first_seqs = rows_int8s(&rows, 6, ctx->arena, &feed->shown);
        feed->last_seqs = rows_int8s(&rows, 7, ctx->arena, &feed->shown);
    }
    rows_done(&rows);
    return true;
}

bool flag_feed_accept(struct ctx *ctx, struct db *db, const char *code, const char *source,
                      int64_t through, int16_t reason, int64_t now_us, int64_t *accepted)
{
    struct params params;
    struct rows rows = {0};
    uint8_t salt[SALT_SIZE];

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_text(&params, code);
    params_text(&params, source);
    params_int8(&params, through);
    params_int2(&params, reason);
    params_instant(&params, now_us);
    params_int8(&params, id_new());
    params_bytes(&params, salt, sizeof(salt));
    if (!db_run(ctx, db, &accept_statement, &params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, 0);
    *accepted = rows_int8(&rows, 1);
    rows_done(&rows);
    if (outcome == UNKNOWN)
        return fail(ctx, ERR_NOT_FOUND, "FEED_UNKNOWN", "the court numbers no such feed");
    if (outcome == COMPLETE)
        return fail(ctx, ERR_PRECONDITION, "FEED_COMPLETE", "no number is missing there");
    return true;
}
