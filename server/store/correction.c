#include "store/correction.h"

#include "base/check.h"

/* Outcomes of sql/api/correction.sql. */
enum outcome {
    DONE,
    UNKNOWN,
    TARGET_UNKNOWN,
    CONFLICT,
    HELD,
    DENIED,
    ENDED,
    REFUSED,
    NOT_REPEATED,
    NOT_CORRECTED,
};

static const struct statement annotation_put = {
    "annotation_put",
    "select outcome, filed_at, answer_by, is_repeated, repeated from cix.annotation_put($1, $2, "
    "$3, $4,"
    " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"};
static const struct statement annotation_end = {
    "annotation_end",
    "select outcome, closed_at from cix.annotation_end($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
static const struct statement annotation_list = {
    "annotation_list",
    "select annotation_id, external_id, member_id, kind, code, target, target_id, target_flag,"
    " period, holder_id, sealed_text, filed_by, evidence_hash, due_on, recorded_at, ended_at,"
    " ended_by, outcome, sealed_answer, answer_id, before_id, after_id, is_repeated, repeated"
    " from cix.annotation_list($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
static const struct statement protection_put = {
    "protection_put", "select outcome, set_at from cix.protection_put($1, $2, $3, $4, $5, $6, $7,"
                      " $8, $9, $10, $11, $12, $13, $14, $15, $16)"};
static const struct statement protection_end = {
    "protection_end",
    "select outcome, lifted_at from cix.protection_end($1, $2, $3, $4, $5, $6, $7)"};

/* The words of an outcome, which differ from function to function. */
struct refusal {
    enum outcome outcome;
    enum err code;
    const char *reason;
    const char *message;
};

#define DENIAL                                                                                     \
    {                                                                                              \
        DENIED, ERR_DENIED, "MEMBER_NOT_PERMITTED", "the member may not contribute now"            \
    }
#define SUBJECT                                                                                    \
    {                                                                                              \
        UNKNOWN, ERR_NOT_FOUND, "SUBJECT_UNKNOWN",                                                 \
            "no client of the member has this identifier and name"                                 \
    }

static const struct refusal put_refusals[] = {
    SUBJECT,
    {TARGET_UNKNOWN, ERR_NOT_FOUND, "TARGET_UNKNOWN", "the subject has no such record"},
    {CONFLICT, ERR_EXISTS, "ANNOTATION_CONFLICT", "the id is known with other content"},
    {HELD, ERR_PRECONDITION, "ANNOTATION_LIMIT",
     "the subject has 100 open annotations, or 20 by the same member"},
    DENIAL,
    {0},
};
static const struct refusal end_refusals[] = {
    {UNKNOWN, ERR_NOT_FOUND, "ANNOTATION_UNKNOWN", "no annotation of the member has the id"},
    DENIAL,
    {ENDED, ERR_PRECONDITION, "ANNOTATION_ENDED", "it has ended before, with another outcome"},
    {REFUSED, ERR_DENIED, "OUTCOME_REFUSED",
     "whoever filed it withdraws it, whose record it is on answers it"},
    {NOT_REPEATED, ERR_PRECONDITION, "NOT_REPEATED",
     "only a dispute that repeats an answered one is declined"},
    {NOT_CORRECTED, ERR_PRECONDITION, "NOT_CORRECTED",
     "the record has no newer version since it was filed; send the correction first, or answer "
     "CONFIRMED or UNVERIFIABLE"},
    {0},
};
static const struct refusal protect_refusals[] = {
    SUBJECT,
    {CONFLICT, ERR_EXISTS, "PROTECTION_CONFLICT", "the id is known with other content"},
    {HELD, ERR_PRECONDITION, "PROTECTION_HELD", "another member set one of this kind"},
    DENIAL,
    {0},
};
static const struct refusal lift_refusals[] = {
    {UNKNOWN, ERR_NOT_FOUND, "PROTECTION_UNKNOWN", "no protection of the member has the id"},
    DENIAL,
    {0},
};

/* Rules that an outcome refuses by. */
static const char *const rules[] = {
    [TARGET_UNKNOWN] = "T001", [NOT_REPEATED] = "T006", [NOT_CORRECTED] = "T004"};

static bool judge(struct ctx *ctx, int outcome, const struct refusal *refusals)
{
    if (outcome == DONE)
        return true;
    for (const struct refusal *refusal = refusals; refusal->reason; refusal++) {
        if ((int)refusal->outcome != outcome)
            continue;
        if (refusal->code == ERR_PRECONDITION)
            (void)fail_precondition(ctx, refusal->reason, "subject", "%s", refusal->message);
        else
            (void)fail(ctx, refusal->code, refusal->reason, "%s", refusal->message);
        if (outcome < (int)ARRAY_LENGTH(rules) && rules[outcome])
            fail_fact(ctx, "rule", "%s", rules[outcome]);
        return false;
    }
    return fail(ctx, ERR_INTERNAL, "OUTCOME_UNKNOWN", "outcome %d has no words", outcome);
}

/* Runs a function that answers one row: outcome, and an instant in the second column. */
static bool run_one(struct ctx *ctx, struct db *db, const struct statement *statement,
                    const struct params *params, const struct refusal *refusals, int64_t *at_us)
{
    struct rows rows = {0};

    if (!db_run(ctx, db, statement, params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, 0);
    int64_t found_us = rows_is_null(&rows, 1) ? 0 : rows_instant_us(&rows, 1);
    rows_done(&rows);
    if (!judge(ctx, outcome, refusals))
        return false;
    *at_us = found_us;
    return true;
}

static void read_repeated(const struct rows *rows, struct correction_annotation *annotation)
{
    int column = rows_column(rows, "repeated");

    annotation->is_repeated = rows_bool(rows, rows_column(rows, "is_repeated"));
    annotation->has_repeated = !rows_is_null(rows, column);
    if (annotation->has_repeated)
        annotation->repeated_id = rows_uuid(rows, column);
}

static void put_digest(struct params *params, const struct digest *digest)
{
    params_bytes(params, digest->bytes, sizeof(digest->bytes));
}

static void put_mark(struct params *params, const struct correction_act *act,
                     const struct correction_mark *mark)
{
    params_int4(params, act->member_id);
    params_uuid(params, &mark->external_id);
    params_int8(params, act->audit_id);
    put_digest(params, &mark->lookup);
    put_digest(params, &mark->name_index);
}

static void put_trace(struct params *params, const struct correction_act *act)
{
    params_bytes(params, act->certificate, sizeof(act->certificate));
    params_bytes(params, act->salt, sizeof(act->salt));
    params_int2(params, act->method);
}

bool correction_annotation_put(struct ctx *ctx, struct db *db, const struct correction_act *act,
                               struct correction_annotation *annotation)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    put_mark(&params, act, &annotation->mark);
    params_int2(&params, annotation->target);
    params_int8(&params, annotation->target_id);
    params_uuid(&params, annotation->has_flag ? &annotation->flag_id : NULL);
    params_int4(&params, annotation->period);
    params_int2(&params, annotation->kind);
    params_int2(&params, annotation->code);
    params_bytes(&params, annotation->text.data, annotation->text.size);
    params_int2(&params, annotation->filed_by);
    params_bytes(&params, annotation->evidence_hash.data, annotation->evidence_hash.size);
    params_day_or_null(&params, annotation->has_due, annotation->due_on);
    put_digest(&params, &annotation->mark.content);
    params_instant(&params, act->now_us);
    put_trace(&params, act);
    if (!db_run(ctx, db, &annotation_put, &params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, 0);
    annotation->recorded_at_us = rows_is_null(&rows, 1) ? 0 : rows_instant_us(&rows, 1);
    annotation->has_due = !rows_is_null(&rows, 2);
    if (annotation->has_due)
        annotation->due_on = rows_day(&rows, 2);
    read_repeated(&rows, annotation);
    rows_done(&rows);
    return judge(ctx, outcome, put_refusals);
}

bool correction_annotation_end(struct ctx *ctx, struct db *db, const struct correction_act *act,
                               const struct uuid *external_id, int16_t outcome, struct bytes answer,
                               int64_t *ended_at_us)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_uuid(&params, external_id);
    params_int2(&params, outcome);
    params_bytes(&params, answer.data, answer.size);
    params_instant(&params, act->now_us);
    params_int8(&params, act->audit_id);
    put_trace(&params, act);
    return run_one(ctx, db, &annotation_end, &params, end_refusals, ended_at_us);
}

static struct bytes bytes_of(struct arena *arena, const struct rows *rows, const char *column)
{
    struct bytes view = rows_bytes(rows, rows_column(rows, column));

    return (struct bytes){view.data ? arena_copy(arena, view.data, view.size) : NULL, view.size};
}

static int16_t int2(const struct rows *rows, const char *column)
{
    return rows_int2(rows, rows_column(rows, column));
}

static int64_t int8(const struct rows *rows, const char *column)
{
    return rows_int8(rows, rows_column(rows, column));
}

static int64_t instant(const struct rows *rows, const char *column)
{
    int number = rows_column(rows, column);

    return rows_is_null(rows, number) ? 0 : rows_instant_us(rows, number);
}

static void read_annotation(struct arena *arena, const struct rows *rows,
                            struct correction_annotation *annotation)
{
    int flag = rows_column(rows, "target_flag");
    int due = rows_column(rows, "due_on");

    *annotation = (struct correction_annotation){
        .mark = {.external_id = rows_uuid(rows, rows_column(rows, "external_id"))},
        .target = int2(rows, "target"),
        .target_id = int8(rows, "target_id"),
        .has_flag = !rows_is_null(rows, flag),
        .period = rows_int4(rows, rows_column(rows, "period")),
        .kind = int2(rows, "kind"),
        .code = int2(rows, "code"),
        .text = bytes_of(arena, rows, "sealed_text"),
        .filed_by = int2(rows, "filed_by"),
        .evidence_hash = bytes_of(arena, rows, "evidence_hash"),
        .has_due = !rows_is_null(rows, due),
        .recorded_at_us = instant(rows, "recorded_at"),
    };
    if (annotation->has_flag)
        annotation->flag_id = rows_uuid(rows, flag);
    if (annotation->has_due)
        annotation->due_on = rows_day(rows, due);
    read_repeated(rows, annotation);
}

bool correction_annotation_list(struct ctx *ctx, struct db *db, const struct correction_act *act,
                                bool with_ended, int64_t before, int page_size,
                                struct correction_listed **list, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_bool(&params, with_ended);
    params_int8_or_null(&params, before != 0, before);
    params_int4(&params, page_size);
    params_instant(&params, act->now_us);
    params_int8(&params, act->audit_id);
    put_trace(&params, act);
    if (!db_run(ctx, db, &annotation_list, &params, &rows))
        return false;
    struct correction_listed *found = arena_array(ctx->arena, (size_t)rows.count, sizeof(*found));
    for (int i = 0; rows_next(&rows); i++) {
        found[i] = (struct correction_listed){
            .annotation_id = int8(&rows, "annotation_id"),
            .member_id = rows_int4(&rows, rows_column(&rows, "member_id")),
            .holder_id = rows_int4(&rows, rows_column(&rows, "holder_id")),
            .ended_at_us = instant(&rows, "ended_at"),
            .ended_by = rows_int4(&rows, rows_column(&rows, "ended_by")),
            .outcome = int2(&rows, "outcome"),
            .answer = bytes_of(ctx->arena, &rows, "sealed_answer"),
            .answer_id = int8(&rows, "answer_id"),
            .before_id = int8(&rows, "before_id"),
            .after_id = int8(&rows, "after_id"),
        };
        read_annotation(ctx->arena, &rows, &found[i].annotation);
    }
    *list = found;
    *count = rows.count;
    rows_done(&rows);
    return true;
}

bool correction_protection_put(struct ctx *ctx, struct db *db, const struct correction_act *act,
                               const struct correction_protection *protection,
                               int64_t *recorded_at_us)
{
    struct params params;

    params_init(&params, ctx->arena);
    put_mark(&params, act, &protection->mark);
    params_int2(&params, protection->kind);
    params_day(&params, protection->from_on);
    params_day_or_null(&params, protection->has_end, protection->until_on);
    params_bytes(&params, protection->phones.data, protection->phones.size);
    params_bytes(&params, protection->document_hash.data, protection->document_hash.size);
    put_digest(&params, &protection->mark.content);
    params_day(&params, protection->today);
    params_instant(&params, act->now_us);
    put_trace(&params, act);
    return run_one(ctx, db, &protection_put, &params, protect_refusals, recorded_at_us);
}

bool correction_protection_end(struct ctx *ctx, struct db *db, const struct correction_act *act,
                               const struct uuid *external_id, int64_t *ended_at_us)
{
    struct params params;

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_uuid(&params, external_id);
    params_instant(&params, act->now_us);
    params_int8(&params, act->audit_id);
    put_trace(&params, act);
    return run_one(ctx, db, &protection_end, &params, lift_refusals, ended_at_us);
}
