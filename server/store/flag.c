#include "store/flag.h"

/* Columns of flag_read, in the order of the statement. */
enum {
    ELEMENT,
    EXTERNAL_ID,
    STATUS,
    PUBLISHED_ON,
    EXPIRES_ON,
    GROUND,
    GRADE,
    PERFORMANCE,
    COURT,
    REGION,
    RESTRICTIONS,
    RECORDED_AT,
    PROTECTION,
};

static const struct statement flag_ask = {
    "flag_ask",
    "select element, outcome from cix.flag_ask($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct statement flag_read = {
    "flag_read", "select element, external_id, status, published_on, expires_on, ground, grade,"
                 " performance, court, region, restrictions, recorded_at, protection"
                 " from cix.flag_read($1, $2, $3, $4, $5, $6)"};
static const struct statement flag_gaps = {
    "flag_gaps", "select member_id, source, since, missing from cix.flag_gaps()"};
static const struct statement flag_feeds_statement = {"flag_feeds",
                                                      "select code, missing from cix.flag_feeds()"};
static const struct statement flag_sweep_statement = {"flag_case_sweep",
                                                      "select cix.flag_case_sweep($1)"};
static const struct statement flag_end = {
    "flag_remove",
    "select outcome, recorded_at from cix.flag_remove($1, $2, $3, $4, $5, $6, $7, $8)"};

static void put_ask(struct params *params, const struct inquiry_request *request,
                    const struct inquiry_columns *columns)
{
    int n = columns->count;

    params_bytess(params, columns->lookups, n);
    params_bytess(params, columns->name_indexes, n);
    params_int4s(params, columns->members, NULL, n);
    params_int2s(params, columns->purposes, NULL, n);
    params_int8s(params, columns->ids, NULL, n);
    params_bytess(params, columns->operators, n);
    params_bytess(params, columns->certificates, n);
    params_bytess(params, columns->salts, n);
    params_int2(params, request->method);
    params_day(params, request->today);
}

static void put_read(struct params *params, const struct inquiry_request *request,
                     const struct inquiry_columns *columns)
{
    int n = columns->count;

    params_bytess(params, columns->lookups, n);
    params_bytess(params, columns->name_indexes, n);
    params_int4s(params, columns->members, NULL, n);
    params_int2s(params, columns->purposes, NULL, n);
    params_int8s(params, columns->ids, NULL, n);
    params_day(params, request->today);
}

static struct flag_listing *read_listing(const struct rows *rows, struct arena *arena)
{
    struct flag_listing *listing = arena_alloc(arena, sizeof(*listing));

    *listing = (struct flag_listing){
        .flag_id = rows_uuid(rows, EXTERNAL_ID),
        .status = (enum flag_status)rows_int2(rows, STATUS),
        .published_on = rows_day(rows, PUBLISHED_ON),
        .has_end = !rows_is_null(rows, EXPIRES_ON),
        .ground = rows_int2(rows, GROUND),
        .grade = rows_int2(rows, GRADE),
        .performance = rows_int2(rows, PERFORMANCE),
        .court = arena_string(arena, rows_text(rows, COURT)),
        .region = arena_string(arena, rows_text(rows, REGION)),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };
    if (listing->has_end)
        listing->expires_on = rows_day(rows, EXPIRES_ON);
    listing->restrictions = rows_int2s(rows, RESTRICTIONS, arena, &listing->restriction_count);
    return listing;
}

static void read_protection(struct arena *arena, const struct rows *rows, struct flag_found *found)
{
    struct protection protection = {
        .kind = rows_int2(rows, PROTECTION),
        .from_on = rows_day(rows, PUBLISHED_ON),
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
    };

    protection_end_read(rows, EXPIRES_ON, &protection);
    protection_add(arena, &found->protections, &protection);
}

static struct flag_found *read_batch(struct arena *arena, const struct inquiry_request *request,
                                     struct rows *rows)
{
    struct flag_found *found = arena_array(arena, (size_t)request->count, sizeof(*found));

    while (rows_next(rows)) {
        int at = rows_int4(rows, ELEMENT) - 1;
        CHECK(at >= 0 && at < request->count);
        request->inquiries[at].is_served = true;
        if (!rows_is_null(rows, PROTECTION))
            read_protection(arena, rows, &found[at]);
        if (rows_is_null(rows, EXTERNAL_ID))
            continue;
        struct flag_listing *listing = read_listing(rows, arena);
        listing->next = found[at].listings;
        found[at].listings = listing;
    }
    return found;
}

static void read_gaps(struct arena *arena, struct rows *rows, struct flag_gaps *gaps)
{
    *gaps = (struct flag_gaps){arena_array(arena, (size_t)rows->count, sizeof(*gaps->items)), 0};
    while (rows_next(rows))
        gaps->items[gaps->count++] = (struct flag_gap){
            .member_id = rows_int4(rows, 0),
            .source = arena_string(arena, rows_text(rows, 1)),
            .since_us = rows_instant_us(rows, 2),
            .missing = rows_int8(rows, 3),
        };
}

bool flag_feeds(struct ctx *ctx, struct db *db, struct flag_feed **feeds, int *count)
{
    struct params none;
    struct rows rows = {0};

    params_init(&none, ctx->arena);
    if (!db_run(ctx, db, &flag_feeds_statement, &none, &rows))
        return false;
    *feeds = arena_array(ctx->arena, (size_t)rows.count, sizeof(**feeds));
    for (*count = 0; rows_next(&rows); ++*count)
        (*feeds)[*count] = (struct flag_feed){
            .code = arena_string(ctx->arena, rows_text(&rows, 0)),
            .missing = rows_int8(&rows, 1),
        };
    rows_done(&rows);
    return true;
}

bool flag_sweep(struct ctx *ctx, struct db *db, int64_t now_us)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_instant(&params, now_us);
    return db_run(ctx, db, &flag_sweep_statement, &params, NULL);
}

bool flag_check(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                struct flag_found **found, struct flag_gaps *gaps)
{
    struct inquiry_columns columns;
    struct params ask, read, none;
    struct rows outcomes = {0}, rows = {0}, gap_rows = {0};

    inquiry_columns_of(ctx->arena, request->inquiries, request->count, &columns);
    params_init(&ask, ctx->arena);
    put_ask(&ask, request, &columns);
    params_init(&read, ctx->arena);
    put_read(&read, request, &columns);
    params_init(&none, ctx->arena);
    struct db_step steps[] = {
        {&flag_ask, &ask, &outcomes, true},
        {&flag_read, &read, &rows, false},
        {&flag_gaps, &none, &gap_rows, true},
    };
    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    inquiry_outcomes_read(&outcomes, request->inquiries, request->count);
    rows_done(&outcomes);
    *found = read_batch(ctx->arena, request, &rows);
    rows_done(&rows);
    read_gaps(ctx->arena, &gap_rows, gaps);
    rows_done(&gap_rows);
    return true;
}

bool flag_remove(struct ctx *ctx, struct db *db, const struct flag_removal *removal,
                 int64_t *recorded_at_us)
{
    enum { DONE, UNKNOWN, ENDED, REFUSED };
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int4(&params, removal->member_id);
    params_uuid(&params, &removal->flag_id);
    params_int2(&params, (int16_t)removal->status);
    params_int2(&params, (int16_t)removal->reason);
    params_int8(&params, removal->event_id);
    params_bytes(&params, removal->certificate, sizeof(removal->certificate));
    params_bytes(&params, removal->salt, sizeof(removal->salt));
    params_int2(&params, removal->method);
    if (!db_run(ctx, db, &flag_end, &params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, 0);
    int64_t recorded_at = rows_instant_us(&rows, 1);
    rows_done(&rows);
    if (outcome == UNKNOWN)
        return fail(ctx, ERR_NOT_FOUND, "FLAG_UNKNOWN", "no listing of this court has the id");
    if (outcome == ENDED)
        return fail_precondition(ctx, "FLAG_ENDED", "flag_id",
                                 "the listing has ended before, with another status");
    if (outcome == REFUSED)
        return fail(ctx, ERR_DENIED, "NOT_PERMITTED", "only an active court ends a listing");
    *recorded_at_us = recorded_at;
    return true;
}
