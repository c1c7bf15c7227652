#include "store/supervision.h"

#include "store/report.h"

/* Columns of exposure_read, in the order of the statement. */
enum { ELEMENT, OWN, OVERALL, PLATFORMS, ACCOUNTS, CAP_ONE, CAP_ALL };

static const struct statement exposure_read = {
    "exposure_read", "select element, own, overall, platforms, accounts, cap_one, cap_all"
                     " from cix.exposure_read($1, $2, $3, $4, $5, $6, $7, $8)"};

static void put_read(struct params *params, const struct inquiry_request *request,
                     const struct inquiry_columns *columns, const bool *is_person)
{
    int n = columns->count;

    params_bytess(params, columns->lookups, n);
    params_bytess(params, columns->name_indexes, n);
    params_int4s(params, columns->members, NULL, n);
    params_int2s(params, columns->purposes, NULL, n);
    params_uuids(params, columns->consent_ids, columns->has_consent_id, n);
    params_int8s(params, columns->ids, NULL, n);
    params_bools(params, is_person, n);
    params_day(params, request->today);
}

static void read_exposures(struct rows *rows, const struct inquiry_request *request,
                           struct platform_exposure *exposures)
{
    while (rows_next(rows)) {
        int at = rows_int4(rows, ELEMENT) - 1;
        CHECK(at >= 0 && at < request->count);
        request->inquiries[at].is_served = true;
        exposures[at] = (struct platform_exposure){
            .own = rows_int8(rows, OWN),
            .overall = rows_int8(rows, OVERALL),
            .platforms = rows_int4(rows, PLATFORMS),
            .accounts = rows_int4(rows, ACCOUNTS),
            .cap_one = rows_int8(rows, CAP_ONE),
            .cap_all = rows_int8(rows, CAP_ALL),
        };
    }
}

bool supervision_exposure(struct ctx *ctx, struct db *db, const struct inquiry_request *request,
                          const bool *is_person, struct platform_exposure **exposures)
{
    struct inquiry_columns columns;
    struct params read;
    struct rows outcomes = {0}, rows = {0};

    inquiry_columns_of(ctx->arena, request->inquiries, request->count, &columns);
    params_init(&read, ctx->arena);
    put_read(&read, request, &columns, is_person);
    struct db_step steps[] = {
        report_ask_step(ctx->arena, request, &columns, INQUIRY_EXPOSURE, &outcomes),
        {&exposure_read, &read, &rows, true},
    };
    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    inquiry_outcomes_read(&outcomes, request->inquiries, request->count);
    rows_done(&outcomes);
    *exposures = arena_array(ctx->arena, (size_t)request->count, sizeof(**exposures));
    read_exposures(&rows, request, *exposures);
    rows_done(&rows);
    return true;
}
