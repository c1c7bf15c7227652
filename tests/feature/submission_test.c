/*
 * Goal: members' records go in once and whole, each record with its verdict; what was answered is
 * answered again; nothing of a refused chunk is written; mode FILE is all or nothing; what is kept
 * equals what is rebuilt.
 * Method: a whole exchange, libcix over mTLS.
 */
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"

#define DAILY     CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY
#define FILE_MODE CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE

static struct exchange exchange;
static struct cix_client *bank, *other_bank, *court, *regulator;
static struct contribution made;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    exchange_member(&exchange, "regulator", MEMBER_TYPE_REGULATOR_ADMIN);
    bank = exchange_client(&exchange, "bank-one");
    other_bank = exchange_client(&exchange, "bank-two");
    court = exchange_client(&exchange, "court-one");
    regulator = exchange_client(&exchange, "regulator");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cix_close(bank);
    cix_close(other_bank);
    cix_close(court);
    cix_close(regulator);
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
    static char id[37];

    person_uuid(salt, 1, id);
    return id;
}

/* Shows the first row that differs. */
static void assert_kept_is_rebuilt(void)
{
    static const struct statement check = {
        "rebuild_check", "select part, kept, rebuilt from cix.rebuild_check() limit 1"};
    struct arena arena;
    struct ctx ctx;
    struct params params;
    struct rows rows = {0};

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, exchange.admin, &check, &params, &rows))
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
    if (rows_next(&rows))
        fail_msg("%s: kept %s, rebuilt %s", rows_text(&rows, 0), rows_text(&rows, 1),
                 rows_text(&rows, 2));
    rows_done(&rows);
    arena_done(&arena);
}

/* Verdicts beside those of S006: the made persons' region was never assigned. */
static int verdicts_beside(const Cix__V1__ChunkResult *result)
{
    int count = 0;

    for (size_t i = 0; i < result->n_verdicts; i++)
        count += strcmp(result->verdicts[i]->rule, "S006") != 0;
    return count;
}

static void records_of_every_kind_are_taken(void **state)
{
    char consent_id[37], flag_id[37];

    (void)state;
    person_uuid("consent", 1, consent_id);
    person_uuid("flag", 1, flag_id);
    contribution_consent(&made, 1, consent_id, 20260101, 20261231);
    contribution_subject(&made, 1);
    contribution_account(&made, 1, 0);
    for (int i = 0; i < 6; i++)
        contribution_month(&made, 1, 0, 202601 + i, 9000000 - i * 100000);
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id_of("every"), DAILY);
    assert_int_equal(result->accepted, 9);
    assert_int_equal(verdicts_beside(result), 0);
    assert_false(result->is_replay);
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
    contribution_flag(&made, 1, flag_id);
    result = contribution_send(&made, court, id_of("every-flag"), DAILY);
    assert_int_equal(verdicts_beside(result), 0);
    assert_int_equal(result->accepted, 1);
    contribution_answer_free(result);
    assert_kept_is_rebuilt();
}

static void each_record_has_its_verdict(void **state)
{
    (void)state;
    contribution_subject(&made, 2)->identifiers[0]->value[17] = '?';
    contribution_account(&made, 99, 0);
    contribution_subject(&made, 3);
    contribution_account(&made, 3, 0);
    contribution_month(&made, 3, 0, 202601, -1);
    contribution_month(&made, 98, 0, 202601, 1);
    contribution_subject(&made, 4)->sex = 7;
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id_of("verdicts"), DAILY);
    assert_non_null(contribution_verdict(result, 0, "S002"));
    assert_string_equal(contribution_verdict(result, 0, "S002")->field,
                        "subject.identifiers[0].value");
    assert_non_null(contribution_verdict(result, 1, "A022"));
    assert_true(strlen(contribution_verdict(result, 1, "A022")->reason) > 0);
    assert_non_null(contribution_verdict(result, 4, "M003"));
    assert_string_equal(contribution_verdict(result, 4, "M003")->field, "performance.balance");
    assert_non_null(contribution_verdict(result, 5, "M001"));
    assert_non_null(contribution_verdict(result, 6, "E001"));
    assert_int_equal(result->accepted, 2);
    assert_int_equal(result->rejected, 5);
    contribution_answer_free(result);
}

static void identifiers_of_two_subjects_are_refused(void **state)
{
    (void)state;
    static Cix__V1__Identifier passport = CIX__V1__IDENTIFIER__INIT;
    passport.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_PASSPORT;
    passport.value = (char *)"E00000001";
    contribution_subject(&made, 10);
    Cix__V1__Subject *second = contribution_subject(&made, 11);
    Cix__V1__Subject *both = contribution_subject(&made, 10);
    second->identifiers[second->n_identifiers++] = &passport;
    both->identifiers[both->n_identifiers++] = &passport;
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id_of("two"), DAILY);
    assert_non_null(contribution_verdict(result, 2, "S024"));
    assert_int_equal(result->accepted, 2);
    contribution_answer_free(result);
}

static void a_chunk_is_answered_again_and_never_taken_twice(void **state)
{
    struct cix_error error;

    (void)state;
    contribution_subject(&made, 20);
    contribution_account(&made, 20, 0);
    contribution_month(&made, 20, 0, 202602, 500);
    contribution_month(&made, 21, 0, 202602, 500);
    Cix__V1__ChunkResult *first = contribution_send(&made, bank, id_of("again"), DAILY);
    Cix__V1__ChunkResult *second = contribution_send(&made, bank, id_of("again"), DAILY);
    assert_false(first->is_replay);
    assert_true(second->is_replay);
    assert_int_equal(second->accepted, first->accepted);
    assert_int_equal(second->rejected, 1);
    assert_int_equal(second->n_verdicts, first->n_verdicts);
    for (size_t i = 0; i < first->n_verdicts; i++) {
        assert_string_equal(second->verdicts[i]->rule, first->verdicts[i]->rule);
        assert_string_equal(second->verdicts[i]->reason, first->verdicts[i]->reason);
    }
    contribution_answer_free(first);
    contribution_answer_free(second);
    made.records[2]->performance->balance = 501;
    assert_false(contribution_try(&made, bank, id_of("again"), DAILY, NULL, &error));
    assert_string_equal(error.reason, "CHUNK_CONFLICT");
    assert_int_equal(error.status, CIX_ALREADY_EXISTS);
    assert_false(contribution_try(&made, bank, id_of("again"), FILE_MODE, NULL, &error));
    assert_string_equal(error.reason, "SUBMISSION_CONFLICT");
    assert_kept_is_rebuilt();
}

/* The outstanding amount of the member's product in a month, or -1 when the cell is kept back. */
static int64_t outstanding(int32_t period)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    struct cix_error error;

    request.period = period;
    request.currency = (char *)"CNY";
    request.dimension = CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_PRODUCT;
    if (!cix_get_statistic(regulator, &request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    int64_t amount = 0;
    if (response->n_cells > 0)
        amount = response->total->content_case == CIX__V1__STATISTIC_CELL__CONTENT_FIGURES
                     ? response->total->figures->outstanding
                     : -1;
    cix_free(response);
    return amount;
}

static void mode_file_is_all_or_nothing(void **state)
{
    const struct cix_submission_options options = {
        .submission_id = id_of("file"), .mode = FILE_MODE, .patience_ms = 20000};
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmissionCommitted *committed;
    struct cix_submission *submission;
    struct cix_error error;

    (void)state;
    for (int k = 100; k < 120; k++) {
        contribution_subject(&made, k);
        contribution_account(&made, k, 0);
        contribution_month(&made, k, 0, 202507, 100);
    }
    contribution_month(&made, 199, 0, 202507, 100);
    assert_true(cix_submission_open(bank, &options, &submission, &error));
    chunk.number = 1;
    chunk.n_records = made.count;
    chunk.records = made.records;
    assert_true(cix_submission_send(submission, &chunk, &error));
    cix_submission_close(submission);
    assert_int_equal(outstanding(202507), 0);
    assert_true(cix_submission_open(bank, &options, &submission, &error));
    assert_true(cix_submission_send(submission, &chunk, &error)); /* sent, perhaps not taken yet */
    if (!cix_submission_commit(submission, &committed, &error))
        fail_msg("%s: %s", error.reason, error.message);
    assert_int_equal(committed->accepted, 60);
    assert_int_equal(committed->rejected, 1);
    assert_string_equal(committed->verdicts[committed->n_verdicts - 1]->rule, "M001");
    assert_int_equal(committed->verdicts[committed->n_verdicts - 1]->index, 60);
    cix_free(committed);
    cix_submission_close(submission);
    assert_int_equal(outstanding(202507), 2000);
    assert_kept_is_rebuilt();
}

static void kinds_that_are_not_the_members_are_refused(void **state)
{
    char flag_id[37];
    struct cix_error error;

    (void)state;
    person_uuid("flag", 50, flag_id);
    contribution_flag(&made, 50, flag_id);
    Cix__V1__ChunkResult *result = contribution_send(&made, bank, id_of("flag"), DAILY);
    assert_non_null(contribution_verdict(result, 0, "P002"));
    contribution_answer_free(result);
    assert_false(contribution_try(&made, regulator, id_of("flag-2"), DAILY, NULL, &error));
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
}

static void a_submission_is_read_by_pages_and_by_its_member_alone(void **state)
{
    Cix__V1__GetSubmissionRequest request = CIX__V1__GET_SUBMISSION_REQUEST__INIT;
    Cix__V1__GetSubmissionResponse *response;
    struct cix_error error;
    int seen = 0;

    (void)state;
    for (int i = 0; i < 7; i++)
        contribution_month(&made, 300 + i, 0, 202601, 1);
    contribution_answer_free(contribution_send(&made, bank, id_of("pages"), DAILY));
    request.submission_id = (char *)id_of("pages");
    request.page_size = 3;
    for (int page = 0; page < 3; page++) {
        if (!cix_get_submission(bank, &request, &response, &error))
            fail_msg("%s: %s", error.reason, error.message);
        for (size_t i = 0; i < response->n_verdicts; i++)
            assert_int_equal(response->verdicts[i]->index, seen++);
        assert_int_equal(response->rejected, 7);
        request.page_token = arena_string(&made.arena, response->next_page_token);
        assert_int_equal(*request.page_token == '\0', page == 2);
        cix_free(response);
    }
    assert_int_equal(seen, 7);
    request.page_token = (char *)"00.1.1.M001";
    assert_false(cix_get_submission(bank, &request, &response, &error));
    assert_string_equal(error.reason, "PAGE_TOKEN");
    request.page_token = (char *)"";
    assert_false(cix_get_submission(other_bank, &request, &response, &error));
    assert_string_equal(error.reason, "SUBMISSION_UNKNOWN");
}

static void run_as_owner(const char *sql)
{
    struct db *owner = exchange_owner(&exchange);
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, owner, sql))
        fail_msg("%s", ctx.error.message);
    arena_done(&arena);
    db_close(owner);
}

/* The exchange opens each new stream, so a client that took that for progress would never end. */
static void patience_ends_with_a_chunk_that_never_passes(void **state)
{
    const struct cix_submission_options options = {
        .submission_id = id_of("never"), .mode = DAILY, .patience_ms = 3000};
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmissionCommitted *committed;
    struct cix_submission *submission;
    struct cix_error error;

    (void)state;
    run_as_owner("create function cix.t_never() returns trigger language plpgsql as $$begin"
                 " raise exception 'never' using errcode = 'serialization_failure'; end$$;"
                 "create trigger t_never before insert on cix.subject execute function"
                 " cix.t_never()");
    contribution_subject(&made, 70);
    chunk.number = 1;
    chunk.n_records = made.count;
    chunk.records = made.records;
    assert_true(cix_submission_open(bank, &options, &submission, &error));
    bool is_taken = cix_submission_send(submission, &chunk, &error) &&
                    cix_submission_commit(submission, &committed, &error);
    cix_submission_close(submission);
    run_as_owner("drop trigger t_never on cix.subject; drop function cix.t_never()");
    assert_false(is_taken);
    assert_string_equal(error.reason, "SERIALIZATION");
}

static void two_members_report_one_subject(void **state)
{
    (void)state;
    contribution_subject(&made, 60);
    contribution_account(&made, 60, 0);
    contribution_answer_free(contribution_send(&made, bank, id_of("one"), DAILY));
    Cix__V1__ChunkResult *result = contribution_send(&made, other_bank, id_of("two-banks"), DAILY);
    assert_int_equal(result->accepted, 2);
    contribution_answer_free(result);
    contribution_done(&made);
    contribution_init(&made);
    Cix__V1__Account *moved = contribution_account(&made, 61, 0);
    contribution_subject(&made, 61);
    moved->account_no = arena_string(&made.arena, "A60-0");
    result = contribution_send(&made, bank, id_of("moved"), DAILY);
    assert_non_null(contribution_verdict(result, 0, "A001"));
    contribution_answer_free(result);
}

static void a_statistic_needs_its_role(void **state)
{
    Cix__V1__GetStatisticRequest request = CIX__V1__GET_STATISTIC_REQUEST__INIT;
    Cix__V1__GetStatisticResponse *response;
    struct cix_error error;

    (void)state;
    request.period = 202601;
    request.currency = (char *)"CNY";
    request.dimension = CIX__V1__STATISTIC_DIMENSION__STATISTIC_DIMENSION_PRODUCT;
    assert_false(cix_get_statistic(bank, &request, &response, &error));
    assert_int_equal(error.status, CIX_PERMISSION_DENIED);
    request.currency = (char *)"XAU";
    assert_false(cix_get_statistic(regulator, &request, &response, &error));
    assert_string_equal(error.reason, "CURRENCY_INVALID");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_of_every_kind_are_taken),
        TEST(each_record_has_its_verdict),
        TEST(identifiers_of_two_subjects_are_refused),
        TEST(a_chunk_is_answered_again_and_never_taken_twice),
        TEST(mode_file_is_all_or_nothing),
        TEST(kinds_that_are_not_the_members_are_refused),
        TEST(a_submission_is_read_by_pages_and_by_its_member_alone),
        TEST(patience_ends_with_a_chunk_that_never_passes),
        TEST(two_members_report_one_subject),
        TEST(a_statistic_needs_its_role),
    };

    return cmocka_run_group_tests_name("submission", tests, setup, teardown);
}
