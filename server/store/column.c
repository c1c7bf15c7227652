#include "store/column.h"

#include "base/digest.h"
#include "domain/record.h"

/* The member of row i. */
static const void *at(const struct column_rows *rows, const struct column *column, int i)
{
    return (const char *)rows->rows + (size_t)i * rows->size + column->offset;
}

static void put_int2(struct params *params, const struct column *column,
                     const struct column_rows *rows)
{
    int16_t *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));
    bool *is_present = arena_array(params->arena, (size_t)rows->count, sizeof(*is_present));

    for (int i = 0; i < rows->count; i++) {
        const struct count_field *field = at(rows, column, i);
        bool is_plain = column->type == COLUMN_INT2;
        is_present[i] = is_plain || field->is_present;
        items[i] = is_plain ? *(const int16_t *)at(rows, column, i) : (int16_t)field->value;
    }
    params_int2s(params, items, is_present, rows->count);
}

/* One int4 and whether it is there. */
static bool int4_of(enum column_type type, const void *member, int32_t *value)
{
    const struct count_field *field = member;

    if (type == COLUMN_COUNT) {
        *value = field->value;
        return field->is_present;
    }
    *value = *(const int32_t *)member;
    return type == COLUMN_INT4 || *value != 0;
}

static void put_int4(struct params *params, const struct column *column,
                     const struct column_rows *rows)
{
    int32_t *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));
    bool *is_present = arena_array(params->arena, (size_t)rows->count, sizeof(*is_present));

    for (int i = 0; i < rows->count; i++)
        is_present[i] = int4_of(column->type, at(rows, column, i), &items[i]);
    params_int4s(params, items, is_present, rows->count);
}

static void put_int8(struct params *params, const struct column *column,
                     const struct column_rows *rows)
{
    int64_t *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));
    bool *is_present = arena_array(params->arena, (size_t)rows->count, sizeof(*is_present));

    for (int i = 0; i < rows->count; i++) {
        const struct money_field *field = at(rows, column, i);
        bool is_plain = column->type == COLUMN_INT8;
        is_present[i] = is_plain || field->is_present;
        items[i] = is_plain ? *(const int64_t *)at(rows, column, i) : field->minor;
    }
    params_int8s(params, items, is_present, rows->count);
}

static void put_day(struct params *params, const struct column *column,
                    const struct column_rows *rows)
{
    struct day *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));
    bool *is_present = arena_array(params->arena, (size_t)rows->count, sizeof(*is_present));

    for (int i = 0; i < rows->count; i++) {
        const struct day_field *field = at(rows, column, i);
        bool is_plain = column->type == COLUMN_DAY;
        is_present[i] = is_plain || (field->is_present && field->is_real);
        items[i] = is_plain ? *(const struct day *)at(rows, column, i) : field->day;
    }
    params_days(params, items, is_present, rows->count);
}

static void put_text(struct params *params, const struct column *column,
                     const struct column_rows *rows)
{
    const char **items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));

    for (int i = 0; i < rows->count; i++)
        items[i] = *(const char *const *)at(rows, column, i);
    params_texts(params, items, rows->count);
}

static void put_bytes(struct params *params, const struct column *column,
                      const struct column_rows *rows)
{
    struct bytes *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));

    for (int i = 0; i < rows->count; i++) {
        const void *member = at(rows, column, i);
        items[i] = column->type == COLUMN_BYTES
                       ? *(const struct bytes *)member
                       : (struct bytes){((const struct digest *)member)->bytes, DIGEST_SIZE};
    }
    params_bytess(params, items, rows->count);
}

static void put_uuid(struct params *params, const struct column *column,
                     const struct column_rows *rows)
{
    struct uuid *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));

    for (int i = 0; i < rows->count; i++)
        items[i] = *(const struct uuid *)at(rows, column, i);
    params_uuids(params, items, NULL, rows->count);
}

static void put_bool(struct params *params, const struct column *column,
                     const struct column_rows *rows)
{
    bool *items = arena_array(params->arena, (size_t)rows->count, sizeof(*items));

    for (int i = 0; i < rows->count; i++)
        items[i] = *(const bool *)at(rows, column, i);
    params_bools(params, items, rows->count);
}

void columns_put(struct params *params, const struct column *columns, size_t count,
                 const struct column_rows *rows)
{
    static void (*const put[])(struct params *, const struct column *,
                               const struct column_rows *) = {
        [COLUMN_BOOL] = put_bool,     [COLUMN_INT2] = put_int2,      [COLUMN_INT4] = put_int4,
        [COLUMN_INT8] = put_int8,     [COLUMN_TEXT] = put_text,      [COLUMN_BYTES] = put_bytes,
        [COLUMN_DIGEST] = put_bytes,  [COLUMN_UUID] = put_uuid,      [COLUMN_DAY] = put_day,
        [COLUMN_DAY_FIELD] = put_day, [COLUMN_MONEY] = put_int8,     [COLUMN_COUNT] = put_int4,
        [COLUMN_COUNT2] = put_int2,   [COLUMN_INT4_OR_0] = put_int4,
    };

    for (size_t i = 0; i < count; i++)
        put[columns[i].type](params, &columns[i], rows);
}

static bool is_absent(const struct column_rows *rows, const struct column *column)
{
    for (int i = 0; i < rows->count; i++) {
        const void *member = at(rows, column, i);
        bool is_present = false;
        if (column->type == COLUMN_MONEY)
            is_present = ((const struct money_field *)member)->is_present;
        else if (column->type == COLUMN_COUNT)
            is_present = ((const struct count_field *)member)->is_present;
        else if (column->type == COLUMN_DAY_FIELD)
            is_present = ((const struct day_field *)member)->is_present;
        else
            is_present = **(const char *const *)member != '\0';
        if (is_present)
            return false;
    }
    return true;
}

void columns_put_sparse(struct params *params, const struct column *columns, size_t count,
                        const struct column_rows *rows)
{
    const struct column_rows none = {rows->rows, rows->size, 0};

    for (size_t i = 0; i < count; i++)
        columns_put(params, &columns[i], 1, is_absent(rows, &columns[i]) ? &none : rows);
}
