#include "service/quality.h"

#include <string.h>

#include "cix/v1/quality.pb-c.h"
#include "domain/quality.h"
#include "service/matrix.h"
#include "service/submission_inside.h"
#include "store/quality.h"

/* An association sees all members and none by name; a regulator and the member itself by name. */
static bool is_named(const struct member *caller, const char *code)
{
    return member_has_any_role(caller, MEMBER_ROLE_REGULATOR) || !strcmp(caller->code, code);
}

static Cix__V1__MemberQuality *entry_of(struct arena *arena, const struct member *caller,
                                        const struct quality_entry *entry)
{
    Cix__V1__MemberQuality *shown = arena_alloc(arena, sizeof(*shown));
    const struct quality_counts *counts = &entry->counts;
    struct quality quality = quality_of(counts);

    cix__v1__member_quality__init(shown);
    if (is_named(caller, entry->code))
        shown->member_code = arena_string(arena, entry->code);
    shown->has_index = quality.has_index;
    shown->index_bps = quality.index_bps;
    shown->acceptance_bps = quality.acceptance_bps;
    shown->timeliness_bps = quality.timeliness_bps;
    shown->completeness_bps = quality.completeness_bps;
    shown->dispute_loss_bps = quality.dispute_loss_bps;
    shown->match_bps = quality.match_bps;
    shown->accepted = counts->accepted;
    shown->rejected = counts->rejected;
    shown->quarantined = counts->quarantined;
    shown->warned = counts->warned;
    shown->months = counts->months;
    shown->late = counts->late;
    shown->missing = quality.missing;
    shown->fall_bps = quality.fall_bps;
    shown->is_closed = entry->is_closed;
    shown->disputes_escalated = counts->escalated;
    shown->disputes_unanswered = counts->unanswered;
    return shown;
}

static bool read_one(struct session *session, struct call *call)
{
    const Cix__V1__GetQualityRequest *request = call->request;
    struct submission_act act = submission_act_of(call, (struct uuid){{0}}, session->now_us);
    struct arena *arena = call->ctx->arena;
    struct quality_list list;
    struct period month;

    act.audit_id = call->id;
    if (!period_from_wire(request->period, &month) ||
        month.number > period_of_day(session->today).number)
        return fail_field(call->ctx, "PERIOD_INVALID", "period",
                          "expected a month as YYYYMM that is not in the future");
    if (!quality_read(call->ctx, session->db, &act, month, &list))
        return false;
    Cix__V1__GetQualityResponse *response = arena_alloc(arena, sizeof(*response));
    cix__v1__get_quality_response__init(response);
    response->period = request->period;
    response->members = arena_array(arena, (size_t)list.count, sizeof(*response->members));
    for (int i = 0; i < list.count; i++)
        response->members[response->n_members++] = entry_of(arena, call->caller, &list.items[i]);
    call->response = &response->base;
    return true;
}

/* batch_max is 1: it is asked for rarely. */
static bool get_quality(struct session *session, struct call **calls, int count)
{
    for (int i = 0; i < count; i++) {
        if (!read_one(session, calls[i]) && !call_fails_alone(session, calls[i]))
            return false;
    }
    return true;
}

static const struct method methods[] = {
    {METHOD(GetQuality), .batch_max = 1, .serve = get_quality},
};

const struct service quality_service = {&cix__v1__quality_service__descriptor, methods,
                                        ARRAY_LENGTH(methods)};
