#include "service/correction.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cix/v1/correction.pb-c.h"
#include "domain/code.h"
#include "domain/identifier.h"
#include "service/correction_record.h"
#include "service/matrix.h"
#include "store/correction.h"
#include "vault/place.h"

enum {
    TEXT_MAX_LENGTH = 500,
    NAME_MAX_LENGTH = 120,
    PHONES_MAX = 2,
    PHONE_MAX_LENGTH = 20,
    ANSWER_DAYS = 20, /* T002 */
    PAGE_MAX = 100,
};

struct correction_act correction_act_of(const struct session *session, const struct call *call)
{
    struct correction_act act = {.member_id = call->caller->member_id,
                                 .audit_id = call->id,
                                 .now_us = session->now_us,
                                 .method = call->method->audit_code};

    memcpy(act.certificate, call->rpc->peer.fingerprint, sizeof(act.certificate));
    digest_random(act.salt, sizeof(act.salt));
    return act;
}

/* What concerns one call stays with it; only the database's failures concern the batch. */
bool correction_settle(struct session *session, struct call *call)
{
    const struct error *error = &session->ctx.error;

    if (error->code != ERR_NOT_FOUND && error->code != ERR_PRECONDITION &&
        error->code != ERR_DENIED && error->code != ERR_EXISTS)
        return false;
    call->ctx->error = *error;
    ctx_clear(&session->ctx);
    return true;
}

/* ---- Reading requests ---- */

bool correction_read_uuid(struct ctx *ctx, const char *field, const char *text, struct uuid *id)
{
    if (!text[0])
        return fail_field(ctx, "FIELD_REQUIRED", field, "expected a UUID");
    return uuid_parse(text, id) || fail_field(ctx, "FIELD_INVALID", field, "expected a UUID");
}

static bool read_hash(struct ctx *ctx, const char *field, const ProtobufCBinaryData *given,
                      struct bytes *hash)
{
    *hash = (struct bytes){given->data, given->len};
    return given->len == DIGEST_SIZE ||
           fail_field(ctx, given->len ? "FIELD_INVALID" : "FIELD_REQUIRED", field,
                      "expected 32 bytes (SHA-256)");
}

bool correction_check_text(struct ctx *ctx, const char *field, const char *text, size_t length_max)
{
    if (text[strspn(text, " ")] == '\0')
        return fail_field(ctx, "FIELD_REQUIRED", field, "expected 1 to %zu characters", length_max);
    return (text_length(text, strlen(text)) <= length_max && !text_has_control(text)) ||
           fail_field(ctx, "FIELD_INVALID", field,
                      "expected at most %zu characters without control characters", length_max);
}

bool correction_read_identifier(const struct session *session, struct ctx *ctx,
                                const Cix__V1__Identifier *asked, struct digest *lookup)
{
    struct identifier identifier;
    enum identifier_fault fault;

    if (!asked || !asked->type || !asked->value[0])
        return fail_field(ctx, "FIELD_REQUIRED", "identifier", "expected a type and a value");
    fault = identifier_read(ctx->arena, (enum identifier_type)asked->type, asked->value,
                            session->today, &identifier);
    if (fault != IDENTIFIER_FAULT_NONE)
        return fail_field(ctx, "INVALID_IDENTIFIER",
                          fault == IDENTIFIER_FAULT_TYPE ? "identifier.type" : "identifier.value",
                          "%s", identifier_fault_text(fault));
    *lookup = vault_lookup(session->vault, (int)identifier.type, identifier.value);
    return true;
}

/* Both digests of a subject. */
static bool read_subject(const struct session *session, struct ctx *ctx,
                         const Cix__V1__Identifier *asked, const char *name,
                         struct correction_mark *mark)
{
    if (!correction_read_identifier(session, ctx, asked, &mark->lookup) ||
        !correction_check_text(ctx, "name", name, NAME_MAX_LENGTH))
        return false;
    mark->name_index =
        vault_name_index(session->vault, &mark->lookup, text_fold_name(ctx->arena, name));
    return true;
}

/* Keyed digest of the whole request. */
static struct digest content_of(const struct session *session, const struct call *call)
{
    const ProtobufCMessage *request = call->request;
    size_t size = protobuf_c_message_get_packed_size(request);
    uint8_t *data = arena_alloc(session->arena, size);

    protobuf_c_message_pack(request, data);
    return vault_content(session->vault, call->caller->member_id, (struct bytes){data, size});
}

static struct bytes seal(const struct session *session, enum place where, int64_t id,
                         const char *text)
{
    struct vault_place place = place_of(where, id);

    return vault_seal(session->vault, session->arena, &place, text, strlen(text));
}

static bool read_kind(struct ctx *ctx, const Cix__V1__AddAnnotationRequest *request,
                      struct correction_annotation *annotation)
{
    bool is_dispute = request->kind == CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_DISPUTE;

    if (!is_dispute && request->kind != CIX__V1__ANNOTATION_KIND__ANNOTATION_KIND_STATEMENT)
        return fail_field(ctx, "FIELD_REQUIRED", "kind", "expected DISPUTE or STATEMENT");
    if (is_dispute ? !code_find(&code_dispute_codes, request->code) : request->code != 0)
        return fail_field(ctx, "FIELD_INVALID", "code",
                          "expected 101 to 110 or 199 for a dispute, 0 for a statement");
    if (request->filed_by < CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_SUBJECT ||
        request->filed_by > CIX__V1__ANNOTATION_FILER__ANNOTATION_FILER_INSTITUTION)
        return fail_field(ctx, "FIELD_REQUIRED", "filed_by",
                          "expected SUBJECT, PROXY or INSTITUTION");
    annotation->kind = (int16_t)request->kind;
    annotation->code = (int16_t)request->code;
    annotation->filed_by = (int16_t)request->filed_by;
    annotation->has_due = is_dispute;
    return true;
}

/* Each kind of target has its own fields; others must be empty. */
static bool read_target(struct ctx *ctx, const Cix__V1__AnnotationTarget *target,
                        struct correction_annotation *annotation)
{
    struct period period = {0};

    if (!target ||
        target->kind < CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY ||
        target->kind > CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FACT)
        return fail_field(ctx, "FIELD_REQUIRED", "target.kind",
                          "expected what the annotation stands on");
    bool is_identity =
        target->kind == CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_IDENTITY;
    bool is_month = target->kind == CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_MONTH;
    annotation->has_flag =
        target->kind == CIX__V1__ANNOTATION_TARGET_KIND__ANNOTATION_TARGET_KIND_FLAG;
    if ((is_identity || annotation->has_flag) ? target->id != 0 : target->id <= 0)
        return fail_field(ctx, "FIELD_INVALID", "target.id",
                          "expected the id that a report shows; 0 for an identity or a flag");
    if (is_month ? !period_from_wire(target->period, &period) : target->period != 0)
        return fail_field(ctx, "FIELD_INVALID", "target.period", "expected YYYYMM for a month");
    if (!annotation->has_flag && target->flag_id[0])
        return fail_field(ctx, "FIELD_INVALID", "target.flag_id", "expected one for a flag alone");
    annotation->target = (int16_t)target->kind;
    annotation->target_id = target->id;
    annotation->period = period.number;
    return !annotation->has_flag ||
           correction_read_uuid(ctx, "target.flag_id", target->flag_id, &annotation->flag_id);
}

static bool read_annotation(const struct session *session, struct call *call,
                            struct correction_annotation *annotation)
{
    const Cix__V1__AddAnnotationRequest *request = call->request;
    struct ctx *ctx = call->ctx;

    *annotation = (struct correction_annotation){0};
    if (!correction_read_uuid(ctx, "annotation_id", request->annotation_id,
                              &annotation->mark.external_id) ||
        !read_subject(session, ctx, request->identifier, request->name, &annotation->mark) ||
        !read_kind(ctx, request, annotation) || !read_target(ctx, request->target, annotation) ||
        !correction_check_text(ctx, "text", request->text, TEXT_MAX_LENGTH) ||
        !read_hash(ctx, "evidence_hash", &request->evidence_hash, &annotation->evidence_hash))
        return false;
    annotation->mark.content = content_of(session, call);
    annotation->text = seal(session, PLACE_ANNOTATION, call->id, request->text);
    if (annotation->has_due)
        annotation->due_on = day_add(session->today, ANSWER_DAYS);
    return true;
}

/* ---- Annotations ---- */

static char *show_repeated(struct arena *arena, const struct correction_annotation *annotation)
{
    char *text = arena_alloc(arena, 37);

    text[0] = '\0';
    if (annotation->has_repeated)
        uuid_format(&annotation->repeated_id, text);
    return text;
}

static bool add_annotation(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    struct correction_act act = correction_act_of(session, call);
    struct correction_annotation annotation;

    if (!read_annotation(session, call, &annotation))
        return true;
    if (!correction_annotation_put(&session->ctx, session->db, &act, &annotation))
        return correction_settle(session, call);
    Cix__V1__AddAnnotationResponse *response = arena_alloc(session->arena, sizeof(*response));
    cix__v1__add_annotation_response__init(response);
    response->recorded_at_us = annotation.recorded_at_us;
    response->due_on = annotation.has_due ? day_to_wire(annotation.due_on) : 0;
    response->is_repeated = annotation.is_repeated;
    response->repeated_annotation_id = show_repeated(session->arena, &annotation);
    call->response = &response->base;
    return true;
}

/* Rule T003: an answer that keeps the record says why. */
static bool read_end(struct call *call, struct uuid *id)
{
    const Cix__V1__EndAnnotationRequest *request = call->request;
    struct ctx *ctx = call->ctx;
    bool needs_text = request->outcome >= CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_CONFIRMED;

    if (!correction_read_uuid(ctx, "annotation_id", request->annotation_id, id))
        return false;
    if (request->outcome < CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_WITHDRAWN ||
        request->outcome > CIX__V1__ANNOTATION_OUTCOME__ANNOTATION_OUTCOME_DECLINED)
        return fail_field(ctx, "FIELD_REQUIRED", "outcome", "expected how it ended");
    if ((needs_text || request->text[0]) &&
        !correction_check_text(ctx, "text", request->text, TEXT_MAX_LENGTH)) {
        fail_fact(ctx, "rule", "T003");
        return false;
    }
    return true;
}

static bool end_annotation(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    const Cix__V1__EndAnnotationRequest *request = call->request;
    struct correction_act act = correction_act_of(session, call);
    struct bytes answer = {NULL, 0};
    int64_t ended_at_us;
    struct uuid id;

    if (!read_end(call, &id))
        return true;
    if (request->text[0])
        answer = seal(session, PLACE_ANSWER, act.audit_id, request->text);
    if (!correction_annotation_end(&session->ctx, session->db, &act, &id, (int16_t)request->outcome,
                                   answer, &ended_at_us))
        return correction_settle(session, call);
    Cix__V1__EndAnnotationResponse *response = arena_alloc(session->arena, sizeof(*response));
    cix__v1__end_annotation_response__init(response);
    response->ended_at_us = ended_at_us;
    call->response = &response->base;
    return true;
}

static char *code_of(const struct session *session, int32_t member_id)
{
    const struct member *member = registry_by_id(session->members, member_id);

    return member ? (char *)member->code : (char *)"";
}

static bool unseal(const struct session *session, struct ctx *ctx, enum place where, int64_t id,
                   struct bytes sealed, char **text)
{
    struct vault_place place = place_of(where, id);
    struct bytes plain;

    if (!vault_open_sealed(ctx, session->vault, &place, sealed, &plain))
        return false;
    *text = (char *)plain.data;
    return true;
}

static Cix__V1__AnnotationTarget *show_target(struct arena *arena,
                                              const struct correction_annotation *annotation)
{
    Cix__V1__AnnotationTarget *target = arena_alloc(arena, sizeof(*target));

    cix__v1__annotation_target__init(target);
    target->kind = (Cix__V1__AnnotationTargetKind)annotation->target;
    target->id = annotation->has_flag ? 0 : annotation->target_id;
    if (annotation->period)
        target->period = period_to_wire((struct period){annotation->period});
    if (annotation->has_flag) {
        target->flag_id = arena_alloc(arena, 37);
        uuid_format(&annotation->flag_id, target->flag_id);
    }
    return target;
}

/* Rule T005: the day after the last one, when no answer came by then; else 0. */
static int32_t escalated_on(const struct session *session, const struct correction_listed *listed)
{
    struct day answered = listed->ended_at_us ? clock_day_of(listed->ended_at_us) : session->today;

    if (!listed->annotation.has_due || answered.number <= listed->annotation.due_on.number)
        return 0;
    return day_to_wire(day_add(listed->annotation.due_on, 1));
}

static bool show_annotation(const struct session *session, const struct call *call,
                            const struct correction_listed *listed, Cix__V1__Annotation *shown)
{
    const struct correction_annotation *annotation = &listed->annotation;
    bool is_dispute = annotation->has_due;

    cix__v1__annotation__init(shown);
    shown->annotation_id = arena_alloc(session->arena, 37);
    uuid_format(&annotation->mark.external_id, shown->annotation_id);
    shown->target = show_target(session->arena, annotation);
    shown->kind = (Cix__V1__AnnotationKind)annotation->kind;
    shown->code = annotation->code;
    shown->filed_by = (Cix__V1__AnnotationFiler)annotation->filed_by;
    shown->evidence_hash.data = (uint8_t *)annotation->evidence_hash.data;
    shown->evidence_hash.len = annotation->evidence_hash.size;
    shown->member_code = code_of(session, listed->member_id);
    shown->recorded_at_us = annotation->recorded_at_us;
    shown->due_on = is_dispute ? day_to_wire(annotation->due_on) : 0;
    shown->is_overdue =
        is_dispute && !listed->ended_at_us && annotation->due_on.number < session->today.number;
    shown->escalated_on = escalated_on(session, listed);
    shown->outcome = (Cix__V1__AnnotationOutcome)listed->outcome;
    shown->ended_at_us = listed->ended_at_us;
    shown->ended_by_code = listed->ended_by ? code_of(session, listed->ended_by) : (char *)"";
    shown->before_record_id = listed->before_id;
    shown->after_record_id = listed->after_id;
    shown->is_repeated = annotation->is_repeated;
    shown->repeated_annotation_id = show_repeated(session->arena, annotation);
    shown->is_on_own_record = listed->holder_id == call->caller->member_id;
    return unseal(session, call->ctx, PLACE_ANNOTATION, listed->annotation_id, annotation->text,
                  &shown->text) &&
           (!listed->answer.data || unseal(session, call->ctx, PLACE_ANSWER, listed->answer_id,
                                           listed->answer, &shown->answer));
}

static bool show_list(const struct session *session, struct call *call,
                      const struct correction_listed *list, int count, int page_size)
{
    Cix__V1__ListAnnotationsResponse *response = arena_alloc(session->arena, sizeof(*response));
    Cix__V1__Annotation *shown = arena_array(session->arena, (size_t)count, sizeof(*shown));

    cix__v1__list_annotations_response__init(response);
    response->annotations =
        arena_array(session->arena, (size_t)count, sizeof(*response->annotations));
    for (int i = 0; i < count; i++) {
        if (!show_annotation(session, call, &list[i], &shown[i]))
            return false;
        response->annotations[response->n_annotations++] = &shown[i];
    }
    if (count == page_size)
        response->next_page_token =
            arena_format(session->arena, "%lld", (long long)list[count - 1].annotation_id);
    call->response = &response->base;
    return true;
}

/* The token is the id of the last row: it opens nothing, a page shows the caller's own alone. */
static bool read_page(struct call *call, int64_t *before, int *page_size)
{
    const Cix__V1__ListAnnotationsRequest *request = call->request;

    *before = 0;
    *page_size = request->page_size ? request->page_size : PAGE_MAX;
    if (*page_size < 1 || *page_size > PAGE_MAX)
        return fail_field(call->ctx, "FIELD_INVALID", "page_size", "expected 1 to %d", PAGE_MAX);
    if (request->page_token[0] &&
        (strlen(request->page_token) > 19 || !text_to_int64(request->page_token, before)))
        return fail_field(call->ctx, "FIELD_INVALID", "page_token",
                          "expected the token of the page before");
    return true;
}

static bool list_annotations(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    const Cix__V1__ListAnnotationsRequest *request = call->request;
    struct correction_act act = correction_act_of(session, call);
    struct correction_listed *list;
    int64_t before;
    int page_size, found;

    if (!read_page(call, &before, &page_size))
        return true;
    if (!correction_annotation_list(&session->ctx, session->db, &act, request->with_ended, before,
                                    page_size, &list, &found))
        return false;
    (void)show_list(session, call, list, found, page_size);
    return true;
}

/* ---- Protections ---- */

/* One or two numbers, a line each, sealed as one text. */
static bool read_phones(const struct session *session, struct call *call, struct bytes *phones)
{
    const Cix__V1__SetProtectionRequest *request = call->request;
    bool is_alert = request->kind == CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT;
    struct builder text = {.arena = session->arena};

    if (is_alert ? request->n_phones < 1 || request->n_phones > PHONES_MAX : request->n_phones > 0)
        return fail_field(call->ctx, "FIELD_INVALID", "phones",
                          "expected 1 or 2 for a fraud alert, none for a freeze");
    for (size_t i = 0; i < request->n_phones; i++) {
        if (!correction_check_text(call->ctx, "phones", request->phones[i], PHONE_MAX_LENGTH))
            return false;
        builder_text(&text, i ? "\n" : "");
        builder_text(&text, request->phones[i]);
    }
    if (is_alert)
        *phones = seal(session, PLACE_PHONES, call->id, text.data);
    return true;
}

static bool read_days(const struct session *session, struct call *call,
                      struct correction_protection *protection)
{
    const Cix__V1__SetProtectionRequest *request = call->request;

    protection->from_on = session->today;
    if (request->from_on && !day_from_wire(request->from_on, &protection->from_on))
        return fail_field(call->ctx, "FIELD_INVALID", "from_on", "expected YYYYMMDD");
    protection->has_end = request->until_on_presence_case ==
                          CIX__V1__SET_PROTECTION_REQUEST__UNTIL_ON_PRESENCE_UNTIL_ON;
    if (!protection->has_end)
        return true;
    return (day_from_wire(request->until_on, &protection->until_on) &&
            protection->until_on.number >= protection->from_on.number &&
            protection->until_on.number >= session->today.number) ||
           fail_field(call->ctx, "FIELD_INVALID", "until_on",
                      "expected YYYYMMDD, today or later and not before from_on");
}

static bool read_protection(const struct session *session, struct call *call,
                            struct correction_protection *protection)
{
    const Cix__V1__SetProtectionRequest *request = call->request;
    struct ctx *ctx = call->ctx;

    *protection =
        (struct correction_protection){.kind = (int16_t)request->kind, .today = session->today};
    if (!correction_read_uuid(ctx, "protection_id", request->protection_id,
                              &protection->mark.external_id) ||
        !read_subject(session, ctx, request->identifier, request->name, &protection->mark))
        return false;
    if (request->kind < CIX__V1__PROTECTION_KIND__PROTECTION_KIND_FRAUD_ALERT ||
        request->kind > CIX__V1__PROTECTION_KIND__PROTECTION_KIND_NEW_CREDIT_BLOCK)
        return fail_field(ctx, "FIELD_REQUIRED", "kind",
                          "expected FRAUD_ALERT, INQUIRY_BLOCK or NEW_CREDIT_BLOCK");
    if (!read_days(session, call, protection) || !read_phones(session, call, &protection->phones) ||
        !read_hash(ctx, "document_hash", &request->document_hash, &protection->document_hash))
        return false;
    protection->mark.content = content_of(session, call);
    return true;
}

static bool set_protection(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    struct correction_act act = correction_act_of(session, call);
    struct correction_protection protection;
    int64_t recorded_at_us;

    if (!read_protection(session, call, &protection))
        return true;
    if (!correction_protection_put(&session->ctx, session->db, &act, &protection, &recorded_at_us))
        return correction_settle(session, call);
    Cix__V1__SetProtectionResponse *response = arena_alloc(session->arena, sizeof(*response));
    cix__v1__set_protection_response__init(response);
    response->recorded_at_us = recorded_at_us;
    call->response = &response->base;
    return true;
}

static bool end_protection(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    const Cix__V1__EndProtectionRequest *request = call->request;
    struct correction_act act = correction_act_of(session, call);
    int64_t ended_at_us;
    struct uuid id;

    if (!correction_read_uuid(call->ctx, "protection_id", request->protection_id, &id))
        return true;
    if (!correction_protection_end(&session->ctx, session->db, &act, &id, &ended_at_us))
        return correction_settle(session, call);
    Cix__V1__EndProtectionResponse *response = arena_alloc(session->arena, sizeof(*response));
    cix__v1__end_protection_response__init(response);
    response->ended_at_us = ended_at_us;
    call->response = &response->base;
    return true;
}

static const struct method methods[] = {
    {METHOD(AddAnnotation), .batch_max = 1, .serve = add_annotation},
    {METHOD(EndAnnotation), .batch_max = 1, .serve = end_annotation},
    {METHOD(ListAnnotations), .batch_max = 1, .serve = list_annotations},
    {METHOD(SetProtection), .batch_max = 1, .serve = set_protection},
    {METHOD(EndProtection), .batch_max = 1, .serve = end_protection},
    {METHOD(BackOutSubmission), .batch_max = 1, .serve = correction_back_out},
    {METHOD(GetHistory), .batch_max = 1, .serve = correction_history},
};

const struct service correction_service = {&cix__v1__correction_service__descriptor, methods,
                                           ARRAY_LENGTH(methods)};
