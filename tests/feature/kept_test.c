/*
 * Goal: what a released build kept goes on living under this one.
 * Method: the database and key ring that the release left (kept/make), brought to this build's
 * schema by `cixd migrate`; then the same report, further submissions and a clean fsck.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support/contribution.h"
#include "support/kept.h"
#include "support/person.h"

#include "support/cmocka.h"

enum { NEWCOMER = 4711, FRESH_PERIOD = 202601 };

static struct exchange exchange;
static struct arena arena;
static struct kept_ask ask;
static const char *output;

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    kept_start(&exchange, "0009", &arena, &ask);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static const char *kept_file(const char *name)
{
    const char *path = arena_format(&arena, CIX_SOURCE_DIR "/tests/feature/kept/%s", name);
    FILE *file = fopen(path, "re");
    char *text = arena_alloc(&arena, 1 << 20);

    assert_non_null(file);
    text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static int64_t number(const char *sql)
{
    struct statement statement = {arena_format(&arena, "kept_%zu", strlen(sql)), sql};
    struct db *owner = exchange_owner(&exchange);
    struct params params;
    struct rows rows = {0};
    struct ctx ctx;
    int64_t value;

    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    assert_true(db_run(&ctx, owner, &statement, &params, &rows) && rows_next(&rows));
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    db_close(owner);
    return value;
}

static void an_older_schema_is_told_and_not_served(void **state)
{
    (void)state;
    assert_int_equal(kept_command(&exchange, &arena, "fsck", &output), 1);
    assert_non_null(strstr(output, "cixd migrate"));
}

static void migrate_keeps_every_row(void **state)
{
    int64_t months = number("select count(*) from cix.performance_delta");
    int64_t subjects = number("select count(*) from cix.subject");

    (void)state;
    assert_true(months >= 50 && subjects >= 12);
    if (kept_command(&exchange, &arena, "migrate", &output) != 0)
        fail_msg("migrate: %s", output);
    assert_int_equal(number("select count(*) from cix.performance_delta"), months);
    assert_int_equal(number("select count(*) from cix.subject"), subjects);
    assert_int_equal(kept_command(&exchange, &arena, "migrate", &output), 0);
    assert_non_null(strstr(output, ", 0 applied"));
}

/* The report as it was given, less what was adverse and ended in August 2005: rule Z001. */
static const char *kept_without_what_is_over(void)
{
    json_t *report = json_loads(kept_file("report_0009.json"), 0, NULL);
    json_t *accounts = json_object_get(json_object_get(report, "report"), "accounts");
    json_t *card = json_array_get(accounts, 0);
    json_t *months = json_object_get(card, "months");

    assert_int_equal(json_array_size(months), 6);
    while (json_array_size(months) > 1)
        json_array_remove(months, 1);
    json_object_set_new(card, "worstStatus24m", json_string("N"));
    char *text = json_dumps(report, 0);
    const char *kept = arena_string(&arena, text);
    free(text);
    json_decref(report);
    return kept;
}

static void the_report_says_all_that_it_said(void **state)
{
    const char *const members[] = {ask.member, NULL};

    (void)state;
    kept_serve(&exchange, members);
    kept_assert_same(kept_report(&exchange, &arena, &ask, "post-loan"), kept_without_what_is_over(),
                     true);
}

/* Of a newcomer, by a member that was there before. */
static void submissions_go_on(void **state)
{
    struct cix_client *client = exchange_client(&exchange, ask.member);
    int32_t today = day_to_wire(clock_day_of(clock_now_us()));
    Cix__V1__Performance *month;
    struct contribution made;
    Cix__V1__ChunkResult *result;
    char id[37];

    (void)state;
    contribution_init(&made);
    contribution_subject(&made, NEWCOMER);
    contribution_account(&made, NEWCOMER, 0);
    month = contribution_month(&made, NEWCOMER, 0, FRESH_PERIOD, 5000000);
    month->reported_on = today;
    person_uuid("kept", 1, id);
    result = contribution_send(&made, client, id, CIX__V1__SUBMISSION_MODE__SUBMISSION_MODE_DAILY);
    assert_int_equal(result->accepted, 3);
    contribution_answer_free(result);
    contribution_done(&made);
    cix_close(client);
}

static void fsck_finds_nothing(void **state)
{
    (void)state;
    if (kept_command(&exchange, &arena, "fsck --all", &output) != 0)
        fail_msg("fsck: %s", output);
    assert_non_null(strstr(output, "nothing is wrong"));
    assert_non_null(strstr(output, "account.sealed_account_no: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_schema_is_told_and_not_served),
        cmocka_unit_test(migrate_keeps_every_row),
        cmocka_unit_test(the_report_says_all_that_it_said),
        cmocka_unit_test(submissions_go_on),
        cmocka_unit_test(fsck_finds_nothing),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
