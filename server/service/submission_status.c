#include <string.h>

#include "base/text.h"
#include "service/submission_inside.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000, UUID_SIZE = 37 };

struct submission_act submission_act_of(struct call *call, struct uuid submission_id,
                                        int64_t now_us)
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

Cix__V1__Verdict **submission_verdict_list(struct arena *arena,
                                           const struct submission_verdicts *verdicts,
                                           size_t *count)
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
            arena_string(arena, *verdict->reason || !rule ? verdict->reason : rule_reason(rule));
        items[i].chunk = verdict->chunk;
        list[i] = &items[i];
    }
    *count = (size_t)verdicts->count;
    return list;
}

bool submission_id_parse(struct ctx *ctx, const char *text, struct uuid *id)
{
    return uuid_parse(text, id) ||
           fail_field(ctx, "FIELD_INVALID", "submission_id", "expected a UUID");
}

char *submission_id_text(struct arena *arena, const struct uuid *id)
{
    char *text = arena_alloc(arena, UUID_SIZE);

    uuid_format(id, text);
    return text;
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
    return arena_format(arena, "%s.%d.%d.%s.%s", token_bond(arena, act), last->chunk, last->line,
                        last->rule, last->field);
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
    const char *rule = line_text ? token_part(&rest) : NULL;
    if (!rule || strcmp(bond, token_bond(ctx->arena, act)) != 0 ||
        !text_to_int64(chunk_text, &chunk) || !text_to_int64(line_text, &line) ||
        chunk > INT32_MAX || line > INT32_MAX)
        return fail_field(ctx, "PAGE_TOKEN", "page_token", "expected the token of the page before");
    *after = (struct submission_place){(int32_t)chunk, (int32_t)line, rule, rest};
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
    response->verdicts = submission_verdict_list(arena, &shown, &response->n_verdicts);
    response->opened_at_us = status->opened_at_us;
    response->held_rule = arena_string(arena, status->held_rule);
    if (status->has_earlier)
        response->earlier_submission_id = submission_id_text(arena, &status->earlier_id);
    call->response = &response->base;
}

static bool read_one(struct session *session, struct call *call)
{
    const Cix__V1__GetSubmissionRequest *request = call->request;
    int page = request->page_size ? request->page_size : PAGE_DEFAULT;
    struct submission_act act = submission_act_of(call, (struct uuid){{0}}, session->now_us);
    struct submission_place after;
    struct submission_status status;

    act.audit_id = call->id;
    if (page < 1 || page > PAGE_MAX)
        return fail_field(call->ctx, "PAGE_SIZE", "page_size", "expected 1 to %d, or 0", PAGE_MAX);
    if (!submission_id_parse(call->ctx, request->submission_id, &act.submission_id) ||
        !token_read(call->ctx, &act, request->page_token, &after) ||
        !submission_read(call->ctx, session->db, &act, &after, page + 1, &status))
        return false;
    put_status(call, &act, &status, page);
    return true;
}

bool submission_get(struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++) {
        if (!read_one(session, calls[i]) && !call_fails_alone(session, calls[i]))
            return false;
    }
    return true;
}
