#include "store/statistic.h"

#include <stdlib.h>
#include <string.h>

static const struct statement read_statement = {
    "statistic_read",
    "select outcome, section, value, member_id, accounts, balance, overdue, non_performing,"
    " classed, subjects, as_of from cix.statistic_read($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

enum { SALT_SIZE = 16 };

enum section { SECTION_NONE = 0, SECTION_SHARE = 1, SECTION_SUBJECTS = 2, SECTION_TOTAL = 3 };

static int64_t int8(const struct rows *rows, const char *column)
{
    return rows_int8(rows, rows_column(rows, column));
}

static void add_share(struct arena *arena, const struct rows *rows, struct statistic *statistic)
{
    int as_of = rows_column(rows, "as_of");
    int64_t us = rows_is_null(rows, as_of) ? 0 : rows_instant_us(rows, as_of);

    statistic->shares[statistic->share_count++] = (struct statistic_share){
        .value = arena_string(arena, rows_text(rows, rows_column(rows, "value"))),
        .member_id = rows_int4(rows, rows_column(rows, "member_id")),
        .accounts = int8(rows, "accounts"),
        .balance = int8(rows, "balance"),
        .overdue = int8(rows, "overdue"),
        .non_performing = int8(rows, "non_performing"),
        .classed = int8(rows, "classed"),
    };
    if (us > statistic->as_of_us)
        statistic->as_of_us = us;
}

static void add_row(struct arena *arena, const struct rows *rows, struct statistic *statistic)
{
    switch ((enum section)rows_int2(rows, rows_column(rows, "section"))) {
    case SECTION_SHARE:
        add_share(arena, rows, statistic);
        break;
    case SECTION_SUBJECTS:
        statistic->subjects[statistic->subject_count++] = (struct statistic_subjects){
            .value = arena_string(arena, rows_text(rows, rows_column(rows, "value"))),
            .subjects = int8(rows, "subjects"),
        };
        break;
    case SECTION_TOTAL:
        statistic->subjects_total = int8(rows, "subjects");
        break;
    case SECTION_NONE:
        break;
    }
}

static int by_value_and_member(const void *a, const void *b)
{
    const struct statistic_share *left = a, *right = b;
    int order = strcmp(left->value, right->value);

    return order ? order
                 : (left->member_id > right->member_id) - (left->member_id < right->member_id);
}

static int by_value(const void *a, const void *b)
{
    const struct statistic_subjects *left = a, *right = b;

    return strcmp(left->value, right->value);
}

bool statistic_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                    struct period period, const char *currency, enum statistic_dimension dimension,
                    struct statistic *statistic)
{
    struct params params;
    struct rows rows = {0};
    struct statistic found = {0};
    uint8_t salt[SALT_SIZE];
    bool is_permitted = true;

    digest_random(salt, sizeof(salt));
    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_int4(&params, period.number);
    params_text(&params, currency);
    params_int2(&params, (int16_t)dimension);
    params_instant(&params, act->now_us);
    params_int8(&params, act->audit_id);
    params_int2(&params, act->method);
    params_bytes(&params, act->certificate.data, act->certificate.size);
    params_bytes(&params, salt, sizeof(salt));
    if (!db_run(ctx, db, &read_statement, &params, &rows))
        return false;
    found.shares = arena_array(ctx->arena, (size_t)rows.count, sizeof(*found.shares));
    found.subjects = arena_array(ctx->arena, (size_t)rows.count, sizeof(*found.subjects));
    while (rows_next(&rows)) {
        is_permitted = is_permitted && rows_int2(&rows, rows_column(&rows, "outcome")) == 0;
        add_row(ctx->arena, &rows, &found);
    }
    rows_done(&rows);
    if (!is_permitted)
        return fail(ctx, ERR_DENIED, "ROLE_REQUIRED",
                    "statistics are for administrative regulators and associations");
    if (found.share_count > 0)
        qsort(found.shares, (size_t)found.share_count, sizeof(*found.shares), by_value_and_member);
    if (found.subject_count > 0)
        qsort(found.subjects, (size_t)found.subject_count, sizeof(*found.subjects), by_value);
    *statistic = found;
    return true;
}
