#include "store/fsck.h"

#include "base/digest.h"

enum { SALT_SIZE = 16 };

#define COLUMNS "part, found, subject_id, key_id, period, member_id, submission_id, chunk"

static const struct statement stages[] = {
    [FSCK_DERIVED] = {"fsck_derived", "select " COLUMNS " from cix.fsck_derived($1)"},
    [FSCK_REFERENCE] = {"fsck_reference", "select " COLUMNS " from cix.fsck_reference($1)"},
    [FSCK_SUBMISSION] = {"fsck_submission", "select " COLUMNS " from cix.fsck_submission($1)"},
    [FSCK_TRACE] = {"fsck_trace", "select " COLUMNS " from cix.fsck_trace($1)"},
};
static const struct statement repair = {"fsck_repair",
                                        "select part, mended from cix.fsck_repair($1, $2, $3)"};

bool fsck_begin(struct ctx *ctx, struct db *db)
{
    return db_begin(ctx, db) &&
           db_script(ctx, db,
                     "set transaction isolation level repeatable read, read only;"
                     "set local idle_in_transaction_session_timeout = 0");
}

static void read_finding(const struct rows *rows, struct arena *arena, struct fsck_finding *finding)
{
    int submission = rows_column(rows, "submission_id");
    struct uuid id = rows_uuid(rows, submission);

    *finding = (struct fsck_finding){
        .part = arena_string(arena, rows_text(rows, rows_column(rows, "part"))),
        .found = rows_int8(rows, rows_column(rows, "found")),
        .subject_id = rows_int8(rows, rows_column(rows, "subject_id")),
        .key_id = rows_int8(rows, rows_column(rows, "key_id")),
        .period = rows_int4(rows, rows_column(rows, "period")),
        .member_id = rows_int4(rows, rows_column(rows, "member_id")),
        .chunk = rows_int4(rows, rows_column(rows, "chunk")),
    };
    if (!rows_is_null(rows, submission))
        uuid_format(&id, finding->submission_id);
}

bool fsck_find(struct ctx *ctx, struct db *db, enum fsck_stage stage, int limit,
               struct fsck_list *list)
{
    struct rows rows = {0};
    struct params params;

    CHECK(stage < FSCK_STAGE_COUNT);
    params_init(&params, ctx->arena);
    params_int4(&params, limit);
    if (!db_run(ctx, db, &stages[stage], &params, &rows))
        return false;
    list->findings = arena_array(ctx->arena, (size_t)rows.count, sizeof(*list->findings));
    list->count = 0;
    while (rows_next(&rows))
        read_finding(&rows, ctx->arena, &list->findings[list->count++]);
    rows_done(&rows);
    return true;
}

bool fsck_repair(struct ctx *ctx, struct db *db, int64_t now_us,
                 struct fsck_mend mends[FSCK_MEND_MAX], int *count)
{
    uint8_t salt[SALT_SIZE];
    struct rows rows = {0};
    struct params params;

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_instant(&params, now_us);
    params_int8(&params, id_new());
    params_bytes(&params, salt, sizeof(salt));
    if (!db_run(ctx, db, &repair, &params, &rows))
        return false;
    CHECK(rows.count <= FSCK_MEND_MAX);
    *count = 0;
    while (rows_next(&rows))
        mends[(*count)++] = (struct fsck_mend){
            .part = arena_string(ctx->arena, rows_text(&rows, rows_column(&rows, "part"))),
            .mended = rows_int8(&rows, rows_column(&rows, "mended"))};
    rows_done(&rows);
    return true;
}
