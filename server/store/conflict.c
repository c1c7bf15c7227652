#include "store/conflict.h"

#include "store/column.h"
#include "store/submission_inside.h"

enum { PLACE, VIA, RECORD_ID, SEALED_NAME };

static const struct statement names_statement = {
    "conflict_names", "select place, via, record_id, sealed_name from"
                      " cix.conflict_names($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

static struct params *names_params(struct ctx *ctx, const struct submission_act *act,
                                   const struct record_rows *rows)
{
    static const struct column columns[] = {
        {COLUMN_DIGEST, offsetof(struct record_identifier, lookup)},
        {COLUMN_DIGEST, offsetof(struct record_identifier, name_index)},
    };
    static const struct column owners[] = {
        {COLUMN_INT4, offsetof(struct record_identifier, owner)},
    };
    const struct column_rows identifiers = {rows->identifiers, sizeof(*rows->identifiers),
                                            rows->identifier_count};
    struct params *params = arena_alloc(ctx->arena, sizeof(*params));
    int64_t *ids = arena_array(ctx->arena, (size_t)rows->identifier_count, sizeof(*ids));
    uint8_t salt[16];

    for (int i = 0; i < rows->identifier_count; i++)
        ids[i] = id_new();
    digest_random(salt, sizeof(salt));
    params_init(params, ctx->arena);
    params_int4(params, act->member_id);
    columns_put(params, columns, ARRAY_LENGTH(columns), &identifiers);
    params_instant(params, act->now_us);
    params_int8s(params, ids, NULL, rows->identifier_count);
    params_int2(params, act->method);
    params_bytes(params, act->certificate.data, act->certificate.size);
    params_bytes(params, salt, sizeof(salt));
    columns_put(params, owners, ARRAY_LENGTH(owners), &identifiers);
    return params;
}

bool conflict_names(struct ctx *ctx, struct db *db, const struct submission_act *act,
                    const struct record_rows *rows, struct conflict_name **names, int *count)
{
    struct rows found = {0};

    *count = 0;
    if (rows->identifier_count == 0)
        return true;
    if (!db_run(ctx, db, &names_statement, names_params(ctx, act, rows), &found))
        return false;
    *names = arena_array(ctx->arena, (size_t)found.count, sizeof(**names));
    while (rows_next(&found)) {
        struct bytes sealed = rows_bytes(&found, SEALED_NAME);
        if (sealed.data)
            sealed.data = arena_copy(ctx->arena, sealed.data, sealed.size);
        (*names)[(*count)++] = (struct conflict_name){
            .place = rows_int4(&found, PLACE) - 1,
            .via = rows_int4(&found, VIA),
            .record_id = rows_int8(&found, RECORD_ID),
            .sealed = sealed,
        };
    }
    rows_done(&found);
    return true;
}
