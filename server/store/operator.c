#include "store/operator.h"

enum { SALT_SIZE = 16 };

/* Outcomes of sql/api/operator.sql. */
enum outcome { DONE, UNKNOWN, ENDED, HELD };

static const struct statement find_statement = {
    "operator_find",
    "select subject_id, kind, status, alias_id from cix.operator_find($1, $2, $3, $4, $5)"};
static const struct statement statuses_statement = {
    "operator_statuses", "select member_code, status, recorded_at, submission_id, is_counted"
                         " from cix.operator_statuses($1)"};
static const struct statement marks_statement = {
    "operator_marks",
    "select mark_id, subject_id, kind, code, target, by_code, on_code, until_on, recorded_at,"
    " ended_at, ended_code, reason from cix.operator_marks($1, $2, $3, $4, $5, $6, $7)"};
static const struct statement mark_end_statement = {
    "operator_mark_end",
    "select outcome from cix.operator_mark_end($1, $2, $3, $4, $5, $6, $7) outcome"};
static const struct statement status_set_statement = {
    "operator_status_set",
    "select outcome from cix.operator_status_set($1, $2, $3, $4, $5, $6, $7) outcome"};

/* When, the id of the act and of its audit row, and the salt of the commitment. */
static void put_trace(struct params *params, int64_t now_us)
{
    uint8_t salt[SALT_SIZE];

    digest_random(salt, sizeof(salt));
    params_instant(params, now_us);
    params_int8(params, id_new());
    params_bytes(params, salt, sizeof(salt));
}

static int64_t instant(const struct rows *rows, const char *column)
{
    int number = rows_column(rows, column);

    return rows_is_null(rows, number) ? 0 : rows_instant_us(rows, number);
}

static const char *text(struct ctx *ctx, const struct rows *rows, const char *column)
{
    int number = rows_column(rows, column);

    return rows_is_null(rows, number) ? NULL : arena_string(ctx->arena, rows_text(rows, number));
}

static bool fail_unknown(struct ctx *ctx)
{
    return fail(ctx, ERR_NOT_FOUND, "SUBJECT_UNKNOWN", "nobody has this identifier or id");
}

bool operator_find(struct ctx *ctx, struct db *db, const struct digest *lookup, int64_t subject_id,
                   int64_t now_us, struct operator_subject *subject)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_bytes(&params, lookup ? lookup->bytes : NULL, lookup ? sizeof(lookup->bytes) : 0);
    params_int8(&params, subject_id);
    put_trace(&params, now_us);
    if (!db_run(ctx, db, &find_statement, &params, &rows))
        return false;
    bool is_found = rows_next(&rows);
    if (is_found)
        *subject = (struct operator_subject){
            .subject_id = rows_int8(&rows, rows_column(&rows, "subject_id")),
            .alias_id = rows_int8(&rows, rows_column(&rows, "alias_id")),
            .kind = rows_int2(&rows, rows_column(&rows, "kind")),
            .status = rows_int2(&rows, rows_column(&rows, "status")),
        };
    rows_done(&rows);
    return is_found || fail_unknown(ctx);
}

bool operator_statuses(struct ctx *ctx, struct db *db, int64_t subject_id,
                       struct operator_status **list, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int8(&params, subject_id);
    if (!db_run(ctx, db, &statuses_statement, &params, &rows))
        return false;
    *list = arena_array(ctx->arena, (size_t)rows.count, sizeof(**list));
    for (*count = 0; rows_next(&rows); (*count)++) {
        int submission = rows_column(&rows, "submission_id");
        struct operator_status *item = &(*list)[*count];
        *item = (struct operator_status){
            .member_code = text(ctx, &rows, "member_code"),
            .status = rows_int2(&rows, rows_column(&rows, "status")),
            .recorded_at_us = instant(&rows, "recorded_at"),
            .has_submission = !rows_is_null(&rows, submission),
            .is_counted = rows_bool(&rows, rows_column(&rows, "is_counted")),
        };
        if (item->has_submission)
            item->submission_id = rows_uuid(&rows, submission);
    }
    rows_done(&rows);
    return true;
}

static struct operator_mark read_mark(struct ctx *ctx, const struct rows *rows)
{
    int until = rows_column(rows, "until_on");
    struct operator_mark mark = {
        .mark_id = rows_int8(rows, rows_column(rows, "mark_id")),
        .subject_id = rows_int8(rows, rows_column(rows, "subject_id")),
        .kind = rows_int2(rows, rows_column(rows, "kind")),
        .code = rows_int2(rows, rows_column(rows, "code")),
        .target = rows_int2(rows, rows_column(rows, "target")),
        .by_code = text(ctx, rows, "by_code"),
        .on_code = text(ctx, rows, "on_code"),
        .recorded_at_us = instant(rows, "recorded_at"),
        .ended_at_us = instant(rows, "ended_at"),
        .ended_code = text(ctx, rows, "ended_code"),
        .reason = rows_int2(rows, rows_column(rows, "reason")),
    };

    if (!rows_is_null(rows, until))
        mark.until_on = (struct day_field){true, true, rows_day(rows, until)};
    return mark;
}

bool operator_marks(struct ctx *ctx, struct db *db, int64_t subject_id, bool with_ended,
                    int64_t after_id, int page_size, int64_t now_us, struct operator_mark **list,
                    int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int8(&params, subject_id);
    params_bool(&params, with_ended);
    params_int8(&params, after_id);
    params_int4(&params, page_size);
    put_trace(&params, now_us);
    if (!db_run(ctx, db, &marks_statement, &params, &rows))
        return false;
    *list = arena_array(ctx->arena, (size_t)rows.count, sizeof(**list));
    for (*count = 0; rows_next(&rows); (*count)++)
        (*list)[*count] = read_mark(ctx, &rows);
    rows_done(&rows);
    return true;
}

static bool run_outcome(struct ctx *ctx, struct db *db, const struct statement *statement,
                        const struct params *params, int *outcome)
{
    struct rows rows = {0};

    if (!db_run(ctx, db, statement, params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    *outcome = rows_int2(&rows, 0);
    rows_done(&rows);
    return true;
}

static void put_reason(struct params *params, const struct operator_reason *reason)
{
    params_int2(params, reason->reason);
    params_bytes(params, reason->document_hash.bytes, sizeof(reason->document_hash.bytes));
}

bool operator_mark_end(struct ctx *ctx, struct db *db, int64_t subject_id, int64_t mark_id,
                       const struct operator_reason *reason, int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_int8(&params, subject_id);
    params_int8(&params, mark_id);
    put_reason(&params, reason);
    put_trace(&params, now_us);
    if (!run_outcome(ctx, db, &mark_end_statement, &params, &outcome))
        return false;
    if (outcome == UNKNOWN)
        return fail(ctx, ERR_NOT_FOUND, "MARK_UNKNOWN", "the subject has no such mark");
    return outcome == DONE || fail(ctx, ERR_PRECONDITION, "MARK_ENDED", "it has ended before");
}

bool operator_status_set(struct ctx *ctx, struct db *db, int64_t subject_id, int16_t status,
                         const struct operator_reason *reason, int64_t now_us)
{
    struct params params;
    int outcome;

    params_init(&params, ctx->arena);
    params_int8(&params, subject_id);
    params_int2(&params, status);
    put_reason(&params, reason);
    put_trace(&params, now_us);
    if (!run_outcome(ctx, db, &status_set_statement, &params, &outcome))
        return false;
    if (outcome == UNKNOWN)
        return fail_unknown(ctx);
    return outcome == DONE || fail(ctx, ERR_PRECONDITION, "SUBJECT_HELD",
                                   "the subject is merged into another or held for a conflict");
}
