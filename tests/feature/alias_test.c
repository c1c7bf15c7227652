/*
 * Goal: what is said of one of two subjects that are merged is said of that one: it is put right,
 * taken back and protected by itself, and a split gives it back so; whatever a merge leaves behind
 * is found. Method: a whole exchange, the built cix for members and cixd for the operator; rows are
 * read, and moved where they do not belong, on the owner's connection.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/dossier.h"
#include "support/kept.h"
#include "support/shell.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static char output[32768];
static int sent;

static void add_member(const char *code)
{
    struct member member = exchange_member_of(code, MEMBER_TYPE_BANK);

    member.data_classes = 0xff;
    exchange_member_put(&exchange, &member);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    add_member("bank-one");
    add_member("bank-two");
    exchange_settle();
    dossier_open(&dossier, &exchange);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dossier_close(&dossier);
    exchange_stop(&exchange);
    return 0;
}

__attribute__((format(printf, 1, 2))) static const char *text(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *made = arena_vformat(&dossier.arena, format, args);
    va_end(args);
    return made;
}

__attribute__((format(printf, 1, 2))) static int64_t number(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *sql = arena_vformat(&dossier.arena, format, args);
    va_end(args);
    return dossier_number(&dossier, sql);
}

/* ---- Members ---- */

static const char *uuid_of(int n)
{
    char id[37];

    person_uuid("alias", n, id);
    return arena_string(&dossier.arena, id);
}

static const struct person *person(int64_t k)
{
    struct person *made = arena_alloc(&dossier.arena, sizeof(*made));

    person_make(k, made);
    return made;
}

static bool is_taken(const char *member, const char *record)
{
    return shell_submit(&exchange, member, uuid_of(++sent), record, output, sizeof(output)) == 0;
}

static void give(const char *member, const char *record)
{
    if (!is_taken(member, record))
        fail_msg("%s: %s", record, output);
}

#define REPLACED ",'correction':{'action':'REPLACE','reason':'OWN_ERROR'}"
#define DELETED  ",'correction':{'action':'DELETE','reason':'OWN_ERROR'}"

static const char *subject(int64_t k, const char *name, const char *correction)
{
    return text("{'subject':{'kind':'PERSON','name':'%s','region':'44030%d',"
                "'identifiers':[{'type':'RESIDENT_ID','value':'%s'}]}%s}",
                name, (int)(k % 5), person(k)->number, correction);
}

static const char *account(int64_t k)
{
    return text(
        "{'account':{'accountNo':'AL-%lld','identifier':{'type':'RESIDENT_ID','value':'%s'},"
        "'type':'D1','businessType':'91','currency':'CNY','originalAmount':'10000000',"
        "'openedOn':20240115,'repayFrequency':3,'security':4}}",
        (long long)k, person(k)->number);
}

/* Freezes a person for a member; n: of the protection. until NULL: without an end. */
static int protect(const char *member, int64_t k, int n, const char *until)
{
    return shell_cix_as(&exchange, member,
                        text("correction protect --kind inquiry-block --mark-id %s --id %s"
                             " --name '%s' --document %s/ca.pem%s",
                             uuid_of(1000 + n), person(k)->number, person(k)->name, exchange.folder,
                             until ? text(" --until %s", until) : ""),
                        output, sizeof(output));
}

static void must_protect(const char *member, int64_t k, int n, const char *until)
{
    if (protect(member, k, n, until) != 0)
        fail_msg("%s", output);
}

/* ---- The operator ---- */

static int64_t subject_of(int64_t k)
{
    struct digest lookup = vault_lookup(dossier.vault, 10, person(k)->number);
    char hex[2 * DIGEST_SIZE + 1];

    text_to_hex(lookup.bytes, DIGEST_SIZE, hex);
    return number("select coalesce(home_id, subject_id) from cix.identifier where lookup = '\\x%s'",
                  hex);
}

static const char *printed;

static int try_cixd(const char *words)
{
    return kept_cixd(
        &dossier.arena,
        text("%s --database '%s' --data %s", words, exchange.database.uri, exchange.folder),
        &printed);
}

static void cixd(const char *words)
{
    if (try_cixd(words) != 0)
        fail_msg("%s", printed);
}

static void merge(int64_t alias, int64_t survivor)
{
    cixd(text("subject merge %lld %lld --reason register", (long long)subject_of(alias),
              (long long)subject_of(survivor)));
}

static void split(int64_t alias)
{
    cixd(text("subject split %lld", (long long)subject_of(alias)));
}

static void assert_sound(void)
{
    assert_int_equal(number("select count(*) from cix.rebuild_check()"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_reference(10)"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_derived(10)"), 0);
    assert_int_equal(number("select count(*) from cix.fsck_trace(10)"), 0);
}

/* ---- Tests ---- */

/* Whether an identifier and a name find somebody. */
static bool is_found(int64_t k, const char *name)
{
    char lookup_hex[2 * DIGEST_SIZE + 1], name_hex[2 * DIGEST_SIZE + 1];
    struct digest lookup = vault_lookup(dossier.vault, 10, person(k)->number);
    struct digest index =
        vault_name_index(dossier.vault, &lookup, text_fold_name(&dossier.arena, name));

    text_to_hex(lookup.bytes, DIGEST_SIZE, lookup_hex);
    text_to_hex(index.bytes, DIGEST_SIZE, name_hex);
    return number("select count(*) from cix.identifier i join cix.subject_name n using (subject_id)"
                  " where i.lookup = '\\x%s' and n.name_index = '\\x%s'",
                  lookup_hex, name_hex) > 0;
}

static void each_is_taken_back_by_itself(void **state)
{
    (void)state;
    give("bank-one", subject(1, "张三丰", ""));
    give("bank-one", subject(2, "李四光", ""));
    give("bank-one", account(2));
    merge(1, 2);
    give("bank-one", subject(1, "张三丰", DELETED)); /* the account is the other's */
    assert_false(is_found(1, "张三丰"));
    assert_true(is_found(2, "李四光"));
    assert_int_equal(number("select count(*) from cix.subject where subject_id = %lld"
                            " and region = '440302'",
                            (long long)subject_of(2)),
                     1);
    give("bank-one", subject(2, "李思光", REPLACED)); /* the other's record stands */
    assert_true(is_found(2, "李思光"));
    assert_false(is_found(2, "李四光"));
    assert_sound();
    int64_t alias = number("select max(alias_id) from cix.subject_alias");
    cixd(text("subject split %lld", (long long)alias));
    assert_int_equal(number("select count(*) from cix.subject_version where subject_id = %lld"
                            " and is_deleted",
                            (long long)alias),
                     1);
    assert_int_equal(number("select count(*) from cix.subject_version where subject_id = %lld"
                            " and is_deleted",
                            (long long)subject_of(2)),
                     0);
    assert_sound();
}

static void each_is_replaced_by_itself(void **state)
{
    (void)state;
    give("bank-one", subject(3, "王二小", ""));
    give("bank-one", subject(4, "赵一鸣", ""));
    merge(3, 4);
    give("bank-one", subject(3, "王小二", REPLACED));
    assert_true(is_found(4, "赵一鸣"));
    assert_false(is_found(3, "王二小"));
    cixd(text("subject show %lld", (long long)subject_of(4)));
    split(3);
    assert_true(is_found(3, "王小二") && is_found(4, "赵一鸣"));
    assert_sound();
}

/* What a correction took from the alias comes again there, also when they were split meanwhile. */
static void what_was_taken_comes_again_where_it_was(void **state)
{
    (void)state;
    give("bank-one", subject(5, "钱有余", ""));
    give("bank-one", subject(6, "孙有余", ""));
    merge(5, 6);
    give("bank-one", subject(5, "钱友余", REPLACED));
    const char *replacing = uuid_of(sent);
    split(5);
    if (shell_cix_as(&exchange, "bank-one",
                     text("correction backout %s --reason own-error", replacing), output,
                     sizeof(output)) != 0)
        fail_msg("%s", output);
    assert_true(is_found(5, "钱有余") && is_found(6, "孙有余"));
    assert_false(is_found(5, "钱友余"));
    assert_sound();
}

static int64_t in_force(int64_t subject_id)
{
    return number(
        "select count(*) from cix.protection where subject_id = %lld and ended_at is null",
        (long long)subject_id);
}

static bool is_in_force(int64_t subject_id, int n)
{
    return number("select count(*) from cix.protection where subject_id = %lld and ended_at is null"
                  " and external_id = '%s'",
                  (long long)subject_id, uuid_of(1000 + n)) == 1;
}

static bool is_frozen(int64_t subject_id)
{
    return number("select freeze_level::bigint from cix.subject where subject_id = %lld",
                  (long long)subject_id) == 1;
}

/* Renewed through either identifier, a freeze is that one's: a split returns both as they are. */
static void each_keeps_its_own_protections(void **state)
{
    (void)state;
    for (int64_t k = 11; k <= 13; k++)
        give("bank-one", subject(k, person(k)->name, ""));
    give("bank-two", subject(12, person(12)->name, ""));
    must_protect("bank-one", 11, 1, NULL);
    merge(11, 12);
    int64_t alias = subject_of(11), survivor = subject_of(12);
    assert_true(is_frozen(survivor));
    must_protect("bank-one", 12, 2, "2099-12-31"); /* the survivor's first */
    assert_true(is_in_force(survivor, 1) && is_in_force(survivor, 2));
    must_protect("bank-one", 12, 3, "2098-12-31"); /* in the place of it */
    assert_true(is_in_force(survivor, 1) && is_in_force(survivor, 3));
    assert_int_equal(in_force(survivor), 2);
    assert_int_not_equal(protect("bank-two", 12, 4, NULL), 0);
    assert_non_null(strstr(output, "PROTECTION_HELD"));
    must_protect("bank-one", 11, 5, NULL); /* in the place of the alias's */
    assert_int_equal(in_force(survivor), 2);
    assert_sound();
    split(11);
    assert_true(is_in_force(alias, 5) && is_in_force(survivor, 3));
    assert_int_equal(in_force(alias), 1);
    assert_int_equal(in_force(survivor), 1);
    assert_true(is_frozen(alias) && is_frozen(survivor));
    assert_int_equal(
        number("select count(*) from cix.protection where subject_id = %lld", (long long)alias), 2);
    assert_sound();
    /* Of the alias alone: its freeze is its own again, and the survivor's is none. */
    merge(13, 12);
    must_protect("bank-one", 13, 6, NULL);
    split(13);
    assert_true(is_in_force(subject_of(13), 6) && is_in_force(survivor, 3));
    assert_int_equal(in_force(survivor), 1);
    assert_sound();
}

/* Every table in turn: a row that lies under the alias still is told. */
static void what_a_merge_left_behind_is_told(void **state)
{
    static const char *const tables[] = {
        "account_key",
        "account_version",
        "performance_delta",
        "subject_version",
        "subject_name",
        "subject_identifier",
        "fact",
        "fraud_case",
        "mark_key",
        "annotation",
        "protection",
    };

    (void)state;
    give("bank-one", subject(21, person(21)->name, ""));
    give("bank-one", subject(22, person(22)->name, ""));
    give("bank-one", account(21));
    give("bank-one", "{'performance':{'accountNo':'AL-21','period':202401,'accountStatus':1,"
                     "'repayStatus':'N','balance':'9000000','reportedOn':20240128}}");
    give("bank-one",
         text("{'fraudCase':{'caseRef':'AL-21','identifier':{'type':'RESIDENT_ID','value':'%s'},"
              "'role':1,'type':2,'currency':'CNY','amountAtRisk':'1000','detectedOn':20260101,"
              "'filedOn':20260102,'evidenceLevel':3,'status':2,'expiresOn':20301231}}",
              person(21)->number));
    must_protect("bank-one", 21, 21, NULL);
    if (shell_cix_as(&exchange, "bank-one",
                     text("correction annotate --mark-id %s --id %s --name '%s' --on identity"
                          " --code 101 --text no"
                          " --evidence %s/ca.pem",
                          uuid_of(2021), person(21)->number, person(21)->name, exchange.folder),
                     output, sizeof(output)) != 0)
        fail_msg("%s", output);
    merge(21, 22);
    long long alias = subject_of(21), survivor = subject_of(22);
    assert_sound();
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        if (number("with one as (update cix.%s set subject_id = %lld where ctid = (select min(ctid)"
                   " from cix.%s where subject_id = %lld) returning 1) select count(*) from one",
                   tables[i], alias, tables[i], survivor) != 1)
            fail_msg("no row of %s", tables[i]);
        if (number("select count(*) from cix.fsck_reference(10) where part = 'alias_rest'") != 1)
            fail_msg("a row of %s is not told", tables[i]);
        number(
            "with one as (update cix.%s set subject_id = %lld where subject_id = %lld returning 1)"
            " select count(*) from one",
            tables[i], survivor, alias);
    }
    assert_sound();
}

/* ---- Doubts that are none ---- */

static bool is_excluded(int64_t subject_id)
{
    return number("select (facts & 4)::bigint from cix.rating_facts(array[%lld], current_date)",
                  (long long)subject_id) != 0;
}

static void a_doubt_that_is_none_keeps_nobody_from_being_rated(void **state)
{
    long long conflict;

    (void)state;
    give("bank-two", subject(41, person(41)->name, ""));
    assert_false(is_taken("bank-one", subject(41, "诸葛孔明", "")));
    assert_true(is_excluded(subject_of(41)));
    cixd("subject conflicts");
    const char *at = strstr(printed, "conflict ");
    if (!at || sscanf(at, "conflict %lld: open", &conflict) != 1)
        fail_msg("no conflict in: %s", printed);
    assert_int_equal(try_cixd(text("subject dismiss %lld --reason because", conflict)), 1);
    assert_int_equal(try_cixd(text("subject dismiss %lld", conflict)), 2);
    assert_non_null(strstr(printed, "--reason: expected document, register"));
    assert_non_null(strstr(printed, "MERGE_REASON"));
    assert_int_equal(try_cixd("subject dismiss 41 --reason document"), 1);
    assert_non_null(strstr(printed, "CONFLICT_UNKNOWN"));
    assert_true(is_excluded(subject_of(41)));
    cixd(text("subject dismiss %lld --reason document", conflict));
    assert_non_null(strstr(printed, "dismissed conflict"));
    assert_false(is_excluded(subject_of(41)));
    cixd(text("subject dismiss %lld --reason document", conflict));
    assert_non_null(strstr(printed, "dismissed before"));
    cixd("subject conflicts");
    assert_null(strstr(printed, "conflict "));
    cixd("subject conflicts --all");
    assert_non_null(strstr(printed, ": accepted"));
    assert_int_equal(number("select count(*) from cix.audit where method = 208"), 3);
    /* What comes later is doubted anew. */
    assert_false(is_taken("bank-one", subject(41, "司马相如", "")));
    assert_true(is_excluded(subject_of(41)));
    assert_sound();
    /* The job that rates is told; before it takes the note, since nothing is committed. */
    number("begin");
    assert_int_equal(number("select cix.conflict_dismiss(max(record_id), 1::smallint, now(), 41,"
                            " '\\x00')::bigint from cix.conflict where state = 1"),
                     0);
    assert_int_equal(number("select count(*) from cix.rating_change where noted_at > now()"
                            " and %lld = any (subjects)",
                            (long long)subject_of(41)),
                     1);
    number("rollback");
    assert_true(is_excluded(subject_of(41)));
}

/* A merge has decided whether two are one: nobody dismisses that. */
static void what_a_merge_has_decided_is_not_dismissed(void **state)
{
    long long first, second, conflict;

    (void)state;
    for (int i = 0; i < 2; i++)
        give("bank-one",
             text("{'subject':{'kind':'PERSON','name':'Twice Known','birthOn':19900101,'sex':1,"
                  "'identifiers':[{'type':'PASSPORT','value':'E8%07d'}]}}",
                  i));
    cixd("subject conflicts");
    const char *line = strstr(printed, "S017 subject ");
    const char *at = line ? strstr(line, "conflict ") : NULL;
    if (!at || sscanf(line, "S017 subject %lld and %lld", &first, &second) != 2 ||
        sscanf(at, "conflict %lld", &conflict) != 1)
        fail_msg("no two subjects in: %s", printed);
    cixd(text("subject merge %lld %lld --reason document", first, second));
    assert_int_equal(try_cixd(text("subject dismiss %lld --reason document", conflict)), 1);
    assert_non_null(strstr(printed, "CONFLICT_DECIDED"));
}

/* Disputes the party by which a person answers for an account. */
static void dispute_party(int64_t k, int64_t fact_id)
{
    const char *words =
        text("correction annotate --id %s --name '%s' --on fact:%lld --code 106"
             " --text 'I signed no guarantee' --evidence %s/ca.pem",
             person(k)->number, person(k)->name, (long long)fact_id, exchange.folder);

    if (shell_cix_as(&exchange, "bank-one", words, output, sizeof(output)) != 0)
        fail_msg("%s: %s", words, output);
}

/* Who answers for another's account says so by an identifier, and what it says goes back with that.
 */
static void what_a_guarantor_says_goes_back(void **state)
{
    int64_t parties[2];

    (void)state;
    for (int64_t k = 60; k <= 62; k++)
        give("bank-one", subject(k, person(k)->name, ""));
    give("bank-one", account(62));
    for (int i = 0; i < 2; i++) {
        give("bank-one", text("{'party':{'accountNo':'AL-62','identifier':{'type':'RESIDENT_ID',"
                              "'value':'%s'},'role':3,'liabilityAmount':'700','fromOn':20240115}}",
                              person(60 + i)->number));
        parties[i] = number("select fact_id from cix.liability where subject_id = %lld",
                            (long long)subject_of(60 + i));
    }
    merge(60, 61);
    for (int i = 0; i < 2; i++)
        dispute_party(60 + i, parties[i]);
    assert_int_equal(number("select count(*) from cix.annotation where subject_id = %lld",
                            (long long)subject_of(61)),
                     2);
    assert_sound();
    split(60);
    assert_sound();
    for (int i = 0; i < 2; i++)
        assert_int_equal(number("select target_id from cix.annotation where subject_id = %lld",
                                (long long)subject_of(60 + i)),
                         parties[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_taken_back_by_itself),
        cmocka_unit_test(each_is_replaced_by_itself),
        cmocka_unit_test(what_was_taken_comes_again_where_it_was),
        cmocka_unit_test(each_keeps_its_own_protections),
        cmocka_unit_test(what_a_merge_left_behind_is_told),
        cmocka_unit_test(a_doubt_that_is_none_keeps_nobody_from_being_rated),
        cmocka_unit_test(what_a_merge_has_decided_is_not_dismissed),
        cmocka_unit_test(what_a_guarantor_says_goes_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
