#include "service/standard.h"

#include <string.h>

#include "base/text.h"
#include "cix/v1/standard.pb-c.h"
#include "service/matrix.h"
#include "service/submission_inside.h"
#include "store/standard.h"

enum { TEXT_REQUEST_MAX = STANDARD_TEXT_MAX + 1024, TEXT_BUDGET = 1024 * 1024 };

/* One call by itself: what it answers, or an error of its own. */
typedef bool one_fn(struct session *session, struct call *call, const struct submission_act *act);

static Cix__V1__StandardStep *show_step(struct call *call, const struct standard_step *step)
{
    struct arena *arena = call->ctx->arena;
    const struct member *member = registry_by_id(call->members, step->member_id);
    Cix__V1__StandardStep *shown;

    if (!step->is_taken)
        return NULL;
    shown = arena_alloc(arena, sizeof(*shown));
    cix__v1__standard_step__init(shown);
    if (member)
        shown->member_code = arena_string(arena, member->code);
    shown->at_us = step->at_us;
    return shown;
}

static ProtobufCBinaryData binary_of(struct arena *arena, const void *data, size_t size)
{
    return (ProtobufCBinaryData){size, arena_copy(arena, data, size)};
}

static Cix__V1__StandardVersion *show(struct call *call, const struct standard_version *version)
{
    struct arena *arena = call->ctx->arena;
    Cix__V1__StandardVersion *shown = arena_alloc(arena, sizeof(*shown));

    cix__v1__standard_version__init(shown);
    shown->standard_id = arena_string(arena, version->id);
    shown->version = version->version;
    shown->sha256 = binary_of(arena, version->digest.bytes, sizeof(version->digest.bytes));
    shown->state = (Cix__V1__StandardState)version->state;
    shown->valid_from_on = day_to_wire(version->valid_from);
    shown->valid_until_on = day_to_wire(version->valid_to);
    shown->loaded = show_step(call, &version->loaded);
    shown->published = show_step(call, &version->published);
    shown->retired = show_step(call, &version->retired);
    shown->retire_reason = arena_string(arena, version->retire_reason);
    return shown;
}

/* A name and a version; lowest: 0 where the version may be left out. */
static bool check_key(struct ctx *ctx, const char *id, int32_t version, int lowest)
{
    if (!*id)
        return fail_field(ctx, "FIELD_REQUIRED", "standard_id", "expected the name of a standard");
    if (strlen(id) > STANDARD_NAME_MAX)
        return fail_field(ctx, "FIELD_INVALID", "standard_id", "expected at most %d characters",
                          STANDARD_NAME_MAX);
    return version >= lowest || fail_field(ctx, version ? "FIELD_INVALID" : "FIELD_REQUIRED",
                                           "version", "expected %d or more", lowest);
}

static bool list_one(struct session *session, struct call *call, const struct submission_act *act)
{
    const Cix__V1__ListStandardsRequest *request = call->request;
    struct arena *arena = call->ctx->arena;
    struct standard_versions versions;

    if (strlen(request->standard_id) > STANDARD_NAME_MAX)
        return fail_field(call->ctx, "FIELD_INVALID", "standard_id",
                          "expected at most %d characters", STANDARD_NAME_MAX);
    if ((int)request->state < 0 || (int)request->state > STANDARD_STATE_RETIRED)
        return fail_field(call->ctx, "FIELD_INVALID", "state", "expected a state, or none");
    if (!standard_list(call->ctx, session->db, act, request->standard_id, (int)request->state,
                       &versions))
        return false;
    Cix__V1__ListStandardsResponse *response = arena_alloc(arena, sizeof(*response));
    cix__v1__list_standards_response__init(response);
    response->standards = arena_array(arena, (size_t)versions.count, sizeof(*response->standards));
    for (int i = 0; i < versions.count; i++)
        response->standards[response->n_standards++] = show(call, &versions.items[i]);
    call->response = &response->base;
    return true;
}

static bool get_one(struct session *session, struct call *call, const struct submission_act *act)
{
    const Cix__V1__GetStandardRequest *request = call->request;
    struct standard_version version;

    if (!check_key(call->ctx, request->standard_id, request->version, 0) ||
        !standard_get(call->ctx, session->db, act, request->standard_id, request->version,
                      &version))
        return false;
    Cix__V1__GetStandardResponse *response = arena_alloc(call->ctx->arena, sizeof(*response));
    cix__v1__get_standard_response__init(response);
    response->standard = show(call, &version);
    response->text = (ProtobufCBinaryData){version.text.size, (uint8_t *)version.text.data};
    call->response = &response->base;
    return true;
}

/* A text that is wrong: its field, and its line for machines. False. */
static bool tell_line(struct ctx *ctx)
{
    struct error *error = &ctx->error;
    int64_t line;
    char digits[8];
    size_t size;

    if (error->code != ERR_INVALID || strncmp(error->message, "line ", 5) != 0)
        return false;
    size = strspn(error->message + 5, "0123456789");
    if (size >= sizeof(digits))
        return false;
    memcpy(digits, error->message + 5, size);
    digits[size] = '\0';
    if (!text_to_int64(digits, &line))
        return false;
    error->fields[error->field_count++] =
        (struct error_field){"text", arena_string(ctx->arena, error->message)};
    fail_fact(ctx, "line", "%d", (int)line);
    return false;
}

static bool load_one(struct session *session, struct call *call, const struct submission_act *act)
{
    const Cix__V1__LoadStandardRequest *request = call->request;
    struct bytes text = {request->text.data, request->text.len};
    struct arena *arena = call->ctx->arena;
    struct standard_loaded loaded;

    if (!text.size)
        return fail_field(call->ctx, "FIELD_REQUIRED", "text", "expected the text of a standard");
    if (!standard_put(call->ctx, session->db, act, text, &loaded))
        return tell_line(call->ctx);
    Cix__V1__LoadStandardResponse *response = arena_alloc(arena, sizeof(*response));
    cix__v1__load_standard_response__init(response);
    response->standard_id = arena_string(arena, loaded.id);
    response->version = loaded.version;
    response->sha256 = binary_of(arena, loaded.digest.bytes, sizeof(loaded.digest.bytes));
    response->state = (Cix__V1__StandardState)loaded.state;
    response->is_new = loaded.is_new;
    call->response = &response->base;
    return true;
}

static bool publish_one(struct session *session, struct call *call,
                        const struct submission_act *act)
{
    const Cix__V1__PublishStandardRequest *request = call->request;
    struct standard_published published;

    if (!check_key(call->ctx, request->standard_id, request->version, 1) ||
        !standard_publish(call->ctx, session->db, act, request->standard_id, request->version,
                          &published))
        return false;
    Cix__V1__PublishStandardResponse *response = arena_alloc(call->ctx->arena, sizeof(*response));
    cix__v1__publish_standard_response__init(response);
    response->is_new = published.is_new;
    response->replaced_version = published.replaced;
    call->response = &response->base;
    return true;
}

static bool check_reason(struct ctx *ctx, const char *reason)
{
    if (!*reason)
        return fail_field(ctx, "FIELD_REQUIRED", "reason", "expected why it is retired");
    return (text_length(reason, strlen(reason)) <= STANDARD_REASON_TEXT_MAX &&
            !text_has_control(reason)) ||
           fail_field(ctx, "FIELD_INVALID", "reason", "expected a line of at most %d characters",
                      STANDARD_REASON_TEXT_MAX);
}

static bool retire_one(struct session *session, struct call *call, const struct submission_act *act)
{
    const Cix__V1__RetireStandardRequest *request = call->request;
    bool is_new;

    if (!check_key(call->ctx, request->standard_id, request->version, 1) ||
        !check_reason(call->ctx, request->reason) ||
        !standard_retire(call->ctx, session->db, act, request->standard_id, request->version,
                         request->reason, &is_new))
        return false;
    Cix__V1__RetireStandardResponse *response = arena_alloc(call->ctx->arena, sizeof(*response));
    cix__v1__retire_standard_response__init(response);
    response->is_new = is_new;
    call->response = &response->base;
    return true;
}

/* batch_max is 1: standards are asked for rarely. A failing database fails the batch. */
static bool serve_one(struct session *session, struct call *call, one_fn *one)
{
    struct submission_act act = submission_act_of(call, (struct uuid){{0}}, session->now_us);

    act.audit_id = call->id;
    return one(session, call, &act) || call_fails_alone(session, call);
}

static bool list_standards(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    return serve_one(session, calls[0], list_one);
}

static bool get_standard(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    return serve_one(session, calls[0], get_one);
}

static bool load_standard(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    return serve_one(session, calls[0], load_one);
}

static bool publish_standard(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    return serve_one(session, calls[0], publish_one);
}

static bool retire_standard(struct session *session, struct call **calls, int count)
{
    CHECK(count == 1);
    return serve_one(session, calls[0], retire_one);
}

static const struct method methods[] = {
    {METHOD(ListStandards), .batch_max = 1, .serve = list_standards},
    {METHOD(GetStandard), .batch_max = 1, .serve = get_standard},
    {METHOD(LoadStandard), .batch_max = 1, .request_max = TEXT_REQUEST_MAX, .budget = TEXT_BUDGET,
     .serve = load_standard},
    {METHOD(PublishStandard), .batch_max = 1, .serve = publish_standard},
    {METHOD(RetireStandard), .batch_max = 1, .serve = retire_standard},
};

const struct service standard_service = {&cix__v1__standard_service__descriptor, methods,
                                         ARRAY_LENGTH(methods)};
