/*
 * Goal: names and identifiers that a correction took away are there again when it is taken back, as
 * if it had never come; the history of a record says which of its sealed fields changed, and never
 * what they say; two who give a new identifier, or take one account over, at one instant are held
 * against each other.
 * Method: a whole exchange and the built cix: files of JSON lines, `cix submit`, `cix correction`.
 * Whom an identifier and a name find is read on the owner's connection.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "support/dossier.h"
#include "support/shell.h"

#include "support/cmocka.h"

static struct exchange exchange;
static struct dossier dossier;
static char output[32768];
static int sent;

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    struct member bank = exchange_member_of("bank-one", MEMBER_TYPE_BANK);
    bank.data_classes = 0xff;
    exchange_member_put(&exchange, &bank);
    exchange_member(&exchange, "bank-two", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "bank-three", MEMBER_TYPE_BANK);
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

__attribute__((format(printf, 2, 3))) static int cix(const char *member, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *words = arena_vformat(&dossier.arena, format, args);
    va_end(args);
    return shell_cix_as(&exchange, member, words, output, sizeof(output));
}

static const char *id_of(int n)
{
    char *text = arena_alloc(&dossier.arena, 37);

    person_uuid("subject-name", n, text);
    return text;
}

static const char *number_of(int64_t k)
{
    struct person person;

    person_make(k, &person);
    return arena_string(&dossier.arena, person.number);
}

/* Submits one record of JSON, in which ' stands for "; the number of the submission. */
__attribute__((format(printf, 2, 3))) static int give(const char *member, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *record = arena_vformat(&dossier.arena, format, args);
    va_end(args);
    if (shell_submit(&exchange, member, id_of(++sent), record, output, sizeof(output)) != 0)
        fail_msg("%s: %s", record, output);
    return sent;
}

#define REPLACED ",'correction':{'action':'REPLACE','reason':'OWN_ERROR'}"
#define DELETED  ",'correction':{'action':'DELETE','reason':'OWN_ERROR'}"

/* A person's name by resident number; more: further fields, rest: behind the subject. */
static int say(const char *member, int64_t k, const char *name, const char *more, const char *rest)
{
    return give(member,
                "{'subject':{'kind':'PERSON','name':'%s',"
                "'identifiers':[{'type':'RESIDENT_ID','value':'%s'}%s}%s}",
                name, number_of(k), more, rest);
}

static void back_out(int submission)
{
    if (cix("bank-one", "correction backout %s --reason own-error", id_of(submission)) != 0)
        fail_msg("%s", output);
}

static void must_run(const char *sql)
{
    if (!db_script(&dossier.ctx, dossier.db, sql))
        fail_msg("%s", dossier.ctx.error.message);
}

/* Whether an identifier and a name find somebody. */
static bool is_found(int type, const char *value, const char *name)
{
    char lookup_hex[2 * DIGEST_SIZE + 1], name_hex[2 * DIGEST_SIZE + 1];
    struct digest lookup = vault_lookup(dossier.vault, type, value);
    struct digest index =
        vault_name_index(dossier.vault, &lookup, text_fold_name(&dossier.arena, name));

    text_to_hex(lookup.bytes, DIGEST_SIZE, lookup_hex);
    text_to_hex(index.bytes, DIGEST_SIZE, name_hex);
    return dossier_number(&dossier,
                          arena_format(&dossier.arena,
                                       "select count(*) from cix.identifier i"
                                       " join cix.subject_name n using (subject_id)"
                                       " where i.lookup = '\\x%s' and n.name_index = '\\x%s'",
                                       lookup_hex, name_hex)) > 0;
}

static bool is_person(int64_t k, const char *name)
{
    return is_found(10, number_of(k), name);
}

static void a_replaced_name_comes_again(void **state)
{
    (void)state;
    say("bank-one", 1, "张三丰", "]", "");
    int replacing = say("bank-one", 1, "张山峰", "]", REPLACED);
    assert_false(is_person(1, "张三丰"));
    back_out(replacing);
    assert_true(is_person(1, "张三丰"));
    assert_false(is_person(1, "张山峰"));
    /* What the member says now replaces what counts again. */
    say("bank-one", 1, "张山峰", "]", REPLACED);
    assert_false(is_person(1, "张三丰"));
}

static void a_deleted_name_comes_again(void **state)
{
    (void)state;
    say("bank-one", 2, "李四光", "]", "");
    int deleting = say("bank-one", 2, "李四光", "]", DELETED);
    assert_false(is_person(2, "李四光"));
    back_out(deleting);
    assert_true(is_person(2, "李四光"));
    say("bank-one", 2, "李四光", "]", DELETED); /* the record stands, so it can be taken back */
    assert_false(is_person(2, "李四光"));
}

static void what_nothing_says_any_more_does_not_come_again(void **state)
{
    (void)state;
    int first = say("bank-one", 3, "王二小", "]", "");
    int replacing = say("bank-one", 3, "王小二", "]", REPLACED);
    back_out(first);
    assert_true(is_person(3, "王小二"));
    back_out(replacing);
    assert_false(is_person(3, "王小二"));
    assert_false(is_person(3, "王二小"));
}

static void a_name_that_was_said_since_stays(void **state)
{
    (void)state;
    say("bank-one", 4, "赵一鸣", "]", "");
    int adding = say("bank-one", 4, "赵亦鸣", "]", "");
    say("bank-one", 4, "赵亦鸣", "],'region':'440300'", "");
    back_out(adding);
    assert_true(is_person(4, "赵亦鸣"));
    assert_true(is_person(4, "赵一鸣"));
}

/* An identifier goes with the last name given with it, and comes with it unless it is another's. */
static void identifiers_come_again_unless_they_are_anothers(void **state)
{
    const char *mine = ",{'type':'PASSPORT','value':'E0000005'}]";
    const char *theirs = ",{'type':'PASSPORT','value':'E0000006'}]";

    (void)state;
    say("bank-one", 5, "钱有余", mine, "");
    say("bank-one", 6, "孙有余", theirs, "");
    int fifth = say("bank-one", 5, "钱友余", "]", REPLACED);
    int sixth = say("bank-one", 6, "孙友余", "]", REPLACED);
    assert_false(is_found(15, "E0000005", "钱有余"));
    say("bank-two", 7, "周有余", theirs, ""); /* the passport is free */
    back_out(fifth);
    back_out(sixth);
    assert_true(is_found(15, "E0000005", "钱有余"));
    assert_true(is_person(5, "钱有余"));
    assert_true(is_person(6, "孙有余"));
    assert_false(is_found(15, "E0000006", "孙有余"));
    assert_true(is_found(15, "E0000006", "周有余"));
}

/* What a later record that stands took away as well comes with the back-out of that one alone. */
static void what_a_later_record_took_waits_for_it(void **state)
{
    const char *passport = ",{'type':'PASSPORT','value':'E0000010'}]";

    (void)state;
    say("bank-one", 10, "冯有余", passport, "");
    int second = say("bank-one", 10, "冯友余", "]", REPLACED);
    int third = say("bank-one", 10, "冯又余", "]", REPLACED);
    back_out(second);
    assert_false(is_person(10, "冯有余"));
    assert_false(is_found(15, "E0000010", "冯有余"));
    assert_true(is_person(10, "冯又余"));
    back_out(third);
    assert_true(is_person(10, "冯有余"));
    assert_true(is_found(15, "E0000010", "冯有余"));
    assert_false(is_person(10, "冯友余"));
    assert_false(is_person(10, "冯又余"));
    /* So with a record that says that nothing holds any more. */
    say("bank-one", 11, "陈有余", "]", "");
    second = say("bank-one", 11, "陈友余", "]", REPLACED);
    third = say("bank-one", 11, "陈友余", "]", DELETED);
    back_out(second);
    assert_false(is_person(11, "陈有余"));
    back_out(third);
    assert_true(is_person(11, "陈有余"));
    /* The later one first: nothing is left that would have taken it. */
    say("bank-one", 12, "褚有余", "]", "");
    second = say("bank-one", 12, "褚友余", "]", REPLACED);
    third = say("bank-one", 12, "褚又余", "]", REPLACED);
    back_out(third);
    assert_true(is_person(12, "褚友余"));
    assert_false(is_person(12, "褚有余"));
    back_out(second);
    assert_true(is_person(12, "褚有余"));
    assert_false(is_person(12, "褚友余"));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject_name_removed as r"
                                              " join cix.subject_name as n using (record_id)"),
                     0); /* what is there again is not kept twice */
}

/* A FILE submission has the time at which its commit began; a name may have come since. */
static void a_name_that_came_during_a_commit_comes_again(void **state)
{
    (void)state;
    say("bank-one", 13, "卫有余", ",{'type':'PASSPORT','value':'E0000013'}]", "");
    must_run("with n as (update cix.subject_name set recorded_at = recorded_at + interval '1 hour'"
             " where recorded_at = (select max(recorded_at) from cix.subject_name)"
             " returning subject_id), i as (update cix.subject_identifier as i"
             " set recorded_at = i.recorded_at + interval '1 hour' from n"
             " where i.subject_id = n.subject_id) update cix.subject_version as v"
             " set recorded_at = v.recorded_at + interval '1 hour' from n"
             " where v.subject_id = n.subject_id");
    int replacing = say("bank-one", 13, "卫友余", "]", REPLACED);
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.subject_name_removed"
                                              " where removed_at <= recorded_at"),
                     0);
    back_out(replacing);
    assert_true(is_found(15, "E0000013", "卫有余"));
}

/* Whether the history that cix shows has a line with both words. */
static bool is_told(const char *field, const char *word)
{
    for (const char *line = output; line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *end = strchr(line, '\n');
        const char *at = strstr(line, field), *found = strstr(line, word);
        if (at && found && (!end || (at < end && found < end)))
            return true;
    }
    return false;
}

#define HIDDEN "(changed, not shown)"

static void history_says_which_sealed_fields_changed(void **state)
{
    (void)state;
    say("bank-one", 8, "吴声息", "],'address':'Made Street 1','region':'440300'", "");
    say("bank-one", 8, "吴声息", "],'address':'Made Street 1','region':'440300'", "");
    assert_int_equal(
        cix("bank-one", "correction history --kind subject --id %s --name Made", number_of(8)), 0);
    assert_true(is_told("address", HIDDEN)); /* the first version */
    assert_true(is_told("name", HIDDEN));
    assert_int_equal(cix("bank-one",
                         "correction history --kind subject --id %s --name Made --output json",
                         number_of(8)),
                     0);
    const char *second = strstr(output, "\"address\"");
    assert_non_null(second);
    assert_null(strstr(second + 1, "\"address\"")); /* sent again it is the same */
    say("bank-one", 8, "吴生息",
        "],'address':'Made Street 2','mobiles':['13800138000'],'region':'440300'", REPLACED);
    assert_int_equal(cix("bank-one",
                         "correction history --kind subject --id %s --name Made --output json",
                         number_of(8)),
                     0);
    char *older = strstr(output, "\"recordId\"");
    assert_non_null(older);
    older = strstr(older + 1, "\"recordId\"");
    assert_non_null(older);
    *older = '\0';
    assert_true(strstr(output, "\"address\"") && strstr(output, "\"mobiles\"") &&
                strstr(output, "\"name\""));
    assert_null(strstr(output, "\"identifiers\""));
    assert_null(strstr(output, "\"region\""));
    assert_null(strstr(output, "Made Street"));
    assert_null(strstr(output, "13800138000"));
}

/* A document's own number and case number lie in one sealed text with its key. */
static void history_says_which_sealed_fields_of_a_fact_changed(void **state)
{
    const char *path = arena_format(&dossier.arena, "%s/case.json", exchange.folder);

    (void)state;
    say("bank-one", 9, "郑重其", "]", "");
    give("bank-one",
         "{'fraudCase':{'caseRef':'C-9','identifier':{'type':'RESIDENT_ID','value':'%s'},'role':1,"
         "'type':2,'currency':'CNY','detectedOn':20260101,'filedOn':20260102,'evidenceLevel':3,"
         "'status':2,'expiresOn':20301231,'lesson':'a made lesson'}}",
         number_of(9));
    give("bank-one",
         "{'fraudCase':{'caseRef':'C-9','identifier':{'type':'RESIDENT_ID','value':'%s'},'role':1,"
         "'type':2,'currency':'CNY','detectedOn':20260101,'filedOn':20260102,'evidenceLevel':3,"
         "'status':2,'expiresOn':20301231,'lesson':'another made lesson'}" REPLACED "}",
         number_of(9));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("{\"fraudCase\": {\"caseRef\": \"C-9\"}}\n", file);
    fclose(file);
    assert_int_equal(cix("bank-one", "correction history --kind fraud-case --record %s", path), 0);
    assert_true(is_told("lesson", HIDDEN));
    assert_null(strstr(output, "case_ref"));
    assert_null(strstr(output, "made lesson"));
}

/*
 * The second record's passport is new to the chunk, and the first record's: that makes it somebody
 * whom another member named, without anything having come meanwhile.
 */
static void a_chunk_gives_a_known_person_a_new_identifier_twice(void **state)
{
    const char *passport = "{'type':'PASSPORT','value':'E0000041'}";

    (void)state;
    say("bank-two", 41, "冯十全", "]", "");
    give("bank-one",
         "{'subject':{'kind':'PERSON','name':'冯十全',"
         "'identifiers':[{'type':'RESIDENT_ID','value':'%s'},%s]}}\n"
         "{'subject':{'kind':'PERSON','name':'冯十全','identifiers':[%s]}}",
         number_of(41), passport, passport);
    assert_true(is_found(15, "E0000041", "冯十全"));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.identifier i"
                                              " where i.kind = 15 and i.subject_id = (select"
                                              " max(n.subject_id) from cix.subject_name n)"),
                     1);
}

/* ---- Two at one instant ---- */

struct submitting {
    pthread_t thread;
    const char *record;
    char output[4096];
    int code;
};

static void *submit_meanwhile(void *argument)
{
    struct submitting *submitting = argument;

    submitting->code = shell_submit(&exchange, "bank-one", id_of(++sent), submitting->record,
                                    submitting->output, sizeof(submitting->output));
    return NULL;
}

/* Until somebody waits for what the open transaction has. */
static void await_waiting(void)
{
    static const struct statement waiting = {
        "t_waiting", "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                     " where not l.granted and a.datname = current_database()"};
    struct db *watch = exchange_owner(&exchange);
    int64_t found = 0;

    for (int i = 0; i < 1000 && found == 0; i++) {
        struct params params;
        struct rows rows = {0};
        params_init(&params, &dossier.arena);
        assert_true(db_run(&dossier.ctx, watch, &waiting, &params, &rows) && rows_next(&rows));
        found = rows_int8(&rows, 0);
        rows_done(&rows);
        usleep(10000);
    }
    db_close(watch);
    assert_int_equal(found, 1);
}

/*
 * Another member's transaction has given a new identifier a name, and is open still: nobody sees it
 * who looks for names to compare.
 */
static void a_new_identifier_of_two_at_one_instant_is_held(void **state)
{
    struct submitting submitting = {.code = -1};
    struct person person;

    (void)state;
    person_make(31, &person);
    must_run("begin");
    dossier_subject(&dossier, &person, "bank-two");
    submitting.record = arena_format(&dossier.arena,
                                     "{'subject':{'kind':'PERSON','name':'诸葛孔明',"
                                     "'identifiers':[{'type':'RESIDENT_ID','value':'%s'}]}}",
                                     person.number);
    assert_int_equal(pthread_create(&submitting.thread, NULL, submit_meanwhile, &submitting), 0);
    await_waiting();
    must_run("commit");
    assert_int_equal(pthread_join(submitting.thread, NULL), 0);
    assert_int_equal(submitting.code, 1);
    assert_non_null(strstr(submitting.output, "quarantined 1"));
    assert_false(is_person(31, "诸葛孔明"));
    assert_true(is_person(31, person.name));
    assert_int_equal(dossier_number(&dossier, "select count(*) from cix.conflict where kind = 1"
                                              " and state = 1"),
                     1);
    /* The same name, in the same way, is nobody else's. */
    person_make(32, &person);
    must_run("begin");
    dossier_subject(&dossier, &person, "bank-two");
    submitting.record = arena_format(&dossier.arena,
                                     "{'subject':{'kind':'PERSON','name':'%s',"
                                     "'identifiers':[{'type':'RESIDENT_ID','value':'%s'}]}}",
                                     person.name, person.number);
    assert_int_equal(pthread_create(&submitting.thread, NULL, submit_meanwhile, &submitting), 0);
    await_waiting();
    must_run("commit");
    assert_int_equal(pthread_join(submitting.thread, NULL), 0);
    assert_int_equal(submitting.code, 0);
}

/* Gives an account of a member its number. */
static void put_number(const char *member, int64_t account_id, const char *account_no)
{
    int32_t member_id = dossier_member(&dossier, member);
    struct digest index = vault_account_index(dossier.vault, member_id, account_no);
    char hex[2 * DIGEST_SIZE + 1];

    text_to_hex(index.bytes, DIGEST_SIZE, hex);
    must_run(arena_format(&dossier.arena,
                          "insert into cix.account_key select %d, '\\x%s', subject_id, account_id,"
                          " now() from cix.account where account_id = %lld",
                          member_id, hex, (long long)account_id));
}

/* Another buyer's transaction has taken an account over, and is open still. */
static void an_account_that_two_take_over_at_one_instant_is_held(void **state)
{
    struct submitting submitting = {.code = -1};
    struct person person;

    (void)state;
    person_make(33, &person);
    int64_t subject_id = dossier_subject(&dossier, &person, "bank-two");
    const struct dossier_account given = {.subject_id = subject_id,
                                          .member = "bank-three",
                                          .last_period = 202601,
                                          .statuses = "C",
                                          .is_closed = true};
    const struct dossier_account taken = {
        .subject_id = subject_id, .member = "bank-two", .last_period = 202601, .statuses = "N"};
    int64_t sold = dossier_account(&dossier, &given);
    int32_t seller = dossier_member(&dossier, "bank-three");
    dossier_name(&dossier, subject_id, &person, "bank-one");
    put_number("bank-three", sold, "SOLD-1");
    submitting.record = arena_format(
        &dossier.arena,
        "{'account':{'accountNo':'BOUGHT-1','identifier':{'type':'RESIDENT_ID','value':'%s'},"
        "'type':'R2','businessType':'81','currency':'CNY','creditLimit':'500000',"
        "'openedOn':20260115,'repayFrequency':3,'security':4,'stateAtTransfer':1,"
        "'transferredFromCode':'bank-three','transferredFromAccountNo':'SOLD-1'}}",
        person.number);
    must_run("begin");
    must_run(arena_format(&dossier.arena,
                          "select cix.account_sold_hold(array[%d], array(select account_index"
                          " from cix.account_key where account_id = %lld))",
                          seller, (long long)sold));
    int64_t first = dossier_account(&dossier, &taken);
    put_number("bank-two", first, "BOUGHT-2");
    assert_int_equal(pthread_create(&submitting.thread, NULL, submit_meanwhile, &submitting), 0);
    await_waiting();
    must_run(arena_format(&dossier.arena,
                          "update cix.account set transferred_from_account_id = %lld,"
                          " transferred_from_id = %d where account_id = %lld",
                          (long long)sold, seller, (long long)first));
    must_run("commit");
    assert_int_equal(pthread_join(submitting.thread, NULL), 0);
    if (submitting.code != 1 || !strstr(submitting.output, "quarantined 1"))
        fail_msg("%s", submitting.output);
    assert_int_equal(dossier_number(&dossier, arena_format(&dossier.arena,
                                                           "select count(*) from cix.account where"
                                                           " transferred_from_account_id = %lld",
                                                           (long long)sold)),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_name_comes_again),
        cmocka_unit_test(a_deleted_name_comes_again),
        cmocka_unit_test(what_nothing_says_any_more_does_not_come_again),
        cmocka_unit_test(a_name_that_was_said_since_stays),
        cmocka_unit_test(identifiers_come_again_unless_they_are_anothers),
        cmocka_unit_test(what_a_later_record_took_waits_for_it),
        cmocka_unit_test(a_name_that_came_during_a_commit_comes_again),
        cmocka_unit_test(history_says_which_sealed_fields_changed),
        cmocka_unit_test(history_says_which_sealed_fields_of_a_fact_changed),
        cmocka_unit_test(a_chunk_gives_a_known_person_a_new_identifier_twice),
        cmocka_unit_test(a_new_identifier_of_two_at_one_instant_is_held),
        cmocka_unit_test(an_account_that_two_take_over_at_one_instant_is_held),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
