#include "store/quality.h"

#include "base/digest.h"
#include "store/submission_inside.h"

static const struct statement read_statement = {
    "quality_read",
    "select outcome, code, is_closed, accepted, rejected, quarantined, warned, months,"
    " late, fields_due, fields_given, unmatched, disputes, disputes_lost, active,"
    " reported, records_before, missing, escalated, unanswered from cix.quality_read($1, $2, $3, "
    "$4, $5, $6, $7)"};
static const struct statement close_statement = {"quality_close",
                                                 "select cix.quality_close($1, $2)"};
static const struct statement unanswered_statement = {"dispute_unanswered",
                                                      "select cix.dispute_unanswered($1)"};

enum { OUTCOME_ROLE = 5 };

static struct quality_counts counts_of(const struct rows *rows)
{
    bool has_missing = !rows_is_null(rows, rows_column(rows, "missing"));

    return (struct quality_counts){
        .accepted = submission_int8(rows, "accepted"),
        .rejected = submission_int8(rows, "rejected"),
        .quarantined = submission_int8(rows, "quarantined"),
        .warned = submission_int8(rows, "warned"),
        .months = submission_int8(rows, "months"),
        .late = submission_int8(rows, "late"),
        .fields_due = submission_int8(rows, "fields_due"),
        .fields_given = submission_int8(rows, "fields_given"),
        .unmatched = submission_int8(rows, "unmatched"),
        .disputes = submission_int8(rows, "disputes"),
        .disputes_lost = submission_int8(rows, "disputes_lost"),
        .escalated = submission_int8(rows, "escalated"),
        .unanswered = submission_int8(rows, "unanswered"),
        .active = submission_int8(rows, "active"),
        .reported = submission_int8(rows, "reported"),
        .records_before = submission_int8(rows, "records_before"),
        .has_missing = has_missing,
        .missing = has_missing ? submission_int8(rows, "missing") : 0,
    };
}

bool quality_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                  struct period month, struct quality_list *list)
{
    struct rows rows = {0};
    struct params params;
    int outcome = 0;

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_int4(&params, month.number);
    submission_put_audit(&params, act);
    if (!db_run(ctx, db, &read_statement, &params, &rows))
        return false;
    *list = (struct quality_list){
        .items = arena_array(ctx->arena, (size_t)rows.count, sizeof(*list->items))};
    while (rows_next(&rows)) {
        outcome = submission_int2(&rows, "outcome");
        list->items[list->count++] = (struct quality_entry){
            .code = arena_string(ctx->arena, rows_text(&rows, rows_column(&rows, "code"))),
            .is_closed = rows_bool(&rows, rows_column(&rows, "is_closed")),
            .counts = counts_of(&rows),
        };
    }
    rows_done(&rows);
    return outcome != OUTCOME_ROLE ||
           fail(ctx, ERR_DENIED, "MEMBER_NOT_PERMITTED", "the member may not see data quality now");
}

bool quality_close(struct ctx *ctx, struct db *db, struct period month, int64_t now_us, int *count)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, month.number);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &close_statement, &params, &rows))
        return false;
    submission_only_row(&rows);
    *count = rows_int4(&rows, 0);
    rows_done(&rows);
    return true;
}

bool quality_unanswered(struct ctx *ctx, struct db *db, struct day today, int64_t *count)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_day(&params, today);
    if (!db_run(ctx, db, &unanswered_statement, &params, &rows))
        return false;
    submission_only_row(&rows);
    *count = rows_int8(&rows, 0);
    rows_done(&rows);
    return true;
}
