#include "store/supervision.h"

#include "store/report.h"

/* Columns of exposure_read, in the order of the statement. */
enum {
    ELEMENT,
    OWN,
    OVERALL,
    PLATFORMS,
    ACCOUNTS,
    CAP_ONE,
    CAP_ALL,
    PROTECTION_ID,
    PROTECTION,
    FROM_ON,
    UNTIL_ON,
    PHONES,
    SET_AT,
};

static const struct statement exposure_read = {
    "exposure_read", "select element, own, overall, platforms, accounts, cap_one, cap_all,"
                     " protection_id, protection, from_on, until_on, sealed_phones, recorded_at"
                     " from cix.exposure_read($1, $2, $3, $4, $5, $6, $7, $8)"};

static void put_read(struct params *params, const struct inquiry_request *request,
                     const struct inquiry_columns *columns, const bool *is_person)
{
    inquiry_put_keys(params, columns);
    params_bools(params, is_person, columns->count);
    params_day(params, request->today);
}

static void read_protection(struct arena *arena, const struct rows *rows,
                            struct platform_exposure *exposure)
{
    struct protection protection = {
        .protection_id = rows_int8(rows, PROTECTION_ID),
        .kind = rows_int2(rows, PROTECTION),
        .from_on = rows_day(rows, FROM_ON),
        .phones = rows_bytes(rows, PHONES),
        .recorded_at_us = rows_instant_us(rows, SET_AT),
    };

    protection_end_read(rows, UNTIL_ON, &protection);
    protection_add(arena, &exposure->protections, &protection);
}

/* Elements stand before the protections of their subjects. */
static void read_exposures(struct arena *arena, struct rows *rows,
                           const struct inquiry_request *request,
                           struct platform_exposure *exposures)
{
    while (rows_next(rows)) {
        int at = rows_int4(rows, ELEMENT) - 1;
        CHECK(at >= 0 && at < request->count);
        if (!rows_is_null(rows, PROTECTION)) {
            read_protection(arena, rows, &exposures[at]);
            continue;
        }
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
    read_exposures(ctx->arena, &rows, request, *exposures);
    rows_done(&rows);
    return true;
}

/* Columns of finding_list, in the order of the statement. */
enum {
    OUTCOME,
    FINDING_ID,
    KIND,
    RULE,
    MEMBER_ID,
    PERIOD,
    CURRENCY,
    MEASURED,
    BOUND,
    STATE,
    RECORDED_AT,
    VALUE,
    REPORTER_ID,
};

enum { OUTCOME_ROLE = 5, STATE_OPEN = 1 };

static const struct statement finding_list = {
    "finding_list", "select outcome, finding_id, kind, rule, member_id, period, currency, measured,"
                    " bound, state, recorded_at, value, reporter_id"
                    " from cix.finding_list($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};

static void put_question(struct params *params, const struct finding_question *question)
{
    params_int4(params, question->member_id);
    params_int2(params, question->kind);
    params_int4(params, question->about_id);
    params_bool(params, question->with_closed);
    params_int8(params, question->behind);
    params_int2(params, question->behind_kind);
    params_int4(params, question->page_size);
    params_instant(params, question->now_us);
    params_int8(params, question->audit_id);
    params_int2(params, question->method);
    params_bytes(params, question->certificate, sizeof(question->certificate));
    params_bytes(params, question->salt, sizeof(question->salt));
}

static struct money_field money_at(const struct rows *rows, int column)
{
    return (struct money_field){!rows_is_null(rows, column), rows_int8(rows, column)};
}

static void read_finding(const struct rows *rows, struct arena *arena, struct finding_row *finding)
{
    *finding = (struct finding_row){
        .finding_id = rows_int8(rows, FINDING_ID),
        .kind = rows_int2(rows, KIND),
        .rule = arena_string(arena, rows_text(rows, RULE)),
        .member_id = rows_int4(rows, MEMBER_ID),
        .period = {!rows_is_null(rows, PERIOD), rows_int4(rows, PERIOD)},
        .currency = arena_string(arena, rows_text(rows, CURRENCY)),
        .measured = money_at(rows, MEASURED),
        .bound = money_at(rows, BOUND),
        .is_open = rows_int2(rows, STATE) == STATE_OPEN,
        .recorded_at_us = rows_instant_us(rows, RECORDED_AT),
        .value = arena_string(arena, rows_text(rows, VALUE)),
        .reporter_id = rows_is_null(rows, REPORTER_ID) ? 0 : rows_int4(rows, REPORTER_ID),
    };
}

bool supervision_findings(struct ctx *ctx, struct db *db, const struct finding_question *question,
                          struct finding_row **findings, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    put_question(&params, question);
    if (!db_run(ctx, db, &finding_list, &params, &rows))
        return false;
    struct finding_row *read = arena_array(ctx->arena, (size_t)rows.count, sizeof(*read));
    bool is_refused = false;
    int n = 0;
    while (!is_refused && rows_next(&rows)) {
        is_refused = rows_int2(&rows, OUTCOME) == OUTCOME_ROLE;
        if (!is_refused)
            read_finding(&rows, ctx->arena, &read[n++]);
    }
    rows_done(&rows);
    if (is_refused)
        return fail(
            ctx, ERR_DENIED, "ROLE_REQUIRED",
            "findings are for active administrative regulators; contributors see their limits");
    *findings = read;
    *count = n;
    return true;
}

static const struct statement limit_check = {"limit_check",
                                             "select cix.limit_check($1, $2, $3, $4)"};

bool supervision_check_limits(struct ctx *ctx, struct db *db, struct period month, struct day today,
                              int64_t now_us, int *count)
{
    int64_t *ids = arena_array(ctx->arena, SUPERVISION_LIMITS_MAX, sizeof(*ids));
    struct params params;
    struct rows rows = {0};

    for (int i = 0; i < SUPERVISION_LIMITS_MAX; i++)
        ids[i] = id_new();
    params_init(&params, ctx->arena);
    params_int4(&params, month.number);
    params_day(&params, today);
    params_int8s(&params, ids, NULL, SUPERVISION_LIMITS_MAX);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, &limit_check, &params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    *count = rows_int4(&rows, 0);
    rows_done(&rows);
    return true;
}

/* Columns of grade_read, in the order of the statement. */
enum {
    GRADE_OUTCOME,
    GRADE_SECTION,
    GRADE_MEMBER_ID,
    GRADE_ORIGIN,
    GRADE_GRADE,
    GRADE_MASTER,
    GRADE_SUBJECTS,
    GRADE_DEFAULTED,
    GRADE_LEFT_OUT,
    GRADE_HINDSIGHT,
};

enum { SECTION_CELL = 1 };

static const struct statement grade_read = {
    "grade_read", "select outcome, section, member_id, origin, grade, master_grade, subjects,"
                  " defaulted, left_out, hindsight"
                  " from cix.grade_read($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

static struct grade_row grade_row_of(const struct rows *rows, struct arena *arena)
{
    bool is_cell = rows_int2(rows, GRADE_SECTION) == SECTION_CELL;
    int64_t subjects = rows_int8(rows, GRADE_SUBJECTS);

    return (struct grade_row){
        .member_id = rows_int4(rows, GRADE_MEMBER_ID),
        .is_cell = is_cell,
        .origin = arena_string(arena, rows_text(rows, GRADE_ORIGIN)),
        .grade = arena_string(arena, rows_text(rows, GRADE_GRADE)),
        .master_grade = arena_string(arena, rows_text(rows, GRADE_MASTER)),
        .subjects = is_cell ? subjects : 0,
        .defaulted = rows_int8(rows, GRADE_DEFAULTED),
        .left_out = rows_int8(rows, GRADE_LEFT_OUT),
        .hindsight = rows_int8(rows, GRADE_HINDSIGHT),
        .kept_back = is_cell ? 0 : subjects,
    };
}

static void put_grade_question(struct params *params, const struct grade_question *question)
{
    params_int4(params, question->member_id);
    params_int4(params, question->about_id);
    params_int4(params, question->month.number);
    params_int8(params, question->subjects_min);
    params_instant(params, question->now_us);
    params_int8(params, question->audit_id);
    params_int2(params, question->method);
    params_bytes(params, question->certificate, sizeof(question->certificate));
    params_bytes(params, question->salt, sizeof(question->salt));
}

bool supervision_grades(struct ctx *ctx, struct db *db, const struct grade_question *question,
                        struct grade_row **grades, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    put_grade_question(&params, question);
    if (!db_run(ctx, db, &grade_read, &params, &rows))
        return false;
    struct grade_row *read = arena_array(ctx->arena, (size_t)rows.count, sizeof(*read));
    bool is_refused = false;
    int n = 0;
    while (!is_refused && rows_next(&rows)) {
        is_refused = rows_int2(&rows, GRADE_OUTCOME) == OUTCOME_ROLE;
        if (!is_refused)
            read[n++] = grade_row_of(&rows, ctx->arena);
    }
    rows_done(&rows);
    if (is_refused)
        return fail(ctx, ERR_DENIED, "ROLE_REQUIRED",
                    "grades and what became of them are for active administrative regulators");
    *grades = read;
    *count = n;
    return true;
}
