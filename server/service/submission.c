#include "service/submission.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cix/v1/submission.pb-c.h"
#include "service/declaration.h"
#include "service/intake.h"
#include "service/matrix.h"
#include "service/submission_inside.h"
#include "vault/place.h"

enum {
    CHUNK_BYTES_MAX = 1024 * 1024,
    CHUNK_BUDGET = 8 * 1024 * 1024,
    COMMIT_VERDICTS_MAX = 1000,
    EXPLANATION_MAX = 200,
    PROGRESS_US = 1000 * 1000,
    RACES_MAX = 4, /* that one chunk or commit may lose */
};

/* One stream: what its first message opened, and the memory of the message under work. */
struct stream {
    struct session *session;
    struct call *call;
    struct arena arena; /* of one message; reset behind it */
    struct ctx ctx;     /* on that arena */
    bool is_open;
    struct uuid submission_id;
    enum submission_mode mode;
    int16_t kind;     /* declared; 0: several */
    bool has_earlier; /* submission_id is that of the same file, committed before (F004) */
    bool wants_progress;
    int64_t told_us; /* monotonic; when the progress of a commit was last told */
};

static struct intake intake_of(struct stream *stream, struct arena *arena, int64_t at_us)
{
    return (struct intake){
        .arena = arena,
        .vault = stream->session->vault,
        .member = stream->call->caller,
        .members = stream->call->members,
        .today = clock_day_of(at_us),
        .history_months = stream->session->file_limits->history_months,
    };
}

/*
 * Rule F002 for the submission as a whole; 0 is none. How old it may be, its records decide: those
 * of a file of corrections speak of any month.
 */
static bool parse_period(struct stream *stream, int32_t yyyymm, struct count_field *period)
{
    struct period month;

    *period = (struct count_field){0};
    if (yyyymm == 0)
        return true;
    if (!period_from_wire(yyyymm, &month) ||
        !rule_period_is_taken(month, clock_day_of(clock_now_us()), 0))
        return fail_field(&stream->ctx, "FIELD_INVALID", "open.period",
                          "expected a month as YYYYMM that is not in the future");
    *period = (struct count_field){true, month.number};
    return true;
}

static bool check_open(struct stream *stream, const Cix__V1__OpenSubmission *open)
{
    struct ctx *ctx = &stream->ctx;

    if (stream->is_open)
        return fail_precondition(ctx, "STEP_ORDER", "open", "the stream was opened before");
    if (*open->member_code && strcmp(open->member_code, stream->call->caller->code) != 0)
        return fail(ctx, ERR_DENIED, "MEMBER_MISMATCH",
                    "the certificate belongs to another member");
    if (open->mode != CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY &&
        open->mode != CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE)
        return fail_field(ctx, "FIELD_INVALID", "open.mode", "expected DAILY or FILE");
    return submission_id_parse(ctx, open->submission_id, &stream->submission_id);
}

static bool write_opened(struct stream *stream, const struct submission_opened *found)
{
    Cix__V1__SubmissionOpened opened = CIX__V1__SUBMISSION_OPENED__INIT;
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;

    opened.next_chunk = found->has_earlier ? 1 : found->next_chunk;
    opened.state = found->has_earlier ? CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_COMMITTED
                                      : (Cix__V1__SubmissionState)found->state;
    if (found->has_earlier)
        opened.earlier_submission_id = submission_id_text(&stream->arena, &found->earlier_id);
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_OPENED;
    response.opened = &opened;
    return rpc_write(stream->call->rpc, &response.base);
}

static bool serve_open(struct stream *stream, const struct rpc_message *message,
                       const Cix__V1__OpenSubmission *open)
{
    struct session *session = stream->session;
    struct submission_opening opening = {.open_max = session->file_limits->open_max};
    struct submission_opened opened;

    (void)message;
    if (!check_open(stream, open) || !parse_period(stream, open->period, &opening.period) ||
        !declaration_read(&stream->ctx, session->vault, stream->call->caller->member_id,
                          open->declaration, session->file_limits, &opening.declared))
        return false;
    opening.mode = stream->mode = (enum submission_mode)open->mode;
    stream->kind = opening.declared.kind;
    stream->wants_progress = open->wants_progress;
    struct submission_act act =
        submission_act_of(stream->call, stream->submission_id, clock_now_us());
    if (!submission_open(&stream->ctx, session->db, &act, &opening, &opened))
        return false;
    stream->is_open = true;
    stream->has_earlier = opened.has_earlier;
    if (opened.has_earlier)
        stream->submission_id = opened.earlier_id;
    return write_opened(stream, &opened);
}

/* A lost race is run again; the attempt before left nothing. */
static bool is_retried(struct ctx *ctx, int attempt)
{
    if (attempt >= RACES_MAX || ctx->error.code != ERR_ABORTED)
        return false;
    ctx_clear(ctx);
    return true;
}

static bool write_chunk(struct stream *stream, int32_t number,
                        const struct submission_chunk_result *result)
{
    Cix__V1__ChunkResult chunk = CIX__V1__CHUNK_RESULT__INIT;
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;

    chunk.number = number;
    chunk.accepted = (int32_t)result->counts.accepted;
    chunk.rejected = (int32_t)result->counts.rejected;
    chunk.quarantined = (int32_t)result->counts.quarantined;
    chunk.warned = (int32_t)result->counts.warned;
    chunk.verdicts = submission_verdict_list(&stream->arena, &result->verdicts, &chunk.n_verdicts);
    chunk.is_replay = result->is_replay;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_CHUNK;
    response.chunk = &chunk;
    return rpc_write(stream->call->rpc, &response.base);
}

static bool check_chunk(struct stream *stream, const Cix__V1__Chunk *message)
{
    if (stream->has_earlier)
        return fail_precondition(&stream->ctx, "SUBMISSION_CLOSED", "submission_id",
                                 "the same file was committed before (F004)");
    if (message->number < 1)
        return fail_field(&stream->ctx, "FIELD_INVALID", "chunk.number", "expected 1 or more");
    if (message->n_records > CHUNK_RECORDS_MAX)
        return fail_field(&stream->ctx, "CHUNK_TOO_LARGE", "chunk.records",
                          "expected at most %d records", CHUNK_RECORDS_MAX);
    if (message->n_records == 0)
        return fail_field(&stream->ctx, "FIELD_INVALID", "chunk.records", "expected a record");
    return declaration_check_kind(&stream->ctx, stream->kind, message);
}

/*
 * One attempt on a chunk. Each makes ids of its own: versions of a record are in the order of their
 * ids, and an attempt that lost its race was overtaken by a later one.
 */
static bool try_chunk(struct stream *stream, const struct rpc_message *message,
                      const Cix__V1__Chunk *records, struct submission_chunk_result *result)
{
    struct submission_act act =
        submission_act_of(stream->call, stream->submission_id, clock_now_us());
    struct submission_chunk chunk = {
        .number = records->number,
        .is_staged = stream->mode == SUBMISSION_MODE_FILE,
        .whole_id = id_new(),
        .records_max = stream->session->file_limits->records_max,
    };
    const struct vault_place place = place_of(PLACE_CHUNK, chunk.whole_id);
    struct intake intake = intake_of(stream, &stream->arena, act.now_us);
    struct db *db = stream->session->db;

    chunk.hash = vault_content(intake.vault, act.member_id, message->bytes);
    chunk.whole =
        vault_seal(intake.vault, &stream->arena, &place, message->bytes.data, message->bytes.size);
    declaration_totals(&stream->arena, records, &chunk);
    intake_chunk(&intake, records, &chunk);
    return (chunk.is_staged ||
            intake_conflicts(&stream->ctx, db, &intake, &act, records, &chunk)) &&
           submission_chunk_put(&stream->ctx, db, &act, &chunk, result);
}

static bool serve_chunk(struct stream *stream, const struct rpc_message *message,
                        const Cix__V1__Chunk *records)
{
    struct submission_chunk_result result;

    if (!check_chunk(stream, records) || !call_spend(stream->call, 1))
        return false;
    for (int attempt = 0; !try_chunk(stream, message, records, &result); attempt++) {
        if (!is_retried(&stream->ctx, attempt))
            return false;
    }
    return write_chunk(stream, records->number, &result);
}

static void *arena_allocate(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void arena_ignore(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

/* A staged chunk: our own bytes, checked when they arrived, judged as of then. */
static bool apply_staged(void *user, struct ctx *ctx, const struct submission_staged *staged,
                         struct submission_chunk *chunk)
{
    struct stream *stream = user;
    struct intake intake = intake_of(stream, ctx->arena, staged->recorded_at_us);
    const struct vault_place place = place_of(PLACE_CHUNK, staged->record_id);
    ProtobufCAllocator allocator = {arena_allocate, arena_ignore, ctx->arena};
    struct bytes bytes;

    if (!vault_open_sealed(ctx, intake.vault, &place, staged->sealed, &bytes))
        return false;
    Cix__V1__SubmitRequest *request =
        cix__v1__submit_request__unpack(&allocator, bytes.size, bytes.data);
    if (!request || request->step_case != CIX__V1__SUBMIT_REQUEST__STEP_CHUNK)
        return fail(ctx, ERR_INTERNAL, "CHUNK_LOST", "chunk %d cannot be read", staged->number);
    intake_chunk(&intake, request->chunk, chunk);
    struct submission_act act =
        submission_act_of(stream->call, stream->submission_id, staged->recorded_at_us);
    return intake_conflicts(ctx, stream->session->db, &intake, &act, request->chunk, chunk);
}

/* Tells how far a commit has come, now and then. Who does not listen any more changes nothing. */
static void tell_progress(void *user, int64_t applied, int64_t records)
{
    struct stream *stream = user;
    Cix__V1__SubmissionProgress progress = CIX__V1__SUBMISSION_PROGRESS__INIT;
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;
    int64_t now_us = clock_monotonic_us();

    if (!stream->wants_progress || now_us - stream->told_us < PROGRESS_US)
        return;
    stream->told_us = now_us;
    progress.applied = applied;
    progress.records = records;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_PROGRESS;
    response.progress = &progress;
    stream->wants_progress = rpc_write(stream->call->rpc, &response.base);
}

static bool write_committed(struct stream *stream, const struct submission_counts *totals,
                            const struct submission_verdicts *verdicts, const char *earlier_id)
{
    Cix__V1__SubmissionCommitted committed = CIX__V1__SUBMISSION_COMMITTED__INIT;
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;

    committed.accepted = totals->accepted;
    committed.rejected = totals->rejected;
    committed.quarantined = totals->quarantined;
    committed.warned = totals->warned;
    committed.verdicts = submission_verdict_list(&stream->arena, verdicts, &committed.n_verdicts);
    committed.earlier_submission_id = (char *)earlier_id;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_COMMITTED;
    response.committed = &committed;
    return rpc_write(stream->call->rpc, &response.base);
}

/* The answer of the submission that holds the same file (F004). */
static bool answer_earlier(struct stream *stream, struct uuid earlier_id)
{
    struct submission_act act = submission_act_of(stream->call, earlier_id, clock_now_us());
    struct submission_status status;

    return submission_read(&stream->ctx, stream->session->db, &act, &(struct submission_place){0},
                           COMMIT_VERDICTS_MAX, &status) &&
           write_committed(stream, &status.counts, &status.verdicts,
                           submission_id_text(&stream->arena, &earlier_id));
}

/* How the stream's submission is to be committed; the explanation sealed. */
static bool read_closing(struct stream *stream, const Cix__V1__CommitSubmission *commit,
                         struct submission_closing *closing)
{
    const struct session *session = stream->session;
    size_t size = strlen(commit->explanation);

    *closing = (struct submission_closing){
        .chunk_count = commit->chunk_count,
        .is_accepted = commit->accept_held,
        .explanation_id = id_new(),
        .limits = *session->file_limits,
        .act_of_hold = submission_act_of(stream->call, stream->submission_id, clock_now_us()),
    };
    if (text_has_control(commit->explanation) ||
        text_length(commit->explanation, size) > EXPLANATION_MAX)
        return fail_field(&stream->ctx, "FIELD_INVALID", "commit.explanation",
                          "expected at most %d characters", EXPLANATION_MAX);
    if (commit->accept_held && size == 0)
        return fail_field(&stream->ctx, "FIELD_INVALID", "commit.explanation",
                          "expected why the held file is right");
    const struct vault_place place = place_of(PLACE_EXPLANATION, closing->explanation_id);
    if (size > 0)
        closing->explanation =
            vault_seal(session->vault, &stream->arena, &place, commit->explanation, size);
    return true;
}

/* The verdicts of mode FILE were found while it was applied: the stream has not told them yet. */
static bool answer_commit(struct stream *stream, const struct submission_closed *closed)
{
    struct submission_act act =
        submission_act_of(stream->call, stream->submission_id, clock_now_us());
    struct submission_status status = {.verdicts = {NULL, 0}};

    if (closed->has_earlier)
        return answer_earlier(stream, closed->earlier_id);
    if (stream->mode == SUBMISSION_MODE_FILE &&
        !submission_read(&stream->ctx, stream->session->db, &act, &(struct submission_place){0},
                         COMMIT_VERDICTS_MAX, &status))
        return false;
    return write_committed(stream, &closed->totals, &status.verdicts, "");
}

static bool serve_commit(struct stream *stream, const struct rpc_message *message,
                         const Cix__V1__CommitSubmission *commit)
{
    struct submission_act act =
        submission_act_of(stream->call, stream->submission_id, clock_now_us());
    struct submission_applier applier = {apply_staged, tell_progress, stream};
    struct submission_closing closing;
    struct submission_closed closed;

    (void)message;
    if (!call_spend(stream->call, 1))
        return false;
    if (stream->has_earlier)
        return answer_earlier(stream, stream->submission_id);
    if (!read_closing(stream, commit, &closing))
        return false;
    for (int attempt = 0;; attempt++) {
        if (submission_commit(&stream->ctx, stream->session->db, &act, &closing, &applier, &closed))
            return answer_commit(stream, &closed);
        if (!is_retried(&stream->ctx, attempt))
            return false;
    }
}

static bool serve_step(struct stream *stream, const struct rpc_message *message)
{
    const Cix__V1__SubmitRequest *request = (const Cix__V1__SubmitRequest *)message->message;

    if (request->step_case == CIX__V1__SUBMIT_REQUEST__STEP_OPEN)
        return serve_open(stream, message, request->open);
    if (!stream->is_open)
        return fail_precondition(&stream->ctx, "STEP_ORDER", "step",
                                 "the first message opens a submission");
    if (request->step_case == CIX__V1__SUBMIT_REQUEST__STEP_CHUNK)
        return serve_chunk(stream, message, request->chunk);
    if (request->step_case == CIX__V1__SUBMIT_REQUEST__STEP_COMMIT)
        return serve_commit(stream, message, request->commit);
    return fail_field(&stream->ctx, "FIELD_INVALID", "step", "expected open, chunk or commit");
}

/* The error of a message outlives the message: its texts move to the call. */
static void carry_error(struct stream *stream)
{
    struct error *error = &stream->call->ctx->error;
    struct arena *arena = stream->call->ctx->arena;

    if (error->code != ERR_NONE || stream->ctx.error.code == ERR_NONE)
        return;
    if (stream->ctx.error.code == ERR_UNAVAILABLE || stream->ctx.error.code == ERR_ABORTED) {
        stream->session->ctx.error = stream->ctx.error; /* the database: told alike everywhere */
        return;
    }
    *error = stream->ctx.error;
    for (int i = 0; i < error->field_count; i++) {
        error->fields[i].field = arena_string(arena, error->fields[i].field);
        error->fields[i].description = arena_string(arena, error->fields[i].description);
    }
    for (int i = 0; i < error->fact_count; i++) {
        error->facts[i].name = arena_string(arena, error->facts[i].name);
        error->facts[i].value = arena_string(arena, error->facts[i].value);
    }
    error->precondition = arena_string(arena, error->precondition);
    error->precondition_subject = arena_string(arena, error->precondition_subject);
}

static bool submit(struct session *session, struct call *call)
{
    struct stream stream = {.session = session, .call = call};
    struct rpc_message message;
    bool is_good = true;

    arena_init(&stream.arena, 0);
    stream.arena.is_wiped = true;
    while (is_good) {
        arena_reset(&stream.arena);
        ctx_init(&stream.ctx, &stream.arena);
        int read = rpc_read(call->rpc, &stream.arena, &message);
        if (read <= 0) {
            is_good = read == 0;
            break;
        }
        is_good = serve_step(&stream, &message);
    }
    carry_error(&stream);
    arena_done(&stream.arena);
    return is_good;
}

static const struct method methods[] = {
    {METHOD(Submit), .batch_max = 1, .request_max = CHUNK_BYTES_MAX, .budget = CHUNK_BUDGET,
     .stream = submit},
    {METHOD(GetSubmission), .batch_max = 1, .serve = submission_get},
};

const struct service submission_service = {&cix__v1__submission_service__descriptor, methods,
                                           ARRAY_LENGTH(methods)};
