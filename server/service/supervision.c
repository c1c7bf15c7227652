#include "service/supervision.h"

#include "cix/v1/supervision.pb-c.h"
#include "service/inquiry_consent.h"
#include "service/matrix.h"
#include "store/supervision.h"

enum { CALLS_MAX = 64 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static Cix__V1__PlatformExposureResponse *show(struct arena *arena, int64_t inquiry_id,
                                               const struct platform_exposure *exposure)
{
    Cix__V1__PlatformExposureResponse *response = arena_alloc(arena, sizeof(*response));
    int64_t headroom =
        least(exposure->cap_one - exposure->own, exposure->cap_all - exposure->overall);

    cix__v1__platform_exposure_response__init(response);
    response->inquiry_id = inquiry_id;
    response->currency = (char *)"CNY";
    response->own_platform = exposure->own;
    response->all_platforms = exposure->overall;
    response->platform_count = exposure->platforms;
    response->account_count = exposure->accounts;
    response->cap_one_platform = exposure->cap_one;
    response->cap_all_platforms = exposure->cap_all;
    response->headroom = headroom < 0 ? 0 : headroom;
    return response;
}

static bool is_person(const Cix__V1__ReportInquiry *asked)
{
    return identifier_is_personal((enum identifier_type)asked->identifier->type);
}

static bool platform_exposure(struct session *session, struct call **calls, int count)
{
    struct arena *arena = session->arena;
    struct inquiry_request request = {.method = calls[0]->method->audit_code,
                                      .today = session->today};
    struct call **asking = arena_array(arena, (size_t)count, sizeof(*asking));
    bool *persons = arena_array(arena, (size_t)count, sizeof(*persons));
    struct platform_exposure *exposures;

    request.inquiries = arena_array(arena, (size_t)count, sizeof(*request.inquiries));
    for (int i = 0; i < count; i++) {
        const Cix__V1__PlatformExposureRequest *asked = calls[i]->request;
        if (!inquiry_prepare_report(session, calls[i]->ctx, calls[i], asked->inquiry, calls[i]->id,
                                    &request.inquiries[request.count]))
            continue;
        persons[request.count] = is_person(asked->inquiry);
        asking[request.count++] = calls[i];
    }
    if (request.count == 0)
        return true;
    inquiry_salt(arena, request.inquiries, request.count);
    if (!supervision_exposure(&session->ctx, session->db, &request, persons, &exposures))
        return false;
    for (int i = 0; i < request.count; i++)
        if (inquiry_require_served(asking[i]->ctx, &request.inquiries[i]))
            asking[i]->response = &show(arena, asking[i]->id, &exposures[i])->base;
    return true;
}

static const struct method methods[] = {
    {METHOD(PlatformExposure), .batch_max = CALLS_MAX, .serve = platform_exposure},
};

const struct service supervision_service = {&cix__v1__supervision_service__descriptor, methods,
                                            ARRAY_LENGTH(methods)};
