#include "service/inquiry.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "rpc/status.h"
#include "vault/vault.h"

enum { NAME_MAX_LENGTH = 120, OPERATOR_MAX_LENGTH = 64 };

#define PATH "inquiry."

static bool is_blank(const char *text)
{
    return text[strspn(text, " ")] == '\0';
}

static bool require_text(struct ctx *ctx, const char *field, const char *text, size_t length_max)
{
    if (is_blank(text))
        return fail_field(ctx, "FIELD_REQUIRED", field, "expected 1 to %zu characters", length_max);
    if (text_length(text, strlen(text)) > length_max || text_has_control(text))
        return fail_field(ctx, "FIELD_INVALID", field,
                          "expected 1 to %zu characters without control characters", length_max);
    return true;
}

static bool read_identifier(const struct session *session, struct ctx *ctx,
                            const Cix__V1__Identifier *asked, struct identifier *identifier)
{
    enum identifier_fault fault;

    if (!asked || asked->type == CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_UNSPECIFIED ||
        is_blank(asked->value))
        return fail_field(ctx, "FIELD_REQUIRED", PATH "identifier", "expected a type and a value");
    fault = identifier_read(ctx->arena, (enum identifier_type)asked->type, asked->value,
                            session->today, identifier);
    if (fault == IDENTIFIER_FAULT_NONE)
        return true;
    return fail_field(ctx, "INVALID_IDENTIFIER",
                      fault == IDENTIFIER_FAULT_TYPE ? PATH "identifier.type"
                                                     : PATH "identifier.value",
                      "%s", identifier_fault_text(fault));
}

bool inquiry_prepare(const struct session *session, struct ctx *ctx, const struct call *call,
                     const struct inquiry_asked *asked, int64_t inquiry_id, struct inquiry *inquiry)
{
    struct identifier identifier;
    bool has_identifier = read_identifier(session, ctx, asked->identifier, &identifier);
    bool has_name = require_text(ctx, PATH "name", asked->name, NAME_MAX_LENGTH);
    bool has_operator =
        require_text(ctx, PATH "operator_id", asked->operator_id, OPERATOR_MAX_LENGTH);

    if (!has_identifier || !has_name || !has_operator)
        return false;
    int32_t member_id = call->caller->member_id;
    *inquiry = (struct inquiry){
        .inquiry_id = inquiry_id,
        .lookup = vault_lookup(session->vault, (int)identifier.type, identifier.value),
        .operator_index = vault_operator_index(session->vault, member_id, asked->operator_id),
        .member_id = member_id,
        .is_person = identifier_is_personal(identifier.type),
    };
    inquiry->name_index =
        vault_name_index(session->vault, &inquiry->lookup, text_fold_name(ctx->arena, asked->name));
    memcpy(inquiry->certificate, call->rpc->peer.fingerprint, sizeof(inquiry->certificate));
    return true;
}

/* In one draw: a draw costs more than its bytes. */
void inquiry_salt(struct arena *arena, struct inquiry *inquiries, int count)
{
    uint8_t *bytes = arena_alloc(arena, (size_t)count * INQUIRY_SALT_SIZE);

    digest_random(bytes, (size_t)count * INQUIRY_SALT_SIZE);
    for (int i = 0; i < count; i++)
        memcpy(inquiries[i].salt, bytes + (size_t)i * INQUIRY_SALT_SIZE, INQUIRY_SALT_SIZE);
}

static const struct {
    const char *rule;
    const char *message;
} refusals[] = {
    [INQUIRY_MEMBER] = {"I001", "the member may not ask for this kind of data"},
    [INQUIRY_PURPOSE] = {"I001", "the purpose is not permitted to the member"},
    [INQUIRY_CONSENT] = {"I002",
                         "no consent in force covers the member, the purpose and the data classes "
                         "BASIC and CREDIT, for a rating RATING too; one for an account "
                         "(scope_account_no) counts while that account of the subject is open"},
    [INQUIRY_ACCOUNT] = {"I003", "the purpose needs an open account of the member"},
    [INQUIRY_FROZEN] = {"I006", "the subject has blocked inquiries"},
};

bool inquiry_require_served(struct ctx *ctx, const struct inquiry *inquiry)
{
    enum inquiry_outcome outcome = inquiry->outcome;

    if (outcome == INQUIRY_CONSENT_CONFLICT) {
        fail(ctx, ERR_EXISTS, "CONSENT_CONFLICT", "the consent's id is known with other content");
        fail_fact(ctx, "rule", "C004");
        return false;
    }
    if (outcome == INQUIRY_RECIPROCITY)
        return fail(ctx, ERR_DENIED, "RECIPROCITY",
                    "the member sees as much of this kind of subject as it gives");
    if (outcome != INQUIRY_GRANTED) {
        CHECK((size_t)outcome < ARRAY_LENGTH(refusals));
        fail(ctx, ERR_DENIED, "INQUIRY_REFUSED", "%s", refusals[outcome].message);
        fail_fact(ctx, "rule", "%s", refusals[outcome].rule);
        return false;
    }
    if (!inquiry->is_served)
        return fail(ctx, ERR_UNAVAILABLE, "INQUIRY_EXPIRED",
                    "the inquiry was recorded but not answered in time; ask again");
    return true;
}

Cix__V1__ElementError *inquiry_element_error(struct arena *arena, const struct error *error)
{
    Cix__V1__ElementError *element = arena_alloc(arena, sizeof(*element));

    cix__v1__element_error__init(element);
    element->code = status_code(error->code);
    element->reason = (char *)error->reason;
    element->message = arena_string(arena, error->message);
    if (error->field_count > 0)
        element->field = (char *)error->fields[0].field;
    return element;
}

bool inquiry_admit(const struct session *session, struct call *call, size_t count, int most,
                   struct ctx **errors, int64_t *first_id)
{
    if (count < 1 || count > (size_t)most)
        return fail_field(call->ctx, "BATCH_SIZE", "inquiries", "expected 1 to %d", most);
    if (!call_spend(call, (int)count))
        return false;
    *errors = arena_array(session->arena, count, sizeof(**errors));
    for (size_t i = 0; i < count; i++)
        ctx_init(&(*errors)[i], session->arena);
    *first_id = id_new_many((int)count);
    return true;
}

static struct session message_session(const struct session *session, struct arena *arena)
{
    struct session message = *session;

    message.arena = arena;
    ctx_init(&message.ctx, arena);
    message.now_us = clock_now_us();
    message.today = clock_day_of(message.now_us);
    return message;
}

/* Hands the failure of a message's session to the stream. */
static void message_fail(struct session *session, const struct session *message)
{
    const struct error *error = &message->ctx.error;

    if (error->code != ERR_NONE)
        (void)fail(&session->ctx, error->code, error->reason, "%s", error->message);
}

bool inquiry_stream(struct session *session, struct call *call, inquiry_answer *answer)
{
    struct arena arena;
    struct rpc_message message;
    bool is_fine = true;
    int read = 0;

    arena_init(&arena, 0);
    arena.is_wiped = true;
    while (is_fine && (read = rpc_read(call->rpc, &arena, &message)) > 0) {
        session_renew(session, call);
        struct session own = message_session(session, &arena);
        is_fine = answer(&own, call, message.message);
        if (!is_fine)
            message_fail(session, &own);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return is_fine && read == 0;
}
