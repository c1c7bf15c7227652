/*
 * Goal: whoever's data change is rated again within seconds, however they change; no change is
 * lost and none rated twice, with several servers too; what cannot be kept stops nobody else, and
 * a stop waits for nobody who rates.
 * Method: a whole exchange; records come over mTLS, the operator's acts by the built cixd. Runs of
 * the job inside the test compete with that of the server.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "job/rating.h"
#include "job/standards_poll.h"
#include "support/contribution.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/shell.h"
#include "support/standard.h"
#include "support/tlsclient.h"

#include "support/cmocka.h"

enum {
    DEAD = 1,
    FROZEN,
    FILED,
    WRITTEN,
    MANY = 100,
    CROWD = 1200,
    EVERYBODY = CROWD + WRITTEN,
    RUNS = 40
};

static struct exchange exchange;
static struct dossier dossier;
static struct arena arena;
static struct cix_client *bank;
static int64_t dead, frozen;

static const char *text(void)
{
    const char *text = small_standard_with(&arena, "valid ", "valid 2024-01-01 2039-12-31");

    text = standard_text_with(&arena, text, "reason E08 ",
                              "reason E04 \"deceased\" \"死亡\"\nreason E06 \"frozen\" \"冻结\"\n"
                              "reason E08 \"stale\" \"陈旧\"");
    return standard_text_with(&arena, text, "exclude no-file ",
                              "exclude deceased E04\nexclude frozen E06\nexclude no-file E01");
}

static int64_t add_subject(int64_t k)
{
    struct person person;

    person_make(k, &person);
    return dossier_subject(&dossier, &person, "bank-one");
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    dossier_open(&dossier, &exchange);
    bank = exchange_client(&exchange, "bank-one");
    dead = add_subject(DEAD);
    frozen = add_subject(FROZEN);
    exchange_standard(&exchange, 1, text());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    dossier_close(&dossier);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

/* Waits until this is what excludes the subject. */
static void assert_excluded(int64_t subject, const char *code)
{
    const char *sql = arena_format(&arena,
                                   "select count(*) from (select exclusion from cix.rating where"
                                   " subject_id = %lld order by rating_id desc limit 1) r"
                                   " where exclusion = '%s'",
                                   (long long)subject, code);

    if (dossier_number_when(&dossier, sql, 1) != 1)
        fail_msg("the subject is not excluded by %s", code);
}

static void cixd(const char *words)
{
    const char *output;

    if (kept_command(&exchange, &arena, words, &output) != 0)
        fail_msg("%s: %s", words, output);
}

static void a_status_that_the_operator_sets_is_rated_soon(void **state)
{
    (void)state;
    assert_excluded(dead, "E02");
    cixd(arena_format(&arena,
                      "subject status %lld deceased --reason order --document %s/bank-one.pem",
                      (long long)dead, exchange.folder));
    assert_excluded(dead, "E04");
    cixd(arena_format(&arena,
                      "subject status %lld active --reason error --document %s/bank-one.pem",
                      (long long)dead, exchange.folder));
    assert_excluded(dead, "E02");
}

static void freeze(char *id)
{
    static uint8_t hash[32] = {7};
    Cix__V1__SetProtectionRequest request = CIX__V1__SET_PROTECTION_REQUEST__INIT;
    Cix__V1__SetProtectionResponse *response;
    Cix__V1__Identifier identifier = CIX__V1__IDENTIFIER__INIT;
    struct cix_error error;
    struct person person;

    person_make(FROZEN, &person);
    identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    identifier.value = person.number;
    request.protection_id = id;
    request.identifier = &identifier;
    request.name = person.name;
    request.kind = CIX__V1__PROTECTION_KIND__PROTECTION_KIND_INQUIRY_BLOCK;
    request.document_hash = (ProtobufCBinaryData){sizeof(hash), hash};
    if (!cix_set_protection(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

static void unfreeze(char *id)
{
    Cix__V1__EndProtectionRequest request = CIX__V1__END_PROTECTION_REQUEST__INIT;
    Cix__V1__EndProtectionResponse *response;
    struct cix_error error;

    request.protection_id = id;
    if (!cix_end_protection(bank, &request, &response, &error))
        fail_msg("%s (%s)", error.message, error.reason);
    cix_free(response);
}

static void a_freeze_that_is_lifted_is_rated_soon(void **state)
{
    static char ids[2][37] = {"b7000000-0000-4000-8000-000000000001",
                              "b7000000-0000-4000-8000-000000000002"};

    (void)state;
    freeze(ids[0]);
    assert_excluded(frozen, "E06");
    unfreeze(ids[0]);
    assert_excluded(frozen, "E02");
    freeze(ids[1]);
    assert_excluded(frozen, "E06");
    cixd(arena_format(
        &arena, "subject lift %lld %lld --reason order --document %s/bank-one.pem",
        (long long)frozen,
        (long long)dossier_number(
            &dossier, "select protection_id from cix.protection where ended_at is null"),
        exchange.folder));
    assert_excluded(frozen, "E02");
}

/* Records from first on as a chunk. */
static void send_chunk(struct cix_submission *submission, struct contribution *contribution,
                       int32_t number, size_t first)
{
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    struct cix_error error;

    chunk.number = number;
    chunk.n_records = contribution->count - first;
    chunk.records = contribution->records + first;
    assert_true(cix_submission_send(submission, &chunk, &error));
}

static void *commit(void *submission)
{
    Cix__V1__SubmissionCommitted *committed;
    struct cix_error error;

    if (!cix_submission_commit(submission, &committed, &error) || committed->accepted != 3)
        return NULL;
    cix_free(committed);
    return submission;
}

/* Its rows are recorded as of when it begins; the job looks several times before they are seen. */
static void a_file_that_is_committed_slowly_is_rated_soon(void **state)
{
    static const char kept[] = "select count(*) from cix.rating";
    const struct cix_submission_options options = {
        .submission_id = "5e000000-0000-4000-8000-000000000001",
        .mode = CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE,
        .patience_ms = 30000};
    int64_t before = dossier_number(&dossier, kept);
    struct contribution contribution;
    struct cix_submission *submission;
    struct cix_error error;
    pthread_t thread;
    void *good;

    (void)state;
    contribution_init(&contribution);
    contribution_subject(&contribution, FILED);
    contribution_account(&contribution, FILED, 1);
    assert_true(cix_submission_open(bank, &options, &submission, &error));
    send_chunk(submission, &contribution, 1, 0);
    contribution_month(&contribution, FILED, 1, 202401, 9000000);
    send_chunk(submission, &contribution, 2, 2);
    /* The second chunk waits for us. */
    assert_true(db_begin(&dossier.ctx, dossier.db));
    dossier_number(&dossier, "lock table cix.performance_delta in share mode");
    assert_int_equal(pthread_create(&thread, NULL, commit, submission), 0);
    sleep(5);
    assert_int_equal(dossier_number(&dossier, kept), before);
    assert_true(db_commit(&dossier.ctx, dossier.db));
    pthread_join(thread, &good);
    assert_non_null(good);
    assert_int_equal(dossier_number_when(&dossier, kept, before + 1), before + 1);
    cix_submission_close(submission);
    contribution_done(&contribution);
}

/* ---- The job in the test's hands ---- */

static void be_the_one_that_rates(struct ctx *ctx)
{
    bool is_ours = false;

    while (!is_ours) {
        assert_true(rating_begin(ctx, exchange.admin, &is_ours));
        usleep(20 * 1000);
    }
}

/* One change of person WRITTEN, under a submission of its own. */
struct change {
    const char *what;
    void (*make)(struct contribution *contribution);
    bool is_of_court;
};

static void give_subject(struct contribution *contribution)
{
    contribution_subject(contribution, WRITTEN);
}

static void give_account(struct contribution *contribution)
{
    contribution_account(contribution, WRITTEN, 1);
}

static void give_month(struct contribution *contribution)
{
    contribution_month(contribution, WRITTEN, 1, 202401, 9000000);
}

static void replace_month(struct contribution *contribution)
{
    contribution_month(contribution, WRITTEN, 1, 202401, 8000000);
    contribution_correct(contribution);
}

static void take_back(struct contribution *contribution)
{
    contribution_correct(contribution);
    contribution->records[contribution->count - 1]->correction->action =
        CIX__V1__CORRECTION_ACTION__CORRECTION_ACTION_DELETE;
}

static void delete_month(struct contribution *contribution)
{
    contribution_month(contribution, WRITTEN, 1, 202401, 8000000);
    take_back(contribution);
}

static void delete_account(struct contribution *contribution)
{
    contribution_account(contribution, WRITTEN, 1);
    take_back(contribution);
}

static void delete_subject(struct contribution *contribution)
{
    contribution_subject(contribution, WRITTEN);
    take_back(contribution);
}

static void give_flag(struct contribution *contribution)
{
    contribution_flag(contribution, WRITTEN, "f7000000-0000-4000-8000-000000000001");
}

static void delete_flag(struct contribution *contribution)
{
    give_flag(contribution);
    take_back(contribution);
}

static const struct change changes[] = {
    {"a subject", give_subject, false},
    {"an account", give_account, false},
    {"a month", give_month, false},
    {"a month put right", replace_month, false},
    {"a listing", give_flag, true},
    {"a listing taken back", delete_flag, true},
    {"a month taken back", delete_month, false},
    {"an account taken back", delete_account, false},
    {"a subject taken back", delete_subject, false},
};

static void assert_noted(const char *what)
{
    if (!dossier_number(&dossier, "with gone as (delete from cix.rating_change returning subjects)"
                                  " select count(*) from gone where subjects @> array("
                                  "select max(subject_id) from cix.subject)"))
        fail_msg("%s is not noted", what);
}

static void back_out(struct cix_client *client, char *submission_id)
{
    Cix__V1__BackOutSubmissionRequest request = CIX__V1__BACK_OUT_SUBMISSION_REQUEST__INIT;
    Cix__V1__BackOutSubmissionResponse *response;
    struct cix_error error;
    bool is_done = false;

    request.submission_id = submission_id;
    request.reason = CIX__V1__CORRECTION_REASON__CORRECTION_REASON_OWN_ERROR;
    request.note = (char *)"the wrong file";
    while (!is_done) {
        if (!cix_back_out_submission(client, &request, &response, &error))
            fail_msg("%s (%s)", error.message, error.reason);
        is_done = response->phase == CIX__V1__BACK_OUT_PHASE__BACK_OUT_PHASE_DONE;
        cix_free(response);
    }
}

/* All of it, and then each submission taken back, the latest first. */
static void whatever_ratings_read_is_noted_by_who_writes_it(void **state)
{
    struct cix_client *court = exchange_client(&exchange, "court-one");
    char ids[ARRAY_LENGTH(changes)][37];
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    be_the_one_that_rates(&ctx);
    dossier_number(&dossier, "delete from cix.rating_change");
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        struct contribution contribution;

        contribution_init(&contribution);
        changes[i].make(&contribution);
        person_uuid("noted", (int64_t)i, ids[i]);
        Cix__V1__ChunkResult *result =
            contribution_send(&contribution, changes[i].is_of_court ? court : bank, ids[i],
                              CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
        if (result->accepted != 1)
            fail_msg("%s is not taken", changes[i].what);
        contribution_answer_free(result);
        contribution_done(&contribution);
        assert_noted(changes[i].what);
    }
    for (size_t i = ARRAY_LENGTH(changes); i-- > 0;) {
        back_out(changes[i].is_of_court ? court : bank, ids[i]);
        assert_noted(arena_format(&arena, "the back-out of %s", changes[i].what));
    }
    assert_true(rating_end(&ctx, exchange.admin));
    cix_close(court);
}

static void touch(int64_t subject)
{
    dossier_number(&dossier,
                   arena_format(&arena,
                                "with t as (insert into cix.rating_change (subjects)"
                                " values (array[%lld]) returning 1) select count(*) from t",
                                (long long)subject));
}

static int64_t due(void)
{
    return dossier_number(&dossier, "select count(*) from cix.rating_due");
}

static void look(struct ctx *ctx, struct rating_work *work)
{
    assert_true(rating_pass_open(ctx, exchange.admin, clock_now_us(), work));
}

/* Writes nothing of a slice, and moves on. */
static void put(struct ctx *ctx, const struct rating_slice *slice, int64_t turn)
{
    struct rating_put put = {.pass = RATING_PASS_DUE,
                             .after = slice->ask.after,
                             .through = slice->through,
                             .turn = turn,
                             .now_us = clock_now_us(),
                             .today = slice->ask.today};
    int written;

    assert_true(rating_put(ctx, exchange.admin, &put, &written));
    assert_int_equal(written, 0);
}

static void a_change_while_its_subject_is_rated_is_not_lost(void **state)
{
    struct rating_ask ask = {
        .pass = RATING_PASS_DUE, .most = 1, .today = clock_day_of(clock_now_us())};
    struct rating_work first, second;
    struct rating_slice slice;
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    be_the_one_that_rates(&ctx);
    look(&ctx, &first);
    dossier_number(&dossier, "delete from cix.rating_due");
    touch(frozen);
    touch(dead);
    touch(frozen);
    look(&ctx, &first);
    assert_true(first.is_due);
    assert_int_equal(due(), 2);
    assert_true(rating_slice(&ctx, exchange.admin, &ask, &slice));
    assert_int_equal(slice.count, 1);
    assert_int_equal(slice.subjects[0], dead < frozen ? dead : frozen);
    touch(dead);
    touch(frozen);
    look(&ctx, &second);
    assert_true(second.turn > first.turn);
    put(&ctx, &slice, first.turn);
    assert_int_equal(due(), 2); /* both changed since */
    put(&ctx, &slice, second.turn);
    assert_int_equal(due(), 1); /* the other one was not read */
    touch(slice.subjects[0]);
    assert_true(rating_end(&ctx, exchange.admin));
    assert_int_equal(dossier_number_when(&dossier,
                                         "select (select count(*) from cix.rating_due)"
                                         " + (select count(*) from cix.rating_change)",
                                         0),
                     0);
}

static void install(void *user, uint64_t revision, const struct standard_versions *versions)
{
    struct standards_text texts[1];

    assert_int_equal(versions->count, 1);
    texts[0] = (struct standards_text){.number = versions->items[0].number,
                                       .digest = versions->items[0].digest,
                                       .text = versions->items[0].text};
    standards_load(user, revision, texts, 1, NULL, NULL);
}

/* However many one note names, it is taken, and holds back none that stands behind it. */
static void a_note_of_very_many_is_taken(void **state)
{
    struct rating_work work;
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    be_the_one_that_rates(&ctx);
    dossier_number(&dossier,
                   arena_format(&arena,
                                "with t as (insert into cix.rating_change (subjects) select"
                                " array_fill(%lld::bigint, array[100001]) returning 1)"
                                " select count(*) from t",
                                (long long)dead));
    look(&ctx, &work);
    assert_true(work.is_due);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.rating_change"), 0);
    assert_true(rating_end(&ctx, exchange.admin));
}

/* A server's job, without the rest of it. */
static void *compete(void *standards)
{
    struct rating_job job = {.standards = standards, .database_uri = exchange.database.uri};
    struct db *db = test_database_connect(&exchange.database, DB_ROLE_ADMIN);
    struct arena own;
    struct ctx ctx;
    bool has_more, is_good = true;

    arena_init(&own, 0);
    ctx_init(&ctx, &own);
    for (int i = 0; i < RUNS && is_good; i++) {
        is_good = rating_job_run(&ctx, db, &job, &has_more);
        usleep(50 * 1000);
    }
    arena_done(&own);
    db_close(db);
    return is_good ? standards : NULL;
}

static struct standards *standards_of_now(void)
{
    struct standards *standards = standards_new();
    struct standards_poll poll = {.install = install, .user = standards};
    struct ctx ctx;
    bool has_more;

    ctx_init(&ctx, &arena);
    assert_true(standards_poll_run(&ctx, exchange.admin, &poll, &has_more));
    return standards;
}

/* All went well, but others cannot be let rate: that is told, and nothing else ends. */
static void a_run_that_cannot_end_fails_and_says_why(void **state)
{
    struct standards *standards = standards_of_now();
    struct rating_job job = {.standards = standards, .database_uri = exchange.database.uri};
    struct ctx ctx, run;
    bool has_more;

    (void)state;
    ctx_init(&ctx, &arena);
    ctx_init(&run, &arena);
    be_the_one_that_rates(&ctx);
    dossier_number(&dossier, "do $$ begin revoke execute on function cix.rating_end() from"
                             " cix_admin; end $$");
    assert_false(rating_job_run(&run, exchange.admin, &job, &has_more));
    assert_int_equal(run.error.code, ERR_INTERNAL);
    assert_non_null(strstr(run.error.message, "rating_end"));
    dossier_number(&dossier, "do $$ begin grant execute on function cix.rating_end() to cix_admin;"
                             " end $$");
    /* Once for the run, once for us. */
    assert_true(rating_end(&ctx, exchange.admin) && rating_end(&ctx, exchange.admin));
    standards_free(standards);
}

/* Everybody in a pass over all, and everybody changes at the same time. */
static void several_servers_neither_lose_nor_double(void **state)
{
    struct standards *standards = standards_of_now();
    pthread_t threads[2];
    void *good;

    (void)state;
    for (int i = 0; i < CROWD; i++)
        add_subject(MANY + i);
    dossier_number(&dossier,
                   "with gone as (delete from cix.rating returning 1), noted as (insert"
                   " into cix.rating_change (subjects) select array_agg(subject_id)"
                   " from cix.subject), old as (update cix.rating_pass set"
                   " from_at = now() - interval '2 days', to_at = now() - interval '2 days'"
                   " where kind = 1 returning 1)"
                   " select count(*) from gone");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, compete, standards), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &good);
        assert_non_null(good);
    }
    standards_free(standards);
    assert_int_equal(dossier_number_when(&dossier, "select count(*) from cix.rating", EVERYBODY),
                     EVERYBODY);
    assert_int_equal(dossier_number_when(&dossier, "select count(*) from cix.rating_due", 0), 0);
    assert_int_equal(
        dossier_number_when(&dossier,
                            "select is_open::int::bigint from cix.rating_pass where kind = 1", 0),
        0);
    assert_int_equal(dossier_number(&dossier, "select count(distinct subject_id) from cix.rating"),
                     EVERYBODY);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.rating"), EVERYBODY);
}

/* A number of the operators' port; -1: not there. */
static int64_t metric(const char *name)
{
    static char page[400000];
    static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
    size_t size = 0;
    ssize_t part;
    int fd = tcp_connect(NULL, exchange.admin_port, 5000);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
    while (size < sizeof(page) - 1 && (part = read(fd, page + size, sizeof(page) - 1 - size)) > 0)
        size += (size_t)part;
    page[size] = '\0';
    close(fd);
    const char *line = strstr(page, arena_format(&arena, "\n%s ", name));
    return line ? strtoll(strchr(line, ' '), NULL, 10) : -1;
}

/* Two of one slice that the table refuses, for whatever reason. */
static void what_cannot_be_kept_is_told_and_stops_nobody(void **state)
{
    const char *refused =
        arena_format(&arena, "subject_id in (%lld, %lld)", (long long)dead, (long long)frozen);

    (void)state;
    assert_true(metric("cix_rating_skipped_total") <= 0);
    dossier_number(&dossier,
                   arena_format(&arena,
                                "do $$ begin delete from cix.rating; alter table cix.rating add"
                                " constraint refused check (not %s); end $$",
                                refused));
    dossier_number(&dossier, "with n as (insert into cix.rating_change (subjects) select"
                             " array_agg(subject_id) from cix.subject returning 1)"
                             " select count(*) from n");
    assert_int_equal(
        dossier_number_when(&dossier, "select count(*) from cix.rating", EVERYBODY - 2),
        EVERYBODY - 2);
    assert_int_equal(dossier_number_when(&dossier, "select count(*) from cix.rating_due", 0), 0);
    assert_int_equal(metric("cix_rating_skipped_total"), 2);
    assert_true(exchange_log_has(&exchange, "\"ratings_skipped\",\"count\":2"));
    dossier_number(&dossier, "do $$ begin alter table cix.rating drop constraint refused; end $$");
    touch(dead);
    assert_int_equal(
        dossier_number_when(&dossier, "select count(*) from cix.rating", EVERYBODY - 1),
        EVERYBODY - 1);
}

/* While another one is to rate and does not, the oldest change waits. */
static void operators_see_how_far_ratings_are_behind(void **state)
{
    int64_t now_s = clock_now_us() / 1000000;
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    assert_true(metric("cix_rating_pass_timestamp_seconds") > now_s - 3600);
    be_the_one_that_rates(&ctx);
    dossier_number(&dossier, arena_format(&arena,
                                          "with n as (insert into cix.rating_change values"
                                          " (now() - interval '10 hours', array[%lld]) returning 1)"
                                          " select count(*) from n",
                                          (long long)dead));
    for (int i = 0; i < 100 && metric("cix_rating_lag_seconds") < 36000; i++)
        usleep(100 * 1000);
    assert_true(metric("cix_rating_lag_seconds") >= 36000);
    assert_true(rating_end(&ctx, exchange.admin));
    for (int i = 0; i < 300 && metric("cix_rating_lag_seconds") > 60; i++)
        usleep(100 * 1000);
    assert_true(metric("cix_rating_lag_seconds") <= 60);
}

/* Else what is read waits until our transaction was idle for too long; we cannot end it then. */
static void a_stop_cuts_off_whoever_reads(void **state)
{
    static const struct statement lock = {"lock",
                                          "lock table cix.subject in access exclusive mode"};
    struct db *owner = exchange_owner(&exchange);
    struct rating_work work;
    struct ctx ctx;

    (void)state;
    ctx_init(&ctx, &arena);
    be_the_one_that_rates(&ctx);
    touch(dead);
    look(&ctx, &work);
    assert_true(work.is_due);
    assert_true(db_begin(&ctx, owner) && db_run(&ctx, owner, &lock, NULL, NULL));
    assert_true(rating_end(&ctx, exchange.admin));
    assert_int_equal(
        dossier_number_when(&dossier,
                            "select count(*) from pg_stat_activity where wait_event_type ="
                            " 'Lock' and application_name = 'cixd rating read'",
                            1),
        1);
    exchange_end(&exchange);
    assert_false(exchange_log_has(&exchange, "\"job_failed\""));
    assert_true(db_commit(&ctx, owner));
    db_close(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_that_the_operator_sets_is_rated_soon),
        cmocka_unit_test(a_freeze_that_is_lifted_is_rated_soon),
        cmocka_unit_test(a_file_that_is_committed_slowly_is_rated_soon),
        cmocka_unit_test(whatever_ratings_read_is_noted_by_who_writes_it),
        cmocka_unit_test(a_change_while_its_subject_is_rated_is_not_lost),
        cmocka_unit_test(a_note_of_very_many_is_taken),
        cmocka_unit_test(a_run_that_cannot_end_fails_and_says_why),
        cmocka_unit_test(several_servers_neither_lose_nor_double),
        cmocka_unit_test(what_cannot_be_kept_is_told_and_stops_nobody),
        cmocka_unit_test(operators_see_how_far_ratings_are_behind),
        cmocka_unit_test(a_stop_cuts_off_whoever_reads),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
