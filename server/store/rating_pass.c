#include "store/rating_pass.h"

static const struct statement begin_statement = {"rating_begin", "select cix.rating_begin()"};

static const struct statement end_statement = {"rating_end", "select cix.rating_end()"};

static const struct statement pass_open = {
    "rating_pass_open",
    "select revision, is_open, through, is_due, turn from cix.rating_pass_open($1)"};

static const struct statement behind_read = {"rating_behind",
                                             "select seconds, rated_at from cix.rating_behind($1)"};

static const struct statement put_slice = {
    "rating_put",
    "select cix.rating_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $17)"};

/* Columns of rating_history, in the order of the statement. */
enum {
    ELEMENT,
    IS_KNOWN,
    RATING_ID,
    STANDARD_ID,
    VERSION,
    AS_OF,
    SCORE,
    EXCLUSION,
    GRADE,
    SCORED_GRADE,
    PD_PPM,
    REASONS,
    RECORDED_AT,
};

static const struct statement history_read = {
    "rating_history", "select element, is_known, rating_id, standard_id, version, as_of, score,"
                      " exclusion, grade, scored_grade, pd_ppm, reasons, recorded_at"
                      " from cix.rating_history($1, $2, $3, $4, $5, $6, $7)"};

static bool ask_bool(struct ctx *ctx, struct db *db, const struct statement *statement,
                     bool *answer)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    if (!db_run(ctx, db, statement, &params, &rows))
        return false;
    *answer = rows_next(&rows) && rows_bool(&rows, 0);
    rows_done(&rows);
    return true;
}

bool rating_begin(struct ctx *ctx, struct db *db, bool *is_ours)
{
    return ask_bool(ctx, db, &begin_statement, is_ours);
}

bool rating_end(struct ctx *ctx, struct db *db)
{
    bool was_ours;

    return ask_bool(ctx, db, &end_statement, &was_ours);
}

bool rating_pass_open(struct ctx *ctx, struct db *db, int64_t now_us, struct rating_work *work)
{
    struct params params;
    struct rows rows = {0};

    *work = (struct rating_work){0};
    params_init(&params, ctx->arena);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &pass_open, &params, &rows))
        return false;
    if (rows_next(&rows))
        *work = (struct rating_work){.is_any = true,
                                     .revision = (uint64_t)rows_int8(&rows, 0),
                                     .is_open = rows_bool(&rows, 1),
                                     .through = rows_int8(&rows, 2),
                                     .is_due = rows_bool(&rows, 3),
                                     .turn = rows_int8(&rows, 4)};
    rows_done(&rows);
    return true;
}

bool rating_behind(struct ctx *ctx, struct db *db, int64_t now_us, struct rating_behind *behind)
{
    struct params params;
    struct rows rows = {0};

    *behind = (struct rating_behind){0};
    params_init(&params, ctx->arena);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &behind_read, &params, &rows))
        return false;
    if (rows_next(&rows)) {
        behind->seconds = rows_int8(&rows, 0);
        if (!rows_is_null(&rows, 1))
            behind->rated_at_us = rows_instant_us(&rows, 1);
    }
    rows_done(&rows);
    return true;
}

/* The ratings as columns. */
static void put_items(struct params *params, const struct rating_kept *items, int count)
{
    size_t n = (size_t)count;
    struct arena *arena = params->arena;
    int64_t *subjects = arena_array(arena, n, sizeof(*subjects));
    int64_t *ids = arena_array(arena, n, sizeof(*ids));
    int32_t *standards = arena_array(arena, n, sizeof(*standards));
    int16_t *scores = arena_array(arena, n, sizeof(*scores));
    int32_t *pds = arena_array(arena, n, sizeof(*pds));
    const char **texts[5];

    for (int i = 0; i < 5; i++)
        texts[i] = arena_array(arena, n, sizeof(**texts));
    for (int i = 0; i < count; i++) {
        const struct rating_kept *item = &items[i];
        subjects[i] = item->subject_id;
        ids[i] = item->rating_id;
        standards[i] = item->standard_no;
        scores[i] = item->score;
        pds[i] = item->pd_ppm;
        texts[0][i] = item->exclusion;
        texts[1][i] = item->grade;
        texts[2][i] = item->scored_grade;
        texts[3][i] = item->reasons;
        texts[4][i] = item->inputs;
    }
    params_int8s(params, subjects, NULL, count);
    params_int8s(params, ids, NULL, count);
    params_int4s(params, standards, NULL, count);
    params_int2s(params, scores, NULL, count);
    params_texts(params, texts[0], count);
    params_texts(params, texts[1], count);
    params_texts(params, texts[2], count);
    params_int4s(params, pds, NULL, count);
    params_texts(params, texts[3], count);
    params_texts(params, texts[4], count);
}

bool rating_put(struct ctx *ctx, struct db *db, const struct rating_put *put, int *written)
{
    struct params params;
    struct rows rows = {0};
    bool has_row;

    params_init(&params, ctx->arena);
    params_int2(&params, (int16_t)put->pass);
    params_int8(&params, put->after);
    params_int8(&params, put->through);
    params_bool(&params, put->is_end);
    params_int8(&params, put->turn);
    params_instant(&params, put->now_us);
    params_day(&params, put->today);
    put_items(&params, put->items, put->count);
    if (!db_run(ctx, db, &put_slice, &params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *written = rows_int4(&rows, 0);
    rows_done(&rows);
    return true;
}

static const char *text_of(const struct rows *rows, struct arena *arena, int column)
{
    return rows_is_null(rows, column) ? "" : arena_string(arena, rows_text(rows, column));
}

static void read_kept(const struct rows *rows, struct arena *arena, struct rating_kept *kept)
{
    *kept = (struct rating_kept){
        .rating_id = rows_int8(rows, RATING_ID),
        .standard_id = text_of(rows, arena, STANDARD_ID),
        .version = rows_int4(rows, VERSION),
        .as_of = rows_day(rows, AS_OF),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
        .score = rows_int2(rows, SCORE),
        .exclusion = text_of(rows, arena, EXCLUSION),
        .grade = text_of(rows, arena, GRADE),
        .scored_grade = text_of(rows, arena, SCORED_GRADE),
        .pd_ppm = rows_int4(rows, PD_PPM),
        .reasons = text_of(rows, arena, REASONS),
    };
}

/* Elements by number; the first row of each says that it is served. */
static void read_histories(struct rows *rows, struct arena *arena,
                           const struct inquiry_request *request, struct rating_history *histories)
{
    size_t room = (size_t)rows->count;
    struct rating_kept *items = arena_array(arena, room, sizeof(*items));
    int used = 0;

    while (rows_next(rows)) {
        int at = rows_int4(rows, ELEMENT) - 1;
        CHECK(at >= 0 && at < request->count);
        if (rows_is_null(rows, RATING_ID)) {
            request->inquiries[at].is_served = true;
            histories[at].is_known = rows_bool(rows, IS_KNOWN);
            histories[at].items = &items[used];
            continue;
        }
        read_kept(rows, arena, &items[used++]);
        histories[at].count++;
    }
}

bool rating_history_fetch(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                          struct rating_history **histories)
{
    struct inquiry_columns columns;
    struct params read;
    struct rows outcomes = {0}, rows = {0};

    inquiry_columns_of(ctx->arena, request->inquiries, request->count, &columns);
    params_init(&read, ctx->arena);
    inquiry_put_read(&read, request, &columns);
    struct db_step steps[] = {
        report_ask_step(ctx->arena, request, &columns, INQUIRY_RATING, &outcomes),
        {&history_read, &read, &rows, true},
    };
    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    inquiry_outcomes_read(&outcomes, request->inquiries, request->count);
    rows_done(&outcomes);
    *histories = arena_array(ctx->arena, (size_t)request->count, sizeof(**histories));
    read_histories(&rows, ctx->arena, request, *histories);
    rows_done(&rows);
    return true;
}
