/*
 * Goal: `cixd fsck` finds each kind of damage, names it by ids alone, and --repair mends what is
 * derived and nothing else.
 * Method: the kept database of a release, brought up to date; damage planted by its owner, one kind
 * at a time; the built cixd as a process.
 */
#include <stdio.h>
#include <string.h>

#include "support/kept.h"

#include "support/cmocka.h"

enum { CLEAN = 0, FAILED = 1, FOUND = 3 };

static struct exchange exchange;
static struct arena arena;
static struct kept_ask ask;
static struct db *owner;
static const char *output;

static int set_up_all(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    kept_start(&exchange, "0009", &arena, &ask);
    if (kept_command(&exchange, &arena, "migrate", &output) != 0)
        fail_msg("migrate: %s", output);
    owner = exchange_owner(&exchange);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    db_close(owner);
    exchange_stop(&exchange);
    arena_done(&arena);
    return 0;
}

static void plant(const char *sql)
{
    struct ctx ctx;

    ctx_init(&ctx, &arena);
    if (!db_script(&ctx, owner, sql))
        fail_msg("%s: %s", sql, ctx.error.message);
}

static int64_t number(const char *name, const char *sql)
{
    struct statement statement = {name, sql};
    struct params params;
    struct rows rows = {0};
    struct ctx ctx;
    int64_t value;

    ctx_init(&ctx, &arena);
    params_init(&params, &arena);
    if (!db_run(&ctx, owner, &statement, &params, &rows) || !rows_next(&rows))
        fail_msg("%s: %s", sql, ctx.error.message);
    value = rows_int8(&rows, 0);
    rows_done(&rows);
    return value;
}

static void assert_fsck(const char *words, int code)
{
    int given = kept_command(&exchange, &arena, words, &output);

    if (given != code)
        fail_msg("%s ended with %d, not %d: %s", words, given, code, output);
}

static void assert_said(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

/* Damage of what is derived, and the part under which it is told. */
static const struct damage {
    const char *part;
    const char *sql;
} derived[] = {
    {"account:", "update cix.account set balance = balance + 1 where account_id ="
                 " (select max(account_id) from cix.account where balance is not null)"},
    {"account:", "update cix.account set status_ring = set_byte(status_ring, 3, 55)"
                 " where account_id = (select min(account_id) from cix.account)"},
    {"account:", "update cix.account set month_ring = set_byte(month_ring, 500, 7)"
                 " where account_id = (select min(account_id) from cix.account)"},
    {"account:", "update cix.account set last_period = last_period - 1, days_overdue = 9"
                 " where last_period is not null"},
    {"attributes:", "update cix.account set region = '310000', credit_limit = 1"
                    " where account_id = (select max(account_id) from cix.account)"},
    {"rollup:", "update cix.rollup set balance = balance - 5 where ctid ="
                " (select min(ctid) from cix.rollup)"},
    {"rollup:", "delete from cix.rollup where ctid = (select max(ctid) from cix.rollup)"},
    {"rollup:", "insert into cix.rollup select 24000, cell_id, 3, 100, 0, now()"
                " from cix.cell limit 1"},
    {"rollup:", "insert into cix.rollup_delta select subject_id, delta_id, period, cell_id, 1, 7, 0"
                " from cix.performance_delta limit 1 on conflict do nothing"},
    {"rollup_subject:", "delete from cix.rollup_subject where ctid in"
                        " (select ctid from cix.rollup_subject limit 30)"},
    {"rollup_subject:", "update cix.rollup_subject set accounts = 2 where ctid ="
                        " (select min(ctid) from cix.rollup_subject)"},
    {"subject_freeze:", "update cix.subject set freeze_level = 1, freeze_from = '2026-01-01' where"
                        " subject_id = (select min(subject_id) from cix.subject)"},
    {"subject_freeze:",
     "insert into cix.protection (subject_id, protection_id, external_id, kind,"
     " from_on, document_hash, recorded_at) select min(subject_id), 77,"
     " '00000000-0000-0000-0000-000000000001', 2, '2026-01-01', sha256('x'), now()"
     " from cix.subject on conflict do nothing;"
     "update cix.subject set freeze_level = 0, freeze_from = null"},
};

static void a_sound_database_is_clean(void **state)
{
    (void)state;
    assert_fsck("fsck", CLEAN);
    assert_said("nothing is wrong");
    assert_said("a sample");
    assert_fsck("fsck --all --repair", CLEAN);
    assert_int_equal(number("audits", "select count(*) from cix.audit where method = 200"), 0);
}

/* Ratings read accounts and freezes, and no roll-ups. */
static void assert_noted_for_rating(const char *part)
{
    int64_t noted = number("noted", "with gone as (delete from cix.rating_change returning 1)"
                                    " select count(*) from gone");

    if ((noted > 0) == (strncmp(part, "rollup", strlen("rollup")) == 0))
        fail_msg("%s mended, and %lld notes", part, (long long)noted);
}

/* The server takes no notes meanwhile: who rates are we. */
static void derived_damage_is_found_and_mended(void **state)
{
    (void)state;
    number("hold", "select count(*) from pg_advisory_lock(hashtextextended('cix.rating', 0))");
    plant("delete from cix.rating_change");
    for (size_t i = 0; i < ARRAY_LENGTH(derived); i++) {
        plant(derived[i].sql);
        assert_fsck("fsck", FOUND);
        assert_said(derived[i].part);
        assert_said("--repair writes them anew");
        assert_fsck("fsck --repair", CLEAN);
        assert_said(derived[i].part);
        assert_said("rows written anew");
        assert_noted_for_rating(derived[i].part);
        assert_fsck("fsck", CLEAN);
    }
    number("let", "select count(*) from pg_advisory_unlock(hashtextextended('cix.rating', 0))");
    assert_int_equal(number("audits", "select count(*) from cix.audit where method = 200"),
                     ARRAY_LENGTH(derived));
}

/* All at once, and more than are printed. */
static void much_damage_is_counted_and_mended(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(derived); i++)
        plant(derived[i].sql);
    plant("update cix.account set month_ring = decode(repeat('ab', 960), 'hex');"
          "delete from cix.rollup_subject");
    assert_fsck("fsck --repair", CLEAN);
    assert_said(" more\n");
    assert_fsck("fsck --all", CLEAN);
}

/* Damage that only a backup mends; undone behind each. */
static const struct loss {
    const char *says;
    const char *sql;
    const char *undo;
} losses[] = {
    {"account_subject: subject ",
     "update cix.subject set subject_id = -subject_id where subject_id"
     " = (select min(subject_id) from cix.account)",
     "update cix.subject set subject_id = -subject_id where subject_id < 0"},
    {"account_key: subject ",
     "insert into cix.account_key select member_id, sha256('x'),"
     " 5, 6, now() from cix.member limit 1",
     "delete from cix.account_key where account_id = 6"},
    {"account_lost: subject ", "update cix.account_key set account_id = -account_id",
     "update cix.account_key set account_id = -account_id"},
    {"account: subject ",
     "update cix.account set account_id = -account_id where account_id ="
     " (select max(account_id) from cix.account)",
     "update cix.account set account_id = -account_id where account_id < 0"},
    {"identifier_lost: subject ",
     "create table cix.aside as select * from cix.identifier;"
     "delete from cix.identifier",
     "insert into cix.identifier select * from cix.aside; drop table cix.aside"},
    {"flag_status: subject ",
     "update cix.flag_event set event_id = -event_id, status = 9 -"
     " status where true",
     "update cix.flag_event set event_id = -event_id, status = 9 - status where true"},
    {"flag_detail: subject ", "update cix.flag set detail_index = sha256('x')",
     "update cix.flag set detail_index = null"},
    {"flag_detail: subject ",
     "insert into cix.flag_version (subject_id, flag_id, record_id, sealed_case_no, court, region,"
     " filed_on, published_on, ground, performance, grade, restrictions, detail_index, recorded_at)"
     " select subject_id, flag_id, -1, sealed_case_no, court, region, filed_on, published_on,"
     " ground, performance, grade, restrictions, sha256('x'), now() from cix.flag limit 1",
     "delete from cix.flag_version where record_id = -1"},
    {"flag_detail_lost: subject ",
     "insert into cix.flag_detail (subject_id, flag_id, record_id, basis_unit, recorded_at)"
     " select subject_id, flag_id, record_id, 'x', now() from cix.flag limit 1",
     "delete from cix.flag_detail where basis_unit = 'x'"},
    {"flag_key: subject ", "update cix.flag_key set flag_id = -flag_id",
     "update cix.flag_key set flag_id = -flag_id"},
    {"feed_gaps: member ",
     "insert into cix.flag_feed (member_id, source, highest, missing, recorded_at)"
     " select member_id, 'list-a', 9, 2, now() from cix.member limit 1",
     "delete from cix.flag_feed"},
    {"mark_subject: subject ",
     "insert into cix.protection (subject_id, protection_id, external_id, kind, from_on,"
     " document_hash, recorded_at) values (5, 78, '00000000-0000-0000-0000-000000000001', 1,"
     " '2026-01-01', sha256('x'), now())",
     "delete from cix.protection where protection_id = 78"},
    {"mark_key: subject ",
     "insert into cix.mark_key select member_id, '00000000-0000-0000-0000-000000000001', 5, 79,"
     " sha256('x'), now() from cix.member limit 1",
     "delete from cix.mark_key where mark_id = 79"},
    {"alias_rest: subject ",
     "update cix.subject set alias_of = (select max(subject_id) from cix.subject) where subject_id"
     " = (select min(subject_id) from cix.account)",
     "update cix.subject set alias_of = null"},
    {"identifier_home: subject ",
     "update cix.identifier set home_id = subject_id where lookup ="
     " (select lookup from cix.identifier order by lookup limit 1)",
     "update cix.identifier set home_id = null"},
    {"cell: subject ",
     "update cix.cell set cell_id = cell_id + 1 where cell_id ="
     " (select min(cell_id) from cix.cell)",
     "update cix.cell set cell_id = cell_id - 1 where cell_id = (select min(cell_id) from"
     " cix.cell)"},
    {"submission_totals: member ", "update cix.submission set accepted = accepted + 1",
     "update cix.submission set accepted = accepted - 1"},
    {"chunk_counts: member ", "update cix.submission_chunk set record_count = record_count + 1",
     "update cix.submission_chunk set record_count = record_count - 1"},
    {"chunk_verdicts: member ",
     "update cix.submission_verdict set severity = severity + 2"
     " where severity = 2",
     "update cix.submission_verdict set severity = 2 where severity = 4 and rule = 'M001'"},
    {"month_chunk: member ",
     "update cix.submission_chunk set number = number + 50;"
     "update cix.submission set next_chunk = next_chunk",
     "update cix.submission_chunk set number = number - 50"},
    {"audit_leaf: audit row ", "update cix.audit set outcome = outcome + 1",
     "update cix.audit set outcome = outcome - 1"},
    {"inquiry_audit: subject ", "update cix.audit set audit_id = -audit_id",
     "update cix.audit set audit_id = -audit_id"},
    {"seal: subject_name.sealed_name record ",
     "update cix.subject_name set sealed_name = set_byte(sealed_name, 20,"
     " get_byte(sealed_name, 20) # 1)",
     "update cix.subject_name set sealed_name = set_byte(sealed_name, 20,"
     " get_byte(sealed_name, 20) # 1)"},
    {"seal: account.sealed_account_no record ", "update cix.account set record_id = record_id + 1",
     "update cix.account set record_id = record_id - 1"},
    {"values of subject_identifier.sealed_value need sealing key 257",
     "update cix.subject_identifier set sealed_value = set_byte(sealed_value, 3, 1)",
     "update cix.subject_identifier set sealed_value = set_byte(sealed_value, 3, 0)"},
};

static void lost_rows_and_seals_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(losses); i++) {
        plant(losses[i].sql);
        assert_fsck("fsck", FOUND);
        assert_said(losses[i].says);
        assert_fsck("fsck --repair", FOUND);
        assert_said(losses[i].says);
        plant(losses[i].undo);
        assert_fsck("fsck --repair", CLEAN);
    }
}

/* Nothing that names a person stands in what an operator reads. */
static void findings_hold_no_personal_data(void **state)
{
    (void)state;
    plant("update cix.account set month_ring = decode(repeat('ab', 960), 'hex'), balance = 424242");
    assert_fsck("fsck", FOUND);
    assert_null(strstr(output, ask.name));
    assert_null(strstr(output, ask.identifier));
    assert_null(strstr(output, "424242"));
    assert_fsck("fsck --repair", CLEAN);
}

static void a_missing_key_ring_is_told(void **state)
{
    (void)state;
    assert_int_equal(rename(arena_format(&arena, "%s/keys", exchange.folder),
                            arena_format(&arena, "%s/away", exchange.folder)),
                     0);
    assert_fsck("fsck", FAILED);
    assert_said("KEY_FOLDER_MISSING");
    assert_int_equal(rename(arena_format(&arena, "%s/away", exchange.folder),
                            arena_format(&arena, "%s/keys", exchange.folder)),
                     0);
    assert_fsck("fsck", CLEAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_database_is_clean),
        cmocka_unit_test(derived_damage_is_found_and_mended),
        cmocka_unit_test(much_damage_is_counted_and_mended),
        cmocka_unit_test(lost_rows_and_seals_are_found),
        cmocka_unit_test(findings_hold_no_personal_data),
        cmocka_unit_test(a_missing_key_ring_is_told),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
