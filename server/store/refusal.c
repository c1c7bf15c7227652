#include "store/refusal.h"

static const struct statement put = {"refusal_put",
                                     "select cix.refusal_put($1, $2, $3, $4, $5, $6, $7)"};

/* The counts as columns, as parameters want them. */
struct columns {
    int64_t *ids;
    int32_t *members;
    int16_t *methods;
    const char **reasons;
    int64_t *counts;
    struct bytes *salts;
};

static struct columns columns_of(struct arena *arena, const struct refusal_count *counts, int count)
{
    size_t n = (size_t)count;
    struct columns columns = {
        .ids = arena_array(arena, n, sizeof(*columns.ids)),
        .members = arena_array(arena, n, sizeof(*columns.members)),
        .methods = arena_array(arena, n, sizeof(*columns.methods)),
        .reasons = arena_array(arena, n, sizeof(*columns.reasons)),
        .counts = arena_array(arena, n, sizeof(*columns.counts)),
        .salts = arena_array(arena, n, sizeof(*columns.salts)),
    };

    for (int i = 0; i < count; i++) {
        columns.ids[i] = counts[i].refusal_id;
        columns.members[i] = counts[i].member_id;
        columns.methods[i] = counts[i].method;
        columns.reasons[i] = counts[i].reason;
        columns.counts[i] = counts[i].count;
        columns.salts[i] = (struct bytes){counts[i].salt, sizeof(counts[i].salt)};
    }
    return columns;
}

bool refusal_put(struct ctx *ctx, struct db *db, const struct refusal_count *counts, int count,
                 int64_t now_us)
{
    struct columns columns = columns_of(ctx->arena, counts, count);
    struct params params;

    params_init(&params, ctx->arena);
    params_int8s(&params, columns.ids, NULL, count);
    params_instant(&params, now_us);
    params_int4s(&params, columns.members, NULL, count);
    params_int2s(&params, columns.methods, NULL, count);
    params_texts(&params, columns.reasons, count);
    params_int8s(&params, columns.counts, NULL, count);
    params_bytess(&params, columns.salts, count);
    return db_run(ctx, db, &put, &params, NULL);
}
