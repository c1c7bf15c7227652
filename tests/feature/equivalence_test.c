/*
 * Goal: a batch equals some order of its calls one by one.
 * Method: the same random rounds run at an exchange that serves one call a batch and at one that
 * takes up to 64, both with several workers. A round writes (members at once: new subjects, months,
 * corrections, doubled and wrong records, replays, removals twice) and then reads (lenders at once:
 * the same subject often, equal questions, wrong names, unknown persons, without permission, with
 * a consent in the question, two contents under one consent id). Everything asked at once has the
 * same answer in whatever order, but for that last pair, which is compared as a pair. Compared are
 * all answers, ids, times and lists of inquiries apart, and what the tables hold in the end.
 * CIX_SEED gives another workload.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/sameness.h"

#include "support/cmocka.h"

enum {
    ROUNDS = 4,
    BANKS = 3,
    PERSONS = 12,
    QUESTIONS = 60,
    ANSWERS_MAX = ROUNDS * (QUESTIONS + 16),
    WAIT_MS = 60000
};

static const char *const codes[BANKS] = {"bank-one", "bank-two", "bank-three"};

/* One run of the workload at one exchange. */
struct run {
    struct exchange exchange;
    struct db *owner;
    struct cix_client *banks[BANKS];
    struct cix_client *court;
    uint32_t seed;
    char *answers[ANSWERS_MAX]; /* in the order of asking */
    int answer_count;
    char *state; /* what the tables hold in the end */
    int64_t inquiries;
    int64_t transactions; /* that wrote them */
};

static struct run runs[2];

/* The same numbers in both runs. */
static int draw(struct run *run, int bound)
{
    run->seed = run->seed * 1664525u + 1013904223u;
    return (int)(run->seed >> 8) % bound;
}

static void keep(struct run *run, char *text)
{
    assert_true(run->answer_count < ANSWERS_MAX);
    run->answers[run->answer_count++] = text;
}

/* --- writing --- */

/* What one member does in the writing half of a round. */
struct writer {
    struct run *run;
    int bank; /* BANKS: the court */
    struct contribution records;
    char submission_id[37];
    bool is_replayed;
    char *removed[2]; /* flags that the court removes, twice each */
    char *text;
};

static int32_t some_period(struct run *run)
{
    return 202601 + draw(run, 6);
}

/* Months of an account: doubled, corrected in later rounds, now and then wrong. */
static void put_months(struct writer *writer, int64_t k, int i)
{
    struct run *run = writer->run;

    for (int m = 0; m < 3; m++) {
        int32_t period = draw(run, 20) ? some_period(run) : 209912;
        Cix__V1__Performance *month =
            contribution_month(&writer->records, k, i, period, (int64_t)draw(run, 10000000));
        if (draw(run, 10) == 0)
            month->repay_status = (char *)"?";
        if (draw(run, 2))
            contribution_correct(&writer->records);
    }
}

static void put_records(struct writer *writer, int round)
{
    struct run *run = writer->run;
    char id[37], salt[32];

    for (int n = 0; n < 5; n++) {
        int64_t k = draw(run, PERSONS);
        int i = draw(run, 2);
        snprintf(salt, sizeof(salt), "consent-%d-%d", writer->bank, round);
        person_uuid(salt, k, id);
        contribution_subject(&writer->records, k);
        contribution_consent(&writer->records, k, id, 20250101, 20291231);
        contribution_account(&writer->records, k, i);
        put_months(writer, k, i);
    }
}

static void put_flags(struct writer *writer, int round)
{
    char id[37];

    for (int n = 0; n < 3; n++) {
        person_uuid("flag", round * 3 + n, id);
        contribution_flag(&writer->records, round * 3 + n, id);
        if (n < 2 && round > 0) {
            person_uuid("flag", (round - 1) * 3 + n, id);
            writer->removed[n] = strdup(id);
        }
    }
}

static void *send_removals(void *argument)
{
    struct writer *writer = argument;
    Cix__V1__RemoveFlagRequest request = CIX__V1__REMOVE_FLAG_REQUEST__INIT;
    Cix__V1__RemoveFlagResponse *response;
    struct cix_error error;

    request.reason = CIX__V1__FLAG_REMOVAL_REASON__FLAG_REMOVAL_REASON_PERFORMED;
    for (int n = 0; n < 2; n++) {
        request.flag_id = writer->removed[n];
        if (!request.flag_id)
            continue;
        if (!cix_remove_flag(writer->run->court, &request, &response, &error))
            return strdup(error.reason);
        cix_free(response);
    }
    return NULL;
}

static void *send_records(void *argument)
{
    struct writer *writer = argument;
    struct run *run = writer->run;
    struct cix_client *client = writer->bank < BANKS ? run->banks[writer->bank] : run->court;
    Cix__V1__ChunkResult *result = NULL;
    struct cix_error error;

    for (int n = 0; n <= writer->is_replayed; n++) {
        free(writer->text);
        if (contribution_try(&writer->records, client, writer->submission_id,
                             CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY, &result, &error)) {
            if (result)
                result->is_replay = false;
            writer->text = result ? cix_to_json(result) : strdup("no answer");
            contribution_answer_free(result);
            result = NULL;
        } else {
            writer->text = strdup(error.reason);
        }
    }
    return NULL;
}

static void writer_init(struct writer *writer, struct run *run, int bank, int round)
{
    *writer = (struct writer){.run = run, .bank = bank, .is_replayed = draw(run, 3) == 0};
    contribution_init(&writer->records);
    person_uuid("submission", round * 10 + bank, writer->submission_id);
    if (bank < BANKS)
        put_records(writer, round);
    else
        put_flags(writer, round);
}

static void end(const pthread_t *threads, int count)
{
    void *failure;

    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], &failure);
        if (failure)
            fail_msg("removal: %s", (char *)failure);
    }
}

static void write_round(struct run *run, int round)
{
    struct writer writers[BANKS + 1];
    pthread_t threads[BANKS];

    for (int i = 0; i <= BANKS; i++)
        writer_init(&writers[i], run, i, round);
    for (int i = 0; i < BANKS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_records, &writers[i]), 0);
    end(threads, BANKS);
    /* Behind them: a listing makes a subject, and gives it a name, when there is none yet. */
    assert_int_equal(pthread_create(&threads[0], NULL, send_records, &writers[BANKS]), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, send_removals, &writers[BANKS]), 0);
    assert_int_equal(pthread_create(&threads[2], NULL, send_removals, &writers[BANKS]), 0);
    end(threads, 3);
    for (int i = 0; i <= BANKS; i++) {
        keep(run, writers[i].text);
        contribution_done(&writers[i].records);
        free(writers[i].removed[0]);
        free(writers[i].removed[1]);
    }
}

/* --- reading --- */

struct question {
    enum cix_method method;
    int bank;
    bool is_pair; /* with the one before it: two contents under one consent id */
    struct person person;
    Cix__V1__Identifier identifier;
    Cix__V1__ReportInquiry report;
    Cix__V1__FlagInquiry flag;
    Cix__V1__Consent consent;
    Cix__V1__Purpose purposes[1];
    Cix__V1__DataClass classes[2];
    uint8_t hash[32];
    char consent_id[37];
    Cix__V1__GetReportRequest get_report;
    Cix__V1__CheckFlagRequest check_flag;
    char *text;
};

static _Atomic int answered;

static void on_answer(void *user, const struct cix_answer *answer)
{
    struct question *question = user;

    question->text = same_answer(answer, question->method);
    answered++;
}

static void question_init(struct question *question, struct run *run)
{
    memset(question, 0, sizeof(*question));
    cix__v1__identifier__init(&question->identifier);
    cix__v1__report_inquiry__init(&question->report);
    cix__v1__flag_inquiry__init(&question->flag);
    cix__v1__consent__init(&question->consent);
    cix__v1__get_report_request__init(&question->get_report);
    cix__v1__check_flag_request__init(&question->check_flag);
    question->get_report.inquiry = &question->report;
    question->check_flag.inquiry = &question->flag;
    question->bank = draw(run, BANKS);
    question->method = draw(run, 4) ? CIX_GET_REPORT : CIX_CHECK_FLAG;
    /* few subjects, so that the same is often asked for; some are unknown */
    person_make(draw(run, PERSONS + 3), &question->person);
}

static void name_parts(struct question *question, struct run *run)
{
    question->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    question->identifier.value = question->person.number;
    question->report.identifier = question->flag.identifier = &question->identifier;
    question->report.name = question->flag.name =
        draw(run, 8) ? question->person.name : (char *)"Somebody Else";
    question->report.operator_id = question->flag.operator_id = (char *)"teller-7";
    if (draw(run, 15) == 0)
        question->person.number[17] = '?';
}

static void put_consent(struct question *question, const char *id, int32_t expires_on)
{
    Cix__V1__Consent *consent = &question->consent;

    snprintf(question->consent_id, sizeof(question->consent_id), "%s", id);
    question->purposes[0] = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
    question->classes[0] = CIX__V1__DATA_CLASS__DATA_CLASS_BASIC;
    question->classes[1] = CIX__V1__DATA_CLASS__DATA_CLASS_CREDIT;
    consent->consent_id = question->consent_id;
    consent->purposes = question->purposes;
    consent->n_purposes = 1;
    consent->data_classes = question->classes;
    consent->n_data_classes = 2;
    consent->form = CIX__V1__CONSENT_FORM__CONSENT_FORM_WRITTEN;
    consent->signed_on = consent->effective_on = 20260101;
    consent->expires_on = expires_on;
    consent->document_hash = (ProtobufCBinaryData){sizeof(question->hash), question->hash};
    question->report.consent = consent;
}

/* Own account, a consent that may have been submitted, one in the question, none, or another's. */
static void permit(struct question *question, struct run *run, int number)
{
    static const Cix__V1__Purpose purposes[] = {
        CIX__V1__PURPOSE__PURPOSE_POST_LOAN, CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL,
        CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL, CIX__V1__PURPOSE__PURPOSE_GUARANTEE};
    int kind = draw(run, 4);
    char salt[32], id[37];

    question->report.purpose = purposes[kind];
    if (kind == 1) {
        person_uuid("inline", number, id);
        put_consent(question, id, 20291231);
    } else if (kind == 2) {
        snprintf(salt, sizeof(salt), "consent-%d-%d", draw(run, BANKS), draw(run, ROUNDS));
        person_uuid(salt, draw(run, PERSONS), question->consent_id);
        question->report.consent_id = question->consent_id;
    }
}

static void make_question(struct question *questions, int i, struct run *run, int round)
{
    struct question *question = &questions[i];

    question_init(question, run);
    name_parts(question, run);
    permit(question, run, round * QUESTIONS + i);
}

/* The question before it again, under the same consent id with another content. */
static void make_pair(struct question *questions, int i, struct run *run, int round)
{
    char id[37];

    person_uuid("pair", round * QUESTIONS + i, id);
    for (int n = i - 1; n <= i; n++) {
        struct question *question = &questions[n];
        question_init(question, run);
        question->method = CIX_GET_REPORT;
        question->bank = round % BANKS;
        person_make(i % PERSONS, &question->person);
        question->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
        question->identifier.value = question->person.number;
        question->report.identifier = &question->identifier;
        question->report.name = question->person.name;
        question->report.operator_id = (char *)"teller-7";
        question->report.purpose = CIX__V1__PURPOSE__PURPOSE_LOAN_APPROVAL;
        put_consent(question, id, n == i ? 20291231 : 20281231);
    }
    questions[i].is_pair = true;
}

static void script(struct run *run, const char *sql)
{
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, run->owner, sql))
        fail_msg("%s", ctx.error.message);
    arena_done(&arena);
}

/* One row of one text and, when there is a second column, a number. */
static char *row(struct run *run, const char *name, const char *sql, int64_t *value)
{
    const struct statement statement = {name, sql};
    struct rows rows = {.count = 0};
    struct arena arena;
    struct ctx ctx;
    char *text;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_run(&ctx, run->owner, &statement, NULL, &rows) || !rows_next(&rows))
        fail_msg("%s", ctx.error.message);
    text = strdup(rows_text(&rows, 0));
    if (value)
        *value = rows_int8(&rows, 1);
    rows_done(&rows);
    arena_done(&arena);
    return text;
}

static void await_blocked(struct run *run)
{
    int64_t blocked = 0;

    for (int i = 0; i < WAIT_MS / 10 && blocked == 0; i++) {
        free(row(run, "blocked", "select '', count(*) from pg_locks where not granted", &blocked));
        usleep(10 * 1000);
    }
    assert_true(blocked > 0);
    usleep(100 *
           1000); /* so that the rest waits in the queue: only the size of batches hangs on it */
}

/* All at once, while a lock holds the workers, so that batches form behind them. */
static void read_round(struct run *run, int round)
{
    static struct question questions[QUESTIONS];

    for (int i = 0; i < QUESTIONS; i++) {
        if (i % 15 == 14)
            make_pair(questions, i, run, round);
        else
            make_question(questions, i, run, round);
    }
    answered = 0;
    script(run, "begin; lock table cix.inquiry in access exclusive mode");
    for (int i = 0; i < QUESTIONS; i++) {
        struct question *question = &questions[i];
        bool is_report = question->method == CIX_GET_REPORT;
        cix_call_begin(run->banks[question->bank], question->method,
                       is_report ? (const void *)&question->get_report : &question->check_flag,
                       WAIT_MS, on_answer, question);
    }
    await_blocked(run);
    script(run, "commit");
    for (int i = 0; i < WAIT_MS / 10 && answered < QUESTIONS; i++)
        usleep(10 * 1000);
    assert_int_equal(answered, QUESTIONS);
    for (int i = 0; i < QUESTIONS; i++) {
        bool is_first = i + 1 < QUESTIONS && questions[i + 1].is_pair;
        if (is_first) {
            char *both[2] = {questions[i].text, questions[i + 1].text};
            keep(run, same_order(both, 2));
            i++;
        } else {
            keep(run, questions[i].text);
        }
    }
}

/* --- the state in the end --- */

/* Every table as counts of equal rows: ids, times and sealed values apart. */
/* clang-format off */
#define ROWS(table, columns, from) \
    "union all select concat_ws(' ', '" table "', " columns ") from " from " "
#define OF_MEMBER " join cix.member m using (member_id)"
static const char state_sql[] =
    "select string_agg(line, E'\\n' order by line), count(*) from"
    " (select line || ' x' || count(*) as line from (select null as line "
    ROWS("inquiry", "m.code, purpose, product, consent_id, repeats_id is null", "cix.inquiry" OF_MEMBER)
    ROWS("audit", "m.code, method, purpose, consent_id, outcome", "cix.audit" OF_MEMBER)
    ROWS("consent", "m.code, consent_id, t.purposes, is_revoked", "cix.consent t" OF_MEMBER)
    ROWS("subject", "'all'", "cix.subject")
    ROWS("name", "m.code", "cix.subject_name" OF_MEMBER)
    ROWS("account", "m.code, opened_on, last_period, account_status, balance, status_ring",
         "cix.account" OF_MEMBER)
    ROWS("delta", "m.code, period, balance, repay_status, submission_id, chunk, line",
         "cix.performance_delta" OF_MEMBER)
    ROWS("flag", "external_id, status, status_reason", "cix.flag")
    ROWS("event", "status, status_reason", "cix.flag_event")
    ROWS("chunk", "submission_id, number, accepted, rejected, quarantined, warned",
         "cix.submission_chunk")
    ROWS("cell", "code, period, product, accounts, balance, overdue",
         "(select m.code, period, product, sum(accounts) as accounts, sum(balance) as balance,"
         " sum(overdue) as overdue from (select period, cell_id, accounts, balance, overdue"
         " from cix.rollup union all select period, cell_id, accounts, balance, overdue"
         " from cix.rollup_delta) r join cix.cell using (cell_id)" OF_MEMBER
         " group by m.code, period, product) s")
    ") r where line <> '' group by line) lines";
/* clang-format on */

static void run_all(struct run *run, const char *const *flags)
{
    run->seed = getenv("CIX_SEED") ? (uint32_t)strtoul(getenv("CIX_SEED"), NULL, 10) : 20261122;
    exchange_start(&run->exchange, flags);
    run->owner = exchange_owner(&run->exchange);
    for (int i = 0; i < BANKS; i++) {
        exchange_member(&run->exchange, codes[i], MEMBER_TYPE_BANK);
        run->banks[i] = exchange_client(&run->exchange, codes[i]);
    }
    exchange_member(&run->exchange, "court-one", MEMBER_TYPE_COURT);
    run->court = exchange_client(&run->exchange, "court-one");
    for (int round = 0; round < ROUNDS; round++) {
        write_round(run, round);
        read_round(run, round);
    }
    for (int i = 0; i < BANKS; i++)
        cix_close(run->banks[i]);
    cix_close(run->court);
    exchange_end(&run->exchange); /* nothing moves any more */
    run->state = row(run, "state", state_sql, NULL);
    free(row(run, "inquiries", "select '', count(*) from cix.inquiry", &run->inquiries));
    free(row(run, "transactions", "select '', count(distinct xid::text) from cix.inquiry",
             &run->transactions));
    db_close(run->owner);
    exchange_stop(&run->exchange);
}

static int run_both(void **state)
{
    static const char *const one[] = {"--batch_max=1", "--workers_inquire=3", "--workers_submit=3",
                                      NULL};
    static const char *const many[] = {"--batch_max=64", "--workers_inquire=3",
                                       "--workers_submit=3", NULL};

    (void)state;
    run_all(&runs[0], one);
    run_all(&runs[1], many);
    return 0;
}

static int free_both(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        for (int i = 0; i < runs[r].answer_count; i++)
            free(runs[r].answers[i]);
        free(runs[r].state);
    }
    return 0;
}

static void batches_formed_in_one_run_only(void **state)
{
    (void)state;
    assert_true(runs[0].inquiries > ROUNDS * QUESTIONS / 4);
    assert_int_equal(runs[0].transactions, runs[0].inquiries);
    assert_true(runs[1].transactions < runs[1].inquiries);
}

static int served(const struct run *run)
{
    int count = 0;

    for (int i = 0; i < run->answer_count; i++)
        count += strstr(run->answers[i], "REPORT_OUTCOME_FOUND") != NULL;
    return count;
}

static void every_answer_is_the_same(void **state)
{
    (void)state;
    assert_int_equal(runs[0].answer_count, runs[1].answer_count);
    assert_in_range(served(&runs[0]), ROUNDS * 5, ROUNDS * QUESTIONS);
    for (int i = 0; i < runs[0].answer_count; i++) {
        char *difference = same_difference(runs[0].answers[i], runs[1].answers[i]);
        if (difference)
            fail_msg("answer %d, one by one and in batches: %s", i, difference);
    }
}

static void the_tables_hold_the_same(void **state)
{
    char *difference;

    (void)state;
    assert_true(strstr(runs[0].state, "delta bank-one") && strstr(runs[0].state, "event "));
    difference = same_difference(runs[0].state, runs[1].state);
    if (difference)
        fail_msg("one by one and in batches: %s", difference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_formed_in_one_run_only),
        cmocka_unit_test(every_answer_is_the_same),
        cmocka_unit_test(the_tables_hold_the_same),
    };
    return cmocka_run_group_tests(tests, run_both, free_both);
}
