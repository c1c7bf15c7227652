#include "service/attestation.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cix/v1/member.pb-c.h"
#include "domain/golden.h"
#include "service/submission_inside.h"
#include "vault/attest.h"

enum { VERDICTS_MAX = 1000 };

/* From the first record to the attestation: the kit takes seconds. */
#define RUN_US INT64_C(86400000000)

/* The records that the caller's rights ask for: the kit sends them in this order, in chunk 1. */
static int rows_of(const struct call *call, const struct golden_record **rows)
{
    const struct member *caller = call->caller;
    int count = 0;

    for (size_t i = 0; i < golden_record_count; i++)
        if (golden_may_try(&golden_records[i], caller->roles, caller->data_classes,
                           call->members->member_count > 1))
            rows[count++] = &golden_records[i];
    return count;
}

/* Whether the verdicts on a line are what its row expects: none that refuses, or this rule. */
static bool is_as_expected(const struct submission_verdicts *verdicts, int line,
                           const struct golden_record *row)
{
    bool is_refused = false, is_by_rule = false;

    for (int i = 0; i < verdicts->count; i++) {
        const struct submission_verdict *verdict = &verdicts->items[i];
        if (verdict->chunk != 1 || verdict->line != line || verdict->severity == SEVERITY_WARNING)
            continue;
        is_refused = true;
        is_by_rule |= row->rule && !strcmp(verdict->rule, row->rule);
    }
    return row->rule ? is_by_rule : !is_refused;
}

static bool fail_unseen(struct ctx *ctx, const char *case_name)
{
    (void)fail(ctx, ERR_PRECONDITION, "CASES_UNSEEN",
               "the submission does not hold the golden cases as they must be answered");
    fail_fact(ctx, "case", "%s", case_name);
    return false;
}

static bool check_seen(const struct session *session, struct ctx *ctx,
                       const struct submission_status *status,
                       const struct golden_record *const *rows, int count)
{
    const struct submission_counts *counts = &status->counts;

    if (status->opened_at_us < session->now_us - RUN_US ||
        status->state != SUBMISSION_STATE_COMMITTED || status->next_chunk != 2 ||
        counts->accepted + counts->rejected + counts->quarantined != count)
        return fail_unseen(ctx, "submission");
    for (int i = 0; i < count; i++)
        if (!is_as_expected(&status->verdicts, i, rows[i]))
            return fail_unseen(ctx, rows[i]->name);
    return true;
}

/* How many records were seen, and what for: a member shows the roles of its records alone. */
struct seen {
    int records;
    uint32_t roles;
};

static bool look(struct session *session, struct call *call, const char *submission_id,
                 struct seen *seen)
{
    const struct golden_record **rows =
        arena_array(call->ctx->arena, golden_record_count, sizeof(*rows));
    struct submission_act act = submission_act_of(call, (struct uuid){{0}}, session->now_us);
    struct submission_place first = {0};
    struct submission_status status;

    act.audit_id = call->id;
    *seen = (struct seen){.records = rows_of(call, rows)};
    for (int i = 0; i < seen->records; i++)
        seen->roles |= rows[i]->role;
    if (seen->records > 0 || *submission_id) {
        if (!submission_id_parse(call->ctx, submission_id, &act.submission_id) ||
            !submission_read(call->ctx, session->db, &act, &first, VERDICTS_MAX, &status))
            return false;
        if (call->members->is_test && !check_seen(session, call->ctx, &status, rows, seen->records))
            return false;
    }
    return call->members->is_test || fail(call->ctx, ERR_PRECONDITION, "NOT_A_TEST_EXCHANGE",
                                          "only a test exchange attests cases");
}

static const char *statement_of(const struct session *session, const struct call *call,
                                const struct seen *seen)
{
    const Cix__V1__AttestConformanceRequest *request = call->request;
    char hash[2 * DIGEST_SIZE + 1];

    text_to_hex(request->result_hash.data, DIGEST_SIZE, hash);
    return arena_format(call->ctx->arena,
                        "CIX ATTESTATION 1\nmember: %s\nexchange-version: %s\n"
                        "attested-at-us: %" PRId64
                        "\nsubmission: %s\nrecords: %d\nroles: %s\nresult: %s\n",
                        call->caller->code, CIX_VERSION, session->now_us, request->submission_id,
                        seen->records, golden_roles_text(seen->roles), hash);
}

static bool attest_one(struct session *session, struct call *call)
{
    const Cix__V1__AttestConformanceRequest *request = call->request;
    struct arena *arena = call->ctx->arena;
    struct bytes signature;
    struct seen seen;

    if (request->result_hash.len != DIGEST_SIZE)
        return fail_field(call->ctx, "FIELD_INVALID", "result_hash", "expected %d bytes",
                          DIGEST_SIZE);
    if (!look(session, call, request->submission_id, &seen))
        return false;
    const char *statement = statement_of(session, call, &seen);
    if (!attest_sign(call->ctx, session->key_file, statement, &signature))
        return false;
    Cix__V1__AttestConformanceResponse *response = arena_alloc(arena, sizeof(*response));
    cix__v1__attest_conformance_response__init(response);
    response->statement = (char *)statement;
    response->signature = (ProtobufCBinaryData){signature.size, (uint8_t *)signature.data};
    call->response = &response->base;
    return true;
}

bool member_attest_conformance(struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++) {
        if (!attest_one(session, calls[i]) && !call_fails_alone(session, calls[i]))
            return false;
    }
    return true;
}
