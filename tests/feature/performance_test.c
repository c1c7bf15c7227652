/*
 * Goal: accounts, rings and roll-ups equal what the source of truth gives, after random months,
 * corrections and changed attributes from several connections at once while the job merges; several
 * months of one account in one chunk mean the same as one after the other; the check finds a
 * planted error.
 * Method: the store on a database of its own; random, with a printed seed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/member.h"
#include "store/rollup.h"
#include "store/submission.h"
#include "support/cluster.h"
#include "support/cmocka.h"

enum {
    SUBJECTS = 30,
    ACCOUNTS = 45,
    WRITERS = 2,
    CHUNKS = 25,
    CHUNK_MONTHS = 60,
    CHAINS = 40,
    CHAIN_MONTHS = 12,
    FIRST_PERIOD = 2018 * 12,
    MONTHS = 96,
};

static struct test_database database;
static struct member member = {.code = "bank-one",
                               .name = "Bank One",
                               .type = MEMBER_TYPE_BANK,
                               .state = MEMBER_STATE_ACTIVE,
                               .roles = MEMBER_ROLE_CONTRIBUTOR,
                               .data_classes = DATA_CLASS_BASIC | DATA_CLASS_CREDIT};
static unsigned seed;
static int verdicts_seen;

/* One connection and its memory. */
struct worker {
    struct db *db;
    struct arena arena;
    struct ctx ctx;
    unsigned random;
    struct uuid submission;
    int32_t next_chunk;
    atomic_bool *is_over;
};

static int draw(struct worker *worker, int below)
{
    return rand_r(&worker->random) % below;
}

static void must(struct worker *worker, bool is_good)
{
    if (!is_good)
        fail_msg("%s: %s", worker->ctx.error.reason, worker->ctx.error.message);
}

static struct submission_act act_of(const struct worker *worker)
{
    static const uint8_t certificate[32];

    return (struct submission_act){
        .member_id = member.member_id,
        .submission_id = worker->submission,
        .now_us = clock_now_us(),
        .audit_id = id_new(),
        .method = 30,
        .certificate = {certificate, sizeof(certificate)},
    };
}

static void worker_open(struct worker *worker, enum db_role role)
{
    struct submission_act act;
    const struct submission_opening opening = {.mode = SUBMISSION_MODE_DAILY, .open_max = 1};
    struct submission_opened opened;

    arena_init(&worker->arena, 0);
    ctx_init(&worker->ctx, &worker->arena);
    worker->db = test_database_connect(&database, role);
    worker->submission = uuid_new();
    act = act_of(worker);
    if (role == DB_ROLE_SUBMIT) {
        must(worker, submission_open(&worker->ctx, worker->db, &act, &opening, &opened));
        worker->next_chunk = opened.next_chunk;
    }
}

static void worker_done(struct worker *worker)
{
    db_close(worker->db);
    arena_done(&worker->arena);
}

static struct digest digest_for(const char *what, int number)
{
    struct bytes parts[] = {{(const uint8_t *)what, strlen(what)},
                            {(const uint8_t *)&number, sizeof(number)}};

    return digest_of_parts(parts, ARRAY_LENGTH(parts));
}

static void renew_ids(const struct record_rows *rows)
{
    for (int i = 0; i < rows->subject_count; i++)
        rows->subjects[i].record_id = id_new();
    for (int i = 0; i < rows->account_count; i++)
        rows->accounts[i].record_id = id_new();
    for (int i = 0; i < rows->performance_count; i++)
        rows->performances[i].delta_id = id_new();
}

/* Sends rows as the worker's next chunk; a lost race is run again under new ids, as by the service.
 */
static void send_rows(struct worker *worker, const struct record_rows *rows,
                      struct submission_chunk_result *result)
{
    struct submission_act act = act_of(worker);
    struct submission_chunk chunk = {
        .number = worker->next_chunk++,
        .hash = digest_for("chunk", worker->next_chunk),
        .record_count = rows->subject_count + rows->account_count + rows->performance_count,
        .records_max = INT32_MAX,
        .data_classes = DATA_CLASS_BASIC | DATA_CLASS_CREDIT,
        .rows = *rows,
    };

    while (!submission_chunk_put(&worker->ctx, worker->db, &act, &chunk, result)) {
        if (worker->ctx.error.code != ERR_ABORTED)
            must(worker, false);
        ctx_clear(&worker->ctx);
        renew_ids(rows);
    }
    assert_false(result->is_replay);
}

static struct record_account account_of(int number, enum account_type type)
{
    static const uint8_t sealed[4];

    return (struct record_account){
        .line = number,
        .account_index = digest_for("account", number),
        .account_id = id_new(),
        .record_id = id_new(),
        .lookup = digest_for("subject", number % SUBJECTS),
        .type = (int16_t)type,
        .business_type = "91",
        .currency = number % 3 ? "CNY" : "TWD",
        .original_amount = {true, 1000000},
        .credit_limit = {true, 1000000},
        .opened_on = {true, true, day_of_civil(2017, 1, 1)},
        .region = "",
        .industry = "",
        .dealer_code = "",
        .account_no = {sealed, sizeof(sealed)},
        .origin = "",
    };
}

static enum account_type type_of(int number)
{
    static const enum account_type types[] = {ACCOUNT_TYPE_R2, ACCOUNT_TYPE_R1, ACCOUNT_TYPE_D1};

    return types[number % 3];
}

static void fill_subjects(struct worker *worker, struct record_rows *rows)
{
    static const uint8_t sealed[4];

    rows->subject_count = rows->identifier_count = SUBJECTS;
    rows->subjects = arena_array(&worker->arena, SUBJECTS, sizeof(*rows->subjects));
    rows->identifiers = arena_array(&worker->arena, SUBJECTS, sizeof(*rows->identifiers));
    for (int i = 0; i < SUBJECTS; i++) {
        rows->subjects[i] = (struct record_subject){
            .line = i,
            .subject_id = id_new(),
            .record_id = id_new(),
            .kind = SUBJECT_KIND_PERSON,
            .birth_year = {i % 4 != 0, 1950 + i},
            .region = i % 2 ? "TW-TPE" : "",
            .industry = "",
            .nationality = "",
            .occupation = "",
            .employer_industry = "",
            .legal_form = "",
            .capital_currency = "",
            .origin = "",
        };
        rows->identifiers[i] = (struct record_identifier){
            .owner = i + 1,
            .lookup = digest_for("subject", i),
            .type = IDENTIFIER_TYPE_RESIDENT_ID,
            .record_id = id_new(),
            .value = {sealed, sizeof(sealed)},
            .name_index = digest_for("name", i),
            .name_id = id_new(),
            .name = {sealed, sizeof(sealed)},
        };
    }
}

static int setup(void **state)
{
    struct worker worker = {.random = 1};
    struct record_rows rows = {0};
    struct submission_chunk_result result;
    bool is_new;

    (void)state;
    seed = (unsigned)clock_now_us();
    print_message("seed %u\n", seed);
    test_database_open(&database);
    worker_open(&worker, DB_ROLE_ADMIN);
    must(&worker, member_put(&worker.ctx, worker.db, &member, clock_now_us(), &is_new));
    worker_done(&worker);
    worker_open(&worker, DB_ROLE_SUBMIT);
    fill_subjects(&worker, &rows);
    rows.account_count = ACCOUNTS + 2 * CHAINS;
    rows.accounts = arena_array(&worker.arena, (size_t)rows.account_count, sizeof(*rows.accounts));
    for (int i = 0; i < rows.account_count; i++) {
        int twin = i < ACCOUNTS ? i : (i - ACCOUNTS) / 2; /* of a chain: both alike */
        rows.accounts[i] = account_of(i, type_of(twin));
    }
    send_rows(&worker, &rows, &result);
    if (result.verdicts.count > 0)
        fail_msg("%s", result.verdicts.items[0].rule);
    worker_done(&worker);
    return 0;
}

static struct record_performance month_of(struct worker *worker, int place, int line, int period)
{
    static const char statuses[] = "NN*123B";
    char status = statuses[draw(worker, 7)];
    int days = status >= '1' && status <= '7' ? 30 * (status - '0') - 5 : 0;

    return (struct record_performance){
        .account = place,
        .line = line,
        .delta_id = id_new(),
        .period = period,
        .account_status = 1,
        .repay_status = status,
        .balance = {draw(worker, 5) > 0, draw(worker, 100000)},
        .due_amount = {draw(worker, 2) > 0, draw(worker, 1000)},
        .paid_amount = {draw(worker, 2) > 0, draw(worker, 2)},
        .overdue_amount = {days > 0, draw(worker, 5000)},
        .days_overdue = {draw(worker, 3) > 0, days},
        .five_category = (int16_t)draw(worker, 4),
        .remaining_terms = {draw(worker, 2) > 0, draw(worker, 12)},
        .correction = draw(worker, 2) ? CORRECTION_ACTION_REPLACE : CORRECTION_ACTION_NONE,
        .is_quarantined = draw(worker, 5) == 0,
        .bill_amount = {draw(worker, 3) == 0, draw(worker, 1000)},
        .pay_ratio_bps = {draw(worker, 9) == 0, draw(worker, 10000)},
        .used_limit = {draw(worker, 3) == 0, draw(worker, 1000)},
        .collection_stage = (int16_t)draw(worker, 6),
        .classified_on = {.is_present = draw(worker, 4) == 0, .day = {20000 + draw(worker, 300)}},
        .status_history = "",
    };
}

/* Random months of random accounts, some twice; now and then an account with a new limit. */
static void random_chunk(struct worker *worker)
{
    struct record_rows rows = {.account_index_count = ACCOUNTS};
    struct submission_chunk_result result;
    struct record_account account;

    rows.account_indexes = arena_array(&worker->arena, ACCOUNTS, sizeof(*rows.account_indexes));
    rows.performances = arena_array(&worker->arena, CHUNK_MONTHS, sizeof(*rows.performances));
    for (int i = 0; i < ACCOUNTS; i++)
        rows.account_indexes[i] = digest_for("account", i);
    for (int i = 0; i < CHUNK_MONTHS; i++) {
        int period = FIRST_PERIOD + draw(worker, draw(worker, 2) ? MONTHS : 6);
        rows.performances[rows.performance_count++] =
            month_of(worker, 1 + draw(worker, ACCOUNTS), i, period);
    }
    if (draw(worker, 3) == 0) {
        int number = draw(worker, ACCOUNTS);
        account = account_of(number, type_of(number));
        account.line = CHUNK_MONTHS;
        account.credit_limit.minor = 500000 + draw(worker, 10) * 100000;
        rows.accounts = &account;
        rows.account_count = 1;
    }
    send_rows(worker, &rows, &result);
    arena_reset(&worker->arena);
}

static void *write_chunks(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < CHUNKS; i++)
        random_chunk(worker);
    return NULL;
}

static void *merge_slices(void *argument)
{
    struct worker *worker = argument;
    int moved;

    while (!*worker->is_over) {
        must(worker, rollup_merge(&worker->ctx, worker->db, 100, clock_now_us(), &moved));
        arena_reset(&worker->arena);
    }
    return NULL;
}

/* How many rows differ; shows the first. */
static int64_t differing(void)
{
    static const struct statement check = {"rebuild_check",
                                           "select part, kept, rebuilt from cix.rebuild_check()"};
    struct worker worker = {.random = 1};
    struct params params;
    struct rows rows = {0};

    worker_open(&worker, DB_ROLE_ADMIN);
    params_init(&params, &worker.arena);
    must(&worker, db_run(&worker.ctx, worker.db, &check, &params, &rows));
    int64_t count = rows.count;
    if (rows_next(&rows))
        print_message("%s: kept %s, rebuilt %s\n", rows_text(&rows, 0), rows_text(&rows, 1),
                      rows_text(&rows, 2));
    rows_done(&rows);
    worker_done(&worker);
    return count;
}

static void kept_equals_rebuilt_after_random_writes(void **state)
{
    struct worker writers[WRITERS], merger = {.random = 1};
    pthread_t threads[WRITERS], merging;
    atomic_bool is_over = false;

    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct worker){.random = seed + (unsigned)i};
        worker_open(&writers[i], DB_ROLE_SUBMIT);
    }
    worker_open(&merger, DB_ROLE_ADMIN);
    merger.is_over = &is_over;
    assert_int_equal(pthread_create(&merging, NULL, merge_slices, &merger), 0);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_chunks, &writers[i]), 0);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        worker_done(&writers[i]);
    }
    is_over = true;
    pthread_join(merging, NULL);
    worker_done(&merger);
    assert_int_equal(differing(), 0);
}

static int by_period(const void *a, const void *b)
{
    const struct record_performance *left = a, *right = b;

    if (left->period != right->period)
        return left->period < right->period ? -1 : 1;
    return left->line < right->line ? -1 : 1;
}

/*
 * Notes "rule line rule line ..." of all verdicts, sorted by line and rule; but for M036, which
 * looks at the debtor's other accounts as they are at that moment.
 */
static void note(struct builder *builder, const struct submission_chunk_result *result)
{
    for (int i = 0; i < result->verdicts.count; i++)
        if (strcmp(result->verdicts.items[i].rule, "M036") != 0)
            builder_format(builder, "%s %d ", result->verdicts.items[i].rule,
                           result->verdicts.items[i].line);
}

static int verdict_order(const void *a, const void *b)
{
    const struct submission_verdict *left = a, *right = b;

    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return strcmp(left->rule, right->rule);
}

/* The same months to one account in one chunk, to its twin one by one: the same verdicts. */
static void one_chain(struct worker *worker, int chain)
{
    struct record_performance months[CHAIN_MONTHS];
    struct digest index[] = {digest_for("account", ACCOUNTS + 2 * chain),
                             digest_for("account", ACCOUNTS + 2 * chain + 1)};
    struct record_rows rows = {.account_indexes = &index[0],
                               .account_index_count = 1,
                               .performances = months,
                               .performance_count = CHAIN_MONTHS};
    struct submission_chunk_result result;
    struct submission_verdict singles[CHAIN_MONTHS * 8];
    struct submission_chunk_result all = {.verdicts = {singles, 0}};
    struct builder together = {.arena = &worker->arena}, apart = {.arena = &worker->arena};

    for (int i = 0; i < CHAIN_MONTHS; i++)
        months[i] = month_of(worker, 1, i, FIRST_PERIOD + draw(worker, CHAIN_MONTHS));
    send_rows(worker, &rows, &result);
    note(&together, &result);
    qsort(months, CHAIN_MONTHS, sizeof(*months), by_period);
    rows.account_indexes = &index[1];
    rows.performance_count = 1;
    for (int i = 0; i < CHAIN_MONTHS; i++) {
        rows.performances = &months[i];
        months[i].delta_id = id_new();
        send_rows(worker, &rows, &result);
        for (int k = 0; k < result.verdicts.count; k++)
            singles[all.verdicts.count++] = result.verdicts.items[k];
    }
    if (all.verdicts.count > 0)
        qsort(singles, (size_t)all.verdicts.count, sizeof(*singles), verdict_order);
    note(&apart, &all);
    assert_string_equal(together.data ? together.data : "", apart.data ? apart.data : "");
    verdicts_seen += all.verdicts.count;
}

static void months_together_mean_the_same_as_one_by_one(void **state)
{
    struct worker worker = {.random = seed};

    (void)state;
    worker_open(&worker, DB_ROLE_SUBMIT);
    for (int i = 0; i < CHAINS; i++)
        one_chain(&worker, i);
    worker_done(&worker);
    assert_true(verdicts_seen > 0); /* else the comparison was of nothing */
    assert_int_equal(differing(), 0);
}

static void a_planted_error_is_found(void **state)
{
    struct worker worker = {.random = 1};

    (void)state;
    worker_open(&worker, DB_ROLE_OWNER);
    must(&worker, db_script(&worker.ctx, worker.db,
                            "update cix.account set month_ring = set_byte(month_ring, 8, 77)"
                            " where account_id = (select min(account_id) from cix.account"
                            " where last_period is not null)"));
    must(&worker, db_script(&worker.ctx, worker.db,
                            "update cix.rollup set balance = balance + 1 where ctid ="
                            " (select min(ctid) from cix.rollup)"));
    worker_done(&worker);
    assert_int_equal(differing(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_equals_rebuilt_after_random_writes),
        cmocka_unit_test(months_together_mean_the_same_as_one_by_one),
        cmocka_unit_test(a_planted_error_is_found),
    };

    return cmocka_run_group_tests_name("performance", tests, setup, NULL);
}
