#include "store/key.h"

enum { UUID_SIZE = 16 };

static const struct statement list = {
    "seal_list", "select key_number, key_bytes, key_more, key_line, record_id, sealed"
                 " from cix.seal_list($1, $2, $3, $4, $5, $6, $7)"};
static const struct statement put = {
    "seal_put", "select changed from cix.seal_put($1, $2, $3, $4, $5, $6, $7) changed"};
static const struct statement count_all = {"seal_count",
                                           "select place, key_id, uses from cix.seal_count()"};

static struct bytes copy_bytes(struct arena *arena, struct bytes bytes)
{
    if (!bytes.data)
        return (struct bytes){.data = NULL};
    return (struct bytes){.data = arena_copy(arena, bytes.data, bytes.size), .size = bytes.size};
}

static void read_row(const struct rows *rows, struct arena *arena, struct key_row *row)
{
    row->at.number = rows_int8(rows, rows_column(rows, "key_number"));
    row->at.bytes = copy_bytes(arena, rows_bytes(rows, rows_column(rows, "key_bytes")));
    row->at.more = rows_int8(rows, rows_column(rows, "key_more"));
    row->at.line = rows_int4(rows, rows_column(rows, "key_line"));
    row->record_id = rows_int8(rows, rows_column(rows, "record_id"));
    row->sealed = copy_bytes(arena, rows_bytes(rows, rows_column(rows, "sealed")));
}

bool key_list(struct ctx *ctx, struct db *db, int place, uint32_t key_id,
              const struct key_position *after, int count, struct key_slice *slice)
{
    static const uint8_t none[UUID_SIZE];
    bool has_bytes = after->bytes.data != NULL;
    struct rows rows = {0};
    struct params params;

    params_init(&params, ctx->arena);
    params_int2(&params, (int16_t)place);
    params_int4(&params, (int32_t)key_id);
    params_int8(&params, after->number);
    params_bytes(&params, has_bytes ? after->bytes.data : none,
                 has_bytes ? after->bytes.size : sizeof(none));
    params_int8(&params, after->more);
    params_int4(&params, after->line);
    params_int4(&params, count);
    if (!db_run(ctx, db, &list, &params, &rows))
        return false;
    slice->rows = arena_array(ctx->arena, (size_t)rows.count, sizeof(*slice->rows));
    slice->count = 0;
    while (rows_next(&rows))
        read_row(&rows, ctx->arena, &slice->rows[slice->count++]);
    rows_done(&rows);
    return true;
}

/* The columns of a put: one element a row that has a fresh value. */
struct columns {
    int64_t *number;
    struct bytes *bytes;
    int64_t *more;
    int32_t *line;
    struct bytes *old;
    struct bytes *fresh;
    int count;
};

static void columns_fill(struct columns *columns, struct arena *arena,
                         const struct key_slice *slice, const struct bytes *fresh)
{
    size_t room = (size_t)slice->count;

    columns->number = arena_array(arena, room, sizeof(*columns->number));
    columns->bytes = arena_array(arena, room, sizeof(*columns->bytes));
    columns->more = arena_array(arena, room, sizeof(*columns->more));
    columns->line = arena_array(arena, room, sizeof(*columns->line));
    columns->old = arena_array(arena, room, sizeof(*columns->old));
    columns->fresh = arena_array(arena, room, sizeof(*columns->fresh));
    columns->count = 0;
    for (int i = 0; i < slice->count; i++) {
        const struct key_row *row = &slice->rows[i];
        int at = columns->count;
        if (!fresh[i].data)
            continue;
        columns->number[at] = row->at.number;
        columns->bytes[at] = row->at.bytes;
        columns->more[at] = row->at.more;
        columns->line[at] = row->at.line;
        columns->old[at] = row->sealed;
        columns->fresh[at] = fresh[i];
        columns->count++;
    }
}

bool key_put(struct ctx *ctx, struct db *db, int place, const struct key_slice *slice,
             const struct bytes *fresh, int *changed)
{
    struct rows rows = {0};
    struct columns columns;
    struct params params;
    bool has_row;

    columns_fill(&columns, ctx->arena, slice, fresh);
    params_init(&params, ctx->arena);
    params_int2(&params, (int16_t)place);
    params_int8s(&params, columns.number, NULL, columns.count);
    params_bytess(&params, columns.bytes, columns.count);
    params_int8s(&params, columns.more, NULL, columns.count);
    params_int4s(&params, columns.line, NULL, columns.count);
    params_bytess(&params, columns.old, columns.count);
    params_bytess(&params, columns.fresh, columns.count);
    if (!db_run(ctx, db, &put, &params, &rows))
        return false;
    has_row = rows_next(&rows);
    CHECK(has_row);
    *changed = rows_int4(&rows, rows_column(&rows, "changed"));
    rows_done(&rows);
    return true;
}

bool key_count(struct ctx *ctx, struct db *db, struct key_use **uses, int *count)
{
    struct rows rows = {0};
    struct params params;
    struct key_use *use;

    params_init(&params, ctx->arena);
    if (!db_run(ctx, db, &count_all, &params, &rows))
        return false;
    use = arena_array(ctx->arena, (size_t)rows.count, sizeof(*use));
    *uses = use;
    *count = rows.count;
    for (; rows_next(&rows); use++) {
        use->place = rows_int2(&rows, rows_column(&rows, "place"));
        use->key_id = (uint32_t)rows_int4(&rows, rows_column(&rows, "key_id"));
        use->count = rows_int8(&rows, rows_column(&rows, "uses"));
    }
    rows_done(&rows);
    return true;
}
