#include "store/submission.h"

#include <stdlib.h>
#include <string.h>

#include "store/column.h"
#include "store/submission_inside.h"

static const struct statement open_statement = {"submission_open",
                                                "select outcome, next_chunk, state, earlier from "
                                                "cix.submission_open($1, $2, $3, $4, $5, $6, $7,"
                                                " $8, $9, $10, $11, $12, $13, $14, $15)"};
static const struct statement chunk_open = {
    "submission_chunk_open",
    "select outcome, next_chunk, accepted, rejected, quarantined, warned"
    " from cix.submission_chunk_open($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $17, $18)"};
static const struct statement chunk_close = {
    "submission_chunk_close",
    "select accepted, rejected, quarantined, warned from cix.submission_chunk_close($1, $2, $3,"
    " $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};
static const struct statement read_statement = {
    "submission_read",
    "select state, mode, period, next_chunk, accepted, rejected, quarantined,"
    " warned, opened_at, held_rule, earlier from cix.submission_read($1, $2, $3, $4, $5, $6, $7)"};
static const struct statement verdict_page = {
    "submission_verdicts", "select chunk, line, rule, severity, field, reason"
                           " from cix.submission_verdicts($1, $2, $3, $4, $5, $6, $7, $8)"};

enum { SALT_SIZE = 16, CHUNK_VERDICTS_MAX = 100000, OPEN_RETRY_MS = 60 * 1000 };

struct params *submission_params(struct ctx *ctx, const struct submission_act *act)
{
    struct params *params = arena_alloc(ctx->arena, sizeof(*params));

    params_init(params, ctx->arena);
    params_int4(params, act->member_id);
    params_uuid(params, &act->submission_id);
    return params;
}

/* The parameters of every act: at, audit_id, method, certificate, salt. */
void submission_put_audit(struct params *params, const struct submission_act *act)
{
    uint8_t salt[SALT_SIZE];

    digest_random(salt, sizeof(salt));
    params_instant(params, act->now_us);
    params_int8(params, act->audit_id);
    params_int2(params, act->method);
    params_bytes(params, act->certificate.data, act->certificate.size);
    params_bytes(params, salt, sizeof(salt));
}

/* Refusals by outcome that need no more words than these. */
static const struct refusal {
    enum submission_outcome outcome;
    enum err code;
    const char *reason, *message;
} refusals[] = {
    {OUTCOME_CONFLICT, ERR_EXISTS, "CHUNK_CONFLICT",
     "a chunk with this number and other bytes was taken"},
    {OUTCOME_DENIED, ERR_DENIED, "MEMBER_NOT_PERMITTED",
     "the member may not contribute records of this kind"},
    {OUTCOME_BUSY, ERR_UNAVAILABLE, "SUBMISSION_BUSY",
     "another stream commits this submission or the same file; ask again"},
    {OUTCOME_TOO_LARGE, ERR_PRECONDITION, "FILE_TOO_LARGE",
     "the submission has more records than the exchange takes (F005)"},
    {OUTCOME_UNKNOWN, ERR_NOT_FOUND, "SUBMISSION_UNKNOWN", "no submission has this id"},
};

bool submission_fail_outcome(struct ctx *ctx, enum submission_outcome outcome, int32_t next_chunk)
{
    if (outcome == OUTCOME_GAP) {
        (void)fail_precondition(ctx, "CHUNK_GAP", "chunk.number", "the next chunk is %d",
                                next_chunk);
        fail_fact(ctx, "next_chunk", "%d", next_chunk);
        return false;
    }
    if (outcome == OUTCOME_CLOSED)
        return fail_precondition(ctx, "SUBMISSION_CLOSED", "submission_id",
                                 "the submission is committed, held or expired");
    if (outcome == OUTCOME_MANY)
        return fail_retry(ctx, "SUBMISSIONS_OPEN", OPEN_RETRY_MS,
                          "too many files of the member are open or held; commit one first");
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
        if (refusals[i].outcome == outcome)
            return fail(ctx, refusals[i].code, refusals[i].reason, "%s", refusals[i].message);
    }
    return fail(ctx, ERR_INTERNAL, "OUTCOME_UNKNOWN", "the database answered outcome %d", outcome);
}

int32_t submission_int4(const struct rows *rows, const char *column)
{
    return rows_int4(rows, rows_column(rows, column));
}

int16_t submission_int2(const struct rows *rows, const char *column)
{
    return rows_int2(rows, rows_column(rows, column));
}

int64_t submission_int8(const struct rows *rows, const char *column)
{
    return rows_int8(rows, rows_column(rows, column));
}

void submission_only_row(struct rows *rows)
{
    bool has_row = rows_next(rows);

    CHECK(has_row);
}

/* Totals as two arrays. */
static void put_totals(struct params *params, const struct submission_total *totals, int count)
{
    static const struct column columns[] = {
        {COLUMN_TEXT, offsetof(struct submission_total, currency)},
        {COLUMN_INT8, offsetof(struct submission_total, amount)},
    };

    columns_put(params, columns, ARRAY_LENGTH(columns),
                &(struct column_rows){totals, sizeof(*totals), count});
}

/* hash, records, currencies, amounts, kind. */
static void put_declaration(struct params *params, const struct submission_declaration *declared)
{
    const struct digest *hash = &declared->file_hash;

    params_bytes(params, declared->has_hash ? hash->bytes : NULL, sizeof(hash->bytes));
    params_int8_or_null(params, declared->is_given, declared->records);
    put_totals(params, declared->totals, declared->total_count);
    params_int2(params, declared->kind);
}

bool submission_open(struct ctx *ctx, struct db *db, const struct submission_act *act,
                     const struct submission_opening *opening, struct submission_opened *opened)
{
    struct params *params = submission_params(ctx, act);
    struct rows rows = {0};

    params_int2(params, (int16_t)opening->mode);
    params_int4(params, opening->period.is_present ? opening->period.value : 0);
    put_declaration(params, &opening->declared);
    params_int4(params, opening->open_max);
    submission_put_audit(params, act);
    if (!db_run(ctx, db, &open_statement, params, &rows))
        return false;
    submission_only_row(&rows);
    int outcome = submission_int2(&rows, "outcome");
    struct submission_opened found = {
        .next_chunk = submission_int4(&rows, "next_chunk"),
        .state = (enum submission_state)submission_int2(&rows, "state"),
        .has_earlier = outcome == OUTCOME_SAME_FILE,
        .earlier_id = rows_uuid(&rows, rows_column(&rows, "earlier")),
    };
    rows_done(&rows);
    if (outcome == OUTCOME_CONFLICT)
        return fail(ctx, ERR_EXISTS, "SUBMISSION_CONFLICT",
                    "a submission with this id has another mode, period or declaration");
    if (outcome == OUTCOME_DENIED) /* the role was asked before, the kinds of record are not yet */
        return fail(ctx, ERR_DENIED, "MEMBER_NOT_PERMITTED",
                    "only an ACTIVE or RESTRICTED member contributes; one in state TESTING does so"
                    " on a test exchange, where cix conformance shows what makes it ACTIVE");
    if (outcome != OUTCOME_DONE && outcome != OUTCOME_SAME_FILE)
        return submission_fail_outcome(ctx, (enum submission_outcome)outcome, 0);
    *opened = found;
    return true;
}

/* What a chunk's open half answered. */
struct opened {
    int outcome;
    int32_t next_chunk;
    struct submission_counts counts; /* of an earlier attempt */
};

struct submission_counts submission_counts_of(const struct rows *rows)
{
    return (struct submission_counts){
        .accepted = submission_int4(rows, "accepted"),
        .rejected = submission_int4(rows, "rejected"),
        .quarantined = submission_int4(rows, "quarantined"),
        .warned = submission_int4(rows, "warned"),
    };
}

struct submission_counts submission_totals_of(const struct rows *rows)
{
    return (struct submission_counts){
        .accepted = submission_int8(rows, "accepted"),
        .rejected = submission_int8(rows, "rejected"),
        .quarantined = submission_int8(rows, "quarantined"),
        .warned = submission_int8(rows, "warned"),
    };
}

static struct params *chunk_open_params(struct ctx *ctx, const struct submission_act *act,
                                        const struct submission_chunk *chunk)
{
    struct params *params = submission_params(ctx, act);

    params_int4(params, chunk->number);
    params_bytes(params, chunk->hash.bytes, sizeof(chunk->hash.bytes));
    params_int4(params, chunk->record_count);
    params_int4(params, (int32_t)chunk->data_classes);
    params_int4(params, (int32_t)chunk->roles);
    put_totals(params, chunk->totals, chunk->total_count);
    params_int8(params, chunk->records_max);
    submission_put_audit(params, act);
    params_int4(params, chunk->month_count);
    params_int4(params, chunk->fields_due);
    params_int4(params, chunk->fields_given);
    return params;
}

/* A verdict as chunk_close takes it. */
void submission_put_verdicts(struct params *params, const struct submission_verdicts *verdicts)
{
    static const struct column lines[] = {{COLUMN_INT4, offsetof(struct submission_verdict, line)}};
    static const struct column rules[] = {{COLUMN_TEXT, offsetof(struct submission_verdict, rule)}};
    static const struct column texts[] = {
        {COLUMN_TEXT, offsetof(struct submission_verdict, field)},
        {COLUMN_TEXT, offsetof(struct submission_verdict, reason)},
    };
    const struct column_rows rows = {verdicts->items, sizeof(*verdicts->items), verdicts->count};
    int16_t *severities = arena_array(params->arena, (size_t)verdicts->count, sizeof(int16_t));

    for (int i = 0; i < verdicts->count; i++)
        severities[i] = (int16_t)verdicts->items[i].severity;
    columns_put(params, lines, ARRAY_LENGTH(lines), &rows);
    columns_put(params, rules, ARRAY_LENGTH(rules), &rows);
    params_int2s(params, severities, NULL, verdicts->count);
    columns_put(params, texts, ARRAY_LENGTH(texts), &rows);
}

static struct params *chunk_close_params(struct ctx *ctx, const struct submission_act *act,
                                         const struct submission_chunk *chunk)
{
    static const struct column asides[] = {
        {COLUMN_INT4, offsetof(struct submission_aside, line)},
        {COLUMN_INT8, offsetof(struct submission_aside, record_id)},
        {COLUMN_BYTES, offsetof(struct submission_aside, sealed)},
    };
    struct params *params = submission_params(ctx, act);

    params_int4(params, chunk->number);
    params_instant(params, act->now_us);
    params_int8(params, chunk->whole_id);
    params_bytes(params, chunk->whole.data, chunk->whole.size);
    submission_put_verdicts(params, &chunk->verdicts);
    columns_put(params, asides, ARRAY_LENGTH(asides),
                &(struct column_rows){chunk->asides, sizeof(*chunk->asides), chunk->aside_count});
    return params;
}

/* Adds the rows of a page or of a put function; chunk 0: the rows name their chunk. */
void submission_add_verdicts(struct arena *arena, struct rows *rows, int32_t chunk,
                             struct submission_verdicts *verdicts)
{
    struct submission_verdict *items =
        arena_array(arena, (size_t)(verdicts->count + rows->count), sizeof(*items));

    if (verdicts->count > 0)
        memcpy(items, verdicts->items, (size_t)verdicts->count * sizeof(*items));
    verdicts->items = items;
    while (rows_next(rows))
        items[verdicts->count++] = (struct submission_verdict){
            .chunk = chunk ? chunk : submission_int4(rows, "chunk"),
            .line = submission_int4(rows, "line"),
            .rule = arena_string(arena, rows_text(rows, rows_column(rows, "rule"))),
            .severity = (enum severity)submission_int2(rows, "severity"),
            .field = arena_string(arena, rows_text(rows, rows_column(rows, "field"))),
            .reason = arena_string(arena, rows_text(rows, rows_column(rows, "reason"))),
        };
}

static int by_place(const void *a, const void *b)
{
    const struct submission_verdict *left = a, *right = b;

    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    int order = strcmp(left->rule, right->rule);
    return order ? order : strcmp(left->field, right->field);
}

/* The stored verdicts behind a place; chunk_only 0: of every chunk. */
static struct params *page_params(struct ctx *ctx, const struct submission_act *act,
                                  int32_t chunk_only, const struct submission_place *after,
                                  int32_t page_size)
{
    struct params *params = submission_params(ctx, act);

    params_int4(params, chunk_only);
    params_int4(params, after->chunk);
    params_int4(params, after->rule ? after->line : -1);
    params_text(params, after->rule ? after->rule : "");
    params_text(params, after->rule ? after->field : "");
    params_int4(params, page_size);
    return params;
}

/* The answer of an earlier attempt: its counts and verdicts. */
static bool read_replay(struct ctx *ctx, struct db *db, const struct submission_act *act,
                        int32_t number, struct submission_chunk_result *result)
{
    const struct submission_place start = {.chunk = 0};
    struct rows rows = {0};

    if (!db_run(ctx, db, &verdict_page, page_params(ctx, act, number, &start, CHUNK_VERDICTS_MAX),
                &rows))
        return false;
    result->is_replay = true;
    result->verdicts = (struct submission_verdicts){0};
    submission_add_verdicts(ctx->arena, &rows, number, &result->verdicts);
    rows_done(&rows);
    return true;
}

static struct opened opened_of(struct rows *rows)
{
    submission_only_row(rows);
    struct opened opened = {
        .outcome = submission_int2(rows, "outcome"),
        .next_chunk = submission_int4(rows, "next_chunk"),
        .counts = submission_counts_of(rows),
    };
    return opened;
}

void submission_steps_add(struct submission_steps *all, struct ctx *ctx,
                          const struct submission_act *act, const struct submission_chunk *chunk)
{
    const struct record_place place = {act->member_id, act->submission_id, chunk->number,
                                       act->now_us};

    if (!chunk->is_staged)
        all->puts =
            record_steps(ctx->arena, &place, &chunk->rows, &all->steps[all->count], all->results);
    all->count += all->puts;
    all->steps[all->count++] = (struct db_step){
        .statement = &chunk_close,
        .params = chunk_close_params(ctx, act, chunk),
        .rows = &all->closed,
    };
}

/* All findings of a chunk, the server's and the put functions'. */
static void gather(struct ctx *ctx, struct submission_steps *all,
                   const struct submission_chunk *chunk, struct submission_chunk_result *result)
{
    *result = (struct submission_chunk_result){.verdicts = chunk->verdicts};
    for (int i = 0; i < all->puts; i++)
        submission_add_verdicts(ctx->arena, &all->results[i], chunk->number, &result->verdicts);
    if (result->verdicts.count > 0)
        qsort(result->verdicts.items, (size_t)result->verdicts.count,
              sizeof(*result->verdicts.items), by_place);
    submission_only_row(&all->closed);
    result->counts = submission_counts_of(&all->closed);
}

void submission_steps_done(struct submission_steps *all)
{
    rows_done(&all->opened);
    for (int i = 0; i < all->puts; i++)
        rows_done(&all->results[i]);
    rows_done(&all->closed);
}

bool submission_chunk_put(struct ctx *ctx, struct db *db, const struct submission_act *act,
                          const struct submission_chunk *chunk,
                          struct submission_chunk_result *result)
{
    struct submission_steps all = {.count = 1};

    all.steps[0] = (struct db_step){
        .statement = &chunk_open,
        .params = chunk_open_params(ctx, act, chunk),
        .rows = &all.opened,
    };
    if (chunk->extra.statement)
        all.steps[all.count++] =
            (struct db_step){.statement = chunk->extra.statement, .params = chunk->extra.params};
    submission_steps_add(&all, ctx, act, chunk);
    if (!db_pipeline(ctx, db, all.steps, all.count))
        return false;
    struct opened opened = opened_of(&all.opened);
    if (opened.outcome == OUTCOME_DONE)
        gather(ctx, &all, chunk, result);
    submission_steps_done(&all);
    if (opened.outcome == OUTCOME_DONE)
        return true;
    if (opened.outcome != OUTCOME_REPLAY)
        return submission_fail_outcome(ctx, (enum submission_outcome)opened.outcome,
                                       opened.next_chunk);
    result->counts = opened.counts;
    return read_replay(ctx, db, act, chunk->number, result);
}

bool submission_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                     const struct submission_place *after, int32_t page_size,
                     struct submission_status *status)
{
    struct params *params = submission_params(ctx, act);
    struct rows head = {0}, page = {0};

    submission_put_audit(params, act);
    const struct db_step steps[] = {
        {.statement = &read_statement, .params = params, .rows = &head},
        {.statement = &verdict_page,
         .params = page_params(ctx, act, 0, after, page_size),
         .rows = &page},
    };
    if (!db_pipeline(ctx, db, steps, ARRAY_LENGTH(steps)))
        return false;
    bool is_known = rows_next(&head);
    if (is_known) {
        int period = rows_column(&head, "period");
        int held = rows_column(&head, "held_rule"), earlier = rows_column(&head, "earlier");
        *status = (struct submission_status){
            .state = (enum submission_state)submission_int2(&head, "state"),
            .mode = (enum submission_mode)submission_int2(&head, "mode"),
            .period = {!rows_is_null(&head, period), rows_int4(&head, period)},
            .next_chunk = submission_int4(&head, "next_chunk"),
            .counts = submission_totals_of(&head),
            .opened_at_us = rows_instant_us(&head, rows_column(&head, "opened_at")),
            .held_rule =
                arena_string(ctx->arena, rows_text(&head, held) ? rows_text(&head, held) : ""),
            .has_earlier = !rows_is_null(&head, earlier),
            .earlier_id = rows_uuid(&head, earlier),
        };
        submission_add_verdicts(ctx->arena, &page, 0, &status->verdicts);
    }
    rows_done(&head);
    rows_done(&page);
    return is_known || fail(ctx, ERR_NOT_FOUND, "SUBMISSION_UNKNOWN", "no submission has this id");
}
