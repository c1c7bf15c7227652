/*
 * libcix: the C client of the credit-information exchange.
 *
 * One client is one member's identity at one exchange. It may be used by any number of threads.
 * Requests and responses are the generated messages of cix/v1; a response belongs to the caller,
 * who frees it with cix_free. Calls are repeated under the same ids while the exchange is away, so
 * that a call that succeeds has happened once; what may not be repeated without harm is not
 * repeated. Certificates and key are read again when their files change.
 *
 *     struct cix_options options = {.address = "exchange:7443", .ca = "ca.pem", .cert = "me.pem",
 *                                   .key = "me.key"};
 *     struct cix_client *client;
 *     struct cix_error error;
 *     if (!cix_open(&options, &client, &error))
 *         return complain(error.message);
 *
 * Every function that can fail answers bool and writes the error only when it answers false;
 * results are written only when it answers true. An error of the exchange keeps the code, the
 * reason and the fields that the exchange gave; compare error.reason, show error.message.
 *
 * Nothing here prints, reads the environment or keeps personal data after a call. For C and C++.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cix/v1/correction.pb-c.h"
#include "cix/v1/flag.pb-c.h"
#include "cix/v1/member.pb-c.h"
#include "cix/v1/quality.pb-c.h"
#include "cix/v1/quarantine.pb-c.h"
#include "cix/v1/rating.pb-c.h"
#include "cix/v1/report.pb-c.h"
#include "cix/v1/standard.pb-c.h"
#include "cix/v1/statistic.pb-c.h"
#include "cix/v1/supervision.pb-c.h"
#include "cix/v1/submission.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ---- */

/* Numbers of gRPC's status codes, as in struct cix_error. */
enum cix_status {
    CIX_OK = 0,
    CIX_CANCELLED = 1,
    CIX_UNKNOWN = 2,
    CIX_INVALID_ARGUMENT = 3,
    CIX_DEADLINE_EXCEEDED = 4,
    CIX_NOT_FOUND = 5,
    CIX_ALREADY_EXISTS = 6,
    CIX_PERMISSION_DENIED = 7,
    CIX_RESOURCE_EXHAUSTED = 8,
    CIX_FAILED_PRECONDITION = 9,
    CIX_ABORTED = 10,
    CIX_OUT_OF_RANGE = 11,
    CIX_UNIMPLEMENTED = 12,
    CIX_INTERNAL = 13,
    CIX_UNAVAILABLE = 14,
    CIX_DATA_LOSS = 15,
    CIX_UNAUTHENTICATED = 16,
};

enum { CIX_ERROR_FIELD_MAX = 8, CIX_ERROR_FACT_MAX = 8 };

/* A wrong field of the request: its path and what was expected. */
struct cix_error_field {
    char field[96];
    char description[160];
};

/* A fact for machines, e.g. rule = I002, or the request_id to quote to the exchange. */
struct cix_error_fact {
    char name[48];
    char value[128];
};

/*
 * Why something failed. Holds its own memory; longer texts are cut. is_local: the failure was found
 * on this side and reason is one of the library's own: OPTIONS_INVALID  FILE_UNREADABLE
 * CERTIFICATE_INVALID  UNREACHABLE  RESPONSE_INVALID  CHUNK_ORDER
 */
struct cix_error {
    enum cix_status status;
    bool is_local;
    char reason[64]; /* stable UPPER_SNAKE word; "" when the peer gave none */
    char message[512];
    int64_t retry_after_ms; /* > 0: the exchange asks to wait so long */
    int field_count;
    struct cix_error_field fields[CIX_ERROR_FIELD_MAX];
    int fact_count;
    struct cix_error_fact facts[CIX_ERROR_FACT_MAX];
};

/* The value of a fact, or NULL. */
const char *cix_error_fact(const struct cix_error *error, const char *name);

/* ---- Clients ---- */

/* How to reach the exchange. Zero means the default. Texts are copied. */
struct cix_options {
    const char *address;     /* "host:port"; needed */
    const char *ca;          /* PEM file: the authority of the exchange's certificate; needed */
    const char *cert;        /* PEM file: own certificate, chain behind it; needed */
    const char *key;         /* PEM file: its key; needed */
    const char *server_name; /* name in the exchange's certificate; default: the host of address */
    int deadline_ms;         /* of one unary call, repeats included; default 30,000 */
    int repeat_max;          /* repeats of one call; default 6, -1 for none */
    int threads;             /* that run the callbacks of cix_call_begin; default 1, at most 16 */
};

struct cix_client;

/*
 * Makes a client. Reads the files and checks that certificate and key belong together; does not
 * connect yet. Errors: OPTIONS_INVALID, FILE_UNREADABLE, CERTIFICATE_INVALID.
 */
bool cix_open(const struct cix_options *options, struct cix_client **client,
              struct cix_error *error);

/* Waits for the callbacks of all calls that were begun, then releases the client. Accepts NULL. */
void cix_close(struct cix_client *client);

/* Frees a response that this library handed out. Accepts NULL. */
void cix_free(void *response);

/* ---- Unary calls ---- */

/* Errors are those of the proto files. All of them may be repeated, and are. */
bool cix_get_report(struct cix_client *client, const Cix__V1__GetReportRequest *request,
                    Cix__V1__GetReportResponse **response, struct cix_error *error);
bool cix_get_rating(struct cix_client *client, const Cix__V1__GetRatingRequest *request,
                    Cix__V1__GetRatingResponse **response, struct cix_error *error);
bool cix_list_ratings(struct cix_client *client, const Cix__V1__ListRatingsRequest *request,
                      Cix__V1__ListRatingsResponse **response, struct cix_error *error);
bool cix_check_flag(struct cix_client *client, const Cix__V1__CheckFlagRequest *request,
                    Cix__V1__CheckFlagResponse **response, struct cix_error *error);
bool cix_remove_flag(struct cix_client *client, const Cix__V1__RemoveFlagRequest *request,
                     Cix__V1__RemoveFlagResponse **response, struct cix_error *error);
bool cix_get_statistic(struct cix_client *client, const Cix__V1__GetStatisticRequest *request,
                       Cix__V1__GetStatisticResponse **response, struct cix_error *error);
bool cix_get_member(struct cix_client *client, Cix__V1__GetMemberResponse **response,
                    struct cix_error *error);
bool cix_list_members(struct cix_client *client, const Cix__V1__ListMembersRequest *request,
                      Cix__V1__ListMembersResponse **response, struct cix_error *error);
bool cix_platform_exposure(struct cix_client *client,
                           const Cix__V1__PlatformExposureRequest *request,
                           Cix__V1__PlatformExposureResponse **response, struct cix_error *error);
bool cix_list_findings(struct cix_client *client, const Cix__V1__ListFindingsRequest *request,
                       Cix__V1__ListFindingsResponse **response, struct cix_error *error);
bool cix_get_grade_calibration(struct cix_client *client,
                               const Cix__V1__GetGradeCalibrationRequest *request,
                               Cix__V1__GetGradeCalibrationResponse **response,
                               struct cix_error *error);
bool cix_list_codes(struct cix_client *client, const Cix__V1__ListCodesRequest *request,
                    Cix__V1__ListCodesResponse **response, struct cix_error *error);
/* Errors: also NOT_A_TEST_EXCHANGE and CASES_UNSEEN. */
bool cix_attest_conformance(struct cix_client *client,
                            const Cix__V1__AttestConformanceRequest *request,
                            Cix__V1__AttestConformanceResponse **response, struct cix_error *error);
bool cix_get_submission(struct cix_client *client, const Cix__V1__GetSubmissionRequest *request,
                        Cix__V1__GetSubmissionResponse **response, struct cix_error *error);
bool cix_add_annotation(struct cix_client *client, const Cix__V1__AddAnnotationRequest *request,
                        Cix__V1__AddAnnotationResponse **response, struct cix_error *error);
bool cix_end_annotation(struct cix_client *client, const Cix__V1__EndAnnotationRequest *request,
                        Cix__V1__EndAnnotationResponse **response, struct cix_error *error);
bool cix_list_annotations(struct cix_client *client, const Cix__V1__ListAnnotationsRequest *request,
                          Cix__V1__ListAnnotationsResponse **response, struct cix_error *error);
bool cix_set_protection(struct cix_client *client, const Cix__V1__SetProtectionRequest *request,
                        Cix__V1__SetProtectionResponse **response, struct cix_error *error);
bool cix_end_protection(struct cix_client *client, const Cix__V1__EndProtectionRequest *request,
                        Cix__V1__EndProtectionResponse **response, struct cix_error *error);
/* Does as much as a few seconds allow: repeat it until the phase is DONE. */
bool cix_back_out_submission(struct cix_client *client,
                             const Cix__V1__BackOutSubmissionRequest *request,
                             Cix__V1__BackOutSubmissionResponse **response,
                             struct cix_error *error);
bool cix_get_history(struct cix_client *client, const Cix__V1__GetHistoryRequest *request,
                     Cix__V1__GetHistoryResponse **response, struct cix_error *error);

bool cix_list_standards(struct cix_client *client, const Cix__V1__ListStandardsRequest *request,
                        Cix__V1__ListStandardsResponse **response, struct cix_error *error);
bool cix_get_standard(struct cix_client *client, const Cix__V1__GetStandardRequest *request,
                      Cix__V1__GetStandardResponse **response, struct cix_error *error);
bool cix_load_standard(struct cix_client *client, const Cix__V1__LoadStandardRequest *request,
                       Cix__V1__LoadStandardResponse **response, struct cix_error *error);
bool cix_publish_standard(struct cix_client *client, const Cix__V1__PublishStandardRequest *request,
                          Cix__V1__PublishStandardResponse **response, struct cix_error *error);
bool cix_retire_standard(struct cix_client *client, const Cix__V1__RetireStandardRequest *request,
                         Cix__V1__RetireStandardResponse **response, struct cix_error *error);

bool cix_get_quality(struct cix_client *client, const Cix__V1__GetQualityRequest *request,
                     Cix__V1__GetQualityResponse **response, struct cix_error *error);
bool cix_list_quarantine(struct cix_client *client, const Cix__V1__ListQuarantineRequest *request,
                         Cix__V1__ListQuarantineResponse **response, struct cix_error *error);
bool cix_review_quarantine(struct cix_client *client,
                           const Cix__V1__ReviewQuarantineRequest *request,
                           Cix__V1__ReviewQuarantineResponse **response, struct cix_error *error);

/* ---- Many calls at once ---- */

/* The methods, for cix_call and cix_call_begin. */
enum cix_method {
    CIX_GET_REPORT,
    CIX_BATCH_GET_REPORTS,
    CIX_GET_RATING,
    CIX_BATCH_GET_RATINGS,
    CIX_LIST_RATINGS,
    CIX_CHECK_FLAG,
    CIX_BATCH_CHECK_FLAGS,
    CIX_REMOVE_FLAG,
    CIX_GET_STATISTIC,
    CIX_PLATFORM_EXPOSURE,
    CIX_LIST_FINDINGS,
    CIX_GET_MEMBER,
    CIX_LIST_MEMBERS,
    CIX_LIST_CODES,
    CIX_ATTEST_CONFORMANCE,
    CIX_SUBMIT,
    CIX_GET_SUBMISSION,
    CIX_ADD_ANNOTATION,
    CIX_END_ANNOTATION,
    CIX_LIST_ANNOTATIONS,
    CIX_SET_PROTECTION,
    CIX_END_PROTECTION,
    CIX_LIST_QUARANTINE,
    CIX_REVIEW_QUARANTINE,
    CIX_BACK_OUT_SUBMISSION,
    CIX_GET_HISTORY,
    CIX_LIST_STANDARDS,
    CIX_GET_STANDARD,
    CIX_LOAD_STANDARD,
    CIX_PUBLISH_STANDARD,
    CIX_RETIRE_STANDARD,
    CIX_GET_QUALITY,
    CIX_GET_GRADE_CALIBRATION,
    CIX_METHOD_COUNT,
};

/* Any unary method, messages untyped. The response is freed with cix_free. */
bool cix_call(struct cix_client *client, enum cix_method method, const void *request,
              void **response, struct cix_error *error);

/* What came back. Valid until the callback returns. */
struct cix_answer {
    enum cix_status status;
    const uint8_t *data; /* the packed response, when status is CIX_OK */
    size_t size;
    void *inside; /* the library's own */
};

/* Runs on a thread of the client; must not block. May begin further calls. */
typedef void cix_answered(void *user, const struct cix_answer *answer);

/*
 * Begins a unary call and returns at once; answered runs exactly once. deadline_ms 0: the client's.
 * Nothing is repeated here: an answer other than CIX_OK is the caller's to judge. Thread-safe.
 */
void cix_call_begin(struct cix_client *client, enum cix_method method, const void *request,
                    int deadline_ms, cix_answered *answered, void *user);

/* The response of an answer, unpacked; NULL when it is none. Freed when the callback returns. */
const void *cix_answer_response(const struct cix_answer *answer, enum cix_method method);

/* The error of an answer whose status is not CIX_OK. */
void cix_answer_error(const struct cix_answer *answer, struct cix_error *error);

/* ---- Submissions ---- */

/* Called in the order of the chunks, inside cix_submission_send and cix_submission_commit. */
typedef void cix_chunk_answered(void *user, const Cix__V1__ChunkResult *result);

/* Called inside cix_submission_commit of mode FILE, about once a second. */
typedef void cix_commit_progressed(void *user, const Cix__V1__SubmissionProgress *progress);

struct cix_submission_options {
    const char *submission_id; /* UUID; store it before this call, to go on after a crash */
    Cix__V1__SubmissionMode mode;
    int32_t period;          /* YYYYMM or 0 */
    const char *member_code; /* own code, to have it compared; NULL: not sent */
    int window;              /* chunks sent and not yet answered; default 4, at most 16 */
    int patience_ms;         /* without any answer, through reconnections; default 60,000 */
    cix_chunk_answered *answered;
    const Cix__V1__Declaration *declaration; /* of the whole file, or NULL; must live as long */
    const char *explanation;                 /* why the file is right all the same, or NULL */
    bool accepts_held;                       /* commit a file that F006 holds; needs explanation */
    cix_commit_progressed *progressed;       /* or NULL */
    void *user;
};

struct cix_submission;

/*
 * Opens a submission, or goes on with one of the same id. One thread at a time may use it. A lost
 * connection is made again, and chunks without an answer are sent again under their numbers, until
 * patience_ms have passed without an answer.
 */
bool cix_submission_open(struct cix_client *client, const struct cix_submission_options *options,
                         struct cix_submission **submission, struct cix_error *error);

/* The chunk that the exchange expects first; 1 for a new submission. */
int32_t cix_submission_next(const struct cix_submission *submission);

/* True when the exchange has already closed it; only cix_submission_commit is of use then. */
bool cix_submission_is_committed(const struct cix_submission *submission);

/*
 * Sends one chunk: at most 1,000 records and 1 MiB. Its number is one more than the one before; the
 * first may be 1 or cix_submission_next. Waits while the window is full. Error of its own:
 * CHUNK_ORDER.
 */
bool cix_submission_send(struct cix_submission *submission, const Cix__V1__Chunk *chunk,
                         struct cix_error *error);

/*
 * Waits for all answers, closes the submission and waits for that answer; freed with cix_free. When
 * the exchange has the same file already, it is that file's answer and earlier_submission_id is
 * set.
 */
bool cix_submission_commit(struct cix_submission *submission,
                           Cix__V1__SubmissionCommitted **committed, struct cix_error *error);

/* Releases it, sent or not. A submission that was not committed stays open. Accepts NULL. */
void cix_submission_close(struct cix_submission *submission);

/* ---- Batch streams ---- */

struct cix_batch;

/*
 * Opens CIX_BATCH_GET_REPORTS, CIX_BATCH_GET_RATINGS or CIX_BATCH_CHECK_FLAGS. One thread at a time
 * may use it. A broken stream is not repeated: what has no answer yet may be asked again on a new
 * one.
 */
bool cix_batch_open(struct cix_client *client, enum cix_method method, struct cix_batch **batch,
                    struct cix_error *error);

/* Sends one request. Answers come in the order of the requests; keep at most 16 outstanding. */
bool cix_batch_send(struct cix_batch *batch, const void *request, struct cix_error *error);

/* Waits for the next response; freed with cix_free. */
bool cix_batch_receive(struct cix_batch *batch, void **response, struct cix_error *error);

/* Releases it, also in the middle. Accepts NULL. */
void cix_batch_close(struct cix_batch *batch);

/* ---- JSON ---- */

/* Any message after the proto3 JSON mapping, indented; freed with free(). */
char *cix_to_json(const void *message);

#ifdef __cplusplus
}
#endif
