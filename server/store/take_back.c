#include "store/take_back.h"

enum {
    SLICE = 20,
    IDS = 4096, /* an account */
    ACCOUNTS_OF_A_CALL = SLICE,
};

enum outcome { DONE, DONE_BEFORE, UNKNOWN, OPEN, BLOCKED, DENIED };

static const struct statement begin_statement = {
    "back_out_begin", "select outcome from cix.back_out_begin($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
static const struct statement step_statement = {
    "back_out_step",
    "select outcome, phase, blocker, accounts from cix.back_out_step($1, $2, $3, $4, $5)"};
static const struct statement history_statement = {
    "history_read",
    "select record_id, recorded_at, submission_id, chunk, line, is_deleted, restored_by, origin,"
    " action, reason, sealed_note, field, before, after, sealed_before, sealed_after,"
    " before_id, after_id, back_out_id, back_out_at, back_out_reason, sealed_back_out_note"
    " from cix.history_read($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

static void put_trace(struct params *params, const struct correction_act *act)
{
    params_bytes(params, act->certificate, sizeof(act->certificate));
    params_bytes(params, act->salt, sizeof(act->salt));
    params_int2(params, act->method);
}

bool back_out_begin(struct ctx *ctx, struct db *db, const struct correction_act *act,
                    struct back_out *back_out)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_uuid(&params, &back_out->submission_id);
    params_int8(&params, act->audit_id);
    params_int2(&params, back_out->reason);
    params_bytes(&params, back_out->note.data, back_out->note.size);
    params_instant(&params, act->now_us);
    put_trace(&params, act);
    if (!db_run(ctx, db, &begin_statement, &params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, 0);
    rows_done(&rows);
    back_out->phase = outcome == DONE_BEFORE ? BACK_OUT_DONE : BACK_OUT_CHECKING;
    if (outcome == UNKNOWN)
        return fail(ctx, ERR_NOT_FOUND, "SUBMISSION_UNKNOWN", "no submission has this id");
    if (outcome == OPEN)
        return fail_precondition(ctx, "SUBMISSION_OPEN", "submission_id",
                                 "the submission was not committed");
    if (outcome == DENIED)
        return fail(ctx, ERR_DENIED, "MEMBER_NOT_PERMITTED", "the member may not contribute now");
    return true;
}

static bool fail_blocked(struct ctx *ctx, const struct uuid *blocker)
{
    char text[37];

    uuid_format(blocker, text);
    (void)fail_precondition(ctx, "BACK_OUT_BLOCKED", "submission_id",
                            "a later submission builds on what this one introduced; take that one "
                            "back first");
    fail_fact(ctx, "submission_id", "%s", text);
    return false;
}

bool back_out_step(struct ctx *ctx, struct db *db, const struct correction_act *act,
                   struct back_out *back_out)
{
    int64_t ids[ACCOUNTS_OF_A_CALL];
    struct params params;
    struct rows rows = {0};

    for (int i = 0; i < ACCOUNTS_OF_A_CALL; i++)
        ids[i] = id_new_many(IDS);
    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_uuid(&params, &back_out->submission_id);
    params_int4(&params, SLICE);
    params_int8s(&params, ids, NULL, ACCOUNTS_OF_A_CALL);
    params_instant(&params, act->now_us);
    if (!db_run(ctx, db, &step_statement, &params, &rows))
        return false;
    bool has_row = rows_next(&rows);
    CHECK(has_row);
    int outcome = rows_int2(&rows, 0);
    struct uuid blocker = {{0}};
    if (outcome == BLOCKED)
        blocker = rows_uuid(&rows, 2);
    back_out->phase = (enum back_out_phase)rows_int2(&rows, 1);
    back_out->accounts = rows_int8(&rows, 3);
    rows_done(&rows);
    return outcome != BLOCKED || fail_blocked(ctx, &blocker);
}

static const char *text_of(struct arena *arena, const struct rows *rows, const char *column)
{
    const char *text = rows_text(rows, rows_column(rows, column));

    return text ? arena_string(arena, text) : "";
}

static struct bytes bytes_of(struct arena *arena, const struct rows *rows, const char *column)
{
    struct bytes bytes = rows_bytes(rows, rows_column(rows, column));

    return (struct bytes){bytes.data ? arena_copy(arena, bytes.data, bytes.size) : NULL,
                          bytes.size};
}

static void read_back_out(struct arena *arena, const struct rows *rows,
                          struct history_version *version)
{
    int id = rows_column(rows, "back_out_id");

    if (rows_is_null(rows, id))
        return;
    version->back_out_id = rows_int8(rows, id);
    version->back_out_at_us = rows_instant_us(rows, rows_column(rows, "back_out_at"));
    version->back_out_reason = rows_int2(rows, rows_column(rows, "back_out_reason"));
    version->back_out_note = bytes_of(arena, rows, "sealed_back_out_note");
}

static void read_version(struct arena *arena, const struct rows *rows,
                         struct history_version *version)
{
    int submission = rows_column(rows, "submission_id");
    int restored = rows_column(rows, "restored_by");

    *version = (struct history_version){
        .record_id = rows_int8(rows, rows_column(rows, "record_id")),
        .recorded_at_us = rows_instant_us(rows, rows_column(rows, "recorded_at")),
        .has_submission = !rows_is_null(rows, submission),
        .chunk = rows_int4(rows, rows_column(rows, "chunk")),
        .line = rows_int4(rows, rows_column(rows, "line")),
        .origin = text_of(arena, rows, "origin"),
        .is_deleted = rows_bool(rows, rows_column(rows, "is_deleted")),
        .is_restored = !rows_is_null(rows, restored),
        .action = rows_int2(rows, rows_column(rows, "action")),
        .reason = rows_int2(rows, rows_column(rows, "reason")),
        .note = bytes_of(arena, rows, "sealed_note"),
    };
    if (version->has_submission)
        version->submission_id = rows_uuid(rows, submission);
    if (version->is_restored)
        version->restored_by = rows_uuid(rows, restored);
    read_back_out(arena, rows, version);
}

/* One row a change; rows of one version stand together. */
static int read_versions(struct arena *arena, struct rows *rows, struct history_version *versions)
{
    struct history_change *changes = arena_array(arena, (size_t)rows->count, sizeof(*changes));
    int field = rows_column(rows, "field");
    int count = 0;

    for (int used = 0; rows_next(rows);) {
        int64_t id = rows_int8(rows, rows_column(rows, "record_id"));
        if (count == 0 || versions[count - 1].record_id != id) {
            read_version(arena, rows, &versions[count]);
            versions[count++].changes = &changes[used];
        }
        if (rows_is_null(rows, field))
            continue;
        changes[used++] = (struct history_change){
            .field = text_of(arena, rows, "field"),
            .before = text_of(arena, rows, "before"),
            .after = text_of(arena, rows, "after"),
            .sealed_before = bytes_of(arena, rows, "sealed_before"),
            .sealed_after = bytes_of(arena, rows, "sealed_after"),
            .before_id = rows_int8(rows, rows_column(rows, "before_id")),
            .after_id = rows_int8(rows, rows_column(rows, "after_id")),
        };
        versions[count - 1].change_count++;
    }
    return count;
}

bool history_read(struct ctx *ctx, struct db *db, const struct correction_act *act,
                  const struct history_key *key, struct history_version **versions, int *count)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, ctx->arena);
    params_int4(&params, act->member_id);
    params_int2(&params, key->kind);
    params_bytes(&params, key->account_index.data, key->account_index.size);
    params_int4(&params, key->period);
    params_bytes(&params, key->lookup.data, key->lookup.size);
    params_uuid(&params, key->has_id ? &key->id : NULL);
    params_instant(&params, act->now_us);
    params_int8(&params, act->audit_id);
    put_trace(&params, act);
    if (!db_run(ctx, db, &history_statement, &params, &rows))
        return false;
    *versions = arena_array(ctx->arena, (size_t)rows.count, sizeof(**versions));
    *count = read_versions(ctx->arena, &rows, *versions);
    rows_done(&rows);
    return *count > 0 ||
           fail(ctx, ERR_NOT_FOUND, "RECORD_UNKNOWN", "no record of the member has this key");
}
