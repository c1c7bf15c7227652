/*
 * Goal: a whole file is what its member declared, comes in once, is held when too much of it is
 * wrong or missing, and does not lie about for ever (rules F003 to F009).
 * Method: a whole exchange, libcix over mTLS; files of one or two chunks with right and wrong
 * declarations; two streams at once; a job's function with a clock that is ahead.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "domain/code.h"
#include "support/cmocka.h"
#include "support/contribution.h"
#include "support/exchange.h"
#include "support/person.h"
#include "wire/control.h"

#define DAILY     CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY
#define FILE_MODE CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_FILE

static struct exchange exchange;
static struct cix_client *bank, *other_bank;
static struct contribution made;

/* A declaration with its parts. */
struct declaration {
    Cix__V1__Declaration message;
    uint8_t hash[32];
    struct control control;
    Cix__V1__ControlTotal totals[4], *list[4];
};

/* How a file goes in. */
struct file {
    const char *id;
    Cix__V1__SubmissionMode mode;
    int32_t period;
    const Cix__V1__Declaration *declaration;
    const char *explanation;
    bool accepts_held;
    int64_t records; /* committed: in all */
    char earlier[37];
    struct cix_error error;
};

static int setup(void **state)
{
    static const char *const flags[] = {"--files-open=4", "--file-records-max=500", NULL};

    (void)state;
    exchange_start(&exchange, flags);
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

    person_uuid(salt, 7, id);
    return arena_string(&made.arena, id);
}

/* Declares what was made so far; hash: first byte of the file's digest, 0: none. */
static void declare(struct declaration *declaration, uint8_t hash)
{
    *declaration = (struct declaration){.hash = {hash}};
    cix__v1__declaration__init(&declaration->message);
    for (size_t i = 0; i < made.count; i++)
        control_add(&declaration->control, made.records[i]);
    declaration->message.records = (int64_t)made.count;
    declaration->message.schema_version = 1;
    declaration->message.file_hash.data = declaration->hash;
    declaration->message.file_hash.len = hash ? sizeof(declaration->hash) : 0;
    for (int i = 0; i < declaration->control.count; i++) {
        cix__v1__control_total__init(&declaration->totals[i]);
        declaration->totals[i].currency = declaration->control.items[i].currency;
        declaration->totals[i].amount = declaration->control.items[i].amount;
        declaration->list[i] = &declaration->totals[i];
    }
    declaration->message.control_totals = declaration->list;
    declaration->message.n_control_totals = (size_t)declaration->control.count;
}

static bool send(struct cix_client *client, struct file *file)
{
    const struct cix_submission_options options = {.submission_id = file->id,
                                                   .mode = file->mode ? file->mode : FILE_MODE,
                                                   .period = file->period,
                                                   .declaration = file->declaration,
                                                   .explanation = file->explanation,
                                                   .accepts_held = file->accepts_held,
                                                   .patience_ms = 20000};
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    Cix__V1__SubmissionCommitted *committed;
    struct cix_submission *submission;

    if (!cix_submission_open(client, &options, &submission, &file->error))
        return false;
    chunk.number = 1;
    chunk.n_records = made.count;
    chunk.records = made.records;
    bool is_new = !cix_submission_is_committed(submission) && cix_submission_next(submission) == 1;
    bool is_done = (!is_new || cix_submission_send(submission, &chunk, &file->error)) &&
                   cix_submission_commit(submission, &committed, &file->error);
    cix_submission_close(submission);
    if (!is_done)
        return false;
    file->records = committed->accepted + committed->rejected + committed->quarantined;
    snprintf(file->earlier, sizeof(file->earlier), "%s", committed->earlier_submission_id);
    cix_free(committed);
    return true;
}

static void assert_sent(struct cix_client *client, struct file *file)
{
    if (!send(client, file))
        fail_msg("%s: %s", file->error.reason, file->error.message);
}

static const char *fact(const struct file *file, const char *name)
{
    const char *value = cix_error_fact(&file->error, name);

    return value ? value : "";
}

/* A file that fails for a reason, and its rule. */
static void assert_refused(struct file *file, const char *reason, const char *rule)
{
    assert_false(send(bank, file));
    assert_string_equal(file->error.reason, reason);
    assert_string_equal(fact(file, "rule"), rule);
}

static Cix__V1__GetSubmissionResponse *state_of(const char *id)
{
    Cix__V1__GetSubmissionRequest request = CIX__V1__GET_SUBMISSION_REQUEST__INIT;
    Cix__V1__GetSubmissionResponse *response;
    struct cix_error error;

    request.submission_id = (char *)id;
    if (!cix_get_submission(bank, &request, &response, &error))
        fail_msg("%s: %s", error.reason, error.message);
    return response;
}

static void assert_state(const char *id, Cix__V1__SubmissionState state)
{
    Cix__V1__GetSubmissionResponse *response = state_of(id);

    assert_int_equal(response->state, state);
    cix_free(response);
}

/* A number by the owner's connection: statements of a test are its own. */
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

static int64_t accounts(void)
{
    return count_of("t_accounts", "select count(*) from cix.account");
}

/* People first to first + count - 1, each with an account. */
static void make_people(int first, int count)
{
    for (int k = first; k < first + count; k++) {
        contribution_subject(&made, k);
        contribution_account(&made, k, 0);
    }
}

static void a_file_that_is_as_declared_is_taken(void **state)
{
    struct declaration declared;
    struct file file = {.id = id_of("right"), .declaration = &declared.message};

    (void)state;
    make_people(1, 3);
    declare(&declared, 1);
    assert_sent(bank, &file);
    assert_int_equal(file.records, 6);
    assert_string_equal(file.earlier, "");
    assert_state(file.id, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_COMMITTED);
    assert_sent(bank, &file); /* the same id again: the answer of the same submission */
    assert_string_equal(file.earlier, "");
}

static void wrong_counts_and_totals_refuse_the_file(void **state)
{
    struct declaration declared;
    struct file file = {.id = id_of("count"), .declaration = &declared.message};
    int64_t before = accounts();

    (void)state;
    make_people(10, 2);
    declare(&declared, 0);
    declared.message.records = 5;
    assert_refused(&file, "FILE_REFUSED", "F003");
    assert_string_equal(fact(&file, "declared"), "5");
    assert_string_equal(fact(&file, "found"), "4");
    assert_string_equal(fact(&file, "currency"), "");
    file.id = id_of("total");
    declare(&declared, 0);
    declared.totals[0].amount++;
    assert_refused(&file, "FILE_REFUSED", "F003");
    assert_string_equal(fact(&file, "currency"), "CNY");
    assert_string_equal(fact(&file, "found"), "20000000");
    assert_string_equal(fact(&file, "declared"), "20000001");
    file.id = id_of("no total");
    declare(&declared, 0);
    declared.message.n_control_totals = 0;
    assert_refused(&file, "FILE_REFUSED", "F003");
    assert_string_equal(fact(&file, "declared"), "0");
    assert_int_equal(accounts(), before);
    assert_state(file.id, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_OPEN);
    assert_true(count_of("t_expired",
                         "select cix.submission_expire(now() + interval '31 days', array[1, 2, 3],"
                         " array[sha256('1'), sha256('2'), sha256('3')], now())::bigint") > 0);
}

static void a_daily_submission_is_compared_too(void **state)
{
    struct declaration declared;
    struct file file = {.id = id_of("daily"), .mode = DAILY, .declaration = &declared.message};

    (void)state;
    make_people(20, 1);
    declare(&declared, 0);
    declared.message.records = 3;
    assert_refused(&file, "FILE_REFUSED", "F003");
    file.id = id_of("daily right");
    declared.message.records = 2;
    assert_sent(bank, &file);
}

static void what_cannot_be_declared_is_told(void **state)
{
    struct declaration declared;
    struct file file = {.id = id_of("form"), .declaration = &declared.message};

    (void)state;
    make_people(30, 2);
    declare(&declared, 0);
    declared.message.schema_version = 2;
    assert_refused(&file, "SCHEMA_UNSUPPORTED", "");
    declared.message.schema_version = 0;
    declared.message.records = 501;
    assert_refused(&file, "FILE_TOO_LARGE", "");
    declared.message.records = -1;
    assert_refused(&file, "FIELD_INVALID", "");
    declared.message.records = 4;
    declared.message.kind = RECORD_KIND_LAST + 1;
    assert_refused(&file, "FIELD_INVALID", "");
    declared.message.kind = 3; /* account, but subjects come */
    assert_refused(&file, "FIELD_INVALID", "");
    file.id = id_of("form 2");
    declared.message.kind = 0;
    declared.message.file_hash.data = declared.hash;
    declared.message.file_hash.len = 31;
    assert_refused(&file, "FIELD_INVALID", "");
    declared.message.file_hash.len = 0;
    declared.totals[0].currency[0] = 'c';
    assert_refused(&file, "FIELD_INVALID", "");
    declared.totals[0].currency[0] = 'C';
    declared.list[1] = &declared.totals[0];
    declared.message.n_control_totals = 2;
    assert_refused(&file, "FIELD_INVALID", "");
    declared.message.n_control_totals = 1;
    file.accepts_held = true; /* without a word why */
    assert_refused(&file, "FIELD_INVALID", "");
    file.accepts_held = false;
    assert_sent(bank, &file);
    declared.message.records = 3;
    assert_refused(&file, "SUBMISSION_CONFLICT", "");
}

static void the_same_file_is_answered_by_the_earlier_answer(void **state)
{
    struct declaration declared;
    struct file first = {.id = id_of("same 1"), .declaration = &declared.message};
    struct file second = {.id = id_of("same 2"), .declaration = &declared.message};

    (void)state;
    make_people(40, 2);
    declare(&declared, 2);
    assert_sent(bank, &first);
    int64_t before = count_of("t_versions", "select count(*) from cix.subject_version");
    assert_sent(bank, &second);
    assert_string_equal(second.earlier, first.id);
    assert_int_equal(second.records, 4);
    second.mode = DAILY;
    assert_sent(bank, &second);
    assert_string_equal(second.earlier, first.id);
    assert_int_equal(count_of("t_versions", "select count(*) from cix.subject_version"), before);
    declared.message.file_hash.len = 0; /* once more, on purpose */
    second.mode = FILE_MODE;
    assert_sent(bank, &second);
    assert_string_equal(second.earlier, "");
    assert_int_equal(count_of("t_versions", "select count(*) from cix.subject_version"),
                     before + 2);
    declare(&declared, 2);
    second.id = id_of("same 3"); /* another member's file is its own */
    assert_sent(other_bank, &second);
    assert_string_equal(second.earlier, "");
}

struct racer {
    pthread_t thread;
    struct file file;
    bool is_done;
};

static void *race(void *argument)
{
    struct racer *racer = argument;

    racer->is_done = send(bank, &racer->file);
    return NULL;
}

/* Both are open before either commits; whoever comes second finds the first, or is told to wait. */
static void of_two_at_once_one_is_taken(void **state)
{
    enum { RACERS = 4 };
    struct declaration declared;
    struct racer racers[RACERS];
    int taken = 0, answered = 0;

    (void)state;
    make_people(50, 20);
    declare(&declared, 3);
    for (int i = 0; i < RACERS; i++) {
        const char *id = id_of(arena_format(&made.arena, "race %d", i));
        racers[i] = (struct racer){.file = {.id = id, .declaration = &declared.message}};
        assert_false(pthread_create(&racers[i].thread, NULL, race, &racers[i]));
    }
    for (int i = 0; i < RACERS; i++)
        assert_false(pthread_join(racers[i].thread, NULL));
    for (int i = 0; i < RACERS; i++) {
        const char *reason = racers[i].file.error.reason;
        if (!racers[i].is_done && strcmp(reason, "SUBMISSION_BUSY") &&
            strcmp(reason, "SUBMISSIONS_OPEN"))
            fail_msg("%s", reason);
        taken += racers[i].is_done && !*racers[i].file.earlier;
    }
    assert_int_equal(taken, 1);
    for (int i = 0; i < RACERS; i++) {
        assert_sent(bank, &racers[i].file); /* asked again, everybody has the one answer */
        answered += *racers[i].file.earlier != '\0';
    }
    assert_int_equal(answered, RACERS - 1);
    assert_int_equal(count_of("t_taken",
                              "select count(*) from cix.submission s where exists (select"
                              " from cix.submission e where e.submission_id = s.earlier_id)"
                              " and s.state <> 4"),
                     0);
}

/* 40 records, three of which say something about accounts that nobody knows. */
static void make_bad_file(int first)
{
    make_people(first, 18);
    for (int i = 0; i < 4; i++)
        contribution_month(&made, 900 + i, 0, 202601, 1);
}

static void a_file_with_too_many_refusals_is_held(void **state)
{
    struct file file = {.id = id_of("held")};
    int64_t before = accounts();

    (void)state;
    make_bad_file(100);
    assert_refused(&file, "FILE_HELD", "F006");
    assert_int_equal(accounts(), before);
    Cix__V1__GetSubmissionResponse *status = state_of(file.id);
    assert_int_equal(status->state, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_HELD);
    assert_string_equal(status->held_rule, "F006");
    int unknown = 0;
    for (size_t i = 0; i < status->n_verdicts; i++)
        unknown += strcmp(status->verdicts[i]->rule, "M001") == 0;
    assert_int_equal(unknown, 4);
    cix_free(status);
    assert_refused(&file, "FILE_HELD", "F006"); /* asked again: the same */
    file.explanation = "四户在核对中";
    assert_refused(&file, "FILE_HELD", "F006"); /* a word alone is not enough */
    file.accepts_held = true;
    assert_sent(bank, &file);
    assert_int_equal(file.records, 40);
    assert_int_equal(accounts(), before + 18);
    assert_state(file.id, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_COMMITTED);
    assert_int_equal(count_of("t_why", "select count(*) from cix.submission where"
                                       " sealed_explanation is not null"
                                       " and position(convert_to('四户', 'UTF8') in"
                                       " sealed_explanation) = 0"),
                     1);
}

/* What the rules for one record refuse is known before anything is applied. */
static void refusals_of_form_hold_a_file_at_once(void **state)
{
    struct file file = {.id = id_of("held form")};

    (void)state;
    make_people(130, 5);
    made.records[0]->subject->sex = 7;
    assert_refused(&file, "FILE_HELD", "F006");
    made.records[0]->subject->sex = 1;
    file.id = id_of("held form mended");
    assert_sent(bank, &file);
}

static void a_file_that_fell_needs_a_word(void **state)
{
    struct declaration declared;
    struct file file = {.declaration = &declared.message};

    (void)state;
    make_people(140, 10);
    assert_sent(bank, &(struct file){.id = id_of("fallen people")});
    for (int month = 0; month < 2; month++) {
        end(NULL);
        begin(NULL);
        for (int k = 140; k < 150 - month * 3; k++)
            contribution_month(&made, k, 0, 202602 + month, 100);
        declare(&declared, 0);
        declared.message.kind = CIX__V1__RECORD__RECORD_PERFORMANCE;
        file.period = 202602 + month;
        file.id = id_of(month ? "fallen march" : "fallen february");
        if (month == 0)
            assert_sent(bank, &file);
    }
    assert_refused(&file, "FILE_HELD", "F008");
    assert_state(file.id, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_HELD);
    file.explanation = "three accounts were sold";
    assert_sent(bank, &file);
    assert_int_equal(file.records, 7);
    file.id = id_of("fallen march again");
    file.explanation = NULL;
    file.period = 202604;
    assert_sent(bank, &file); /* compared with the latest period, which had as many */
}

static void a_file_has_its_largest_size(void **state)
{
    struct file file = {.id = id_of("large")};

    (void)state;
    for (int i = 0; i < 501; i++)
        contribution_month(&made, 700, 0, 202601, 1);
    assert_refused(&file, "FILE_TOO_LARGE", "");
}

static void abandoned_files_expire_with_a_trace(void **state)
{
    static const char expire[] =
        "select cix.submission_expire(now() + interval '1 day', array(select 9000 + n from"
        " generate_series(1, 9) n), array(select sha256(n::text::bytea) from generate_series(1, 9) "
        "n),"
        " now())::bigint";
    struct declaration declared;
    struct file file = {.id = id_of("left"), .declaration = &declared.message};

    (void)state;
    (void)count_of("t_expire", expire);
    make_people(160, 2);
    declare(&declared, 0);
    declared.message.records = 9;
    assert_refused(&file, "FILE_REFUSED", "F003");
    assert_int_equal(count_of("t_staged", "select count(*) from cix.submission_chunk c join"
                                          " cix.submission s using (member_id, submission_id)"
                                          " where s.mode = 2 and s.state = 1 and"
                                          " c.sealed_records is not null"),
                     1);
    assert_int_equal(count_of("t_expire_2", expire), 1);
    assert_int_equal(count_of("t_expire_3", expire), 0);
    assert_state(file.id, CIX__V1__SUBMISSION_STATE__SUBMISSION_STATE_EXPIRED);
    assert_int_equal(count_of("t_left", "select count(*) from cix.submission_chunk c join"
                                        " cix.submission s using (member_id, submission_id)"
                                        " where s.state = 4 and c.sealed_records is not null"),
                     0);
    assert_true(count_of("t_audit", "select count(*) from cix.audit where method = 35") > 0);
    assert_refused(&file, "SUBMISSION_CLOSED", "");
}

static void a_member_has_its_share_of_open_files(void **state)
{
    enum { OPEN = 4 };
    struct cix_submission *open[OPEN], *more;
    struct cix_submission_options options = {.mode = FILE_MODE, .patience_ms = 20000};
    struct cix_error error;

    (void)state;
    (void)count_of(
        "t_expire_all",
        "select cix.submission_expire(now() + interval '1 day', array(select 9100 + n from"
        " generate_series(1, 9) n), array(select sha256(n::text::bytea) from"
        " generate_series(1, 9) n), now())::bigint");
    for (int i = 0; i < OPEN; i++) {
        options.submission_id = id_of(arena_format(&made.arena, "open %d", i));
        if (!cix_submission_open(bank, &options, &open[i], &error))
            fail_msg("%s: %s", error.reason, error.message);
    }
    options.submission_id = id_of("open more");
    assert_false(cix_submission_open(bank, &options, &more, &error));
    assert_string_equal(error.reason, "SUBMISSIONS_OPEN");
    assert_int_equal(error.status, CIX_RESOURCE_EXHAUSTED);
    assert_true(cix_submission_open(other_bank, &options, &more, &error));
    cix_submission_close(more);
    for (int i = 0; i < OPEN; i++)
        cix_submission_close(open[i]);
}

/* Streams of one member at once: each has its own records, none waits for another's end. */
static void submissions_of_one_member_run_side_by_side(void **state)
{
    enum { STREAMS = 3 };
    struct cix_submission *streams[STREAMS];
    struct cix_submission_options options = {.mode = DAILY, .patience_ms = 20000};
    Cix__V1__SubmissionCommitted *committed;
    Cix__V1__Chunk chunk = CIX__V1__CHUNK__INIT;
    struct cix_error error;

    (void)state;
    make_people(180, STREAMS * 2);
    for (int i = 0; i < STREAMS; i++) {
        options.submission_id = id_of(arena_format(&made.arena, "side %d", i));
        assert_true(cix_submission_open(bank, &options, &streams[i], &error));
    }
    for (int i = 0; i < STREAMS; i++) {
        chunk.number = 1;
        chunk.records = &made.records[4 * i];
        chunk.n_records = 4;
        assert_true(cix_submission_send(streams[i], &chunk, &error));
    }
    for (int i = STREAMS - 1; i >= 0; i--) {
        assert_true(cix_submission_commit(streams[i], &committed, &error));
        assert_int_equal(committed->accepted, 4);
        cix_free(committed);
        cix_submission_close(streams[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_is_as_declared_is_taken),
        TEST(wrong_counts_and_totals_refuse_the_file),
        TEST(a_daily_submission_is_compared_too),
        TEST(what_cannot_be_declared_is_told),
        TEST(the_same_file_is_answered_by_the_earlier_answer),
        TEST(of_two_at_once_one_is_taken),
        TEST(a_file_with_too_many_refusals_is_held),
        TEST(refusals_of_form_hold_a_file_at_once),
        TEST(a_file_that_fell_needs_a_word),
        TEST(a_file_has_its_largest_size),
        TEST(abandoned_files_expire_with_a_trace),
        TEST(a_member_has_its_share_of_open_files),
        TEST(submissions_of_one_member_run_side_by_side),
    };

    return cmocka_run_group_tests_name("file", tests, setup, teardown);
}
