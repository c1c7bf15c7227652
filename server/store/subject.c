#include "store/subject.h"

#include "base/digest.h"
#include "base/id.h"

enum {
    RECORD_ID,
    AT,
    KIND,
    STATE,
    SUBJECT,
    OTHER,
    TYPE,
    DISTANCE,
    MEMBER,
    SUBMISSION,
    CHUNK,
    LINE
};

static const struct statement list_statement = {
    "conflict_list", "select record_id, recorded_at, kind, state, subject_id, other_subject_id,"
                     " identifier_kind, distance, member_code, submission_id, chunk, line"
                     " from cix.conflict_list($1, $2, $3, $4)"};

bool doubt_list(struct ctx *ctx, struct db *db, int16_t state, const struct doubt *after,
                int page_size, struct doubt **list, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int2(&params, state);
    params_instant(&params, after ? after->recorded_at_us : 0);
    params_int8(&params, after ? after->record_id : 0);
    params_int4(&params, page_size);
    if (!db_run(ctx, db, &list_statement, &params, &rows))
        return false;
    *list = arena_array(ctx->arena, (size_t)rows.count, sizeof(**list));
    for (*count = 0; rows_next(&rows); (*count)++)
        (*list)[*count] = (struct doubt){
            .record_id = rows_int8(&rows, RECORD_ID),
            .recorded_at_us = rows_instant_us(&rows, AT),
            .kind = rows_int2(&rows, KIND),
            .state = rows_int2(&rows, STATE),
            .subject_id = rows_int8(&rows, SUBJECT),
            .other_subject_id = rows_int8(&rows, OTHER),
            .identifier_type = rows_int2(&rows, TYPE),
            .distance = rows_is_null(&rows, DISTANCE) ? 0 : rows_int2(&rows, DISTANCE),
            .member_code = arena_string(ctx->arena, rows_text(&rows, MEMBER)),
            .submission_id = rows_uuid(&rows, SUBMISSION),
            .chunk = rows_int4(&rows, CHUNK),
            .line = rows_int4(&rows, LINE),
        };
    rows_done(&rows);
    return true;
}

enum { SALT_SIZE = 16, DONE = 0, DONE_BEFORE = 1 };

static const struct statement merge_statement = {
    "subject_merge", "select cix.subject_merge($1, $2, $3, $4, $5, $6)"};
static const struct statement split_statement = {"subject_split",
                                                 "select cix.subject_split($1, $2, $3, $4)"};
static const struct statement dismiss_statement = {
    "conflict_dismiss", "select cix.conflict_dismiss($1, $2, $3, $4, $5)"};

/* Outcomes of sql/api/merge.sql, and conflict_dismiss, from 2 on. */
static const struct refusal {
    enum err code;
    const char *reason;
    const char *message;
} refusals[] = {
    {ERR_NOT_FOUND, "SUBJECT_UNKNOWN", "no such subject"},
    {ERR_INVALID, "SUBJECT_SELF", "a subject is not merged into itself"},
    {ERR_PRECONDITION, "SUBJECT_KIND", "the subjects are of different kinds"},
    {ERR_PRECONDITION, "SUBJECT_CHAIN",
     "one of them is merged already, or has others merged into it: split those first"},
    {ERR_ABORTED, "SUBJECT_BUSY",
     "others wrote or asked for too long, or a repair runs; nothing was changed, try again"},
    {ERR_PRECONDITION, "SUBJECT_TAKEN_BACK",
     "a submission that speaks of them is being taken back; try again behind it"},
    {ERR_PRECONDITION, "SUBJECT_NOT_MERGED", "the subject was never merged into another"},
    {ERR_NOT_FOUND, "CONFLICT_UNKNOWN", "no such identity in doubt"},
    {ERR_PRECONDITION, "CONFLICT_DECIDED", "a merge or a split has decided it"},
};

/* The instant, the audit row's id and its salt, which come last; then runs. */
static bool run_act(struct ctx *ctx, struct db *db, const struct statement *statement,
                    struct params *params, int64_t now_us, bool *is_new)
{
    uint8_t salt[SALT_SIZE];
    struct rows rows = {0};
    int outcome;

    digest_random(salt, sizeof(salt));
    params_instant(params, now_us);
    params_int8(params, id_new());
    params_bytes(params, salt, sizeof(salt));
    if (!db_run(ctx, db, statement, params, &rows))
        return false;
    CHECK(rows_next(&rows));
    outcome = rows_int2(&rows, 0);
    rows_done(&rows);
    *is_new = outcome == DONE;
    if (outcome == DONE || outcome == DONE_BEFORE)
        return true;
    CHECK(outcome >= 2 && outcome - 2 < (int)ARRAY_LENGTH(refusals));
    return fail(ctx, refusals[outcome - 2].code, refusals[outcome - 2].reason, "%s",
                refusals[outcome - 2].message);
}

bool subject_merge(struct ctx *ctx, struct db *db, int64_t alias, int64_t survivor, int16_t reason,
                   int64_t now_us, bool *is_new)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_int8(&params, alias);
    params_int8(&params, survivor);
    params_int2(&params, reason);
    return run_act(ctx, db, &merge_statement, &params, now_us, is_new);
}

bool subject_split(struct ctx *ctx, struct db *db, int64_t alias, int64_t now_us, bool *is_new)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_int8(&params, alias);
    return run_act(ctx, db, &split_statement, &params, now_us, is_new);
}

bool doubt_dismiss(struct ctx *ctx, struct db *db, int64_t record_id, int16_t reason,
                   int64_t now_us, bool *is_new)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_int8(&params, record_id);
    params_int2(&params, reason);
    return run_act(ctx, db, &dismiss_statement, &params, now_us, is_new);
}

static const struct statement alias_statement = {
    "alias_list", "select merge_id, alias_id, subject_id, reason, merged_at, ended_at"
                  " from cix.alias_list($1, $2, $3)"};

bool subject_alias_list(struct ctx *ctx, struct db *db, bool with_ended, int64_t behind,
                        int page_size, struct subject_alias **list, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_bool(&params, with_ended);
    params_int8(&params, behind);
    params_int4(&params, page_size);
    if (!db_run(ctx, db, &alias_statement, &params, &rows))
        return false;
    *list = arena_array(ctx->arena, (size_t)rows.count, sizeof(**list));
    for (*count = 0; rows_next(&rows); (*count)++)
        (*list)[*count] = (struct subject_alias){
            .merge_id = rows_int8(&rows, 0),
            .alias_id = rows_int8(&rows, 1),
            .subject_id = rows_int8(&rows, 2),
            .reason = rows_int2(&rows, 3),
            .merged_at_us = rows_instant_us(&rows, 4),
            .ended_at_us = rows_is_null(&rows, 5) ? 0 : rows_instant_us(&rows, 5),
        };
    rows_done(&rows);
    return true;
}
