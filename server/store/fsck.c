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
static const struct statement kept_read = {
    "fsck_rating", "select subject_id, rating_id, standard_no, score,"
                   " coalesce(exclusion, ''), grade, scored_grade, pd_ppm, reasons,"
                   " inputs from cix.fsck_rating($1, $2, $3)"};
static const struct statement standard_text = {"fsck_standard", "select cix.fsck_standard($1)"};
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

static const char *text_at(const struct rows *rows, struct arena *arena, int column)
{
    return arena_string(arena, rows_text(rows, column));
}

bool fsck_kept(struct ctx *ctx, struct db *db, struct fsck_place *at, int most,
               struct fsck_kept *kept)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int8(&params, at->subject_id);
    params_int8(&params, at->rating_id);
    params_int4(&params, most);
    if (!db_run(ctx, db, &kept_read, &params, &rows))
        return false;
    kept->items = arena_array(ctx->arena, (size_t)rows.count, sizeof(*kept->items));
    kept->count = 0;
    while (rows_next(&rows)) {
        *at = (struct fsck_place){rows_int8(&rows, 0), rows_int8(&rows, 1)};
        kept->items[kept->count++] = (struct rating_kept){
            .subject_id = at->subject_id,
            .rating_id = at->rating_id,
            .standard_no = rows_int4(&rows, 2),
            .score = rows_int2(&rows, 3),
            .exclusion = text_at(&rows, ctx->arena, 4),
            .grade = text_at(&rows, ctx->arena, 5),
            .scored_grade = text_at(&rows, ctx->arena, 6),
            .pd_ppm = rows_int4(&rows, 7),
            .reasons = text_at(&rows, ctx->arena, 8),
            .inputs = text_at(&rows, ctx->arena, 9),
        };
    }
    rows_done(&rows);
    return true;
}

bool fsck_standard(struct ctx *ctx, struct db *db, int32_t number, struct bytes *text)
{
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, number);
    if (!db_run(ctx, db, &standard_text, &params, &rows))
        return false;
    *text = (struct bytes){0};
    if (rows_next(&rows)) {
        struct bytes content = rows_bytes(&rows, 0);
        *text = (struct bytes){arena_copy(ctx->arena, content.data, content.size), content.size};
    }
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
