#include "service/quarantine.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cix/v1/quarantine.pb-c.h"
#include "service/intake.h"
#include "service/matrix.h"
#include "service/submission_inside.h"
#include "store/quarantine.h"
#include "vault/place.h"

enum {
    PAGE_DEFAULT = 20,
    PAGE_MAX = 100,
    REVIEWS_MAX = 100,
    REASON_MAX = 200,
    REVIEW_CHUNK = 1, /* a review has one chunk */
};

static void *arena_allocate(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void arena_ignore(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

/* The record at a place, out of what was sealed: alone, or in the message it came in. */
static bool open_record(struct ctx *ctx, const struct vault *vault,
                        const struct quarantine_place *place, const struct quarantine_kept *kept,
                        Cix__V1__Record **record)
{
    const struct vault_place where =
        place_of(kept->is_whole ? PLACE_CHUNK : PLACE_QUARANTINE, kept->record_id);
    ProtobufCAllocator allocator = {arena_allocate, arena_ignore, ctx->arena};
    struct bytes bytes;

    *record = NULL;
    if (!kept->sealed.data || !vault_open_sealed(ctx, vault, &where, kept->sealed, &bytes))
        return fail(ctx, ERR_INTERNAL, "RECORD_LOST", "a record that was kept aside is gone");
    if (!kept->is_whole) {
        *record = cix__v1__record__unpack(&allocator, bytes.size, bytes.data);
    } else {
        Cix__V1__SubmitRequest *request =
            cix__v1__submit_request__unpack(&allocator, bytes.size, bytes.data);
        if (request && request->step_case == CIX__V1__SUBMIT_REQUEST__STEP_CHUNK &&
            place->line < (int32_t)request->chunk->n_records)
            *record = request->chunk->records[place->line];
    }
    return *record || fail(ctx, ERR_INTERNAL, "RECORD_LOST", "a kept record cannot be read");
}

/* ---- List ---- */

/* The token of a page: the place of its last record. It opens nothing: pages are the caller's. */
static char *token_make(struct arena *arena, const struct quarantine_place *last)
{
    char id[37];

    uuid_format(&last->submission_id, id);
    return arena_format(arena, "%s.%d.%d", id, last->chunk, last->line);
}

static bool token_read(struct ctx *ctx, const char *token, struct quarantine_place *after)
{
    char *text = arena_string(ctx->arena, token);
    char *chunk = strchr(text, '.'), *line = chunk ? strchr(chunk + 1, '.') : NULL;
    int64_t chunk_number, line_number;

    *after = (struct quarantine_place){.chunk = 0};
    if (!*token)
        return true;
    if (line) {
        *chunk++ = '\0';
        *line++ = '\0';
    }
    if (!line || !uuid_parse(text, &after->submission_id) || !text_to_int64(chunk, &chunk_number) ||
        !text_to_int64(line, &line_number) || chunk_number > INT32_MAX || line_number > INT32_MAX)
        return fail_field(ctx, "PAGE_TOKEN", "page_token", "expected the token of the page before");
    after->chunk = (int32_t)chunk_number;
    after->line = (int32_t)line_number;
    return true;
}

static Cix__V1__QuarantinePlace *place_message(struct arena *arena,
                                               const struct quarantine_place *place)
{
    Cix__V1__QuarantinePlace *message = arena_alloc(arena, sizeof(*message));

    cix__v1__quarantine_place__init(message);
    message->submission_id = submission_id_text(arena, &place->submission_id);
    message->chunk = place->chunk;
    message->index = place->line;
    return message;
}

/* A copy that outlives the chunk it came in. */
static Cix__V1__Record *copy_record(struct arena *arena, const Cix__V1__Record *record)
{
    ProtobufCAllocator allocator = {arena_allocate, arena_ignore, arena};
    uint8_t *packed = arena_alloc(arena, cix__v1__record__get_packed_size(record) + 1);
    size_t size = cix__v1__record__pack(record, packed);

    return cix__v1__record__unpack(&allocator, size, packed);
}

/* One record with its verdicts; what it came in is opened in memory of its own. */
static bool show_record(struct session *session, struct call *call,
                        const struct quarantine_entry *entry, Cix__V1__QuarantinedRecord **shown)
{
    struct arena *arena = call->ctx->arena, own;
    Cix__V1__QuarantinedRecord *message = arena_alloc(arena, sizeof(*message));
    struct submission_verdicts verdicts;
    struct quarantine_kept kept;
    Cix__V1__Record *record;

    cix__v1__quarantined_record__init(message);
    message->place = place_message(arena, &entry->place);
    message->recorded_at_us = entry->kept_at_us;
    message->is_name_accepted = entry->is_name_accepted;
    message->is_name_mistake = entry->is_name_mistake;
    if (!quarantine_verdicts(call->ctx, session->db, call->caller->member_id, &entry->place,
                             &verdicts))
        return false;
    message->verdicts = submission_verdict_list(arena, &verdicts, &message->n_verdicts);
    arena_init(&own, 0);
    own.is_wiped = true;
    call->ctx->arena = &own;
    bool is_read =
        quarantine_read(call->ctx, session->db, call->caller->member_id, &entry->place, &kept);
    /* Reviewed since it was listed: shown without its content. */
    bool is_shown =
        is_read && (kept.state != QUARANTINE_STATE_WAITS ||
                    open_record(call->ctx, session->vault, &entry->place, &kept, &record));
    if (is_shown && kept.state == QUARANTINE_STATE_WAITS)
        message->record = copy_record(arena, record);
    call->ctx->arena = arena;
    arena_done(&own);
    *shown = message;
    return is_shown;
}

static bool put_page(struct session *session, struct call *call, const struct quarantine_page *page,
                     int page_size)
{
    struct arena *arena = call->ctx->arena;
    Cix__V1__ListQuarantineResponse *response = arena_alloc(arena, sizeof(*response));
    int count = page->count < page_size ? page->count : page_size;

    cix__v1__list_quarantine_response__init(response);
    response->records = arena_array(arena, (size_t)count, sizeof(*response->records));
    for (int i = 0; i < count; i++) {
        if (!show_record(session, call, &page->items[i], &response->records[i]))
            return false;
        response->n_records++;
    }
    if (page->count > page_size)
        response->next_page_token = token_make(arena, &page->items[count - 1].place);
    call->response = &response->base;
    return true;
}

static bool list_one(struct session *session, struct call *call)
{
    const Cix__V1__ListQuarantineRequest *request = call->request;
    int page_size = request->page_size ? request->page_size : PAGE_DEFAULT;
    struct submission_act act = submission_act_of(call, (struct uuid){{0}}, session->now_us);
    bool is_only = *request->submission_id != '\0';
    struct quarantine_place after;
    struct quarantine_page page;

    act.audit_id = call->id;
    if (page_size < 1 || page_size > PAGE_MAX)
        return fail_field(call->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0", PAGE_MAX);
    if (is_only && !submission_id_parse(call->ctx, request->submission_id, &act.submission_id))
        return false;
    return token_read(call->ctx, request->page_token, &after) &&
           quarantine_list(call->ctx, session->db, &act, is_only, &after, page_size + 1, &page) &&
           put_page(session, call, &page, page_size);
}

/* ---- Review ---- */

/* A review under work. */
struct review {
    struct session *session;
    struct call *call;
    const Cix__V1__ReviewQuarantineRequest *request;
    struct uuid id;
    struct quarantine_decision decisions[REVIEWS_MAX];
    Cix__V1__Record *released[REVIEWS_MAX];
    int origin[REVIEWS_MAX]; /* position in the request of a released record */
    int released_count;
    struct intake_waiver *waivers;
    int waiver_count;
    bool is_replay; /* its records were reviewed by this very review */
};

static bool read_place(struct ctx *ctx, const Cix__V1__QuarantineReview *review, int i,
                       struct quarantine_decision *decision)
{
    const Cix__V1__QuarantinePlace *place = review->place;

    if (!place || !uuid_parse(place->submission_id, &decision->from.submission_id) ||
        place->chunk < 1 || place->index < 0)
        return fail_field(ctx, "FIELD_INVALID", arena_format(ctx->arena, "reviews[%d].place", i),
                          "expected a submission, its chunk and an index in it");
    if (review->decision != CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_RELEASE &&
        review->decision != CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_DISCARD)
        return fail_field(ctx, "FIELD_INVALID", arena_format(ctx->arena, "reviews[%d].decision", i),
                          "expected RELEASE or DISCARD");
    decision->from.chunk = place->chunk;
    decision->from.line = place->index;
    decision->decision = (int16_t)review->decision;
    return true;
}

static bool is_same_place(const struct quarantine_place *a, const struct quarantine_place *b)
{
    return !memcmp(&a->submission_id, &b->submission_id, sizeof(a->submission_id)) &&
           a->chunk == b->chunk && a->line == b->line;
}

static bool read_decisions(struct review *review)
{
    struct ctx *ctx = review->call->ctx;

    for (size_t i = 0; i < review->request->n_reviews; i++) {
        struct quarantine_decision *decision = &review->decisions[i];
        if (!read_place(ctx, review->request->reviews[i], (int)i, decision))
            return false;
        for (size_t before = 0; before < i; before++) {
            if (is_same_place(&review->decisions[before].from, &decision->from))
                return fail_field(ctx, "FIELD_INVALID", "reviews", "expected each record once");
        }
    }
    return true;
}

static bool read_request(struct review *review)
{
    const Cix__V1__ReviewQuarantineRequest *request = review->request;
    struct ctx *ctx = review->call->ctx;
    size_t reason = text_length(request->reason, strlen(request->reason));

    if (!uuid_parse(request->review_id, &review->id))
        return fail_field(ctx, "FIELD_INVALID", "review_id", "expected a UUID");
    if (request->n_reviews < 1 || request->n_reviews > REVIEWS_MAX)
        return fail_field(ctx, "FIELD_INVALID", "reviews", "expected 1 to %d", REVIEWS_MAX);
    if (reason < 1 || reason > REASON_MAX || text_has_control(request->reason))
        return fail_field(ctx, "FIELD_INVALID", "reason", "expected 1 to %d characters",
                          REASON_MAX);
    return read_decisions(review);
}

/* The rules that kept a record aside, as waivers for its place in the review. */
static bool add_waivers(struct review *review, const struct quarantine_place *from, int32_t line)
{
    struct arena *arena = review->call->ctx->arena;
    struct submission_verdicts verdicts;

    if (!quarantine_verdicts(review->call->ctx, review->session->db,
                             review->call->caller->member_id, from, &verdicts))
        return false;
    struct intake_waiver *all =
        arena_array(arena, (size_t)(review->waiver_count + verdicts.count), sizeof(*all));
    if (review->waiver_count > 0)
        memcpy(all, review->waivers, (size_t)review->waiver_count * sizeof(*all));
    for (int i = 0; i < verdicts.count; i++) {
        if (strcmp(verdicts.items[i].rule, "D008") == 0)
            return fail_precondition(
                review->call->ctx, "IDENTIFIER_MASKED", "reviews",
                "a listing of a masked identifier is sent again, whole (D008)");
        if (verdicts.items[i].severity == SEVERITY_QUARANTINE)
            all[review->waiver_count++] = (struct intake_waiver){line, verdicts.items[i].rule};
    }
    review->waivers = all;
    return true;
}

/* A month that is released takes the place of the marked one. */
static void mark_correction(struct arena *arena, Cix__V1__Record *record)
{
    if (record->record_case != CIX__V1__RECORD__RECORD_PERFORMANCE || record->correction)
        return;
    record->correction = arena_alloc(arena, sizeof(*record->correction));
    cix__v1__correction__init(record->correction);
    record->correction->action = CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE;
    record->correction->reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OTHER;
}

static bool take_released(struct review *review, int i, const struct quarantine_kept *kept)
{
    struct call *call = review->call;
    struct quarantine_decision *decision = &review->decisions[i];
    Cix__V1__Record *record;

    if (!open_record(call->ctx, review->session->vault, &decision->from, kept, &record))
        return false;
    mark_correction(call->ctx->arena, record);
    decision->place = review->released_count;
    review->origin[review->released_count] = i;
    review->released[review->released_count++] = record;
    return add_waivers(review, &decision->from, decision->place);
}

/* Where to look for a record that does not wait where it was: a release may have been in vain. */
static bool fail_reviewed(struct ctx *ctx, int i, const struct quarantine_kept *kept)
{
    const char *field = arena_format(ctx->arena, "reviews[%d]", i);
    char id[37];

    if (!kept->is_reviewed)
        return fail_precondition(ctx, "QUARANTINE_REVIEWED", field,
                                 "nobody reviewed this record in time, and it was discarded");
    uuid_format(&kept->review_id, id);
    return fail_precondition(
        ctx, "QUARANTINE_REVIEWED", field,
        "another review took this record, %s; if it was kept aside again, it waits there", id);
}

/* Reads what is reviewed. Of a review that was done already only the order is needed. */
static bool read_kept(struct review *review)
{
    struct call *call = review->call;

    for (int i = 0; i < (int)review->request->n_reviews; i++) {
        const struct quarantine_decision *decision = &review->decisions[i];
        struct quarantine_kept kept;
        if (!quarantine_read(call->ctx, review->session->db, call->caller->member_id,
                             &decision->from, &kept))
            return false;
        bool is_mine =
            kept.is_reviewed && !memcmp(&kept.review_id, &review->id, sizeof(kept.review_id));
        if (kept.state != QUARANTINE_STATE_WAITS && !is_mine)
            return fail_reviewed(call->ctx, i, &kept);
        review->is_replay = review->is_replay || is_mine;
        if (is_mine && decision->decision == QUARANTINE_RELEASE)
            review->origin[review->released_count++] = i;
        if (!is_mine && decision->decision == QUARANTINE_RELEASE &&
            !take_released(review, i, &kept))
            return false;
    }
    return true;
}

/*
 * The chunk of the review: its released records, and the decisions as a step of its own. Whether a
 * name may be the subject's (S016) is not for the member to waive.
 */
static bool fill_chunk(struct review *review, const struct submission_act *act,
                       struct submission_chunk *chunk)
{
    struct call *call = review->call;
    struct arena *arena = call->ctx->arena;
    Cix__V1__Chunk message = CIX__V1__CHUNK__INIT;
    uint8_t *packed = arena_alloc(
        arena, cix__v1__review_quarantine_request__get_packed_size(review->request) + 1);
    size_t size = cix__v1__review_quarantine_request__pack(review->request, packed);
    const struct intake intake = {
        .arena = arena,
        .vault = review->session->vault,
        .member = call->caller,
        .members = call->members,
        .today = review->session->today,
        .history_months = review->session->file_limits->history_months,
        .waivers = review->waivers,
        .waiver_count = review->waiver_count,
    };

    *chunk = (struct submission_chunk){
        .number = REVIEW_CHUNK, .whole_id = id_new(), .records_max = REVIEWS_MAX};
    chunk->hash =
        vault_content(review->session->vault, act->member_id, (struct bytes){packed, size});
    message.number = REVIEW_CHUNK;
    message.records = review->released;
    message.n_records = review->is_replay ? 0 : (size_t)review->released_count;
    intake_chunk(&intake, &message, chunk);
    if (!intake_conflicts(call->ctx, review->session->db, &intake, act, &message, chunk))
        return false;
    chunk->extra = quarantine_review_step(call->ctx, act, REVIEW_CHUNK, review->decisions,
                                          (int)review->request->n_reviews);
    return true;
}

/* Should a rule of the store keep a released record aside again, the review's own chunk is kept. */
static void seal_chunk(struct review *review, struct submission_chunk *chunk)
{
    struct arena *arena = review->call->ctx->arena;
    const struct vault_place place = place_of(PLACE_CHUNK, chunk->whole_id);
    Cix__V1__SubmitRequest whole = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__Chunk message = CIX__V1__CHUNK__INIT;

    message.number = REVIEW_CHUNK;
    message.records = review->released;
    message.n_records = (size_t)chunk->record_count;
    whole.step_case = CIX__V1__SUBMIT_REQUEST__STEP_CHUNK;
    whole.chunk = &message;
    uint8_t *packed = arena_alloc(arena, cix__v1__submit_request__get_packed_size(&whole) + 1);
    size_t size = cix__v1__submit_request__pack(&whole, packed);
    chunk->whole = vault_seal(review->session->vault, arena, &place, packed, size);
}

/* The review's submission is closed with its reason, sealed. */
static bool close_review(struct review *review, const struct submission_act *act)
{
    struct call *call = review->call;
    const struct submission_applier none = {.apply = NULL};
    struct submission_closing closing = {
        .chunk_count = REVIEW_CHUNK,
        .explanation_id = id_new(),
        .limits = *review->session->file_limits,
        .act_of_hold = *act,
    };
    const struct vault_place place = place_of(PLACE_EXPLANATION, closing.explanation_id);
    struct submission_act closing_act = *act;
    struct submission_closed closed;

    closing_act.audit_id = id_new();
    closing.explanation = vault_seal(review->session->vault, call->ctx->arena, &place,
                                     review->request->reason, strlen(review->request->reason));
    return submission_commit(call->ctx, review->session->db, &closing_act, &closing, &none,
                             &closed);
}

static void put_answer(struct review *review, const struct submission_chunk_result *result)
{
    struct arena *arena = review->call->ctx->arena;
    Cix__V1__ReviewQuarantineResponse *response = arena_alloc(arena, sizeof(*response));

    cix__v1__review_quarantine_response__init(response);
    for (int i = 0; i < (int)review->request->n_reviews; i++)
        response->discarded += review->decisions[i].decision == QUARANTINE_DISCARD;
    response->released = (int32_t)result->counts.accepted;
    response->rejected = (int32_t)result->counts.rejected;
    response->quarantined = (int32_t)result->counts.quarantined;
    response->verdicts = submission_verdict_list(arena, &result->verdicts, &response->n_verdicts);
    for (size_t i = 0; i < response->n_verdicts; i++) {
        if (response->verdicts[i]->index < review->released_count)
            response->verdicts[i]->index = review->origin[response->verdicts[i]->index];
    }
    response->is_replay = result->is_replay;
    review->call->response = &response->base;
}

static bool review_once(struct review *review)
{
    const struct submission_opening opening = {.mode = SUBMISSION_MODE_DAILY, .open_max = 1};
    struct call *call = review->call;
    struct submission_act act = submission_act_of(call, review->id, review->session->now_us);
    struct submission_act chunk_act = act;
    struct submission_chunk_result result;
    struct submission_opened opened;
    struct submission_chunk chunk;

    if (!submission_open(call->ctx, review->session->db, &act, &opening, &opened) ||
        !read_kept(review))
        return false;
    chunk_act.audit_id = call->id;
    if (!fill_chunk(review, &chunk_act, &chunk))
        return false;
    seal_chunk(review, &chunk);
    if (!submission_chunk_put(call->ctx, review->session->db, &chunk_act, &chunk, &result) ||
        !close_review(review, &act))
        return false;
    put_answer(review, &result);
    return true;
}

static bool review_one(struct session *session, struct call *call)
{
    struct review *review = arena_alloc(call->ctx->arena, sizeof(*review));

    *review = (struct review){.session = session, .call = call, .request = call->request};
    return read_request(review) && review_once(review);
}

/* ---- Calls ---- */

/* batch_max is 1: a member asks rarely. */
static bool serve_each(struct session *session, struct call **calls, int count,
                       bool (*serve)(struct session *session, struct call *call))
{
    for (int i = 0; i < count; i++) {
        if (!serve(session, calls[i]) && !call_fails_alone(session, calls[i]))
            return false;
    }
    return true;
}

static bool list_quarantine(struct session *session, struct call **calls, int count)
{
    return serve_each(session, calls, count, list_one);
}

static bool review_quarantine(struct session *session, struct call **calls, int count)
{
    return serve_each(session, calls, count, review_one);
}

static const struct method methods[] = {
    {METHOD(ListQuarantine), .batch_max = 1, .serve = list_quarantine},
    {METHOD(ReviewQuarantine), .batch_max = 1, .serve = review_quarantine},
};

const struct service quarantine_service = {&cix__v1__quarantine_service__descriptor, methods,
                                           ARRAY_LENGTH(methods)};
