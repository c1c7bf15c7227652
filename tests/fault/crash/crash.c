/*
 * Goal: no crash loses or doubles what was acknowledged.
 * Method: clients submit and inquire without a pause and journal every intent and answer, while
 * cixd and PostgreSQL are killed (SIGKILL) at random moments and come back. At the end the checker
 * compares. The checker itself is proven by planted errors first.
 *
 * usage: fault_crash [--cycles N] [--seed N]
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "fault/crash/checker.h"
#include "fault/crash/journal.h"
#include "support/exchange.h"
#include "support/person.h"

enum { WRITERS = 2, READERS = 1, CHUNKS = 4, PERSONS = 10, RECORDS = 4 * PERSONS };

static struct exchange exchange;
static struct journal *journal;
static atomic_bool is_over;
static atomic_llong next_person;
static atomic_llong acknowledged;

struct writer {
    pthread_t thread;
    struct uuid submission_id;
};

static void answered(void *user, const Cix__V1__ChunkResult *result)
{
    struct writer *writer = user;

    journal_answer(journal, &writer->submission_id, result->number, result->accepted);
    acknowledged += result->accepted;
}

/* Four records a person: subject, consent, account, one month. They live as long as the chunk. */
static void put_person(struct arena *arena, int64_t k, Cix__V1__Chunk *chunk)
{
    static Cix__V1__Purpose purposes[] = {CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL};
    static Cix__V1__DataClass classes[] = {CIX__V1__DATA_CLASS__DATA_CLASS_BASIC,
                                           CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT};
    static uint8_t hash[32] = {7};
    struct {
        struct person person;
        char account_no[32];
        char consent_id[37];
        Cix__V1__Identifier identifier;
        Cix__V1__Identifier *identifiers[1];
        Cix__V1__Subject subject;
        Cix__V1__Consent consent;
        Cix__V1__Account account;
        Cix__V1__Performance month;
        Cix__V1__Record records[4];
    } *all = arena_alloc(arena, sizeof(*all));

    person_make(k, &all->person);
    person_account(k, 0, all->account_no);
    person_uuid("crash", k, all->consent_id);
    cix__v1__identifier__init(&all->identifier);
    all->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    all->identifier.value = all->person.number;
    all->identifiers[0] = &all->identifier;
    cix__v1__subject__init(&all->subject);
    all->subject.kind = CIX__V1__SUBJECT_KIND__SUBJECT_KIND_PERSON;
    all->subject.name = all->person.name;
    all->subject.identifiers = all->identifiers;
    all->subject.n_identifiers = 1;
    cix__v1__consent__init(&all->consent);
    all->consent.consent_id = all->consent_id;
    all->consent.identifier = &all->identifier;
    all->consent.purposes = purposes;
    all->consent.n_purposes = 1;
    all->consent.data_classes = classes;
    all->consent.n_data_classes = 2;
    all->consent.form = CIX__V1__CONSENT_FORM__CONSENT_FORM_WRITTEN;
    all->consent.signed_on = all->consent.effective_on = 20260101;
    all->consent.expires_on = 20301231;
    all->consent.document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    cix__v1__account__init(&all->account);
    all->account.account_no = all->account_no;
    all->account.identifier = &all->identifier;
    all->account.type = CIX__V1__ACCOUNT_TYPE__ACCOUNT_TYPE_R2;
    all->account.business_type = "81";
    all->account.currency = "CNY";
    all->account.credit_limit_presence_case = CIX__V1__ACCOUNT__CREDIT_LIMIT_PRESENCE_CREDIT_LIMIT;
    all->account.credit_limit = 1000000;
    all->account.opened_on = 20200101;
    cix__v1__performance__init(&all->month);
    all->month.account_no = all->account_no;
    all->month.period = 202610;
    all->month.repay_status = "N";
    all->month.balance_presence_case = CIX__V1__PERFORMANCE__BALANCE_PRESENCE_BALANCE;
    all->month.balance = 1000 + k;
    for (int i = 0; i < 4; i++) {
        cix__v1__record__init(&all->records[i]);
        chunk->records[chunk->n_records++] = &all->records[i];
    }
    all->records[0].record_case = CIX__V1__RECORD__RECORD_SUBJECT;
    all->records[0].subject = &all->subject;
    all->records[1].record_case = CIX__V1__RECORD__RECORD_CONSENT;
    all->records[1].consent = &all->consent;
    all->records[2].record_case = CIX__V1__RECORD__RECORD_ACCOUNT;
    all->records[2].account = &all->account;
    all->records[3].record_case = CIX__V1__RECORD__RECORD_PERFORMANCE;
    all->records[3].performance = &all->month;
}

static bool send_chunk(struct writer *writer, struct cix_submission *submission, int number,
                       struct cix_error *error)
{
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__Record *records[RECORDS];
    int64_t first = atomic_fetch_add(&next_person, PERSONS);
    struct arena arena;
    bool is_sent;

    arena_init(&arena, 0);
    chunk.number = number;
    chunk.records = records;
    for (int i = 0; i < PERSONS; i++)
        put_person(&arena, first + i, &chunk);
    journal_intent(journal, &writer->submission_id, number, RECORDS);
    is_sent = cix_submission_send(submission, &chunk, error);
    arena_done(&arena);
    return is_sent;
}

/* One submission to its end. What has no answer stays an intent: the checker allows either. */
static void submit_once(struct writer *writer, struct cix_client *client)
{
    struct cix_submission_options options = {.mode =
                                                 CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY,
                                             .period = 202610,
                                             .patience_ms = 30000,
                                             .answered = answered,
                                             .user = writer};
    Cix__V1__SubmissionCommitted *committed = NULL;
    struct cix_submission *submission = NULL;
    struct cix_error error = {.status = CIX_OK};
    char id[37];
    bool is_sent;

    writer->submission_id = uuid_new();
    uuid_format(&writer->submission_id, id);
    options.submission_id = id;
    is_sent = cix_submission_open(client, &options, &submission, &error);
    for (int number = 1; is_sent && number <= CHUNKS; number++)
        is_sent = send_chunk(writer, submission, number, &error);
    if (!is_sent || !cix_submission_commit(submission, &committed, &error))
        fprintf(stderr, "crash: submission ended: %s (%s)\n", error.message, error.reason);
    cix_submission_close(submission);
    cix_free(committed);
}

static void *write_run(void *argument)
{
    struct cix_client *client = exchange_client(&exchange, "bank-one");

    while (!is_over)
        submit_once(argument, client);
    cix_close(client);
    return NULL;
}

static void ask_once(struct cix_client *client, int64_t k)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    Cix__V1__ReportInquiry inquiry = CIX__V1__REPORT_INQUIRY__INIT;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    Cix__V1__GetReportResponse *response;
    struct person person;
    struct cix_error error;

    person_make(k, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    inquiry.identifier = &identifier;
    inquiry.name = person.name;
    inquiry.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    inquiry.operator_id = "crash";
    request.inquiry = &inquiry;
    if (!cix_get_report(client, &request, &response, &error))
        return;
    journal_inquiry(journal, response->report->inquiry_id);
    cix_free(response);
}

static void *read_run(void *argument)
{
    struct cix_client *client = exchange_client(&exchange, "bank-one");
    int64_t k = 0;

    (void)argument;
    while (!is_over) {
        int64_t known = next_person;
        if (known <= 2 * RECORDS) {
            usleep(20000);
            continue;
        }
        ask_once(client, k++ % (known / 2));
    }
    cix_close(client);
    return NULL;
}

static long postmaster_pid(void)
{
    char path[512];
    FILE *file;
    long pid = 0;

    snprintf(path, sizeof(path), "%s/postgres/postmaster.pid", exchange.folder);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%ld", &pid) != 1)
        pid = 0;
    fclose(file);
    return pid;
}

static void cycle(unsigned *seed)
{
    bool is_server = rand_r(seed) % 2;
    long pid;

    usleep(200000 + (useconds_t)(rand_r(seed) % 1300000));
    if (is_server) {
        exchange_kill(&exchange);
        exchange_serve(&exchange);
        return;
    }
    pid = postmaster_pid();
    if (pid > 1)
        kill((pid_t)pid, SIGKILL);
}

static int check(const char *journal_path)
{
    struct journal_content content;
    struct verdict verdict;
    struct arena arena;
    struct db *owner = exchange_owner(&exchange);
    int proven;

    arena_init(&arena, 0);
    journal_read(journal_path, &arena, &content);
    checker_load(owner, &content);
    checker_run(owner, &verdict);
    proven = checker_prove(owner);
    printf("chunks=%d acknowledged_records=%lld inquiries=%d\n", content.chunk_count,
           (long long)acknowledged, content.inquiry_count);
    printf("lost=%lld doubled=%lld partial=%lld forged=%lld inquiries_lost=%lld "
           "rebuilt_differs=%lld\n",
           (long long)verdict.lost, (long long)verdict.doubled, (long long)verdict.partial,
           (long long)verdict.forged, (long long)verdict.inquiries_lost,
           (long long)verdict.rebuilt);
    printf("planted errors found: %d of 4\n", proven);
    db_close(owner);
    arena_done(&arena);
    return verdict_is_clean(&verdict) && proven == 4 && acknowledged > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"cycles", required_argument, NULL, 'c'},
                                            {"seed", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    pthread_t readers[READERS];
    struct writer writers[WRITERS];
    unsigned seed = (unsigned)clock_now_us();
    int cycles = 4;
    char path[512];
    int option;
    int code;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            cycles = (int)strtol(optarg, NULL, 10);
        else if (option == 's')
            seed = (unsigned)strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    printf("crash: %d cycles, seed %u\n", cycles, seed);
    exchange_start_private(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    snprintf(path, sizeof(path), "%s/journal", exchange.folder);
    journal = journal_new(path);
    for (int i = 0; i < WRITERS; i++)
        CHECK(!pthread_create(&writers[i].thread, NULL, write_run, &writers[i]));
    for (int i = 0; i < READERS; i++)
        CHECK(!pthread_create(&readers[i], NULL, read_run, NULL));
    for (int i = 0; i < cycles; i++)
        cycle(&seed);
    usleep(1000000);
    is_over = true;
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    journal_close(journal);
    code = check(path);
    exchange_stop(&exchange);
    return code;
}
