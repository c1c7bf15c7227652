#include "store/rollup.h"

static const struct statement merge = {"rollup_merge",
                                       "select moved from cix.rollup_merge($1, $2) moved"};

bool rollup_merge(struct ctx *ctx, struct db *db, int slice, int64_t now_us, int *moved)
{
    struct params params;
    struct rows rows = {0};
    bool has_row;

    params_init(&params, ctx->arena);
    params_int4(&params, slice);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &merge, &params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *moved = rows_int4(&rows, 0);
    rows_done(&rows);
    return true;
}
