#include "service/inquiry_consent.h"

#include <string.h>

#include "domain/rule.h"
#include "vault/vault.h"
#include "wire/record.h"

enum { FINDINGS = 8 };

/* One question while it is read. */
struct asking {
    struct ctx *ctx; /* its own errors */
    const struct call *call;
    const Cix__V1__ReportInquiry *asked;
};

static bool require_purpose(struct ctx *ctx, const Cix__V1__ReportInquiry *asked)
{
    enum purpose purpose = (enum purpose)asked->purpose;

    if (purpose == PURPOSE_NONE)
        return fail_field(ctx, "FIELD_REQUIRED", "inquiry.purpose", "expected a purpose");
    if (!purpose_needs_consent(purpose) && !purpose_needs_account(purpose))
        return fail_field(ctx, "PURPOSE_UNKNOWN", "inquiry.purpose",
                          "expected a purpose of a report");
    return true;
}

/* The consent may leave its identifier out; one that is there must be the inquiry's. */
static bool same_subject(const struct session *session, struct ctx *ctx,
                         const Cix__V1__ReportInquiry *asked)
{
    const Cix__V1__Identifier *own = asked->consent->identifier;
    struct identifier left, right;

    if (!own || (!own->type && !own->value[0]))
        return true;
    if (identifier_read(ctx->arena, (enum identifier_type)own->type, own->value, session->today,
                        &left) == IDENTIFIER_FAULT_NONE &&
        identifier_read(ctx->arena, (enum identifier_type)asked->identifier->type,
                        asked->identifier->value, session->today,
                        &right) == IDENTIFIER_FAULT_NONE &&
        left.type == right.type && !strcmp(left.value, right.value))
        return true;
    return fail_field(ctx, "CONSENT_INVALID", "inquiry.consent.identifier",
                      "expected the identifier of the inquiry, or none");
}

/* Rules C001 to C003 and the form of its fields, as for a submitted consent. */
static bool require_consent(const struct session *session, const struct asking *asking,
                            struct consent_record *consent)
{
    struct ctx *ctx = asking->ctx;
    struct record record = {.kind = RECORD_KIND_CONSENT, .origin = ""};
    struct rule_context where = {
        .arena = ctx->arena, .today = session->today, .member = asking->call->caller};
    struct finding findings[FINDINGS];

    if (!record_consent_from_proto(asking->asked->consent, &record.consent, &findings[0]))
        return fail_field(ctx, "CONSENT_INVALID", "inquiry.consent", "%s", findings[0].reason);
    record.consent.identifier.type = (enum identifier_type)asking->asked->identifier->type;
    record.consent.identifier.given = asking->asked->identifier->value;
    int count = rule_check(&where, &record, findings, FINDINGS);
    for (int i = 0; i < count; i++) {
        if (rule_is_taken(findings[i].rule->severity))
            continue;
        const char *field = arena_format(ctx->arena, "inquiry.consent.%s", findings[i].field);
        (void)fail_field(ctx, "CONSENT_INVALID", field, "%s", findings[i].reason);
        fail_fact(ctx, "rule", "%s", findings[i].rule->id);
    }
    if (record.consent.is_revoked)
        (void)fail_field(ctx, "CONSENT_INVALID", "inquiry.consent.is_revoked",
                         "expected a consent that is not revoked");
    *consent = record.consent;
    return ctx->error.code == ERR_NONE;
}

static int64_t purpose_bits(const struct consent_record *record)
{
    int64_t bits = 0;

    for (int i = 0; i < record->purpose_count; i++)
        bits |= INT64_C(1) << (record->purposes[i] & 63);
    return bits;
}

static int32_t class_bits(const struct consent_record *record)
{
    int32_t bits = 0;

    for (int i = 0; i < record->data_class_count; i++)
        bits |= 1 << ((record->data_classes[i] - 1) & 7);
    return bits;
}

/* The account that a consent is for. */
static struct bytes scope_index(const struct session *session, const struct asking *asking,
                                const struct consent_record *record)
{
    if (!*record->scope_account_no)
        return (struct bytes){NULL, 0};
    struct digest index = vault_account_index(session->vault, asking->call->caller->member_id,
                                              record->scope_account_no);

    return (struct bytes){arena_copy(asking->ctx->arena, index.bytes, sizeof(index.bytes)),
                          sizeof(index.bytes)};
}

static bool take_consent(const struct session *session, const struct asking *asking,
                         struct inquiry *inquiry)
{
    struct consent_record record = {.consent_id = ""};
    struct inquiry_consent *consent;

    if (!same_subject(session, asking->ctx, asking->asked) ||
        !require_consent(session, asking, &record))
        return false;
    consent = arena_alloc(asking->ctx->arena, sizeof(*consent));
    *consent = (struct inquiry_consent){
        .record_id = id_new(),
        .purposes = purpose_bits(&record),
        .data_classes = class_bits(&record),
        .form = (int16_t)record.form,
        .signed_on = record.signed_on.day,
        .effective_on = record.effective_on.day,
        .expires_on = record.expires_on.day,
        .document_hash = record.document_hash,
        .scope_index = scope_index(session, asking, &record),
    };
    inquiry->consent = consent;
    inquiry->has_consent_id = true;
    return uuid_parse(record.consent_id, &inquiry->consent_id);
}

static bool name_consent(const struct session *session, const struct asking *asking,
                         struct inquiry *inquiry)
{
    const Cix__V1__ReportInquiry *asked = asking->asked;

    if (asked->consent && asked->consent_id[0])
        return fail_field(asking->ctx, "CONSENT_AMBIGUOUS", "inquiry.consent_id",
                          "expected a consent or the id of one, not both");
    if (asked->consent)
        return take_consent(session, asking, inquiry);
    inquiry->has_consent_id = asked->consent_id[0];
    if (inquiry->has_consent_id && !uuid_parse(asked->consent_id, &inquiry->consent_id))
        return fail_field(asking->ctx, "FIELD_INVALID", "inquiry.consent_id", "expected a UUID");
    return true;
}

bool inquiry_prepare_report(const struct session *session, struct ctx *ctx, const struct call *call,
                            const Cix__V1__ReportInquiry *asked, int64_t inquiry_id,
                            struct inquiry *inquiry)
{
    const struct asking asking = {ctx, call, asked};

    if (!asked)
        return fail_field(ctx, "FIELD_REQUIRED", "inquiry", "expected an inquiry");
    struct inquiry_asked common = {asked->identifier, asked->name, asked->operator_id};
    if (!require_purpose(ctx, asked) ||
        !inquiry_prepare(session, ctx, call, &common, inquiry_id, inquiry))
        return false;
    inquiry->purpose = (int16_t)asked->purpose;
    return name_consent(session, &asking, inquiry);
}
