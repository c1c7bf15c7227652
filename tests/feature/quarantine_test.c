/*
 * Goal: what a rule kept aside waits for its member, whole and for nobody else; a release takes it
 * in spite of that rule and no other, once; a discard and the time forget it and leave their trace.
 * Method: a whole exchange, libcix over mTLS; the owner's connection looks at what is kept.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"
#include "support/shell.h"

#define DAILY     CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY
#define FILE_MODE CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE
#define RELEASE   CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_RELEASE
#define DISCARD   CIX__V1__QUARANTINE_DECISION__QUARANTINE_DECISION_DISCARD

enum { REVIEWS_MAX = 101 };

static struct exchange exchange;
static struct cix_client *bank, *other_bank;
static struct contribution made;

/* A review under construction. */
struct review {
    Cix__V1__ReviewQuarantineRequest request;
    Cix__V1__QuarantineReview items[REVIEWS_MAX], *list[REVIEWS_MAX];
    Cix__V1__QuarantinePlace places[REVIEWS_MAX];
};

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    bank = exchange_client(&exchange, "bank-one");
    other_bank = exchange_client(&exchange, "bank-two");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other_bank);
    exchange_stop(&exchange);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    contribution_init(&made);
    return 0;
}

static int end(void **state)
{
    (void)state;
    contribution_done(&made);
    return 0;
}

static const char *id_of(const char *salt)
{
    char id[37];

    person_uuid(salt, 9, id);
    return arena_string(&made.arena, id);
}

static int64_t count_of(const char *name, const char *sql)
{
    const struct statement statement = {name, sql};
    struct db *owner = exchange_owner(&exchange);
    struct arena arena;
    struct ctx ctx;
    struct params params;
    struct rows rows = {0};

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, owner, &statement, &params, &rows))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    assert_true(rows_next(&rows));
    int64_t count = rows_int8(&rows, 0);
    rows_done(&rows);
    arena_done(&arena);
    db_close(owner);
    return count;
}

/* The other sex than the resident number says: rule S005 keeps the record aside. */
static Cix__V1__Subject *add_doubtful(int64_t k)
{
    Cix__V1__Subject *subject = contribution_subject(&made, k);
    struct person person;

    person_make(k, &person);
    subject->sex = (person.number[16] - '0') % 2 ? 2 : 1;
    return subject;
}

/* Doubtful people first to first + count - 1, as one chunk. */
static void send_doubtful(const char *id, int first, int count)
{
    for (int k = first; k < first + count; k++)
        add_doubtful(k);
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id, DAILY);
    assert_int_equal(result->quarantined, count);
    contribution_answer_free(result);
}

static Cix__V1__ListQuarantineResponse *list(struct cix_client *client, const char *id, int size,
                                             const char *token)
{
    Cix__V1__ListQuarantineRequest request = CIX__V1__LIST_QUARANTINE_REQUEST__INIT;
    Cix__V1__ListQuarantineResponse *response;
    struct cix_error error;

    request.submission_id = (char *)id;
    request.page_size = size;
    request.page_token = (char *)token;
    if (!cix_list_quarantine(client, &request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    return response;
}

static size_t waiting(struct cix_client *client, const char *id)
{
    Cix__V1__ListQuarantineResponse *response = list(client, id, 100, "");
    size_t count = response->n_records;

    cix_free(response);
    return count;
}

static void review_init(struct review *review, const char *id)
{
    cix__v1__review_quarantine_request__init(&review->request);
    review->request.review_id = (char *)id;
    review->request.reason = (char *)"seen the passport";
    review->request.reviews = review->list;
}

static void review_add(struct review *review, const char *id, int index,
                       Cix__V1__QuarantineDecision decision)
{
    size_t i = review->request.n_reviews++;

    cix__v1__quarantine_review__init(&review->items[i]);
    cix__v1__quarantine_place__init(&review->places[i]);
    review->places[i].submission_id = (char *)id;
    review->places[i].chunk = 1;
    review->places[i].index = index;
    review->items[i].place = &review->places[i];
    review->items[i].decision = decision;
    review->list[i] = &review->items[i];
}

static Cix__V1__ReviewQuarantineResponse *review_send(struct review *review)
{
    Cix__V1__ReviewQuarantineResponse *response;
    struct cix_error error;

    if (!cix_review_quarantine(bank, &review->request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    return response;
}

static void assert_refused(struct cix_client *client, struct review *review, const char *reason)
{
    Cix__V1__ReviewQuarantineResponse *response;
    struct cix_error error;

    assert_false(cix_review_quarantine(client, &review->request, &response, &error));
    assert_string_equal(error.reason, reason);
}

static int64_t subjects(void)
{
    return count_of("t_subjects", "select count(*) from cix.subject");
}

static void what_waits_is_listed_whole_and_to_its_member_alone(void **state)
{
    const char *id = id_of("listed");
    char token[128];
    int seen = 0;

    (void)state;
    send_doubtful(id, 1, 5);
    *token = '\0';
    for (int page = 0; page < 3; page++) {
        Cix__V1__ListQuarantineResponse *response = list(bank, id, 2, token);
        for (size_t i = 0; i < response->n_records; i++, seen++) {
            const Cix__V1__QuarantinedRecord *record = response->records[i];
            assert_string_equal(record->place->submission_id, id);
            assert_int_equal(record->place->index, seen);
            assert_non_null(record->record->subject);
            assert_string_equal(record->record->subject->identifiers[0]->value,
                                made.records[seen]->subject->identifiers[0]->value);
            bool has_rule = false;
            for (size_t v = 0; v < record->n_verdicts; v++) {
                assert_int_equal(record->verdicts[v]->index, seen);
                has_rule = has_rule || !strcmp(record->verdicts[v]->rule, "S005");
            }
            assert_true(has_rule);
        }
        snprintf(token, sizeof(token), "%s", response->next_page_token);
        assert_int_equal(*token == '\0', page == 2);
        cix_free(response);
    }
    assert_int_equal(seen, 5);
    assert_int_equal(waiting(other_bank, ""), 0);
    assert_int_equal(waiting(other_bank, id), 0);
}

static void a_release_waives_its_rule_and_happens_once(void **state)
{
    const char *id = id_of("release");
    struct review review = {.request = {.n_reviews = 0}};
    int64_t before = subjects();

    (void)state;
    send_doubtful(id, 10, 3);
    assert_int_equal(subjects(), before);
    review_init(&review, id_of("release review"));
    review_add(&review, id, 2, RELEASE);
    review_add(&review, id, 0, DISCARD);
    Cix__V1__ReviewQuarantineResponse *response = review_send(&review);
    assert_int_equal(response->released, 1);
    assert_int_equal(response->discarded, 1);
    assert_int_equal(response->quarantined, 0);
    assert_false(response->is_replay);
    for (size_t i = 0; i < response->n_verdicts; i++)
        assert_int_equal(response->verdicts[i]->index, 0); /* the first of the request */
    cix_free(response);
    assert_int_equal(subjects(), before + 1);
    assert_int_equal(waiting(bank, id), 1);
    response = review_send(&review);
    assert_true(response->is_replay);
    assert_int_equal(response->released, 1);
    assert_int_equal(response->discarded, 1);
    cix_free(response);
    assert_int_equal(subjects(), before + 1);
    review.request.reason = (char *)"another story";
    assert_refused(bank, &review, "CHUNK_CONFLICT");
    review.request.review_id = (char *)id_of("release again");
    assert_refused(bank, &review, "QUARANTINE_REVIEWED");
    assert_int_equal(count_of("t_waived", "select count(*) from cix.quarantine_waiver"
                                          " where rule = 'S005'"),
                     1);
    assert_int_equal(count_of("t_reason", "select count(*) from cix.submission where"
                                          " sealed_explanation is not null and state = 2"),
                     1);
}

static void another_rule_still_holds(void **state)
{
    const char *id = id_of("other rule");
    struct review review = {.request = {.n_reviews = 0}};
    static Cix__V1__Identifier passport = CIX__V1__IDENTIFIER__INIT;

    (void)state;
    /* Two subjects; then one that claims to be both, of the wrong sex. */
    passport.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
    passport.value = (char *)"E00000077";
    contribution_subject(&made, 21)->identifiers[0] = &passport;
    contribution_subject(&made, 20);
    contribution_answer_free(contribution_send(&made, bank, id_of("two people"), DAILY));
    end(NULL);
    begin(NULL);
    id = id_of("other rule");
    Cix__V1__Subject *both = add_doubtful(20);
    both->identifiers[both->n_identifiers++] = &passport;
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id, DAILY);
    assert_int_equal(result->quarantined, 1);
    contribution_answer_free(result);
    review_init(&review, id_of("other rule review"));
    review_add(&review, id, 0, RELEASE);
    Cix__V1__ReviewQuarantineResponse *response = review_send(&review);
    assert_int_equal(response->released, 0);
    assert_int_equal(response->rejected, 1);
    bool is_told = false;
    for (size_t i = 0; i < response->n_verdicts; i++)
        is_told = is_told || !strcmp(response->verdicts[i]->rule, "S024");
    assert_true(is_told);
    cix_free(response);
    assert_int_equal(waiting(bank, id), 0);
}

/* A rule of the store kept it: the whole chunk lay sealed, and is forgotten with the last of it. */
static void what_the_store_kept_is_released_too(void **state)
{
    const char *id = id_of("dead");
    struct review review = {.request = {.n_reviews = 0}};

    (void)state;
    contribution_subject(&made, 30)->status = CIX__V1__SUBJECT_STATUS__SUBJECT_STATUS_DECEASED;
    contribution_account(&made, 30, 0);
    contribution_subject(&made, 31);
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id, DAILY);
    assert_non_null(contribution_verdict(result, 1, "S021"));
    assert_int_equal(result->quarantined, 1);
    contribution_answer_free(result);
    assert_int_equal(waiting(bank, id), 1);
    review_init(&review, id_of("dead review"));
    review_add(&review, id, 1, RELEASE);
    Cix__V1__ReviewQuarantineResponse *response = review_send(&review);
    assert_int_equal(response->released, 1);
    cix_free(response);
    assert_int_equal(waiting(bank, ""),
                     waiting(bank, id_of("listed")) + 1); /* of the tests before */
    assert_int_equal(count_of("t_kept", "select count(*) from cix.submission_chunk"
                                        " where sealed_records is not null"),
                     0);
}

/* Person k, whose second month is three months late at once: rule M016 keeps it with a mark. */
static void send_marked_month(const char *id, int k)
{
    contribution_subject(&made, k);
    contribution_account(&made, k, 0);
    contribution_month(&made, k, 0, 202601, 500);
    contribution_late_month(&made, k, 0, 202602, 500);
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id, DAILY);
    assert_non_null(contribution_verdict(result, 3, "M016"));
    assert_int_equal(result->quarantined, 1);
    contribution_answer_free(result);
}

static int64_t marked_months(void)
{
    return count_of("t_marked",
                    "select count(*) from cix.performance_delta d where d.is_quarantined and"
                    " not exists (select from cix.performance_delta n where n.account_id ="
                    " d.account_id and n.period = d.period and n.delta_id > d.delta_id)");
}

/* A month counts with its mark from the beginning; the release takes the mark away. */
static void a_month_loses_its_mark(void **state)
{
    const char *id = id_of("month");
    struct review review = {.request = {.n_reviews = 0}};

    (void)state;
    send_marked_month(id, 40);
    assert_int_equal(marked_months(), 1);
    review_init(&review, id_of("month review"));
    review_add(&review, id, 3, RELEASE);
    Cix__V1__ReviewQuarantineResponse *response = review_send(&review);
    assert_int_equal(response->released, 1);
    assert_int_equal(response->quarantined, 0);
    cix_free(response);
    assert_int_equal(marked_months(), 0);
    assert_int_equal(count_of("t_rebuild", "select count(*) from cix.rebuild_check()"), 0);
}

/* The member put the month right before it came to the review: that stands. */
static void a_month_put_right_meanwhile_stays_so(void **state)
{
    const char *id = id_of("put right");
    Cix__V1__Correction correction = CIX__V1__CORRECTION__INIT;
    struct review review = {.request = {.n_reviews = 0}};

    (void)state;
    send_marked_month(id, 45);
    end(NULL);
    begin(NULL);
    id = id_of("put right");
    contribution_month(&made, 45, 0, 202602, 777);
    correction.action = CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_REPLACE;
    correction.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    made.records[0]->correction = &correction;
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id_of("putting right"), DAILY);
    assert_int_equal(result->accepted, 1);
    contribution_answer_free(result);
    assert_int_equal(marked_months(), 0);
    review_init(&review, id_of("put right review"));
    review_add(&review, id, 3, RELEASE);
    cix_free(review_send(&review));
    assert_int_equal(count_of("t_right", "select count(*) from (select distinct on (account_id)"
                                         " balance from cix.performance_delta where period = 24313"
                                         " and balance in (500, 777) order by account_id,"
                                         " delta_id desc) d where d.balance = 777"),
                     1);
    assert_int_equal(count_of("t_rebuild_2", "select count(*) from cix.rebuild_check()"), 0);
}

/* A discard takes a month from the list alone: it is told with its mark until it is put right. */
static void a_month_that_is_discarded_keeps_its_mark(void **state)
{
    const char *id = id_of("discarded month");
    struct review review = {.request = {.n_reviews = 0}};
    char words[256], output[16384];
    struct person person;

    (void)state;
    send_marked_month(id, 47);
    review_init(&review, id_of("discarded month review"));
    review_add(&review, id, 3, DISCARD);
    cix_free(review_send(&review));
    assert_int_equal(waiting(bank, id), 0);
    assert_int_equal(marked_months(), 1);
    person_make(47, &person);
    snprintf(words, sizeof(words), "report --id %s --name '%s' --purpose post-loan --operator t",
             person.number, person.name);
    if (shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)))
        fail_msg("%s", output);
    assert_non_null(strstr(output, "its member has neither released nor corrected it"));
    end(NULL);
    begin(NULL);
    contribution_month(&made, 47, 0, 202602, 777);
    contribution_correct(&made);
    contribution_answer_free(contribution_send(&made, bank, id_of("discarded right"), DAILY));
    assert_int_equal(marked_months(), 0);
}

static void reviews_of_others_and_of_nothing_are_refused(void **state)
{
    const char *id = id_of("others");
    struct review review = {.request = {.n_reviews = 0}};

    (void)state;
    send_doubtful(id, 50, 2);
    review_init(&review, id_of("others review"));
    assert_refused(bank, &review, "FIELD_INVALID"); /* of nothing */
    review_add(&review, id, 0, RELEASE);
    assert_refused(other_bank, &review, "QUARANTINE_UNKNOWN");
    review.places[0].index = 7;
    assert_refused(bank, &review, "QUARANTINE_UNKNOWN");
    review.places[0].index = -1;
    assert_refused(bank, &review, "FIELD_INVALID");
    review.places[0].index = 0;
    review.items[0].decision = 3;
    assert_refused(bank, &review, "FIELD_INVALID");
    review.items[0].decision = RELEASE;
    review.request.reason = (char *)"";
    assert_refused(bank, &review, "FIELD_INVALID");
    review.request.reason = (char *)"a\nb";
    assert_refused(bank, &review, "FIELD_INVALID");
    review.request.reason = (char *)"right";
    review_add(&review, id, 0, DISCARD);
    assert_refused(bank, &review, "FIELD_INVALID"); /* the same record twice */
    review.request.n_reviews = 1;
    review.request.review_id = (char *)id; /* a submission of records */
    assert_refused(bank, &review, "CHUNK_CONFLICT");
    for (int i = 1; i < REVIEWS_MAX; i++)
        review_add(&review, id, i, DISCARD);
    review.request.review_id = (char *)id_of("others review");
    assert_refused(bank, &review, "FIELD_INVALID"); /* too many */
    assert_int_equal(waiting(bank, id), 2);
}

struct racer {
    pthread_t thread;
    struct review review;
    int released;
};

static void *race(void *argument)
{
    struct racer *racer = argument;
    Cix__V1__ReviewQuarantineResponse *response;
    struct cix_error error;

    if (cix_review_quarantine(bank, &racer->review.request, &response, &error)) {
        racer->released = response->released;
        cix_free(response);
    }
    return NULL;
}

static void of_two_reviews_at_once_one_is_done(void **state)
{
    enum { RACERS = 4 };
    static struct racer racers[RACERS];
    const char *id = id_of("race");
    int64_t before = subjects();
    int released = 0;

    (void)state;
    send_doubtful(id, 60, 1);
    for (int i = 0; i < RACERS; i++) {
        review_init(&racers[i].review, id_of(arena_format(&made.arena, "race %d", i)));
        review_add(&racers[i].review, id, 0, RELEASE);
    }
    for (int i = 0; i < RACERS; i++)
        assert_false(pthread_create(&racers[i].thread, NULL, race, &racers[i]));
    for (int i = 0; i < RACERS; i++) {
        assert_false(pthread_join(racers[i].thread, NULL));
        released += racers[i].released;
    }
    assert_int_equal(released, 1);
    assert_int_equal(subjects(), before + 1);
}

/* Of a file that is not committed nothing waits: it may still come to nothing. */
static void a_file_waits_from_its_commit(void **state)
{
    struct cix_submission_options options = {
        .submission_id = id_of("staged"), .mode = FILE_MODE, .patience_ms = 20000};
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmissionCommitted *committed;
    struct cix_submission *submission;
    struct cix_error error;

    (void)state;
    add_doubtful(70);
    chunk.number = 1;
    chunk.records = made.records;
    chunk.n_records = 1;
    assert_true(cix_submission_open(bank, &options, &submission, &error));
    assert_true(cix_submission_send(submission, &chunk, &error));
    assert_int_equal(waiting(bank, options.submission_id), 0);
    assert_true(cix_submission_commit(submission, &committed, &error));
    assert_int_equal(committed->quarantined, 1);
    cix_free(committed);
    cix_submission_close(submission);
    assert_int_equal(waiting(bank, options.submission_id), 1);
}

static void what_nobody_reviews_is_forgotten_with_a_trace(void **state)
{
    static const char expire[] =
        "select cix.quarantine_expire(now() + interval '1 day', array(select 8000 + n from"
        " generate_series(1, 99) n), array(select sha256(n::text::bytea) from"
        " generate_series(1, 99) n), now())::bigint";
    const char *id = id_of("forgotten");
    struct review review = {.request = {.n_reviews = 0}};

    (void)state;
    send_doubtful(id, 80, 2);
    int64_t waits = (int64_t)waiting(bank, "");
    assert_int_equal(count_of("t_expire", expire), waits);
    assert_int_equal(waiting(bank, ""), 0);
    assert_int_equal(count_of("t_audit", "select count(*) from cix.audit where method = 36"),
                     waits);
    assert_int_equal(count_of("t_sealed", "select count(*) from cix.quarantine"
                                          " where sealed_record is not null"),
                     0);
    review_init(&review, id_of("forgotten review"));
    review_add(&review, id, 0, RELEASE);
    assert_refused(bank, &review, "QUARANTINE_REVIEWED");
}

/* Another's client under a made-up name: whoever could release it could ask with that name. */
static void a_name_that_is_not_the_subjects_stays_aside(void **state)
{
    const char *id, *review_id;
    struct review review;

    (void)state;
    contribution_subject(&made, 700);
    contribution_answer_free(contribution_send(&made, other_bank, id_of("stranger-known"), DAILY));
    contribution_done(&made);
    contribution_init(&made);
    id = id_of("stranger");
    review_id = id_of("stranger-review");
    add_doubtful(700)->name = (char *)"Zyx Wvutsr";
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id, DAILY);
    assert_int_equal(result->quarantined, 1);
    contribution_answer_free(result);
    for (int attempt = 0; attempt < 2; attempt++) { /* each waives one of the two rules */
        review_init(&review, review_id);
        review_add(&review, id, 0, RELEASE);
        Cix__V1__ReviewQuarantineResponse *response = review_send(&review);
        assert_int_equal(response->released, 0);
        assert_int_equal(response->quarantined, 1);
        bool has_rule = false;
        for (size_t v = 0; v < response->n_verdicts; v++)
            has_rule = has_rule || !strcmp(response->verdicts[v]->rule, "S016");
        assert_true(has_rule || attempt > 0); /* then the other rule is not waived */
        cix_free(response);
        id = review_id;
        review_id = id_of("stranger-again");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_waits_is_listed_whole_and_to_its_member_alone),
        TEST(a_release_waives_its_rule_and_happens_once),
        TEST(another_rule_still_holds),
        TEST(what_the_store_kept_is_released_too),
        TEST(a_month_loses_its_mark),
        TEST(a_month_put_right_meanwhile_stays_so),
        TEST(a_month_that_is_discarded_keeps_its_mark),
        TEST(reviews_of_others_and_of_nothing_are_refused),
        TEST(of_two_reviews_at_once_one_is_done),
        TEST(a_file_waits_from_its_commit),
        TEST(what_nobody_reviews_is_forgotten_with_a_trace),
        TEST(a_name_that_is_not_the_subjects_stays_aside),
    };

    return cmocka_run_group_tests_name("quarantine", tests, setup, teardown);
}
