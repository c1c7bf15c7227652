#include "method.h"

#include <pthread.h>
#include <stdio.h>

#include "base/check.h"

enum { PATH_ROOM = 80 };

static const struct {
    const ProtobufCServiceDescriptor *service;
    const char *name;
} methods[CIX_METHOD_COUNT] = {
    [CIX_GET_REPORT] = {&cix__v1__report_service__descriptor, "GetReport"},
    [CIX_BATCH_GET_REPORTS] = {&cix__v1__report_service__descriptor, "BatchGetReports"},
    [CIX_GET_RATING] = {&cix__v1__rating_service__descriptor, "GetRating"},
    [CIX_BATCH_GET_RATINGS] = {&cix__v1__rating_service__descriptor, "BatchGetRatings"},
    [CIX_LIST_RATINGS] = {&cix__v1__rating_service__descriptor, "ListRatings"},
    [CIX_CHECK_FLAG] = {&cix__v1__flag_service__descriptor, "CheckFlag"},
    [CIX_BATCH_CHECK_FLAGS] = {&cix__v1__flag_service__descriptor, "BatchCheckFlags"},
    [CIX_REMOVE_FLAG] = {&cix__v1__flag_service__descriptor, "RemoveFlag"},
    [CIX_GET_STATISTIC] = {&cix__v1__statistic_service__descriptor, "GetStatistic"},
    [CIX_GET_MEMBER] = {&cix__v1__member_service__descriptor, "GetMember"},
    [CIX_LIST_FINDINGS] = {&cix__v1__supervision_service__descriptor, "ListFindings"},
    [CIX_GET_GRADE_CALIBRATION] = {&cix__v1__supervision_service__descriptor,
                                   "GetGradeCalibration"},
    [CIX_PLATFORM_EXPOSURE] = {&cix__v1__supervision_service__descriptor, "PlatformExposure"},
    [CIX_LIST_MEMBERS] = {&cix__v1__member_service__descriptor, "ListMembers"},
    [CIX_ATTEST_CONFORMANCE] = {&cix__v1__member_service__descriptor, "AttestConformance"},
    [CIX_LIST_CODES] = {&cix__v1__member_service__descriptor, "ListCodes"},
    [CIX_SUBMIT] = {&cix__v1__submission_service__descriptor, "Submit"},
    [CIX_GET_SUBMISSION] = {&cix__v1__submission_service__descriptor, "GetSubmission"},
    [CIX_ADD_ANNOTATION] = {&cix__v1__correction_service__descriptor, "AddAnnotation"},
    [CIX_END_ANNOTATION] = {&cix__v1__correction_service__descriptor, "EndAnnotation"},
    [CIX_LIST_ANNOTATIONS] = {&cix__v1__correction_service__descriptor, "ListAnnotations"},
    [CIX_SET_PROTECTION] = {&cix__v1__correction_service__descriptor, "SetProtection"},
    [CIX_BACK_OUT_SUBMISSION] = {&cix__v1__correction_service__descriptor, "BackOutSubmission"},
    [CIX_GET_HISTORY] = {&cix__v1__correction_service__descriptor, "GetHistory"},
    [CIX_END_PROTECTION] = {&cix__v1__correction_service__descriptor, "EndProtection"},
    [CIX_LIST_QUARANTINE] = {&cix__v1__quarantine_service__descriptor, "ListQuarantine"},
    [CIX_REVIEW_QUARANTINE] = {&cix__v1__quarantine_service__descriptor, "ReviewQuarantine"},
    [CIX_LIST_STANDARDS] = {&cix__v1__standard_service__descriptor, "ListStandards"},
    [CIX_GET_STANDARD] = {&cix__v1__standard_service__descriptor, "GetStandard"},
    [CIX_LOAD_STANDARD] = {&cix__v1__standard_service__descriptor, "LoadStandard"},
    [CIX_PUBLISH_STANDARD] = {&cix__v1__standard_service__descriptor, "PublishStandard"},
    [CIX_RETIRE_STANDARD] = {&cix__v1__standard_service__descriptor, "RetireStandard"},
    [CIX_GET_QUALITY] = {&cix__v1__quality_service__descriptor, "GetQuality"},
};

static char paths[CIX_METHOD_COUNT][PATH_ROOM];
static const ProtobufCMethodDescriptor *found[CIX_METHOD_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void look_up(void)
{
    for (int i = 0; i < CIX_METHOD_COUNT; i++) {
        found[i] =
            protobuf_c_service_descriptor_get_method_by_name(methods[i].service, methods[i].name);
        CHECK(found[i]);
        snprintf(paths[i], PATH_ROOM, "/%s/%s", methods[i].service->name, methods[i].name);
    }
}

static const ProtobufCMethodDescriptor *find(enum cix_method method)
{
    CHECK((int)method >= 0 && method < CIX_METHOD_COUNT);
    pthread_once(&once, look_up);
    return found[method];
}

const char *cix_method_path(enum cix_method method)
{
    find(method);
    return paths[method];
}

const ProtobufCMessageDescriptor *cix_method_request(enum cix_method method)
{
    return find(method)->input;
}

const ProtobufCMessageDescriptor *cix_method_response(enum cix_method method)
{
    return find(method)->output;
}
