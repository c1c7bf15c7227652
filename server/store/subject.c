#include "store/subject.h"

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
            .distance = rows_int2(&rows, DISTANCE),
            .member_code = arena_string(ctx->arena, rows_text(&rows, MEMBER)),
            .submission_id = rows_uuid(&rows, SUBMISSION),
            .chunk = rows_int4(&rows, CHUNK),
            .line = rows_int4(&rows, LINE),
        };
    rows_done(&rows);
    return true;
}
