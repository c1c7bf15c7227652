#include "store/statistic.h"

#include "base/text.h"
#include "domain/age.h"

/* Columns of the statement, in its order. */
enum {
    OUTCOME,
    SECTION,
    VALUE,
    MEMBER_ID,
    ACCOUNTS,
    BALANCE,
    OVERDUE,
    NON_PERFORMING,
    CLASSED,
    SUBJECTS,
    AS_OF,
};

/* Sections of cix.statistic_read. */
enum { SECTION_SHARE = 1, SECTION_SUBJECTS = 2, SECTION_SUBJECTS_OF_ALL = 3 };

enum { OUTCOME_ROLE = 5 };

static const struct statement read_statement = {
    "statistic_read", "select outcome, section, value, member_id, accounts, balance, overdue,"
                      " non_performing, classed, subjects, as_of"
                      " from cix.statistic_read($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

/* The value as it is published. Empty: the record did not say. */
static const char *published(struct arena *arena, enum statistic_dimension dimension,
                             const char *value)
{
    int64_t band;

    if (dimension == STATISTIC_DIMENSION_AGE_BAND && text_to_int64(value, &band))
        return age_band_name((enum age_band)band);
    return *value ? arena_string(arena, value) : "none";
}

/* The first pass: what members hold. */
static bool read_shares(struct ctx *ctx, struct rows *rows, enum statistic_dimension dimension,
                        struct statistic_answer *answer)
{
    struct statistic_share *shares = arena_array(ctx->arena, (size_t)rows->count, sizeof(*shares));
    size_t count = 0;

    while (rows_next(rows)) {
        if (rows_int2(rows, SECTION) != SECTION_SHARE)
            continue;
        shares[count++] = (struct statistic_share){
            .value = published(ctx->arena, dimension, rows_text(rows, VALUE)),
            .member_id = rows_int4(rows, MEMBER_ID),
            .accounts = rows_int8(rows, ACCOUNTS),
            .outstanding = rows_int8(rows, BALANCE),
            .overdue = rows_int8(rows, OVERDUE),
            .non_performing = rows_int8(rows, NON_PERFORMING),
            .classed = rows_int8(rows, CLASSED),
        };
        if (rows_instant_us(rows, AS_OF) > answer->as_of_us)
            answer->as_of_us = rows_instant_us(rows, AS_OF);
    }
    return statistic_fold(ctx->arena, shares, count, &answer->table) ||
           fail(ctx, ERR_OUT_OF_RANGE, "AMOUNT_OVERFLOW",
                "the amounts of this month add up to more than 64 bits hold");
}

/* The second pass: who stands behind them. */
static void read_subjects(struct ctx *ctx, struct rows *rows, enum statistic_dimension dimension,
                          struct statistic_table *table)
{
    rows->current = -1;
    while (rows_next(rows)) {
        int16_t section = rows_int2(rows, SECTION);
        struct statistic_cell *cell = NULL;

        if (section == SECTION_SUBJECTS_OF_ALL)
            cell = &table->total;
        if (section == SECTION_SUBJECTS)
            cell = statistic_seek(table, published(ctx->arena, dimension, rows_text(rows, VALUE)));
        if (cell)
            cell->subjects = rows_int8(rows, SUBJECTS);
    }
}

static bool is_refused(struct rows *rows)
{
    bool has_row = rows_next(rows);
    bool is_refused = has_row && rows_int2(rows, OUTCOME) == OUTCOME_ROLE;

    rows->current = -1;
    return is_refused;
}

static bool read_answer(struct ctx *ctx, struct rows *rows, enum statistic_dimension dimension,
                        struct statistic_answer *answer)
{
    struct statistic_answer read = {0};

    if (is_refused(rows))
        return fail(ctx, ERR_DENIED, "ROLE_REQUIRED",
                    "statistics are for active regulators and associations");
    if (!read_shares(ctx, rows, dimension, &read))
        return false;
    read_subjects(ctx, rows, dimension, &read.table);
    *answer = read;
    return true;
}

bool statistic_read(struct ctx *ctx, struct db *db, const struct statistic_question *question,
                    struct statistic_answer *answer)
{
    struct params params;
    struct rows rows = {0};
    bool is_read;

    params_init(&params, ctx->arena);
    params_int4(&params, question->member_id);
    params_int4(&params, question->period.number);
    params_text(&params, question->currency);
    params_int2(&params, (int16_t)question->dimension);
    params_instant(&params, question->now_us);
    params_int8(&params, question->audit_id);
    params_int2(&params, question->method);
    params_bytes(&params, question->certificate, sizeof(question->certificate));
    params_bytes(&params, question->salt, sizeof(question->salt));
    if (!db_run(ctx, db, &read_statement, &params, &rows))
        return false;
    is_read = read_answer(ctx, &rows, question->dimension, answer);
    rows_done(&rows);
    return is_read;
}
