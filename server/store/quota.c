#include "store/quota.h"

enum { MEMBER, HERE, ELSEWHERE };

static const struct statement note = {
    "quota_note", "select member_id, here, elsewhere from cix.quota_note($1, $2, $3, $4)"};

bool quota_note(struct ctx *ctx, struct db *db, int node, struct day day,
                const struct member_spending *spent, int count, struct member_spending **known,
                int *known_count)
{
    int32_t *members = arena_array(ctx->arena, (size_t)count, sizeof(*members));
    int64_t *tokens = arena_array(ctx->arena, (size_t)count, sizeof(*tokens));
    struct rows rows = {0};
    struct params params;

    for (int i = 0; i < count; i++) {
        members[i] = spent[i].member_id;
        tokens[i] = spent[i].here;
    }
    params_init(&params, ctx->arena);
    params_int4(&params, node);
    params_day(&params, day);
    params_int4s(&params, members, NULL, count);
    params_int8s(&params, tokens, NULL, count);
    if (!db_run(ctx, db, &note, &params, &rows))
        return false;
    *known = arena_array(ctx->arena, (size_t)rows.count, sizeof(**known));
    for (*known_count = 0; rows_next(&rows); (*known_count)++)
        (*known)[*known_count] = (struct member_spending){
            .member_id = rows_int4(&rows, MEMBER),
            .here = rows_int8(&rows, HERE),
            .elsewhere = rows_int8(&rows, ELSEWHERE),
        };
    rows_done(&rows);
    return true;
}
