/*
 * Rotation of the sealing key: killed in the middle and run again, everything is sealed under the
 * new key and still opens; a process that held the old ring reads on; the old key is retired only
 * when nothing needs it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/id.h"
#include "store/key.h"
#include "support/cluster.h"
#include "support/cmocka.h"
#include "vault/place.h"

enum { NAMES = 2500, LOCKED = 1500, TRY_US = 20 * 1000, TRIES = 1500 };

static struct test_database database;
static struct arena arena;
static struct ctx ctx;
static struct db *owner;
static struct db *admin;
static char folder[512];
static char output[520];    /* of the last command */
static struct vault *vault; /* opened before any rotation, as a running server's */

static const struct statement insert_member = {
    "t_member", "insert into cix.member (member_id, code, name, type, state, recorded_at)"
                " values (1, 'bank-1', 'Bank 1', 11, 4, now())"};
static const struct statement insert_name = {
    "t_name", "insert into cix.subject_name select n, sha256(int8send(n)), 1, n, v, now()"
              " from unnest($1, $2) u (n, v)"};
static const struct statement insert_rest = {
    "t_rest",
    "with a as (insert into cix.subject_identifier values"
    " (1, sha256('a'), 1, 2, 10, $1, now())),"
    " b as (insert into cix.subject_version (subject_id, record_id, member_id, submission_id, kind,"
    " segment, sex, sealed_birth, sealed_mobiles, sealed_address, region, industry, recorded_at)"
    " values (1, 3, 1, gen_random_uuid(), 1, 0, 1, $2, $3, $4, '', '', now()),"
    " (1, 33, 1, gen_random_uuid(), 1, 0, 1, null, null, null, '', '', now())),"
    " c as (insert into cix.account (subject_id, account_id, member_id, type, business_type,"
    " currency, opened_on, repay_frequency, security, region, industry, channel, dealer_code,"
    " record_id, sealed_account_no, attributes_at, status_ring, month_ring) values"
    " (1, 9, 1, 1, '', 'CNY', '2020-01-01', 1, 1, '', '', 0, '', 6, $5, now(),"
    " decode(repeat('00', 60), 'hex'), decode(repeat('00', 960), 'hex'))),"
    " d as (insert into cix.flag (subject_id, flag_id, member_id, external_id, record_id,"
    " sealed_case_no, court, region, filed_on, published_on, ground, performance, grade,"
    " restrictions, status, recorded_at) values (1, 8, 1, gen_random_uuid(), 7, $6, '', '',"
    " '2020-01-01', '2020-01-01', 1, 1, 1, '{}', 1, now()))"
    " select 1"};
static const struct statement insert_creditor = {
    "t_creditor", "insert into cix.account_creditor values (1, 9, 14, 1, $1, now())"};
static const struct statement insert_staging = {
    "t_staging",
    "with a as (insert into cix.submission_chunk (member_id, submission_id, number, content_hash,"
    " record_count, accepted, rejected, quarantined, warned, record_id, sealed_records, xid,"
    " recorded_at) select 1, '00000000-0000-4000-8000-000000000001', n, sha256('x'), 1, 1, 0, 0, 0,"
    " 8, case when n = 20 then $1::bytea end, pg_current_xact_id(), now()"
    " from generate_series(1, 40) n)"
    " insert into cix.quarantine (member_id, submission_id, chunk, line, record_id, sealed_record,"
    " recorded_at) values"
    " (1, '00000000-0000-4000-8000-000000000001', 1, 1, 9, $2, now())"};
static const struct statement insert_explanation = {
    "t_explanation",
    "insert into cix.submission (member_id, submission_id, mode, state, next_chunk, opened_at,"
    " record_id, sealed_explanation) values"
    " (1, '00000000-0000-4000-8000-000000000001', 2, 2, 41, now(), 13, $1)"};
static const struct statement insert_mark = {
    "t_mark",
    "with a as (insert into cix.annotation (subject_id, annotation_id, member_id, external_id, "
    "kind,"
    " code, target, target_id, period, sealed_text, filed_by, evidence_hash, recorded_at, outcome,"
    " sealed_answer, answer_id) values (1, 10, 1, gen_random_uuid(), 2, 0, 1, 0, 0, $1, 1,"
    " sha256('x'), now(), 3, $2, 11))"
    " insert into cix.protection (subject_id, protection_id, member_id, external_id, kind, from_on,"
    " sealed_phones, document_hash, recorded_at) values (1, 12, 1, gen_random_uuid(), 1,"
    " '2020-01-01', $3, sha256('x'), now()), (1, 13, 1, gen_random_uuid(), 2, '2020-01-01', null,"
    " sha256('x'), now())"};
static const struct statement insert_fact = {
    "t_fact",
    "insert into cix.fact (subject_id, fact_id, record_id, member_id, kind, origin,"
    " content_index, sealed_text, is_deleted, reason, sealed_note, submission_id, chunk, line,"
    " recorded_at) select 1, n % 3, n, 1, 9, '', sha256('x'), case when n = 10 then $1::bytea end,"
    " false, 1, case when n = 10 then $2::bytea end, gen_random_uuid(), 1, 1, now()"
    " from generate_series(1, 40) n"};
static const struct statement insert_gone = {
    "t_gone",
    "with a as (insert into cix.account_removed values (1, 77, 17, $1, now()))"
    ", c as (insert into cix.subject_name_removed values (1, sha256('n'), 1,"
    " '00000000-0000-4000-8000-000000000001', 20, $4, null, now(), now()))"
    ", d as (insert into cix.subject_identifier_removed values (1, sha256('i'), 1,"
    " '00000000-0000-4000-8000-000000000001', 21, 10, $5, now(), now()))"
    ", e as (insert into cix.flag_detail values (1, 7, 22, null, null, $6, now()),"
    " (1, 8, 23, 'Unit', 24, null, now()))"
    ", f as (insert into cix.subject_version (subject_id, record_id, member_id, submission_id, "
    "kind,"
    " segment, sex, sealed_details, region, industry, recorded_at)"
    " values (1, 34, 1, gen_random_uuid(), 1, 0, 1, $7, '', '', now()))"
    ", b as (insert into cix.flag_version (subject_id, flag_id, record_id, sealed_case_no, court,"
    " region, filed_on, published_on, ground, performance, grade, restrictions, recorded_at)"
    " values (1, 7, 19, $3, '', '', current_date, current_date, 1, 1, 1, '{}', now()))"
    " insert into cix.correction values (1, '00000000-0000-4000-8000-000000000001', 18, 4, 1, 1,"
    " $2, 1, 0, now())"};
static const struct statement lock_one = {
    "t_lock", "select 1 from cix.subject_name where subject_id = $1 for update"};
static const struct statement count_waiting = {
    "t_waiting", "select count(*) as n from pg_locks l join pg_stat_activity a using (pid)"
                 " where not l.granted and a.datname = current_database()"};
static const struct statement read_names = {
    "t_names", "select record_id, sealed_name from cix.subject_name order by 1"};
static const struct statement read_rest = {
    "t_read_rest",
    "select 2 as place, record_id, sealed_value as sealed from cix.subject_identifier"
    " union all select 3, record_id, sealed_birth from cix.subject_version where record_id = 3"
    " union all select 4, record_id, sealed_mobiles from cix.subject_version where record_id = 3"
    " union all select 5, record_id, sealed_address from cix.subject_version where record_id = 3"
    " union all select 23, record_id, sealed_details from cix.subject_version where record_id = 34"
    " union all select 6, record_id, sealed_account_no from cix.account"
    " union all select 7, record_id, sealed_case_no from cix.flag"
    " union all select 8, record_id, sealed_records from cix.submission_chunk where number = 20"
    " union all select 9, record_id, sealed_record from cix.quarantine"
    " union all select 10, annotation_id, sealed_text from cix.annotation"
    " union all select 11, answer_id, sealed_answer from cix.annotation"
    " union all select 17, record_id, sealed_account_no from cix.account_removed"
    " union all select 18, record_id, sealed_note from cix.correction"
    " union all select 19, record_id, sealed_case_no from cix.flag_version"
    " union all select 20, record_id, sealed_name from cix.subject_name_removed"
    " union all select 21, record_id, sealed_value from cix.subject_identifier_removed"
    " union all select 22, record_id, sealed_text from cix.flag_detail where record_id = 22"
    " union all select 12, protection_id, sealed_phones from cix.protection"
    "  where protection_id = 12"
    " union all select 13, record_id, sealed_explanation from cix.submission"
    " union all select 14, record_id, sealed_original_creditor from cix.account_creditor"
    " union all select 15, record_id, sealed_text from cix.fact where record_id = 10"
    " union all select 16, record_id, sealed_note from cix.fact where record_id = 10"};
static const struct statement sealed_columns = {
    "t_columns", "select c.relname::text as relname, a.attname::text as attname"
                 " from pg_attribute a join pg_class c on c.oid = a.attrelid"
                 " where c.relnamespace = 'cix'::regnamespace and c.relkind in ('r', 'p')"
                 " and a.attname like 'sealed%' and not a.attisdropped"};

static void must(bool is_done)
{
    if (!is_done)
        fail_msg("%s: %s", ctx.error.reason, ctx.error.message);
}

static struct bytes seal(enum place place, int64_t record_id)
{
    struct vault_place where = place_of(place, record_id);
    const char *text =
        arena_format(&arena, "value %lld of place %d", (long long)record_id, (int)place);

    return vault_seal(vault, &arena, &where, text, strlen(text));
}

static void insert_names(void)
{
    int64_t *ids = arena_array(&arena, NAMES, sizeof(*ids));
    struct bytes *values = arena_array(&arena, NAMES, sizeof(*values));
    struct params params;

    for (int i = 0; i < NAMES; i++) {
        ids[i] = i + 1;
        values[i] = seal(PLACE_NAME, i + 1);
    }
    params_init(&params, &arena);
    params_int8s(&params, ids, NULL, NAMES);
    params_bytess(&params, values, NAMES);
    must(db_run(&ctx, owner, &insert_name, &params, NULL));
}

static void put_seals(struct params *params, enum place first, enum place last)
{
    /* Record ids as the statements above give them. */
    static const int64_t records[] = {[PLACE_IDENTIFIER] = 2,
                                      [PLACE_BIRTH] = 3,
                                      [PLACE_MOBILES] = 3,
                                      [PLACE_ADDRESS] = 3,
                                      [PLACE_ACCOUNT_NO] = 6,
                                      [PLACE_CASE_NO] = 7,
                                      [PLACE_CHUNK] = 8,
                                      [PLACE_QUARANTINE] = 9,
                                      [PLACE_ANNOTATION] = 10,
                                      [PLACE_ANSWER] = 11,
                                      [PLACE_PHONES] = 12,
                                      [PLACE_EXPLANATION] = 13,
                                      [PLACE_ORIGINAL_CREDITOR] = 14,
                                      [PLACE_FACT_TEXT] = 10,
                                      [PLACE_FACT_NOTE] = 10,
                                      [PLACE_REMOVED_NO] = 17,
                                      [PLACE_NOTE] = 18,
                                      [PLACE_REPLACED_CASE_NO] = 19,
                                      [PLACE_REMOVED_NAME] = 20,
                                      [PLACE_REMOVED_IDENTIFIER] = 21,
                                      [PLACE_FLAG_TEXT] = 22,
                                      [PLACE_IDENTIFIER_TEXT] = 34};

    params_init(params, &arena);
    for (int place = (int)first; place <= (int)last; place++) {
        struct bytes sealed = seal((enum place)place, records[place]);
        params_bytes(params, sealed.data, sealed.size);
    }
}

static int set_up(void **state)
{
    struct params params;

    (void)state;
    arena_reset(&arena);
    ctx_init(&ctx, &arena);
    test_database_open(&database);
    owner = test_database_connect(&database, DB_ROLE_OWNER);
    admin = test_database_connect(&database, DB_ROLE_ADMIN);
    snprintf(folder, sizeof(folder), "%s/keys", test_folder());
    snprintf(output, sizeof(output), "%s.output", folder);
    must(vault_create(&ctx, folder) && vault_open(&ctx, folder, &vault));
    params_init(&params, &arena);
    must(db_run(&ctx, owner, &insert_member, &params, NULL));
    insert_names();
    put_seals(&params, PLACE_IDENTIFIER, PLACE_CASE_NO);
    must(db_run(&ctx, owner, &insert_rest, &params, NULL));
    put_seals(&params, PLACE_CHUNK, PLACE_QUARANTINE);
    must(db_run(&ctx, owner, &insert_staging, &params, NULL));
    put_seals(&params, PLACE_EXPLANATION, PLACE_EXPLANATION);
    must(db_run(&ctx, owner, &insert_explanation, &params, NULL));
    put_seals(&params, PLACE_ANNOTATION, PLACE_PHONES);
    must(db_run(&ctx, owner, &insert_mark, &params, NULL));
    put_seals(&params, PLACE_REMOVED_NO, PLACE_IDENTIFIER_TEXT);
    must(db_run(&ctx, owner, &insert_gone, &params, NULL));
    put_seals(&params, PLACE_ORIGINAL_CREDITOR, PLACE_ORIGINAL_CREDITOR);
    must(db_run(&ctx, owner, &insert_creditor, &params, NULL));
    put_seals(&params, PLACE_FACT_TEXT, PLACE_FACT_NOTE);
    must(db_run(&ctx, owner, &insert_fact, &params, NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vault_free(vault);
    db_close(owner);
    db_close(admin);
    arena_done(&arena);
    return 0;
}

/* Starts `cixd key WORD [ID]`; its lines go to a file beside the keys. */
static pid_t key_start(const char *word, const char *id)
{
    const char *build = getenv("CIX_BUILD");
    const char *program =
        arena_format(&arena, "%s/cixd", build ? build : CIX_SOURCE_DIR "/build/dev");
    const char *data = arena_format(&arena, "--data=%s.data", folder);
    const char *keys = arena_format(&arena, "--keys=%s", folder);
    const char *uri = arena_format(&arena, "--database=%s", database.owner_uri);
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        int file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        dup2(file, 1);
        dup2(file, 2);
        execl(program, "cixd", "key", word, data, keys, uri, id, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static int key_run(const char *word, const char *id)
{
    pid_t pid = key_start(word, id);
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool output_has(const char *text)
{
    char buffer[4096] = "";
    FILE *file = fopen(output, "re");

    assert_non_null(file);
    buffer[fread(buffer, 1, sizeof(buffer) - 1, file)] = '\0';
    fclose(file);
    return strstr(buffer, text) != NULL;
}

/* Values of every place under a key. */
static int64_t under(uint32_t id)
{
    struct key_use *uses;
    int64_t sum = 0;
    int count;

    must(key_count(&ctx, owner, &uses, &count));
    for (int i = 0; i < count; i++)
        sum += uses[i].key_id == id ? uses[i].count : 0;
    return sum;
}

static int64_t waiting(void)
{
    struct params params;
    struct rows rows = {0};
    int64_t count;

    params_init(&params, &arena);
    must(db_run(&ctx, admin, &count_waiting, &params, &rows));
    assert_true(rows_next(&rows));
    count = rows_int8(&rows, 0);
    rows_done(&rows);
    return count;
}

static void assert_opens(const struct vault *by, int place, int64_t record_id, struct bytes sealed)
{
    struct vault_place where = place_of((enum place)place, record_id);
    const char *text = arena_format(&arena, "value %lld of place %d", (long long)record_id, place);
    struct bytes plain;

    must(vault_open_sealed(&ctx, by, &where, sealed, &plain));
    assert_string_equal((const char *)plain.data, text);
}

static void assert_all_open(const struct vault *by)
{
    struct params params;
    struct rows rows = {0};

    params_init(&params, &arena);
    must(db_run(&ctx, owner, &read_names, &params, &rows));
    assert_int_equal(rows.count, NAMES);
    while (rows_next(&rows))
        assert_opens(by, PLACE_NAME, rows_int8(&rows, 0), rows_bytes(&rows, 1));
    rows_done(&rows);
    must(db_run(&ctx, owner, &read_rest, &params, &rows));
    assert_int_equal(rows.count, PLACE_LAST - PLACE_IDENTIFIER + 1);
    while (rows_next(&rows))
        assert_opens(by, rows_int4(&rows, 0), rows_int8(&rows, 1), rows_bytes(&rows, 2));
    rows_done(&rows);
}

static void every_sealed_column_has_its_place(void **state)
{
    struct params params;
    struct rows rows = {0};

    (void)state;
    params_init(&params, &arena);
    must(db_run(&ctx, owner, &sealed_columns, &params, &rows));
    assert_int_equal(rows.count, PLACE_LAST);
    while (rows_next(&rows)) {
        bool is_known = false;
        for (int i = PLACE_FIRST; i <= PLACE_LAST; i++) {
            struct vault_place place = place_of((enum place)i, 0);
            is_known |= !strcmp(place_table((enum place)i), rows_text(&rows, 0)) &&
                        !strcmp(place.column, rows_text(&rows, 1));
        }
        if (!is_known)
            fail_msg("%s.%s has no place", rows_text(&rows, 0), rows_text(&rows, 1));
    }
    rows_done(&rows);
}

/* The rotation waits for a locked row of its second slice, and is killed there. */
static void kill_in_the_middle(void)
{
    struct params params;
    pid_t pid;

    params_init(&params, &arena);
    params_int8(&params, LOCKED);
    must(db_begin(&ctx, owner) && db_run(&ctx, owner, &lock_one, &params, NULL));
    pid = key_start("rotate", NULL);
    for (int i = 0; i < TRIES && !waiting(); i++)
        usleep(TRY_US);
    assert_int_not_equal(waiting(), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    db_rollback(owner);
    for (int i = 0; i < TRIES && waiting(); i++)
        usleep(TRY_US);
}

static void a_killed_rotation_goes_on(void **state)
{
    struct vault *fresh = NULL;

    (void)state;
    kill_in_the_middle();
    assert_true(under(2) >= 1000);
    assert_true(under(1) >= PLACE_LAST - 1);
    assert_all_open(vault); /* finds the new key by itself */
    assert_int_equal(key_run("rotate", NULL), 0);
    assert_true(output_has("going on with sealing key 2"));
    assert_true(output_has("everything is sealed under key 2"));
    assert_int_equal(under(1), 0);
    assert_int_equal(under(2), NAMES + PLACE_LAST - 1);
    must(vault_open(&ctx, folder, &fresh));
    assert_all_open(fresh);
    vault_free(fresh);
}

static void the_old_key_is_retired_when_nothing_needs_it(void **state)
{
    const struct timespec long_ago[2] = {{.tv_sec = 1500000000}, {.tv_sec = 1500000000}};
    struct vault *fresh = NULL;

    (void)state;
    assert_int_equal(key_run("retire", "1"), 1);
    assert_true(output_has("KEY_IN_USE"));
    assert_int_equal(key_run("rotate", NULL), 0);
    assert_int_equal(key_run("retire", "1"), 1);
    assert_true(output_has("KEY_TOO_FRESH"));
    assert_int_equal(utimensat(AT_FDCWD, arena_format(&arena, "%s/active", folder), long_ago, 0),
                     0);
    assert_int_equal(key_run("retire", "2"), 1);
    assert_int_equal(key_run("retire", "1"), 0);
    assert_int_equal(key_run("retire", "1"), 1);
    assert_true(output_has("KEY_UNKNOWN"));
    assert_int_equal(access(arena_format(&arena, "%s/seal-00000001.key", folder), F_OK), -1);
    must(vault_open(&ctx, folder, &fresh));
    assert_all_open(fresh);
    vault_free(fresh);
}

static void an_altered_value_stays_and_is_told(void **state)
{
    static const struct statement alter = {
        "t_alter", "update cix.subject_name set sealed_name = set_byte(sealed_name, 20,"
                   " get_byte(sealed_name, 20) # 1) where subject_id = 7"};
    struct params params;

    (void)state;
    params_init(&params, &arena);
    must(db_run(&ctx, owner, &alter, &params, NULL));
    assert_int_equal(key_run("rotate", NULL), 1);
    assert_true(output_has("subject_name.sealed_name: 1 do not open"));
    assert_int_equal(under(1), 1);
}

static void who_wrote_meanwhile_has_won(void **state)
{
    const struct key_position start = {0};
    struct key_slice slice;
    struct bytes fresh[2];
    int changed = 0;

    (void)state;
    must(key_list(&ctx, owner, PLACE_NAME, 2, &start, 2, &slice));
    assert_int_equal(slice.count, 2);
    for (int i = 0; i < 2; i++)
        fresh[i] = seal(PLACE_NAME, slice.rows[i].record_id);
    must(key_put(&ctx, owner, PLACE_NAME, &slice, fresh, &changed));
    assert_int_equal(changed, 2);
    must(key_put(&ctx, owner, PLACE_NAME, &slice, fresh, &changed));
    assert_int_equal(changed, 0);
    assert_all_open(vault);
}

static void a_slice_ends_the_walk_where_the_table_ends(void **state)
{
    struct key_position at = {0};
    struct key_slice slice;
    int seen = 0;

    (void)state;
    do {
        must(key_list(&ctx, owner, PLACE_CHUNK, 1, &at, 16, &slice));
        for (int i = 0; i < slice.count; i++)
            assert_null(slice.rows[i].sealed.data);
        seen += slice.count;
        if (slice.count)
            at = slice.rows[slice.count - 1].at;
    } while (slice.count == 16);
    assert_int_equal(seen, 40);
}

static void no_serving_role_may_read_sealed_values(void **state)
{
    static const enum db_role others[] = {DB_ROLE_SUBMIT, DB_ROLE_INQUIRE, DB_ROLE_REGULATE,
                                          DB_ROLE_ADMIN};
    const struct key_position start = {0};
    struct key_slice slice;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        struct db *other = test_database_connect(&database, others[i]);
        assert_false(key_list(&ctx, other, PLACE_NAME, 2, &start, 2, &slice));
        assert_string_equal(db_sqlstate(other), "42501");
        ctx_clear(&ctx);
        db_close(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_sealed_column_has_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_rotation_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_old_key_is_retired_when_nothing_needs_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_altered_value_stays_and_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_wrote_meanwhile_has_won, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slice_ends_the_walk_where_the_table_ends, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_serving_role_may_read_sealed_values, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
