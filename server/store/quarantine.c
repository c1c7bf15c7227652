#include "store/quarantine.h"

#include <string.h>

#include "store/column.h"
#include "store/submission_inside.h"

static const struct statement list_statement = {
    "quarantine_list", "select submission, chunk, line, kept_at, is_accepted, is_mistake from"
                       " cix.quarantine_list($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
static const struct statement read_statement = {
    "quarantine_read", "select state, review, is_whole, record_id, sealed_records"
                       " from cix.quarantine_read($1, $2, $3, $4)"};
static const struct statement verdict_page = {
    "submission_verdicts_line", "select chunk, line, rule, severity, field, reason"
                                " from cix.submission_verdicts($1, $2, $3, $4, $5, $6, $7, $8)"
                                " where line = $9"};
static const struct statement review_statement = {
    "quarantine_review", "select cix.quarantine_review($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
static const struct statement expire_statement = {"quarantine_expire",
                                                  "select cix.quarantine_expire($1, $2, $3, $4)"};

enum { LINE_VERDICTS_MAX = 64 };

bool quarantine_list(struct ctx *ctx, struct db *db, const struct submission_act *act, bool is_only,
                     const struct quarantine_place *after, int32_t page_size,
                     struct quarantine_page *page)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_uuid(&params, is_only ? &act->submission_id : NULL);
    params_uuid(&params, &after->submission_id);
    params_int4(&params, after->chunk);
    params_int4(&params, after->line);
    params_int4(&params, page_size);
    submission_put_audit(&params, act);
    if (!db_run(ctx, db, &list_statement, &params, &rows))
        return false;
    *page = (struct quarantine_page){
        .items = arena_array(ctx->arena, (size_t)rows.count, sizeof(*page->items))};
    while (rows_next(&rows))
        page->items[page->count++] = (struct quarantine_entry){
            .place = {rows_uuid(&rows, rows_column(&rows, "submission")),
                      submission_int4(&rows, "chunk"), submission_int4(&rows, "line")},
            .kept_at_us = rows_instant_us(&rows, rows_column(&rows, "kept_at")),
            .is_name_accepted = rows_bool(&rows, rows_column(&rows, "is_accepted")),
            .is_name_mistake = rows_bool(&rows, rows_column(&rows, "is_mistake")),
        };
    rows_done(&rows);
    return true;
}

bool quarantine_read(struct ctx *ctx, struct db *db, int32_t member_id,
                     const struct quarantine_place *place, struct quarantine_kept *kept)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, member_id);
    params_uuid(&params, &place->submission_id);
    params_int4(&params, place->chunk);
    params_int4(&params, place->line);
    if (!db_run(ctx, db, &read_statement, &params, &rows))
        return false;
    bool is_there = rows_next(&rows);
    if (is_there) {
        struct bytes sealed = rows_bytes(&rows, rows_column(&rows, "sealed_records"));
        int review = rows_column(&rows, "review");
        *kept = (struct quarantine_kept){
            .state = submission_int2(&rows, "state"),
            .is_reviewed = !rows_is_null(&rows, review),
            .review_id = rows_uuid(&rows, review),
            .is_whole = rows_bool(&rows, rows_column(&rows, "is_whole")),
            .record_id = submission_int8(&rows, "record_id"),
        };
        if (sealed.data)
            kept->sealed =
                (struct bytes){arena_copy(ctx->arena, sealed.data, sealed.size), sealed.size};
    }
    rows_done(&rows);
    return is_there ||
           fail(ctx, ERR_NOT_FOUND, "QUARANTINE_UNKNOWN", "no record was kept aside there");
}

bool quarantine_verdicts(struct ctx *ctx, struct db *db, int32_t member_id,
                         const struct quarantine_place *place, struct submission_verdicts *verdicts)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, member_id);
    params_uuid(&params, &place->submission_id);
    params_int4(&params, place->chunk);
    params_int4(&params, place->chunk);
    params_int4(&params, place->line - 1);
    params_text(&params, "~"); /* behind every rule of the line before */
    params_text(&params, "");
    params_int4(&params, LINE_VERDICTS_MAX);
    params_int4(&params, place->line);
    if (!db_run(ctx, db, &verdict_page, &params, &rows))
        return false;
    *verdicts = (struct submission_verdicts){0};
    submission_add_verdicts(ctx->arena, &rows, 0, verdicts);
    rows_done(&rows);
    return true;
}

struct submission_extra quarantine_review_step(struct ctx *ctx, const struct submission_act *act,
                                               int32_t chunk,
                                               const struct quarantine_decision *decisions,
                                               int count)
{
    static const struct column columns[] = {
        {COLUMN_UUID, offsetof(struct quarantine_decision, from.submission_id)},
        {COLUMN_INT4, offsetof(struct quarantine_decision, from.chunk)},
        {COLUMN_INT4, offsetof(struct quarantine_decision, from.line)},
        {COLUMN_INT2, offsetof(struct quarantine_decision, decision)},
        {COLUMN_INT4, offsetof(struct quarantine_decision, place)},
    };
    struct params *params = submission_params(ctx, act);

    params_int4(params, chunk);
    params_instant(params, act->now_us);
    columns_put(params, columns, ARRAY_LENGTH(columns),
                &(struct column_rows){decisions, sizeof(*decisions), count});
    return (struct submission_extra){&review_statement, params};
}

bool quarantine_expire(struct ctx *ctx, struct db *db, int64_t before_us, int64_t now_us,
                       int *count)
{
    return submission_run_expiry(ctx, db, &expire_statement, before_us, now_us, count);
}
