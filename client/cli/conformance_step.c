/*
 * The steps of cix conformance: what takes several messages. Streams are spoken raw, because
 * libcix itself never sends what a step wants to see refused.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/conformance.h"
#include "client.h"
#include "error.h"
#include "message.h"

enum { WAIT_MS = 30000, SAME_AGAIN = 2 };

/* One stream of SubmissionService. */
struct talk {
    struct conformance *run;
    struct cix_stream *stream;
    struct cix_error error; /* when it ended */
};

/* ---- One message and its answer ---- */

static void talk_begin(struct talk *talk, struct conformance *run)
{
    *talk = (struct talk){.run = run,
                          .stream = cix_stream_new(run->online->client->channel, CIX_SUBMIT)};
}

static void talk_end(struct talk *talk)
{
    cix_stream_free(talk->stream);
}

/* The answer, for cix_free; NULL with the error when the stream ended. */
static Cix__V1__SubmitResponse *say(struct talk *talk, Cix__V1__SubmitRequest *request)
{
    size_t size = cix__v1__submit_request__get_packed_size(request);
    uint8_t *data = arena_alloc(&talk->run->online->arena, size + 1);
    struct cix_reply reply;
    struct bytes answer;
    void *response = NULL;

    cix__v1__submit_request__pack(request, data);
    if (cix_stream_send(talk->stream, (struct bytes){.data = data, .size = size}, WAIT_MS) &&
        cix_stream_receive(talk->stream, &answer, WAIT_MS)) {
        if (!cix_unpack(CIX_SUBMIT, answer, &response, &talk->error))
            response = NULL;
        free((void *)answer.data);
        return response;
    }
    cix_stream_status(talk->stream, &talk->run->online->arena, &reply);
    cix_error_receive(&talk->error, reply.status, reply.message, reply.details);
    return NULL;
}

static Cix__V1__SubmitResponse *say_open(struct talk *talk, const char *id,
                                         Cix__V1__SubmissionMode mode)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__OpenSubmission open = CIX__V1__OPEN_SUBMISSION__INIT;

    open.submission_id = (char *)id;
    open.mode = mode;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_OPEN;
    request.open = &open;
    return say(talk, &request);
}

static Cix__V1__SubmitResponse *say_chunk(struct talk *talk, int32_t number,
                                          Cix__V1__Record **records, size_t count)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;

    chunk.number = number;
    chunk.records = records;
    chunk.n_records = count;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_CHUNK;
    request.chunk = &chunk;
    return say(talk, &request);
}

static Cix__V1__SubmitResponse *say_commit(struct talk *talk, int32_t chunks)
{
    Cix__V1__SubmitRequest request = CIX__V1__SUBMIT_REQUEST__INIT;
    Cix__V1__CommitSubmission commit = CIX__V1__COMMIT_SUBMISSION__INIT;

    commit.chunk_count = chunks;
    request.step_case = CIX__V1__SUBMIT_REQUEST__STEP_COMMIT;
    request.commit = &commit;
    return say(talk, &request);
}

/* What came, in words: "answered", or the reason and rule of the refusal. */
static const char *words_of(struct conformance *run, const struct cix_error *error)
{
    const char *rule = cix_error_fact(error, "rule");

    return arena_format(&run->online->arena, "refused %d %s%s%s", (int)error->status, error->reason,
                        rule ? " " : "", rule ? rule : "");
}

static const char *fate_of(struct talk *talk, const Cix__V1__SubmitResponse *response)
{
    return response ? "answered" : words_of(talk->run, &talk->error);
}

/* ---- Records ---- */

static bool may_try(const struct conformance *run, const struct golden_record *row)
{
    uint32_t roles = 0, classes = 0;

    for (size_t i = 0; i < run->member->n_roles; i++)
        roles |= 1U << (run->member->roles[i] - 1);
    for (size_t i = 0; i < run->member->n_data_classes; i++)
        classes |= 1U << (run->member->data_classes[i] - 1);
    return golden_may_try(row, roles, classes, *run->other_code != '\0');
}

/* The rows that the member may try, as records. */
static size_t gather(struct conformance *run, Cix__V1__Record **records,
                     const struct golden_record **rows)
{
    size_t count = 0;

    for (size_t i = 0; i < golden_record_count; i++) {
        if (!may_try(run, &golden_records[i]))
            continue;
        rows[count] = &golden_records[i];
        records[count++] = conformance_record(run, golden_records[i].json);
    }
    return count;
}

/* "taken", or the rule that refused the record: the one expected, when it is among them. */
static const char *verdict_on(const Cix__V1__ChunkResult *result, size_t index,
                              const struct golden_record *row)
{
    const char *found = "taken";

    for (size_t i = 0; i < result->n_verdicts; i++) {
        const Cix__V1__Verdict *verdict = result->verdicts[i];
        if (verdict->index != (int32_t)index ||
            verdict->severity == CIX__V1__SEVERITY__SEVERITY_WARNING)
            continue;
        found = verdict->rule;
        if (row->rule && !strcmp(row->rule, found))
            return found;
    }
    return found;
}

static void tell_verdicts(struct conformance *run, const Cix__V1__ChunkResult *result,
                          const struct golden_record **rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        conformance_tell(run, rows[i]->name, rows[i]->rule ? rows[i]->rule : "taken",
                         arena_string(&run->online->arena, verdict_on(result, i, rows[i])));
}

static void tell_replay(struct conformance *run, const Cix__V1__SubmitResponse *first,
                        const Cix__V1__SubmitResponse *again)
{
    bool is_same = again && again->chunk && again->chunk->is_replay &&
                   again->chunk->accepted == first->chunk->accepted &&
                   again->chunk->rejected == first->chunk->rejected;

    conformance_tell(run, "chunk.replay", "the same answer",
                     is_same ? "the same answer" : "another");
}

/* Another stream that opens the same id: where it stands, and what a wrong chunk gets. */
static void run_resume(struct conformance *run, Cix__V1__Record **records, size_t count)
{
    struct talk talk;

    talk_begin(&talk, run);
    Cix__V1__SubmitResponse *opened =
        say_open(&talk, run->submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    bool is_next = opened && opened->opened && opened->opened->next_chunk == 2;
    conformance_tell(run, "submission.resume", "chunk 2 is next",
                     is_next ? "chunk 2 is next" : fate_of(&talk, opened));
    Cix__V1__SubmitResponse *gap = opened ? say_chunk(&talk, 4, records, count) : NULL;
    conformance_tell(run, "chunk.gap", "refused 9 CHUNK_GAP", fate_of(&talk, gap));
    cix_free(opened);
    cix_free(gap);
    talk_end(&talk);
    talk_begin(&talk, run);
    opened = say_open(&talk, run->submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    Cix__V1__SubmitResponse *other = opened ? say_chunk(&talk, 1, records, count - 1) : NULL;
    conformance_tell(run, "chunk.other-content", "refused 6 CHUNK_CONFLICT", fate_of(&talk, other));
    cix_free(opened);
    cix_free(other);
    talk_end(&talk);
}

static void run_commits(struct conformance *run)
{
    for (int i = 0; i < SAME_AGAIN; i++) {
        struct talk talk;
        talk_begin(&talk, run);
        Cix__V1__SubmitResponse *opened =
            say_open(&talk, run->submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
        Cix__V1__SubmitResponse *done = opened ? say_commit(&talk, 1) : NULL;
        conformance_tell(run, i ? "submission.commit-again" : "submission.commit", "answered",
                         fate_of(&talk, done));
        cix_free(opened);
        cix_free(done);
        talk_end(&talk);
    }
}

static void run_records(struct conformance *run)
{
    struct arena *arena = &run->online->arena;
    Cix__V1__Record **records = arena_array(arena, golden_record_count, sizeof(*records));
    const struct golden_record **rows = arena_array(arena, golden_record_count, sizeof(*rows));
    size_t count = gather(run, records, rows);
    struct talk talk;

    run->record_count = (int)count;
    if (!count)
        return;
    talk_begin(&talk, run);
    Cix__V1__SubmitResponse *opened =
        say_open(&talk, run->submission_id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    conformance_tell(run, "submission.open", "answered", fate_of(&talk, opened));
    Cix__V1__SubmitResponse *first = opened ? say_chunk(&talk, 1, records, count) : NULL;
    if (first && first->chunk) {
        tell_verdicts(run, first->chunk, rows, count);
        Cix__V1__SubmitResponse *again = say_chunk(&talk, 1, records, count);
        tell_replay(run, first, again);
        cix_free(again);
        run_resume(run, records, count);
        run_commits(run);
    } else {
        conformance_tell(run, "chunk.taken", "answered", fate_of(&talk, first));
    }
    cix_free(opened);
    cix_free(first);
    talk_end(&talk);
}

/* ---- Whole files ---- */

/* Mode FILE: one record, committed; what the commit says. */
static void run_file(struct conformance *run, const char *name, const char *json,
                     const char *expected)
{
    const char *id = conformance_fill(run, "@UUID@");
    Cix__V1__Record *record = conformance_record(run, json);
    struct talk talk;

    talk_begin(&talk, run);
    Cix__V1__SubmitResponse *opened =
        say_open(&talk, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE);
    Cix__V1__SubmitResponse *chunk = opened ? say_chunk(&talk, 1, &record, 1) : NULL;
    Cix__V1__SubmitResponse *done = chunk ? say_commit(&talk, 1) : NULL;
    conformance_tell(run, name, expected, fate_of(&talk, done));
    cix_free(opened);
    cix_free(chunk);
    cix_free(done);
    talk_end(&talk);
}

static void run_files(struct conformance *run)
{
    run_file(run, "file.taken",
             "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"@NAME1@\",\"identifiers\":[{\"type\":"
             "\"RESIDENT_ID\",\"value\":\"@ID1@\"}]}}",
             "answered");
    run_file(run, "file.period-in-the-future",
             "{\"performance\":{\"accountNo\":\"@RUN@-1\",\"period\":209912,\"accountStatus\":1,"
             "\"repayStatus\":\"N\",\"balance\":\"1\"}}",
             "refused 9 FILE_REFUSED");
}

/* ---- Questions ---- */

static void run_report(struct conformance *run, const char *name, int person, const char *called,
                       const char *expected)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__GetReportResponse *response;
    struct cix_error error;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = run->persons[person].number;
    inquiry.identifier = &identifier;
    inquiry.name = (char *)called;
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    inquiry.operator_id = (char *)"conformance";
    request.inquiry = &inquiry;
    if (!cix_get_report(run->online->client, &request, &response, &error)) {
        conformance_tell(run, name, expected, words_of(run, &error));
        return;
    }
    const Cix__V1__Report *report = response->report;
    conformance_tell(
        run, name, expected,
        report->outcome != CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND
            ? "no file"
            : arena_format(&run->online->arena, "found, %zu accounts", report->n_accounts));
    cix_free(response);
}

static void run_reports(struct conformance *run)
{
    bool is_contributor = conformance_has_role(run, CIX__V1__ROLE__ROLE_CONTRIBUTOR);

    run_report(run, "report.without-consent", 1, run->persons[1].name,
               "refused 7 INQUIRY_REFUSED I002");
    if (!is_contributor)
        return;
    run_report(run, "report.with-consent", 0, run->persons[0].name, "found, 1 accounts");
    run_report(run, "report.unknown-name", 0, "无此人", "no file");
}

static void run_flags(struct conformance *run)
{
    Cix__V1__CheckFlagRequest request = CIX__V1__CHECK_FLAG_REQUEST__INIT;
    Cix__V1__FlagInquiry inquiry = CIX__V1__FLAG_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__CheckFlagResponse *response;
    struct cix_error error;

    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = run->persons[0].number;
    inquiry.identifier = &identifier;
    inquiry.name = run->persons[0].name;
    inquiry.operator_id = (char *)"conformance";
    request.inquiry = &inquiry;
    if (!cix_check_flag(run->online->client, &request, &response, &error)) {
        conformance_tell(run, "flag.not-listed", "not listed", words_of(run, &error));
        return;
    }
    conformance_tell(run, "flag.not-listed", "not listed",
                     response->answer && response->answer->is_listed ? "listed" : "not listed");
    cix_free(response);
}

const struct conformance_step conformance_steps[] = {
    {"records", CIX__V1__ROLE__ROLE_UNSPECIFIED, run_records},
    {"files", CIX__V1__ROLE__ROLE_CONTRIBUTOR, run_files},
    {"reports", CIX__V1__ROLE__ROLE_LENDER, run_reports},
    {"flags", CIX__V1__ROLE__ROLE_LENDER, run_flags},
};

const size_t conformance_step_count = ARRAY_LENGTH(conformance_steps);
