/*
 * How a member's own program uses libcix: submits a consent and a subject, then reads the report.
 *
 *     example ADDRESS CA.pem CERT.pem KEY.pem ID-NUMBER NAME
 *
 * Build it against an installed libcix with pkg-config
 *
 *     cc example.c $(pkg-config --cflags --libs cix) -o example
 *
 * or with the CMakeLists.txt beside it. The exit code is 0 when the report was found.
 */
#include <cix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHA256_SIZE = 32, UUID_ROOM = 37, DAYS_VALID = 30 };

/* A submission and a consent have a UUID that the member makes and stores before it is sent. */
static int make_uuid(char text[UUID_ROOM])
{
    FILE *file = fopen("/proc/sys/kernel/random/uuid", "r");
    size_t size = file ? fread(text, 1, UUID_ROOM - 1, file) : 0;

    if (file)
        fclose(file);
    text[size] = '\0';
    return size == UUID_ROOM - 1;
}

/* A day as the exchange writes it, 20260131. */
static int32_t day_from_now(int days)
{
    time_t at = time(NULL) + (time_t)days * 86400;
    struct tm tm;

    gmtime_r(&at, &tm);
    return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

static int complain(const char *what, const struct cix_error *error)
{
    fprintf(stderr, "%s: %s (%s)\n", what, error->message, error->reason);
    return 0;
}

/* A record that was not taken comes back with the rule that refused it. */
static void tell_chunk(void *user, const Cix__V1__ChunkResult *result)
{
    (void)user;
    for (size_t i = 0; i < result->n_verdicts; i++)
        fprintf(stderr, "record %d: rule %s\n", result->verdicts[i]->index,
                result->verdicts[i]->rule);
}

static int submit(struct cix_client *client, Cix__V1__Record **records, size_t count)
{
    struct cix_submission_options options = {
        .mode = CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY, .answered = tell_chunk};
    char id[UUID_ROOM];
    struct cix_submission *submission;
    struct cix_error error;
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmissionCommitted *totals;

    if (!make_uuid(id)) /* a real program stores it now, to go on with it after a crash */
        return 0;
    options.submission_id = id;
    chunk.number = 1;
    chunk.records = records;
    chunk.n_records = count;
    if (!cix_submission_open(client, &options, &submission, &error))
        return complain("open", &error);
    if (!cix_submission_send(submission, &chunk, &error) ||
        !cix_submission_commit(submission, &totals, &error)) {
        cix_submission_close(submission);
        return complain("submit", &error);
    }
    printf("accepted %lld, rejected %lld\n", (long long)totals->accepted,
           (long long)totals->rejected);
    int is_taken = totals->accepted == (int64_t)count;
    cix_free(totals);
    cix_submission_close(submission);
    return is_taken;
}

/* Who it is about: identifier and name, as in every question to the exchange. */
static int submit_subject(struct cix_client *client, Cix__V1__Identifier *identifier, char *name,
                          char *consent_id)
{
    uint8_t document[SHA256_SIZE] = {1}; /* hash of the signed paper, which the member keeps */
    Cix__V1__Purpose purposes[] = {CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL};
    Cix__V1__Consent consent = CIX__V1__CONSENT__INIT;
    Cix__V1__Subject subject = CIX__V1__SUBJECT__INIT;
    Cix__V1__Record first = CIX__V1__RECORD__INIT, second = CIX__V1__RECORD__INIT;
    Cix__V1__Record *records[] = {&first, &second};
    Cix__V1__DataClass classes[] = {CIX__V1__DATA_CLASS__DATA_CLASS_BASIC,
                                    CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT};

    consent.consent_id = consent_id;
    consent.identifier = identifier;
    consent.purposes = purposes;
    consent.n_purposes = 1;
    consent.data_classes = classes;
    consent.n_data_classes = 2;
    consent.form = CIX__V1__CONSENT_FORM__CONSENT_FORM_E_SIGNATURE;
    consent.signed_on = day_from_now(-1);
    consent.effective_on = consent.signed_on;
    consent.expires_on = day_from_now(DAYS_VALID);
    consent.document_hash.data = document;
    consent.document_hash.len = sizeof(document);
    first.record_case = CIX__V1__RECORD__RECORD_CONSENT;
    first.consent = &consent;
    subject.kind = CIX__V1__SUBJECT_KIND__SUBJECT_KIND_PERSON;
    subject.name = name;
    subject.identifiers = &identifier;
    subject.n_identifiers = 1;
    second.record_case = CIX__V1__RECORD__RECORD_SUBJECT;
    second.subject = &subject;
    return submit(client, records, 2);
}

static int read_report(struct cix_client *client, Cix__V1__Identifier *identifier, char *name,
                       char *consent_id)
{
    char operator_id[] = "example";
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    inquiry.identifier = identifier;
    inquiry.name = name;
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    inquiry.consent_id = consent_id;
    inquiry.operator_id = operator_id;
    request.inquiry = &inquiry;
    if (!cix_get_report(client, &request, &response, &error))
        return complain("report", &error);
    int is_found = response->report->outcome == CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND;
    printf("report: %s, %zu accounts\n", is_found ? "found" : "no file",
           response->report->n_accounts);
    cix_free(response);
    return is_found;
}

int main(int argc, char **argv)
{
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    struct cix_options options = {0};
    struct cix_client *client;
    struct cix_error error;
    char consent_id[UUID_ROOM];

    if (argc != 7) {
        fprintf(stderr, "usage: example ADDRESS CA.pem CERT.pem KEY.pem ID-NUMBER NAME\n");
        return 2;
    }
    options.address = argv[1];
    options.ca = argv[2];
    options.cert = argv[3];
    options.key = argv[4];
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = argv[5];
    if (!make_uuid(consent_id))
        return 1;
    if (!cix_open(&options, &client, &error))
        return !complain("client", &error);
    int is_done = submit_subject(client, &identifier, argv[6], consent_id) &&
                  read_report(client, &identifier, argv[6], consent_id);
    cix_close(client);
    return is_done ? 0 : 1;
}
