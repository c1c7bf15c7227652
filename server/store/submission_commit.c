#include <string.h>

#include "base/digest.h"
#include "base/id.h"
#include "store/submission_inside.h"

static const struct statement chunk_apply = {"submission_chunk_apply",
                                             "select record_id, sealed_records, recorded_at"
                                             " from cix.submission_chunk_apply($1, $2, $3)"};
static const struct statement commit_open = {
    "submission_commit_open",
    "select outcome, mode, next_chunk, earlier, rule, currency, declared, found, records, "
    "reject_max"
    " from cix.submission_commit_open($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};
static const struct statement commit_close = {
    "submission_commit", "select state, accepted, rejected, quarantined, warned"
                         " from cix.submission_commit($1, $2, $3)"};
static const struct statement hold_statement = {
    "submission_hold", "select cix.submission_hold($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
                       " $12, $13, $14)"};
static const struct statement expire_statement = {"submission_expire",
                                                  "select cix.submission_expire($1, $2, $3, $4)"};

enum { SALT_SIZE = 16, EXPIRE_MAX = 256, HELD_VERDICTS_MAX = 10000 };

/* One commit at work. */
struct commit {
    const struct submission_act *act;
    const struct submission_closing *closing;
    const struct submission_applier *applier;
    struct arena *arena; /* of the caller: outlives the chunks */
    enum submission_outcome outcome;
    enum submission_mode mode;
    int64_t records, applied, rejected;
    bool has_reject_max;
    int64_t reject_max;
    struct submission_verdicts verdicts; /* found while applying, for a hold */
};

/* Reads a staged chunk, which this transaction may now apply. */
static bool staged_read(struct ctx *ctx, struct db *db, const struct submission_act *act,
                        int32_t number, struct submission_staged *staged)
{
    struct params *params = submission_params(ctx, act);
    struct rows rows = {0};

    params_int4(params, number);
    if (!db_run(ctx, db, &chunk_apply, params, &rows))
        return false;
    bool is_there = rows_next(&rows);
    if (is_there) {
        struct bytes sealed = rows_bytes(&rows, rows_column(&rows, "sealed_records"));
        *staged = (struct submission_staged){
            .number = number,
            .record_id = submission_int8(&rows, "record_id"),
            .sealed = {arena_copy(ctx->arena, sealed.data, sealed.size), sealed.size},
            .recorded_at_us = rows_instant_us(&rows, rows_column(&rows, "recorded_at")),
        };
    }
    rows_done(&rows);
    return is_there || fail(ctx, ERR_INTERNAL, "CHUNK_LOST", "chunk %d is not staged", number);
}

/* Keeps the refusals of the put functions: should the file be held, they are what it is held for.
 */
static void keep_verdicts(struct commit *commit, struct submission_steps *all, int32_t number)
{
    for (int i = 0; i < all->puts; i++) {
        if (commit->verdicts.count + all->results[i].count <= HELD_VERDICTS_MAX)
            submission_add_verdicts(commit->arena, &all->results[i], number, &commit->verdicts);
    }
}

/* Applies one staged chunk inside the commit's transaction, with memory of its own. */
static bool apply_one(struct ctx *ctx, struct db *db, struct commit *commit, int32_t number)
{
    struct submission_staged staged;
    struct submission_chunk chunk = {.number = number};
    struct submission_steps all = {.count = 0};

    if (!staged_read(ctx, db, commit->act, number, &staged) ||
        !commit->applier->apply(commit->applier->user, ctx, &staged, &chunk))
        return false;
    submission_steps_add(&all, ctx, commit->act, &chunk);
    if (!db_pipeline(ctx, db, all.steps, all.count))
        return false;
    submission_only_row(&all.closed);
    commit->rejected += submission_int4(&all.closed, "rejected");
    commit->applied += chunk.record_count;
    if (commit->has_reject_max)
        keep_verdicts(commit, &all, number);
    submission_steps_done(&all);
    return true;
}

static bool is_over(const struct commit *commit)
{
    return commit->has_reject_max && commit->rejected > commit->reject_max;
}

static void tell_progress(const struct commit *commit)
{
    const struct submission_applier *applier = commit->applier;

    if (applier->applied)
        applier->applied(applier->user, commit->applied, commit->records);
}

/* Until the end, or until F006 holds the file: then the outcome says so. */
static bool apply_all(struct ctx *ctx, struct db *db, struct commit *commit)
{
    bool is_good = true;

    for (int32_t number = 1; is_good && number <= commit->closing->chunk_count; number++) {
        struct arena own;
        arena_init(&own, 0);
        own.is_wiped = true;
        ctx->arena = &own;
        is_good = apply_one(ctx, db, commit, number);
        ctx->arena = commit->arena;
        arena_done(&own);
        tell_progress(commit);
        if (is_good && is_over(commit)) {
            commit->outcome = OUTCOME_HELD;
            return true;
        }
    }
    return is_good;
}

/* FILE_REFUSED or FILE_HELD with its rule, and for F003 with what differs. */
static bool fail_file(struct ctx *ctx, enum submission_outcome outcome, const char *rule_id)
{
    const struct rule *rule = rule_find(rule_id);

    (void)fail_precondition(
        ctx, outcome == OUTCOME_HELD ? "FILE_HELD" : "FILE_REFUSED", "submission_id", "%s",
        rule ? rule->sentence : "a record broke a rule that refuses the whole file");
    if (rule)
        fail_fact(ctx, "rule", "%s", rule->id);
    return false;
}

static bool fail_mismatch(struct ctx *ctx, const struct rows *rows)
{
    const char *currency = rows_text(rows, rows_column(rows, "currency"));

    (void)fail_file(ctx, OUTCOME_FILE_REFUSED, "F003");
    if (*currency)
        fail_fact(ctx, "currency", "%s", currency);
    fail_fact(ctx, "declared", "%lld", (long long)submission_int8(rows, "declared"));
    fail_fact(ctx, "found", "%lld", (long long)submission_int8(rows, "found"));
    return false;
}

/* The failure of an opening that is neither done nor a replay nor the same file. */
static bool fail_opening(struct ctx *ctx, const struct commit *commit, const struct rows *rows)
{
    const char *rule = rows_text(rows, rows_column(rows, "rule"));

    if (commit->outcome == OUTCOME_FILE_REFUSED && strcmp(rule, "F003") == 0)
        return fail_mismatch(ctx, rows);
    if (commit->outcome == OUTCOME_FILE_REFUSED || commit->outcome == OUTCOME_HELD)
        return fail_file(ctx, commit->outcome, rule);
    return submission_fail_outcome(ctx, commit->outcome, submission_int4(rows, "next_chunk"));
}

static struct params *open_params(struct ctx *ctx, const struct commit *commit)
{
    const struct submission_closing *closing = commit->closing;
    struct params *params = submission_params(ctx, commit->act);

    params_int4(params, closing->chunk_count);
    params_bool(params, closing->is_accepted);
    params_int8_or_null(params, closing->explanation.data, closing->explanation_id);
    params_bytes(params, closing->explanation.data, closing->explanation.size);
    params_int4(params, closing->limits.reject_bps);
    params_int4(params, closing->limits.fall_bps);
    submission_put_audit(params, commit->act);
    return params;
}

/* Locks the submission; closed: who has the same file. */
static bool open_commit(struct ctx *ctx, struct db *db, struct commit *commit,
                        struct submission_closed *closed)
{
    struct rows rows = {0};

    if (!db_run(ctx, db, &commit_open, open_params(ctx, commit), &rows))
        return false;
    submission_only_row(&rows);
    commit->outcome = (enum submission_outcome)submission_int2(&rows, "outcome");
    commit->mode = (enum submission_mode)submission_int2(&rows, "mode");
    commit->records = submission_int8(&rows, "records");
    commit->has_reject_max = !rows_is_null(&rows, rows_column(&rows, "reject_max"));
    commit->reject_max = submission_int8(&rows, "reject_max");
    closed->has_earlier = commit->outcome == OUTCOME_SAME_FILE;
    closed->earlier_id = rows_uuid(&rows, rows_column(&rows, "earlier"));
    bool is_good = commit->outcome <= OUTCOME_REPLAY || closed->has_earlier ||
                   fail_opening(ctx, commit, &rows);
    rows_done(&rows);
    return is_good;
}

/* It was committed before that; asked again, the commit has its one answer. */
static bool is_taken_back(int state)
{
    return state == SUBMISSION_STATE_BACKING_OUT || state == SUBMISSION_STATE_BACKED_OUT;
}

static bool close_commit(struct ctx *ctx, struct db *db, const struct commit *commit,
                         struct submission_closed *closed)
{
    struct params *params = submission_params(ctx, commit->act);
    struct rows rows = {0};

    params_instant(params, commit->act->now_us);
    if (!db_run(ctx, db, &commit_close, params, &rows))
        return false;
    submission_only_row(&rows);
    int state = submission_int2(&rows, "state");
    bool is_closed = state == SUBMISSION_STATE_COMMITTED || is_taken_back(state);
    closed->totals = submission_totals_of(&rows);
    rows_done(&rows);
    return is_closed || fail(ctx, ERR_INTERNAL, "CHUNK_LOST", "a chunk was not applied");
}

/* Everything between begin and commit. */
static bool commit_inside(struct ctx *ctx, struct db *db, struct commit *commit,
                          struct submission_closed *closed)
{
    if (!open_commit(ctx, db, commit, closed))
        return false;
    if (commit->outcome == OUTCOME_DONE && commit->mode == SUBMISSION_MODE_FILE &&
        !apply_all(ctx, db, commit))
        return false;
    return commit->outcome > OUTCOME_REPLAY || close_commit(ctx, db, commit, closed);
}

/* F006, found while applying: what was applied is rolled back, and the hold is written by itself.
 */
static bool hold(struct ctx *ctx, struct db *db, const struct commit *commit)
{
    struct params *params = submission_params(ctx, commit->act);
    const struct submission_verdicts *verdicts = &commit->verdicts;
    int32_t *chunks = arena_array(ctx->arena, (size_t)verdicts->count, sizeof(*chunks));

    db_rollback(db);
    for (int i = 0; i < verdicts->count; i++)
        chunks[i] = verdicts->items[i].chunk;
    params_text(params, "F006");
    params_int4s(params, chunks, NULL, verdicts->count);
    submission_put_verdicts(params, verdicts);
    submission_put_audit(params, &commit->closing->act_of_hold);
    return db_run(ctx, db, &hold_statement, params, NULL) && fail_file(ctx, OUTCOME_HELD, "F006");
}

/* Commits the transaction; a failure of that goes before one that was found in it. */
static bool end_transaction(struct ctx *ctx, struct db *db, bool is_good)
{
    struct ctx committing;

    ctx_init(&committing, ctx->arena);
    if (db_commit(&committing, db))
        return is_good;
    if (is_good)
        ctx->error = committing.error;
    return false;
}

bool submission_commit(struct ctx *ctx, struct db *db, const struct submission_act *act,
                       const struct submission_closing *closing,
                       const struct submission_applier *applier, struct submission_closed *closed)
{
    struct submission_closed found = {.has_earlier = false};
    struct commit commit = {
        .act = act, .closing = closing, .applier = applier, .arena = ctx->arena};

    if (!db_begin(ctx, db))
        return false;
    bool is_good = commit_inside(ctx, db, &commit, &found);
    if (is_good && commit.outcome == OUTCOME_HELD)
        return hold(ctx, db, &commit);
    if (!is_good && commit.outcome <= OUTCOME_REPLAY) {
        db_rollback(db);
        return false;
    }
    /* A refusal is committed as well: with its audit row. */
    if (!end_transaction(ctx, db, is_good))
        return false;
    *closed = found;
    return true;
}

bool submission_run_expiry(struct ctx *ctx, struct db *db, const struct statement *statement,
                           int64_t before_us, int64_t now_us, int *count)
{
    int64_t *ids = arena_array(ctx->arena, EXPIRE_MAX, sizeof(*ids));
    struct bytes *salts = arena_array(ctx->arena, EXPIRE_MAX, sizeof(*salts));
    struct rows rows = {0};
    struct params params;

    for (int i = 0; i < EXPIRE_MAX; i++) {
        uint8_t *salt = arena_alloc(ctx->arena, SALT_SIZE);
        digest_random(salt, SALT_SIZE);
        ids[i] = id_new();
        salts[i] = (struct bytes){salt, SALT_SIZE};
    }
    params_init(&params, ctx->arena);
    params_instant(&params, before_us);
    params_int8s(&params, ids, NULL, EXPIRE_MAX);
    params_bytess(&params, salts, EXPIRE_MAX);
    params_instant(&params, now_us);
    if (!db_run(ctx, db, statement, &params, &rows))
        return false;
    submission_only_row(&rows);
    *count = rows_int4(&rows, 0);
    rows_done(&rows);
    return true;
}

bool submission_expire(struct ctx *ctx, struct db *db, int64_t before_us, int64_t now_us,
                       int *count)
{
    return submission_run_expiry(ctx, db, &expire_statement, before_us, now_us, count);
}
