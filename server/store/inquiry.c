#include "store/inquiry.h"

static struct bytes view(const void *data, size_t size)
{
    return (struct bytes){.data = data, .size = size};
}

static void columns_room(struct arena *arena, size_t n, struct inquiry_columns *columns)
{
    columns->lookups = arena_array(arena, n, sizeof(*columns->lookups));
    columns->name_indexes = arena_array(arena, n, sizeof(*columns->name_indexes));
    columns->operators = arena_array(arena, n, sizeof(*columns->operators));
    columns->certificates = arena_array(arena, n, sizeof(*columns->certificates));
    columns->salts = arena_array(arena, n, sizeof(*columns->salts));
    columns->members = arena_array(arena, n, sizeof(*columns->members));
    columns->purposes = arena_array(arena, n, sizeof(*columns->purposes));
    columns->persons = arena_array(arena, n, sizeof(*columns->persons));
    columns->ids = arena_array(arena, n, sizeof(*columns->ids));
    columns->consent_ids = arena_array(arena, n, sizeof(*columns->consent_ids));
    columns->has_consent_id = arena_array(arena, n, sizeof(*columns->has_consent_id));
}

void inquiry_columns_of(struct arena *arena, const struct inquiry *inquiries, int count,
                        struct inquiry_columns *columns)
{
    columns_room(arena, (size_t)count, columns);
    columns->count = count;
    for (int i = 0; i < count; i++) {
        const struct inquiry *inquiry = &inquiries[i];
        columns->lookups[i] = view(&inquiry->lookup, DIGEST_SIZE);
        columns->name_indexes[i] = view(&inquiry->name_index, DIGEST_SIZE);
        columns->operators[i] = view(&inquiry->operator_index, DIGEST_SIZE);
        columns->certificates[i] = view(inquiry->certificate, sizeof(inquiry->certificate));
        columns->salts[i] = view(inquiry->salt, sizeof(inquiry->salt));
        columns->members[i] = inquiry->member_id;
        columns->purposes[i] = inquiry->purpose;
        columns->persons[i] = inquiry->is_person;
        columns->ids[i] = inquiry->inquiry_id;
        columns->consent_ids[i] = inquiry->consent_id;
        columns->has_consent_id[i] = inquiry->has_consent_id;
    }
}

void inquiry_put_keys(struct params *params, const struct inquiry_columns *columns)
{
    int n = columns->count;

    params_bytess(params, columns->lookups, n);
    params_bytess(params, columns->name_indexes, n);
    params_int4s(params, columns->members, NULL, n);
    params_int2s(params, columns->purposes, NULL, n);
    params_uuids(params, columns->consent_ids, columns->has_consent_id, n);
    params_int8s(params, columns->ids, NULL, n);
}

void inquiry_put_read(struct params *params, const struct inquiry_request *request,
                      const struct inquiry_columns *columns)
{
    inquiry_put_keys(params, columns);
    params_day(params, request->today);
}

void inquiry_outcomes_read(struct rows *rows, struct inquiry *inquiries, int count)
{
    int element = rows_column(rows, "element");
    int outcome = rows_column(rows, "outcome");

    while (rows_next(rows)) {
        int at = rows_int4(rows, element) - 1;
        CHECK(at >= 0 && at < count);
        inquiries[at].outcome = (enum inquiry_outcome)rows_int2(rows, outcome);
    }
}
