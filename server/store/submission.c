#include "store/submission.h"

#include <stdlib.h>
#include <string.h>

#include "store/column.h"

static const struct statement open_statement = {
    "submission_open", "select outcome, next_chunk, state from cix.submission_open($1, $2, $3, $4,"
                       " $5, $6, $7, $8, $9)"};
static const struct statement chunk_open = {
    "submission_chunk_open",
    "select outcome, next_chunk, accepted, rejected, quarantined, warned"
    " from cix.submission_chunk_open($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
static const struct statement chunk_close = {
    "submission_chunk_close",
    "select accepted, rejected, quarantined, warned from cix.submission_chunk_close($1, $2, $3,"
    " $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};
static const struct statement chunk_apply = {"submission_chunk_apply",
                                             "select record_id, sealed_records, recorded_at"
                                             " from cix.submission_chunk_apply($1, $2, $3)"};
static const struct statement commit_open = {
    "submission_commit_open", "select outcome, mode, next_chunk from cix.submission_commit_open($1,"
                              " $2, $3, $4, $5, $6, $7, $8)"};
static const struct statement commit_close = {
    "submission_commit", "select state, accepted, rejected, quarantined, warned"
                         " from cix.submission_commit($1, $2, $3)"};
static const struct statement read_statement = {
    "submission_read", "select state, mode, period, next_chunk, accepted, rejected, quarantined,"
                       " warned, opened_at from cix.submission_read($1, $2, $3, $4, $5, $6, $7)"};
static const struct statement verdict_page = {
    "submission_verdicts", "select chunk, line, rule, severity, field, reason"
                           " from cix.submission_verdicts($1, $2, $3, $4, $5, $6, $7)"};

enum { SALT_SIZE = 16, CHUNK_VERDICTS_MAX = 100000 };

/* Outcomes of the functions, in the order of their numbers. */
enum outcome {
    OUTCOME_DONE,
    OUTCOME_REPLAY,
    OUTCOME_CONFLICT,
    OUTCOME_GAP,
    OUTCOME_CLOSED,
    OUTCOME_DENIED,
    OUTCOME_UNKNOWN,
    OUTCOME_FILE_REFUSED,
};

static struct params *params_new(struct ctx *ctx, const struct submission_act *act)
{
    struct params *params = arena_alloc(ctx->arena, sizeof(*params));

    params_init(params, ctx->arena);
    params_int4(params, act->member_id);
    params_uuid(params, &act->submission_id);
    return params;
}

/* The parameters of every act: at, audit_id, method, certificate, salt. */
static void put_audit(struct params *params, const struct submission_act *act)
{
    uint8_t salt[SALT_SIZE];

    digest_random(salt, sizeof(salt));
    params_instant(params, act->now_us);
    params_int8(params, act->audit_id);
    params_int2(params, act->method);
    params_bytes(params, act->certificate.data, act->certificate.size);
    params_bytes(params, salt, sizeof(salt));
}

/* The failure of an outcome. */
static bool fail_outcome(struct ctx *ctx, int outcome, int32_t next_chunk)
{
    switch (outcome) {
    case OUTCOME_CONFLICT:
        return fail(ctx, ERR_EXISTS, "CHUNK_CONFLICT",
                    "a chunk with this number and other bytes was taken");
    case OUTCOME_GAP:
        (void)fail_precondition(ctx, "CHUNK_GAP", "chunk.number", "the next chunk is %d",
                                next_chunk);
        fail_fact(ctx, "next_chunk", "%d", next_chunk);
        return false;
    case OUTCOME_CLOSED:
        return fail_precondition(ctx, "SUBMISSION_CLOSED", "submission_id",
                                 "the submission is committed");
    case OUTCOME_DENIED:
        return fail(ctx, ERR_DENIED, "MEMBER_NOT_PERMITTED",
                    "the member may not contribute records of this kind");
    case OUTCOME_FILE_REFUSED:
        return fail_precondition(ctx, "FILE_REFUSED", "submission_id",
                                 "a record broke a rule that refuses the whole file");
    default:
        return fail(ctx, ERR_NOT_FOUND, "SUBMISSION_UNKNOWN", "no submission has this id");
    }
}

static int32_t int4(const struct rows *rows, const char *column)
{
    return rows_int4(rows, rows_column(rows, column));
}

static int16_t int2(const struct rows *rows, const char *column)
{
    return rows_int2(rows, rows_column(rows, column));
}

static int64_t int8(const struct rows *rows, const char *column)
{
    return rows_int8(rows, rows_column(rows, column));
}

/* The only row. */
static void only_row(struct rows *rows)
{
    bool has_row = rows_next(rows);

    CHECK(has_row);
}

bool submission_open(struct ctx *ctx, struct db *db, const struct submission_act *act,
                     enum submission_mode mode, struct count_field period, int32_t *next_chunk,
                     enum submission_state *state)
{
    struct params *params = params_new(ctx, act);
    struct rows rows = {0};

    params_int2(params, (int16_t)mode);
    params_int4(params, period.is_present ? period.value : 0);
    put_audit(params, act);
    if (!db_run(ctx, db, &open_statement, params, &rows))
        return false;
    only_row(&rows);
    int outcome = int2(&rows, "outcome");
    int32_t next = int4(&rows, "next_chunk");
    enum submission_state found = (enum submission_state)int2(&rows, "state");
    rows_done(&rows);
    if (outcome == OUTCOME_CONFLICT)
        return fail(ctx, ERR_EXISTS, "SUBMISSION_CONFLICT",
                    "a submission with this id has another mode or period");
    if (outcome != OUTCOME_DONE)
        return fail_outcome(ctx, outcome, 0);
    *next_chunk = next;
    *state = found;
    return true;
}

/* What a chunk's open half answered. */
struct opened {
    int outcome;
    int32_t next_chunk;
    struct submission_counts counts; /* of an earlier attempt */
};

static struct submission_counts counts_of(const struct rows *rows)
{
    return (struct submission_counts){
        .accepted = int4(rows, "accepted"),
        .rejected = int4(rows, "rejected"),
        .quarantined = int4(rows, "quarantined"),
        .warned = int4(rows, "warned"),
    };
}

static struct submission_counts totals_of(const struct rows *rows)
{
    return (struct submission_counts){
        .accepted = int8(rows, "accepted"),
        .rejected = int8(rows, "rejected"),
        .quarantined = int8(rows, "quarantined"),
        .warned = int8(rows, "warned"),
    };
}

static struct params *chunk_open_params(struct ctx *ctx, const struct submission_act *act,
                                        const struct submission_chunk *chunk)
{
    struct params *params = params_new(ctx, act);

    params_int4(params, chunk->number);
    params_bytes(params, chunk->hash.bytes, sizeof(chunk->hash.bytes));
    params_int4(params, chunk->record_count);
    params_int4(params, (int32_t)chunk->data_classes);
    params_int4(params, (int32_t)chunk->roles);
    put_audit(params, act);
    return params;
}

/* A verdict as chunk_close takes it. */
static void put_verdicts(struct params *params, const struct submission_verdicts *verdicts)
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
    struct params *params = params_new(ctx, act);

    params_int4(params, chunk->number);
    params_instant(params, act->now_us);
    params_int8(params, chunk->whole_id);
    params_bytes(params, chunk->whole.data, chunk->whole.size);
    put_verdicts(params, &chunk->verdicts);
    columns_put(params, asides, ARRAY_LENGTH(asides),
                &(struct column_rows){chunk->asides, sizeof(*chunk->asides), chunk->aside_count});
    return params;
}

/* Adds the rows of a page or of a put function; chunk 0: the rows name their chunk. */
static void add_verdicts(struct arena *arena, struct rows *rows, int32_t chunk,
                         struct submission_verdicts *verdicts)
{
    struct submission_verdict *items =
        arena_array(arena, (size_t)(verdicts->count + rows->count), sizeof(*items));

    if (verdicts->count > 0)
        memcpy(items, verdicts->items, (size_t)verdicts->count * sizeof(*items));
    verdicts->items = items;
    while (rows_next(rows))
        items[verdicts->count++] = (struct submission_verdict){
            .chunk = chunk ? chunk : int4(rows, "chunk"),
            .line = int4(rows, "line"),
            .rule = arena_string(arena, rows_text(rows, rows_column(rows, "rule"))),
            .severity = (enum severity)int2(rows, "severity"),
            .field = arena_string(arena, rows_text(rows, rows_column(rows, "field"))),
            .reason = arena_string(arena, rows_text(rows, rows_column(rows, "reason"))),
        };
}

static int by_place(const void *a, const void *b)
{
    const struct submission_verdict *left = a, *right = b;

    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return strcmp(left->rule, right->rule);
}

/* The stored verdicts behind a place; chunk_only 0: of every chunk. */
static struct params *page_params(struct ctx *ctx, const struct submission_act *act,
                                  int32_t chunk_only, const struct submission_place *after,
                                  int32_t page_size)
{
    struct params *params = params_new(ctx, act);

    params_int4(params, chunk_only);
    params_int4(params, after->chunk);
    params_int4(params, after->rule ? after->line : -1);
    params_text(params, after->rule ? after->rule : "");
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
    add_verdicts(ctx->arena, &rows, number, &result->verdicts);
    rows_done(&rows);
    return true;
}

static struct opened opened_of(struct rows *rows)
{
    only_row(rows);
    struct opened opened = {
        .outcome = int2(rows, "outcome"),
        .next_chunk = int4(rows, "next_chunk"),
        .counts = counts_of(rows),
    };
    return opened;
}

/* Puts and close, the part that opening and applying have in common. */
struct chunk_steps {
    struct db_step steps[RECORD_STEPS_MAX + 2];
    struct rows opened;
    struct rows results[RECORD_STEPS_MAX];
    struct rows closed;
    int count;
    int puts;
};

static void steps_add(struct chunk_steps *all, struct ctx *ctx, const struct submission_act *act,
                      const struct submission_chunk *chunk)
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
static void gather(struct ctx *ctx, struct chunk_steps *all, const struct submission_chunk *chunk,
                   struct submission_chunk_result *result)
{
    *result = (struct submission_chunk_result){.verdicts = chunk->verdicts};
    for (int i = 0; i < all->puts; i++)
        add_verdicts(ctx->arena, &all->results[i], chunk->number, &result->verdicts);
    if (result->verdicts.count > 0)
        qsort(result->verdicts.items, (size_t)result->verdicts.count,
              sizeof(*result->verdicts.items), by_place);
    only_row(&all->closed);
    result->counts = counts_of(&all->closed);
}

static void steps_done(struct chunk_steps *all)
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
    struct chunk_steps all = {.count = 1};

    all.steps[0] = (struct db_step){
        .statement = &chunk_open,
        .params = chunk_open_params(ctx, act, chunk),
        .rows = &all.opened,
    };
    steps_add(&all, ctx, act, chunk);
    if (!db_pipeline(ctx, db, all.steps, all.count))
        return false;
    struct opened opened = opened_of(&all.opened);
    if (opened.outcome == OUTCOME_DONE)
        gather(ctx, &all, chunk, result);
    steps_done(&all);
    if (opened.outcome == OUTCOME_DONE)
        return true;
    if (opened.outcome != OUTCOME_REPLAY)
        return fail_outcome(ctx, opened.outcome, opened.next_chunk);
    result->counts = opened.counts;
    return read_replay(ctx, db, act, chunk->number, result);
}

/* Reads a staged chunk, which this transaction may now apply. */
static bool staged_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                        int32_t number, struct submission_staged *staged)
{
    struct params *params = params_new(ctx, act);
    struct rows rows = {0};

    params_int4(params, number);
    if (!db_run(ctx, db, &chunk_apply, params, &rows))
        return false;
    bool is_there = rows_next(&rows);
    if (is_there) {
        struct bytes sealed = rows_bytes(&rows, rows_column(&rows, "sealed_records"));
        *staged = (struct submission_staged){
            .number = number,
            .record_id = int8(&rows, "record_id"),
            .sealed = {arena_copy(ctx->arena, sealed.data, sealed.size), sealed.size},
            .recorded_at_us = rows_instant_us(&rows, rows_column(&rows, "recorded_at")),
        };
    }
    rows_done(&rows);
    return is_there || fail(ctx, ERR_INTERNAL, "CHUNK_LOST", "chunk %d is not staged", number);
}

/* Applies one staged chunk inside the commit's transaction, with memory of its own. */
static bool apply_one(struct ctx *ctx, struct db *db, const struct submission_act *act,
                      int32_t number, const struct submission_applier *applier)
{
    struct submission_staged staged;
    struct submission_chunk chunk = {.number = number};
    struct chunk_steps all = {.count = 0};

    if (!staged_read(ctx, db, act, number, &staged) ||
        !applier->apply(applier->user, ctx, &staged, &chunk))
        return false;
    steps_add(&all, ctx, act, &chunk);
    if (!db_pipeline(ctx, db, all.steps, all.count))
        return false;
    steps_done(&all);
    return true;
}

static bool apply_all(struct ctx *ctx, struct db *db, const struct submission_act *act,
                      int32_t chunk_count, const struct submission_applier *applier)
{
    struct arena *arena = ctx->arena;
    bool is_good = true;

    for (int32_t number = 1; is_good && number <= chunk_count; number++) {
        struct arena own;
        arena_init(&own, 0);
        own.is_wiped = true;
        ctx->arena = &own;
        is_good = apply_one(ctx, db, act, number, applier);
        ctx->arena = arena;
        arena_done(&own);
    }
    return is_good;
}

/* Everything between begin and commit. */
static bool commit_inside(struct ctx *ctx, struct db *db, const struct submission_act *act,
                          int32_t chunk_count, const struct submission_applier *applier,
                          struct submission_counts *totals, int *outcome)
{
    struct params *params = params_new(ctx, act);
    struct rows rows = {0};

    params_int4(params, chunk_count);
    put_audit(params, act);
    if (!db_run(ctx, db, &commit_open, params, &rows))
        return false;
    only_row(&rows);
    *outcome = int2(&rows, "outcome");
    enum submission_mode mode = (enum submission_mode)int2(&rows, "mode");
    int32_t next_chunk = int4(&rows, "next_chunk");
    rows_done(&rows);
    if (*outcome > OUTCOME_REPLAY) /* its audit row is committed all the same */
        return fail_outcome(ctx, *outcome, next_chunk);
    if (*outcome == OUTCOME_DONE && mode == SUBMISSION_MODE_FILE &&
        !apply_all(ctx, db, act, chunk_count, applier))
        return false;
    params = params_new(ctx, act);
    params_instant(params, act->now_us);
    if (!db_run(ctx, db, &commit_close, params, &rows))
        return false;
    only_row(&rows);
    bool is_closed = int2(&rows, "state") == SUBMISSION_STATE_COMMITTED;
    *totals = totals_of(&rows);
    rows_done(&rows);
    return is_closed || fail(ctx, ERR_INTERNAL, "CHUNK_LOST", "a chunk was not applied");
}

bool submission_commit(struct ctx *ctx, struct db *db, const struct submission_act *act,
                       int32_t chunk_count, const struct submission_applier *applier,
                       struct submission_counts *totals)
{
    struct submission_counts found;
    int outcome = OUTCOME_DONE;

    if (!db_begin(ctx, db))
        return false;
    bool is_good = commit_inside(ctx, db, act, chunk_count, applier, &found, &outcome);
    if (!is_good && outcome <= OUTCOME_REPLAY) {
        db_rollback(db);
        return false;
    }
    struct arena *arena = ctx->arena;
    struct ctx committing;
    ctx_init(&committing, arena);
    if (!db_commit(&committing, db)) {
        if (is_good)
            ctx->error = committing.error;
        return false;
    }
    if (is_good)
        *totals = found;
    return is_good;
}

bool submission_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                     const struct submission_place *after, int32_t page_size,
                     struct submission_status *status)
{
    struct params *params = params_new(ctx, act);
    struct rows head = {0}, page = {0};

    put_audit(params, act);
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
        *status = (struct submission_status){
            .state = (enum submission_state)int2(&head, "state"),
            .mode = (enum submission_mode)int2(&head, "mode"),
            .period = {!rows_is_null(&head, period), rows_int4(&head, period)},
            .next_chunk = int4(&head, "next_chunk"),
            .counts = totals_of(&head),
            .opened_at_us = rows_instant_us(&head, rows_column(&head, "opened_at")),
        };
        add_verdicts(ctx->arena, &page, 0, &status->verdicts);
    }
    rows_done(&head);
    rows_done(&page);
    return is_known || fail(ctx, ERR_NOT_FOUND, "SUBMISSION_UNKNOWN", "no submission has this id");
}
