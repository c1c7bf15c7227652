/*
 * After submissions, reports, checks, removals and refusals about made persons with distinctive
 * values, none of those values stands anywhere at rest or in what operators see: not in a table,
 * the data files, the WAL, a log or the metrics; plain, in hexadecimal or in base64.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "support/needle.h"
#include "support/person.h"
#include "support/scene.h"
#include "support/tlsclient.h"

#include "base/clock.h"
#include "support/cmocka.h"

#define NAME       "隐私样本赵钱孙"
#define NUMBER     "99000119771103773@" /* @: the check character, computed */
#define BIRTH      "19771103"
#define MOBILE     "13877003391"
#define ADDRESS    "样本省隐私路九千七百号"
#define ACCOUNT_NO "PRIVATE-ACCT-770033"
#define CASE_NO    "(2024)粤0300执770339号"
#define EVENT      "电话里答应宽限周三再付"           /* the note of an event */
#define MENDED     "更正说明写错了七七零三三九"       /* the note of a correction */
#define DUTY       "向样本邻居孔曹返还七七零三三九元" /* of a listing */
#define BASIS      "（2023）粤0300民初770338号"
#define OPERATOR   "teller-770033-x"
#define ASIDE      "隔离样本周吴郑" /* kept aside: the sex does not fit the number */
#define REFUSED    "拒绝样本王冯陈" /* refused: wrong check character */
#define STAGED     "暂存样本褚卫蒋" /* in a file that is not committed */
#define PASSPORT   "E77003391"      /* asked for, never submitted */
#define BROKEN     "坏消息样本沈韩" /* in a message that is not UTF-8 */
#define METRICS    (1024 * 1024)

static struct exchange exchange;
static struct arena arena;
static struct cix_error error;
static struct needles needles;
static char number[19];
static char aside_number[19];
static char refused_number[19];
static char staged_number[19];

/* The pattern with its check character. */
static void number_make(const char *pattern, char out[19])
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (pattern[i] - '0') * weights[i];
    snprintf(out, 19, "%.17s%c", pattern, "10X98765432"[sum % 11]);
}

static void values_make(void)
{
    const char *const values[] = {NAME,         number,         BIRTH,  MOBILE,   ADDRESS,
                                  ACCOUNT_NO,   CASE_NO,        ASIDE,  REFUSED,  STAGED,
                                  aside_number, refused_number, BROKEN, PASSPORT, staged_number,
                                  OPERATOR,     EVENT,          MENDED, DUTY,     BASIS};

    number_make(NUMBER, number);
    number_make("99000119771104773@", aside_number);
    number_make("99000119771105773@", refused_number);
    refused_number[17] = refused_number[17] == '1' ? '2' : '1';
    number_make("99000119771106773@", staged_number);
    needles_init(&needles, &arena);
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
        needles_add(&needles, values[i]);
}

static const char *subject(const char *name, const char *value, int sex)
{
    return arena_format(&arena,
                        "{\"subject\": {\"kind\": \"PERSON\", \"name\": \"%s\", \"identifiers\":"
                        " [{\"type\": \"RESIDENT_ID\", \"value\": \"%s\"}], \"sex\": %d,"
                        " \"birthOn\": %.8s, \"region\": \"440300\", \"mobiles\": [\"" MOBILE
                        "\"], \"address\": \"" ADDRESS "\"}}",
                        name, value, sex, value + 6);
}

/* A text about person k made one about the distinctive person. */
static const char *about(const char *json, int64_t k)
{
    struct builder text = {.arena = &arena};
    struct person person;
    char account_no[32];

    person_make(k, &person);
    person_account(k, 0, account_no);
    const char *const from[] = {person.number, person.name, account_no, "\"teller\""};
    const char *const to[] = {number, NAME, ACCOUNT_NO, "\"" OPERATOR "\""};
    while (*json) {
        size_t i = 0;
        while (i < ARRAY_LENGTH(from) && strncmp(json, from[i], strlen(from[i])) != 0)
            i++;
        if (i < ARRAY_LENGTH(from)) {
            builder_text(&text, to[i]);
            json += strlen(from[i]);
        } else {
            builder_put(&text, json++, 1);
        }
    }
    return text.data;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* What an unkeyed digest would give away to whoever guesses. */
static void add_digests(const char *const *records, int count)
{
    needles_add_digest(&needles, "the chunk",
                       speaker_pack(&arena, &cix__v1__submit_request__descriptor,
                                    scene_chunk(&arena, 1, records, count)));
    needles_add_digest(&needles, "the number", bytes_of(number));
    needles_add_digest(&needles, "the name", bytes_of(NAME));
    needles_add_digest(&needles, "the account number", bytes_of(ACCOUNT_NO));
    needles_add_digest(&needles, "the case number", bytes_of(CASE_NO));
    needles_add_digest(&needles, "the duty", bytes_of(DUTY));
}

/* An event of today on the account. more: a correction, or "". */
static const char *event(int amount, const char *more)
{
    return arena_format(
        &arena,
        "{\"accountEvent\": {\"accountNo\": \"" ACCOUNT_NO
        "\", \"type\": 1, \"happenedOn\": %d, \"amount\": \"%d\", \"note\": \"" EVENT "\"}%s}",
        day_to_wire(clock_day_of(clock_now_us())), amount, more);
}

static void submit_all(struct speaker *bank)
{
    const char *records[] = {subject(NAME, number, 1),
                             about(scene_consent(&arena, 1, "LOAN_APPROVAL"), 1),
                             about(scene_account(&arena, 1, 0), 1),
                             about(scene_month(&arena, 1, 0), 1),
                             subject(ASIDE, aside_number, 2),
                             subject(REFUSED, refused_number, 1),
                             event(100, ""),
                             event(200, ", \"correction\": {\"action\": \"REPLACE\", \"reason\":"
                                        " \"OWN_ERROR\", \"note\": \"" MENDED "\"}")};
    const Cix__V1__ChunkResult *result = scene_submit(bank, &arena, records, 8);

    add_digests(records, 8);
    assert_int_equal(result->accepted, 6);
    assert_int_equal(result->quarantined, 1);
    assert_int_equal(result->rejected, 1);
}

static void stage(struct speaker *bank)
{
    const char *records[] = {subject(STAGED, staged_number, 1)};
    struct speech *speech = speaker_begin(bank, CIX_SUBMIT);

    assert_non_null(
        speaker_say(speech, scene_open(&arena, scene_submission_id(&arena, 1), "FILE")));
    assert_non_null(speaker_say(speech, scene_chunk(&arena, 1, records, 1)));
    speaker_end(speech, &error);
}

static void list_flag(struct speaker *court)
{
    const char *flag = scene_flag(&arena, 1, CASE_NO);
    const char *records[] = {
        about(arena_format(&arena, "%.*s, \"basisNo\": \"" BASIS "\", \"dutyText\": \"" DUTY "\"}}",
                           (int)strlen(flag) - 2, flag),
              1)};

    assert_int_equal(scene_submit(court, &arena, records, 1)->accepted, 1);
}

static void ask_all(struct speaker *bank)
{
    static const uint8_t broken[] = "\x0a\x19\x12\x17" BROKEN "\xff\xfe";
    const char *report = about(scene_report(&arena, 1, NULL, "LOAN_APPROVAL"), 1);
    const Cix__V1__GetReportResponse *found = speaker_ask(bank, CIX_GET_REPORT, report, &error);
    const Cix__V1__CheckFlagResponse *listed;

    assert_non_null(found);
    assert_int_equal(found->report->outcome, CIX__V1__REPORT_OUTCOME__REPORT_OUTCOME_FOUND);
    assert_string_equal(found->report->identity->names[0]->name, NAME);
    assert_string_equal(found->report->flags[0]->case_no, CASE_NO);
    assert_string_equal(found->report->flags[0]->duty_text, DUTY);
    assert_string_equal(found->report->flags[0]->basis_no, BASIS);
    listed = speaker_ask(bank, CIX_CHECK_FLAG, about(scene_check(&arena, 1, NULL), 1), &error);
    assert_true(listed && listed->answer->is_listed);
    assert_null(speaker_ask(bank, CIX_GET_REPORT,
                            about(scene_report(&arena, 1, ASIDE, "POST_GUARANTEE"), 1), &error));
    assert_null(speaker_ask(bank, CIX_CHECK_FLAG,
                            "{\"inquiry\": {\"identifier\": {\"type\": \"RESIDENT_ID\", \"value\":"
                            " \"99000119771105773Y\"}, \"name\": \"" REFUSED
                            "\", \"operatorId\": \"" OPERATOR "\"}}",
                            &error));
    assert_non_null(speaker_ask(bank, CIX_CHECK_FLAG,
                                "{\"inquiry\": {\"identifier\": {\"type\": \"PASSPORT\", \"value\":"
                                " \"" PASSPORT "\"}, \"name\": \"" REFUSED
                                "\", \"operatorId\": \"" OPERATOR "\"}}",
                                &error));
    speaker_ask_bytes(bank, "/cix.v1.FlagService/CheckFlag",
                      (struct bytes){broken, sizeof(broken) - 1}, &error);
    assert_int_equal(error.status, CIX_INVALID_ARGUMENT);
}

static void remove_flag(struct speaker *court)
{
    assert_non_null(
        speaker_ask(court, CIX_REMOVE_FLAG,
                    arena_format(&arena, "{\"flagId\": \"%s\", \"reason\": \"PERFORMED\"}",
                                 scene_flag_id(&arena, 1)),
                    &error));
}

static int set_up_all(void **state)
{
    struct speaker *bank;
    struct speaker *court;

    (void)state;
    arena_init(&arena, 0);
    values_make();
    exchange_start_private(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    bank = speaker_open(&exchange, "bank-one");
    court = speaker_open(&exchange, "court-one");
    submit_all(bank);
    stage(bank);
    list_flag(court);
    ask_all(bank);
    remove_flag(court);
    speaker_close(bank);
    speaker_close(court);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

/* Runs any statement as the owner. */
static void run(struct db *db, const char *sql, struct rows *rows)
{
    struct statement statement = {arena_format(&arena, "t_%p", (const void *)sql), sql};
    struct params params;
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, db, &statement, &params, rows))
        fail_msg("%s: %s", sql, ctx.error.message);
}

/* Rows of a table as text in which a needle stands; the first of them is told. */
static int search_table(struct db *db, const char *table)
{
    struct rows rows = {0};
    int hits = 0;

    run(db, arena_format(&arena, "select t::text as line from %s t", table), &rows);
    while (rows_next(&rows)) {
        const char *line = rows_text(&rows, 0);
        const struct needle *needle = needles_find(&needles, line, strlen(line));
        if (needle && !hits++)
            print_message("%s holds %s as %s\n", table, needle->value, needle->form);
    }
    rows_done(&rows);
    return hits;
}

/* Every table that is not PostgreSQL's own. */
static int search_tables(struct db *db)
{
    struct rows rows = {0};
    int hits = 0;

    run(db,
        "select format('%I.%I', n.nspname, c.relname) as name from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm')"
        " and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
        &rows);
    assert_true(rows.count >= 20);
    while (rows_next(&rows))
        hits += search_table(db, rows_text(&rows, 0));
    rows_done(&rows);
    return hits;
}

static void no_table_holds_a_value(void **state)
{
    struct db *owner = exchange_owner(&exchange);

    (void)state;
    assert_int_equal(search_tables(owner), 0);
    /* The same search finds a planted one. */
    run(owner, "create table public.planted as select encode('" NAME "', 'base64') as value", NULL);
    assert_int_equal(search_tables(owner), 1);
    run(owner, "drop table public.planted", NULL);
    db_close(owner);
}

static void tell(const char *path, const struct needle *needle)
{
    print_message("%s holds %s as %s\n", path, needle->value, needle->form);
}

/* Data files, WAL, logs: everything in the folder of the exchange. */
static void no_file_holds_a_value(void **state)
{
    struct db *owner = exchange_owner(&exchange);
    int files = 0;

    (void)state;
    run(owner, "checkpoint", NULL);
    assert_int_equal(needles_find_below(&needles, exchange.folder, tell, &files), 0);
    assert_true(files > 500);
    assert_true(exchange_log_has(&exchange, "\"serving\""));
    /* The same search finds a planted one, in the WAL at least. */
    run(owner, "create table public.planted as select '" MOBILE "'::text as value", NULL);
    run(owner, "checkpoint", NULL);
    assert_true(needles_find_below(&needles, exchange.folder, tell, &files) >= 2);
    run(owner, "drop table public.planted", NULL);
    db_close(owner);
}

static char *read_metrics(void)
{
    static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
    char *text = arena_alloc(&arena, METRICS);
    size_t size = 0;
    ssize_t part;
    int fd = tcp_connect(NULL, exchange.admin_port, 5000);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
    while (size < METRICS - 1 && (part = read(fd, text + size, METRICS - 1 - size)) > 0)
        size += (size_t)part;
    close(fd);
    return text;
}

static void no_metric_holds_a_value(void **state)
{
    char *text = read_metrics();

    (void)state;
    assert_non_null(strstr(text, "200 OK"));
    assert_non_null(strstr(text, "CheckFlag"));
    assert_null(needles_find(&needles, text, strlen(text)));
}

static void every_form_of_a_value_is_found(void **state)
{
    static const char value[] = "name\t" NAME "\n";
    struct db *owner = exchange_owner(&exchange);
    struct rows rows = {0};

    (void)state;
    assert_non_null(needles_find(&needles, value, strlen(value)));
    assert_null(needles_find(&needles, NAME, strlen(NAME) - 1));
    /* PostgreSQL's own encoders, with zero to three bytes in front. */
    run(owner,
        "select encode(convert_to(repeat('x', n) || '" NAME "' || repeat('y', m), 'UTF8'), form)"
        " as text from generate_series(0, 3) n, generate_series(0, 3) m,"
        " unnest(array['hex', 'base64']) form",
        &rows);
    assert_int_equal(rows.count, 32);
    while (rows_next(&rows))
        assert_non_null(needles_find(&needles, rows_text(&rows, 0), strlen(rows_text(&rows, 0))));
    rows_done(&rows);
    db_close(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_value_is_found),
        cmocka_unit_test(no_metric_holds_a_value),
        cmocka_unit_test(no_file_holds_a_value), /* before anything is planted in a table */
        cmocka_unit_test(no_table_holds_a_value),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
