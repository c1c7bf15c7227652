#include "service/correction_record.h"

#include <string.h>

#include "base/clock.h"
#include "cix/v1/correction.pb-c.h"
#include "domain/code.h"
#include "domain/fact.h"
#include "service/history_change.h"
#include "service/intake_row.h"
#include "store/take_back.h"
#include "vault/place.h"
#include "wire/record.h"

enum { NOTE_MAX_LENGTH = 200, ACCOUNT_NO_MAX_LENGTH = 64, RACES_MAX = 3 };
enum { CALL_US = 5 * 1000 * 1000 }; /* a call ends after so long; it is repeated */

/* ---- Back-out ---- */

static bool read_back_out(const struct session *session, struct call *call,
                          struct back_out *back_out)
{
    const Cix__V1__BackOutSubmissionRequest *request = call->request;

    *back_out = (struct back_out){.reason = (int16_t)request->reason};
    if (!correction_read_uuid(call->ctx, "submission_id", request->submission_id,
                              &back_out->submission_id))
        return false;
    if (!request->reason || !code_find(&code_correction_reasons, (int)request->reason))
        return fail_field(call->ctx, "FIELD_REQUIRED", "reason",
                          "expected why the submission is taken back");
    if (!request->note[0])
        return true;
    if (!correction_check_text(call->ctx, "note", request->note, NOTE_MAX_LENGTH))
        return false;
    struct vault_place place = place_of(PLACE_NOTE, call->id);
    back_out->note =
        vault_seal(session->vault, session->arena, &place, request->note, strlen(request->note));
    return true;
}

/* Slices until it is done or the time of a call is over. A lost race is run again. */
static bool work(struct session *session, const struct correction_act *act,
                 struct back_out *back_out)
{
    int64_t ends_us = clock_monotonic_us() + CALL_US;
    int races = 0;

    while (back_out->phase != BACK_OUT_DONE && clock_monotonic_us() < ends_us) {
        if (back_out_step(&session->ctx, session->db, act, back_out))
            continue;
        if (session->ctx.error.code != ERR_ABORTED || races++ == RACES_MAX)
            return false;
        ctx_clear(&session->ctx);
    }
    return true;
}

bool correction_back_out(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    struct correction_act act = correction_act_of(session, call);
    struct back_out back_out;

    if (!read_back_out(session, call, &back_out))
        return true;
    if (!back_out_begin(&session->ctx, session->db, &act, &back_out) ||
        !work(session, &act, &back_out))
        return correction_settle(session, call);
    Cix__V1__BackOutSubmissionResponse *response = arena_alloc(session->arena, sizeof(*response));
    cix__v1__back_out_submission_response__init(response);
    response->phase = (Cix__V1__BackOutPhase)back_out.phase;
    response->accounts = back_out.accounts;
    call->response = &response->base;
    return true;
}

/* ---- History ---- */

static struct bytes bytes_of(struct arena *arena, const struct digest *digest)
{
    return (struct bytes){arena_copy(arena, digest->bytes, sizeof(digest->bytes)),
                          sizeof(digest->bytes)};
}

static bool read_account(const struct session *session, struct call *call, struct history_key *key)
{
    const Cix__V1__GetHistoryRequest *request = call->request;

    if (!correction_check_text(call->ctx, "account_no", request->account_no, ACCOUNT_NO_MAX_LENGTH))
        return false;
    if (*request->origin && !member_code_is_valid(request->origin))
        return fail_field(call->ctx, "FIELD_INVALID", "origin", "expected [a-z0-9-]{3,32}");
    struct digest index = vault_origin_index(session->vault, call->caller->member_id,
                                             request->origin, request->account_no);
    key->account_index = bytes_of(session->arena, &index);
    return true;
}

static bool read_lookup(const struct session *session, struct call *call, struct history_key *key)
{
    const Cix__V1__GetHistoryRequest *request = call->request;
    struct digest lookup;

    if (!correction_read_identifier(session, call->ctx, request->identifier, &lookup))
        return false;
    key->lookup = bytes_of(session->arena, &lookup);
    return true;
}

static bool read_month(struct call *call, struct history_key *key)
{
    const Cix__V1__GetHistoryRequest *request = call->request;
    struct period period;

    if (!period_from_wire(request->period, &period))
        return fail_field(call->ctx, "FIELD_INVALID", "period", "expected YYYYMM");
    key->period = period.number;
    return true;
}

/* What is wrong with the key of a fact, as the field of the request that has it. */
static bool fail_fact_key(struct call *call, enum record_kind kind, const struct finding *finding)
{
    const char *field =
        arena_format(call->ctx->arena, "record.%s.%s", fact_kind_find(kind)->name, finding->field);

    (void)fail_field(call->ctx, "FIELD_INVALID", field, "%s", finding->reason);
    fail_fact(call->ctx, "rule", "%s", finding->rule->id);
    return false;
}

/* The key of a fact is read from a record, as where a correction deletes it. */
static bool read_fact(const struct session *session, struct call *call, struct history_key *key)
{
    const Cix__V1__GetHistoryRequest *request = call->request;
    const struct intake intake = {.arena = session->arena,
                                  .vault = session->vault,
                                  .member = call->caller,
                                  .members = call->members,
                                  .today = session->today};
    const struct rule_context where = {
        .arena = session->arena, .today = session->today, .member = call->caller};
    struct finding findings[FINDING_MAX];
    struct record record;

    if (!request->record || (int)request->record->record_case != (int)request->kind ||
        !record_from_proto(request->record, &record, findings))
        return fail_field(call->ctx, "FIELD_REQUIRED", "record",
                          "expected a record of the kind, with the fields of its key");
    record.correction = (struct correction){.is_present = true,
                                            .action = CORRECTION_ACTION_DELETE,
                                            .reason = CORRECTION_REASON_OTHER,
                                            .note = ""};
    int count = rule_check(&where, &record, findings, FINDING_MAX);
    for (int i = 0; i < count; i++)
        if (!rule_is_taken(findings[i].rule->severity))
            return fail_fact_key(call, record.kind, &findings[i]);
    struct digest index = intake_fact_key(&intake, &record);
    key->lookup = bytes_of(session->arena, &index);
    return true;
}

static bool read_key(const struct session *session, struct call *call, struct history_key *key)
{
    const Cix__V1__GetHistoryRequest *request = call->request;

    *key = (struct history_key){.kind = (int16_t)request->kind};
    switch ((int)request->kind) {
    case RECORD_KIND_CONSENT:
        key->has_id = true;
        return read_lookup(session, call, key) &&
               correction_read_uuid(call->ctx, "consent_id", request->consent_id, &key->id);
    case RECORD_KIND_SUBJECT:
        return read_lookup(session, call, key);
    case RECORD_KIND_ACCOUNT:
        return read_account(session, call, key);
    case RECORD_KIND_PERFORMANCE:
        return read_account(session, call, key) && read_month(call, key);
    case RECORD_KIND_FLAG:
        key->has_id = true;
        return correction_read_uuid(call->ctx, "flag_id", request->flag_id, &key->id);
    default:
        if (fact_kind_find((enum record_kind)request->kind))
            return read_fact(session, call, key);
        return fail_field(call->ctx, "FIELD_REQUIRED", "kind", "expected a kind of record");
    }
}

static char *show_uuid(struct arena *arena, bool is_present, const struct uuid *id)
{
    char *text = arena_alloc(arena, 37);

    if (!is_present)
        return arena_string(arena, "");
    uuid_format(id, text);
    return text;
}

/* "" where there is no note. */
static bool show_note(const struct session *session, struct call *call,
                      const struct vault_place *place, struct bytes sealed, char **note)
{
    struct bytes plain;

    *note = (char *)"";
    if (!sealed.data)
        return true;
    if (!vault_open_sealed(call->ctx, session->vault, place, sealed, &plain))
        return false;
    *note = (char *)plain.data;
    return true;
}

static bool show_why(const struct session *session, struct call *call,
                     const struct history_version *version, Cix__V1__HistoryVersion *shown)
{
    const Cix__V1__GetHistoryRequest *request = call->request;
    bool is_fact = fact_kind_find((enum record_kind)request->kind) != NULL;
    struct vault_place own = place_of(is_fact ? PLACE_FACT_NOTE : PLACE_NOTE, version->record_id);
    struct vault_place back_out = place_of(PLACE_NOTE, version->back_out_id);

    shown->action = (Cix__V1__CorrectionAction)version->action;
    shown->reason = (Cix__V1__CorrectionReason)version->reason;
    shown->back_out_at_us = version->back_out_at_us;
    shown->back_out_reason = (Cix__V1__CorrectionReason)version->back_out_reason;
    return show_note(session, call, &own, version->note, &shown->note) &&
           show_note(session, call, &back_out, version->back_out_note, &shown->back_out_note);
}

static bool show_version(const struct session *session, struct call *call,
                         const struct history_version *version, Cix__V1__HistoryVersion *shown)
{
    cix__v1__history_version__init(shown);
    shown->record_id = version->record_id;
    shown->recorded_at_us = version->recorded_at_us;
    shown->submission_id =
        show_uuid(session->arena, version->has_submission, &version->submission_id);
    shown->chunk = version->chunk;
    shown->line = version->line;
    shown->member_code = (char *)call->caller->code;
    shown->origin = (char *)version->origin;
    shown->is_deleted = version->is_deleted;
    shown->backed_out_submission_id =
        show_uuid(session->arena, version->is_restored, &version->restored_by);
    return history_change_show(session, call, version, shown) &&
           show_why(session, call, version, shown);
}

bool correction_history(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    struct call *call = calls[0];
    struct correction_act act = correction_act_of(session, call);
    struct history_version *versions;
    struct history_key key;
    int found;

    if (!read_key(session, call, &key))
        return true;
    if (!history_read(&session->ctx, session->db, &act, &key, &versions, &found))
        return correction_settle(session, call);
    Cix__V1__GetHistoryResponse *response = arena_alloc(session->arena, sizeof(*response));
    Cix__V1__HistoryVersion *shown = arena_array(session->arena, (size_t)found, sizeof(*shown));
    cix__v1__get_history_response__init(response);
    response->versions = arena_array(session->arena, (size_t)found, sizeof(*response->versions));
    for (int i = 0; i < found; i++) {
        if (!show_version(session, call, &versions[i], &shown[i]))
            return true;
        response->versions[response->n_versions++] = &shown[i];
    }
    call->response = &response->base;
    return true;
}
