#include "service/submission.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cix/v1/submission.pb-c.h"
#include "service/intake.h"
#include "service/matrix.h"
#include "store/submission.h"
#include "vault/place.h"

enum {
    CHUNK_BYTES_MAX = 1024 * 1024,
    CHUNK_BUDGET = 8 * 1024 * 1024,
    COMMIT_VERDICTS_MAX = 1000,
    PAGE_DEFAULT = 100,
    PAGE_MAX = 1000,
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
};

static struct submission_act act_of(struct call *call, struct uuid submission_id, int64_t now_us)
{
    return (struct submission_act){
        .member_id = call->caller->member_id,
        .submission_id = submission_id,
        .now_us = now_us,
        .audit_id = id_new(),
        .method = call->method->audit_code,
        .certificate = {call->rpc->peer.fingerprint, sizeof(call->rpc->peer.fingerprint)},
    };
}

static struct intake intake_of(struct stream *stream, struct arena *arena, int64_t at_us)
{
    return (struct intake){
        .arena = arena,
        .vault = stream->session->vault,
        .member = stream->call->caller,
        .members = stream->call->members,
        .today = clock_day_of(at_us),
    };
}

static Cix__V1__Verdict **verdict_list(struct arena *arena,
                                       const struct submission_verdicts *verdicts, size_t *count)
{
    Cix__V1__Verdict **list = arena_array(arena, (size_t)verdicts->count, sizeof(*list));
    Cix__V1__Verdict *items = arena_array(arena, (size_t)verdicts->count, sizeof(*items));

    for (int i = 0; i < verdicts->count; i++) {
        const struct submission_verdict *verdict = &verdicts->items[i];
        const struct rule *rule = rule_find(verdict->rule);
        cix__v1__verdict__init(&items[i]);
        items[i].index = verdict->line;
        items[i].severity = (Cix__V1__Severity)verdict->severity;
        items[i].rule = arena_string(arena, verdict->rule);
        items[i].field = arena_string(arena, verdict->field);
        items[i].reason =
            arena_string(arena, *verdict->reason || !rule ? verdict->reason : rule->sentence);
        items[i].chunk = verdict->chunk;
        list[i] = &items[i];
    }
    *count = (size_t)verdicts->count;
    return list;
}

static bool parse_id(struct ctx *ctx, const char *text, struct uuid *id)
{
    return uuid_parse(text, id) ||
           fail_field(ctx, "FIELD_INVALID", "submission_id", "expected a UUID");
}

/* Rule F002 for the submission as a whole; 0 is none. */
static bool parse_period(struct stream *stream, int32_t yyyymm, struct count_field *period)
{
    struct period month;

    *period = (struct count_field){0};
    if (yyyymm == 0)
        return true;
    if (!period_from_wire(yyyymm, &month) ||
        month.number > period_of_day(clock_day_of(clock_now_us())).number)
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
    return parse_id(ctx, open->submission_id, &stream->submission_id);
}

static bool write_opened(struct stream *stream, int32_t next_chunk, enum submission_state state)
{
    Cix__V1__SubmissionOpened opened = CIX__V1__SUBMISSION_OPENED__INIT;
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;

    opened.next_chunk = next_chunk;
    opened.state = (Cix__V1__SubmissionState)state;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_OPENED;
    response.opened = &opened;
    return rpc_write(stream->call->rpc, &response.base);
}

static bool serve_open(struct stream *stream, const struct rpc_message *message,
                       const Cix__V1__OpenSubmission *open)
{
    struct count_field period;
    int32_t next_chunk;
    enum submission_state state;

    (void)message;
    if (!check_open(stream, open) || !parse_period(stream, open->period, &period))
        return false;
    stream->mode = (enum submission_mode)open->mode;
    struct submission_act act = act_of(stream->call, stream->submission_id, clock_now_us());
    if (!submission_open(&stream->ctx, stream->session->db, &act, stream->mode, period, &next_chunk,
                         &state))
        return false;
    stream->is_open = true;
    return write_opened(stream, next_chunk, state);
}

/* A lost race is run once more; the first attempt left nothing. */
static bool is_retried(struct ctx *ctx, int attempt)
{
    if (attempt > 0 || ctx->error.code != ERR_ABORTED)
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
    chunk.verdicts = verdict_list(&stream->arena, &result->verdicts, &chunk.n_verdicts);
    chunk.is_replay = result->is_replay;
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_CHUNK;
    response.chunk = &chunk;
    return rpc_write(stream->call->rpc, &response.base);
}

static bool check_chunk(struct stream *stream, const Cix__V1__Chunk *message)
{
    if (message->number < 1)
        return fail_field(&stream->ctx, "FIELD_INVALID", "chunk.number", "expected 1 or more");
    if (message->n_records > CHUNK_RECORDS_MAX)
        return fail_field(&stream->ctx, "CHUNK_TOO_LARGE", "chunk.records",
                          "expected at most %d records", CHUNK_RECORDS_MAX);
    return message->n_records > 0 ||
           fail_field(&stream->ctx, "FIELD_INVALID", "chunk.records", "expected a record");
}

static bool serve_chunk(struct stream *stream, const struct rpc_message *message,
                        const Cix__V1__Chunk *records)
{
    struct submission_act act = act_of(stream->call, stream->submission_id, clock_now_us());
    struct submission_chunk chunk = {
        .number = records->number,
        .is_staged = stream->mode == SUBMISSION_MODE_FILE,
        .whole_id = id_new(),
    };
    struct intake intake = intake_of(stream, &stream->arena, act.now_us);
    struct submission_chunk_result result;
    struct vault_place place;

    if (!check_chunk(stream, records) || !call_spend(stream->call, 1))
        return false;
    place = place_of(PLACE_CHUNK, chunk.whole_id);
    chunk.hash = vault_content(intake.vault, act.member_id, message->bytes);
    chunk.whole =
        vault_seal(intake.vault, &stream->arena, &place, message->bytes.data, message->bytes.size);
    intake_chunk(&intake, records, &chunk);
    for (int attempt = 0;; attempt++) {
        if (submission_chunk_put(&stream->ctx, stream->session->db, &act, &chunk, &result))
            break;
        if (!is_retried(&stream->ctx, attempt))
            return false;
    }
    return write_chunk(stream, chunk.number, &result);
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
    return true;
}

static bool write_committed(struct stream *stream, const struct submission_counts *totals,
                            const struct submission_verdicts *verdicts)
{
    Cix__V1__SubmissionCommitted committed = CIX__V1__SUBMISSION_COMMITTED__INIT;
    Cix__V1__SubmitResponse response = CIX__V1__SUBMIT_RESPONSE__INIT;

    committed.accepted = totals->accepted;
    committed.rejected = totals->rejected;
    committed.quarantined = totals->quarantined;
    committed.warned = totals->warned;
    committed.verdicts = verdict_list(&stream->arena, verdicts, &committed.n_verdicts);
    response.step_case = CIX__V1__SUBMIT_RESPONSE__STEP_COMMITTED;
    response.committed = &committed;
    return rpc_write(stream->call->rpc, &response.base);
}

static bool serve_commit(struct stream *stream, const struct rpc_message *message,
                         const Cix__V1__CommitSubmission *commit)
{
    struct submission_act act = act_of(stream->call, stream->submission_id, clock_now_us());
    struct submission_applier applier = {apply_staged, stream};
    struct submission_counts totals;
    struct submission_status status = {.verdicts = {NULL, 0}};

    (void)message;
    if (!call_spend(stream->call, 1))
        return false;
    for (int attempt = 0;; attempt++) {
        if (submission_commit(&stream->ctx, stream->session->db, &act, commit->chunk_count,
                              &applier, &totals))
            break;
        if (!is_retried(&stream->ctx, attempt))
            return false;
    }
    if (stream->mode == SUBMISSION_MODE_FILE) {
        act.audit_id = id_new();
        if (!submission_read(&stream->ctx, stream->session->db, &act, &(struct submission_place){0},
                             COMMIT_VERDICTS_MAX, &status))
            return false;
    }
    return write_committed(stream, &totals, &status.verdicts);
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

/*
 * The token of a page: the place of its last verdict, and a digest that binds it to member and
 * submission. It holds no secret and opens nothing: a page shows the caller's own verdicts only.
 */
static char *token_bond(struct arena *arena, const struct submission_act *act)
{
    enum { BYTES = 8 };
    const struct bytes parts[] = {
        {(const uint8_t *)&act->member_id, sizeof(act->member_id)},
        {act->submission_id.bytes, sizeof(act->submission_id.bytes)},
    };
    struct digest digest = digest_of_parts(parts, ARRAY_LENGTH(parts));
    char *text = arena_alloc(arena, 2 * BYTES + 1);

    text_to_hex(digest.bytes, BYTES, text);
    return text;
}

static char *token_make(struct arena *arena, const struct submission_act *act,
                        const struct submission_verdict *last)
{
    return arena_format(arena, "%s.%d.%d.%s", token_bond(arena, act), last->chunk, last->line,
                        last->rule);
}

/* Cuts the token at its next dot; NULL when there is none. */
static char *token_part(char **rest)
{
    char *part = *rest;
    char *dot = strchr(part, '.');

    if (!dot)
        return NULL;
    *dot = '\0';
    *rest = dot + 1;
    return part;
}

static bool token_read(struct ctx *ctx, const struct submission_act *act, const char *token,
                       struct submission_place *after)
{
    char *rest = arena_string(ctx->arena, token);
    int64_t chunk, line;

    *after = (struct submission_place){0};
    if (!*token)
        return true;
    const char *bond = token_part(&rest);
    const char *chunk_text = bond ? token_part(&rest) : NULL;
    const char *line_text = chunk_text ? token_part(&rest) : NULL;
    if (!line_text || strcmp(bond, token_bond(ctx->arena, act)) != 0 ||
        !text_to_int64(chunk_text, &chunk) || !text_to_int64(line_text, &line) ||
        chunk > INT32_MAX || line > INT32_MAX)
        return fail_field(ctx, "PAGE_TOKEN", "page_token", "expected the token of the page before");
    *after = (struct submission_place){(int32_t)chunk, (int32_t)line, rest};
    return true;
}

static void put_status(struct call *call, const struct submission_act *act,
                       const struct submission_status *status, int page)
{
    struct arena *arena = call->ctx->arena;
    Cix__V1__GetSubmissionResponse *response = arena_alloc(arena, sizeof(*response));
    struct submission_verdicts shown = status->verdicts;

    cix__v1__get_submission_response__init(response);
    if (shown.count > page) {
        shown.count = page;
        response->next_page_token = token_make(arena, act, &shown.items[page - 1]);
    }
    response->state = (Cix__V1__SubmissionState)status->state;
    response->mode = (Cix__V1__SubmissionMode)status->mode;
    if (status->period.is_present)
        response->period = period_to_wire((struct period){status->period.value});
    response->next_chunk = status->next_chunk;
    response->accepted = status->counts.accepted;
    response->rejected = status->counts.rejected;
    response->quarantined = status->counts.quarantined;
    response->warned = status->counts.warned;
    response->verdicts = verdict_list(arena, &shown, &response->n_verdicts);
    response->opened_at_us = status->opened_at_us;
    call->response = &response->base;
}

static bool read_one(struct session *session, struct call *call)
{
    const Cix__V1__GetSubmissionRequest *request = call->request;
    int page = request->page_size ? request->page_size : PAGE_DEFAULT;
    struct submission_act act = act_of(call, (struct uuid){{0}}, session->now_us);
    struct submission_place after;
    struct submission_status status;

    act.audit_id = call->id;
    if (page < 1 || page > PAGE_MAX)
        return fail_field(call->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0", PAGE_MAX);
    if (!parse_id(call->ctx, request->submission_id, &act.submission_id) ||
        !token_read(call->ctx, &act, request->page_token, &after) ||
        !submission_read(call->ctx, session->db, &act, &after, page + 1, &status))
        return false;
    put_status(call, &act, &status, page);
    return true;
}

/* batch_max is 1: a member asks rarely. */
static bool get_submission(struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++) {
        struct error *error = &calls[i]->ctx->error;
        if (read_one(session, calls[i]) ||
            (error->code != ERR_UNAVAILABLE && error->code != ERR_ABORTED))
            continue;
        session->ctx.error = *error; /* the database: the batch is run again */
        ctx_clear(calls[i]->ctx);
        return false;
    }
    return true;
}

static const struct method methods[] = {
    {METHOD(Submit), .batch_max = 1, .request_max = CHUNK_BYTES_MAX, .budget = CHUNK_BUDGET,
     .stream = submit},
    {METHOD(GetSubmission), .batch_max = 1, .serve = get_submission},
};

const struct service submission_service = {&cix__v1__submission_service__descriptor, methods,
                                           ARRAY_LENGTH(methods)};
