/*
 * Goal: the commands of cix against an exchange that runs: what they print, and their exit codes.
 * Method: a whole exchange, and the built cix as a process with the member's certificate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/exchange.h"
#include "support/person.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024 };

static struct exchange exchange;
static char output[OUTPUT_MAX];

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    exchange_member(&exchange, "court-one", MEMBER_TYPE_COURT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

/* Runs cix with the member's certificate; what it prints is in output. Answers the exit code. */
static int cix(const char *member, const char *words)
{
    const char *build = getenv("CIX_BUILD");
    char command[2048];

    snprintf(command, sizeof(command),
             "CIX_ADDRESS=%s CIX_CA=%s/ca.pem CIX_CERT=%s/%s.pem CIX_KEY=%s/%s.key "
             "CIX_OPERATOR=teller HOME=/nonexistent LC_ALL=C.UTF-8 %s/cix %s 2>&1",
             exchange.address, exchange.folder, exchange.folder, member, exchange.folder, member,
             build ? build : "build/dev", words);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static void write_file(const char *path, const char *lines)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(lines, file);
    assert_int_equal(fclose(file), 0);
}

static void a_member_sees_itself(void **state)
{
    (void)state;
    assert_int_equal(cix("bank-one", "member"), 0);
    assert_printed("bank-one");
    assert_printed("CONTRIBUTOR, LENDER");
    assert_int_equal(cix("bank-one", "member --output json"), 0);
    assert_printed("\"code\": \"bank-one\"");
}

static void members_are_listed(void **state)
{
    (void)state;
    assert_int_equal(cix("bank-one", "member list"), 0);
    assert_printed("bank-one");
    assert_printed("court-one");
}

static void a_report_without_consent_is_refused_with_its_rule(void **state)
{
    (void)state;
    assert_int_equal(
        cix("bank-one", "report --id 99000119900101001X --name 某人 --purpose loan-approval"), 3);
    assert_printed("cix: ");
}

static void a_question_about_an_unknown_subject_is_answered(void **state)
{
    (void)state;
    assert_int_equal(cix("bank-one", "flag --id-type passport --id E00000000 --name Nobody"), 0);
    assert_printed("not listed");
    assert_int_equal(
        cix("bank-one", "flag --id-type passport --id E00000000 --name Nobody --output json"), 0);
    assert_printed("\"answer\"");
}

static void identifiers_come_from_standard_input_too(void **state)
{
    (void)state;
    assert_int_equal(cix("bank-one", "flag --id-type passport --id - --name - <<'END'\n"
                                     "E00000000\nNobody\nEND\n"),
                     0);
    assert_printed("not listed");
}

static void flags_of_a_file_are_asked(void **state)
{
    char path[512], words[1024];

    (void)state;
    snprintf(path, sizeof(path), "%s/ask.csv", exchange.folder);
    write_file(path, "identifier_type,identifier_value,name\nPASSPORT,E00000000,Nobody\n");
    snprintf(words, sizeof(words), "flag --file %s", path);
    assert_int_equal(cix("bank-one", words), 0);
    assert_string_equal(output, "line,is_listed,listings,reason,protections\n2,false,0,,\n");
    snprintf(words, sizeof(words), "flag --file %s --output json", path);
    assert_int_equal(cix("bank-one", words), 0);
    assert_printed("{\"line\":2,\"result\":");
}

static void a_role_that_is_missing_is_told(void **state)
{
    (void)state;
    assert_int_equal(cix("court-one", "flag --id-type passport --id E00000000 --name Nobody"), 3);
    assert_int_equal(cix("bank-one", "flag remove 01890000-0000-7000-8000-000000000001 --reason "
                                     "performed"),
                     3);
}

static void a_wrong_line_is_not_sent(void **state)
{
    (void)state;
    assert_int_equal(cix("bank-one", "report --id E1"), 2);
    assert_int_equal(cix("bank-one", "report --id E1 --name N --purpose lone-approval"), 2);
    assert_printed("loan-approval");
    assert_int_equal(cix("bank-one", "member --address 127.0.0.1"), 2);
    assert_int_equal(cix("nobody", "member"), 2);
    assert_int_equal(cix("bank-one", "submit /nonexistent.csv --kind account"), 5);
}

/* The mended file is a new submission: the journal of the refused one would stand in its way. */
static void a_refused_file_comes_back_with_reasons(void **state)
{
    char path[512], words[1024];
    FILE *file;

    (void)state;
    snprintf(path, sizeof(path), "%s/refused.jsonl", exchange.folder);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs("{\"account\":{\"accountNo\":\"A1\",\"identifier\":{\"type\":\"USCC\",\"value\":\"X\"},"
          "\"type\":\"R2\",\"currency\":\"CNY\",\"openedOn\":20200102}}\n",
          file);
    assert_int_equal(fclose(file), 0);
    snprintf(words, sizeof(words), "submit %s --mode file", path);
    assert_int_equal(cix("court-one", words), 3);
    assert_printed("FILE_REFUSED");
    assert_printed("refused.jsonl.rejects.jsonl");
    snprintf(path, sizeof(path), "%s/refused.jsonl.cix-journal", exchange.folder);
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof(path), "%s/refused.jsonl.rejects.jsonl", exchange.folder);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(words, sizeof(words), file));
    fclose(file);
    assert_non_null(strstr(words, "F007"));
}

/* What was declared is shown; the same file is not taken twice unless that is wanted. */
static void a_file_is_declared_and_taken_once(void **state)
{
    char path[512], words[1024], lines[1024];
    struct person person;

    (void)state;
    person_make(501, &person);
    snprintf(path, sizeof(path), "%s/once.jsonl", exchange.folder);
    snprintf(lines, sizeof(lines),
             "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"%s\",\"identifiers\":[{\"type\":"
             "\"RESIDENT_ID\",\"value\":\"%s\"}]}}\n"
             "{\"account\":{\"accountNo\":\"O1\",\"identifier\":{\"type\":\"RESIDENT_ID\","
             "\"value\":\"%s\"},\"type\":\"D1\",\"businessType\":\"91\",\"currency\":\"CNY\","
             "\"originalAmount\":\"123456\",\"openedOn\":20240115,\"repayFrequency\":3,"
             "\"security\":4}}\n",
             person.name, person.number, person.number);
    write_file(path, lines);
    snprintf(words, sizeof(words), "submit %s --mode file", path);
    assert_int_equal(cix("bank-one", words), 0);
    assert_printed("declared    2 records");
    assert_printed("1,234.56 CNY");
    assert_int_equal(cix("bank-one", words), 0);
    assert_printed("committed before");
    assert_printed("accepted    2");
    snprintf(words, sizeof(words), "submit %s --mode file --again", path);
    assert_int_equal(cix("bank-one", words), 0);
    assert_null(strstr(output, "committed before"));
}

/* A held file tells how it is committed all the same, and is. */
static void a_held_file_is_accepted_with_a_word(void **state)
{
    static const char id[] = "0189aaaa-0000-7000-8000-00000000aaaa";
    char path[512], words[1024];

    (void)state;
    snprintf(path, sizeof(path), "%s/held.jsonl", exchange.folder);
    write_file(path, "{\"performance\":{\"accountNo\":\"unknown\",\"period\":202601,"
                     "\"accountStatus\":1,\"repayStatus\":\"N\",\"balance\":\"5\"}}\n");
    snprintf(words, sizeof(words), "submit %s --mode file --id %s", path, id);
    assert_int_equal(cix("bank-one", words), 3);
    assert_printed("FILE_HELD");
    assert_null(strstr(output, "submission_id = "));
    assert_printed("--accept");
    assert_printed("held.jsonl.rejects.jsonl");
    snprintf(words, sizeof(words), "submit %s --mode file --id %s --accept 'sold accounts'", path,
             id);
    assert_int_equal(cix("bank-one", words), 1); /* the record itself stays refused */
    assert_printed("rejected    1");
}

/* A file that fell is explained; its refused records are not what it is held for. */
static void a_held_file_that_fell_is_explained(void **state)
{
    static const char id[] = "0189aaaa-0000-7000-8000-00000000aaab";
    char path[512], words[1024], lines[2048] = "";
    struct person person;

    (void)state;
    for (int month = 2; month > 0; month--) { /* two people in January, one in February */
        *lines = '\0';
        for (int i = 0; i < month; i++) {
            person_make(510 + i, &person);
            snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
                     "{\"subject\":{\"kind\":\"PERSON\",\"name\":\"%s\",\"identifiers\":[{\"type\":"
                     "\"RESIDENT_ID\",\"value\":\"%s\"}]}}\n",
                     person.name, person.number);
        }
        snprintf(path, sizeof(path), "%s/people-%d.jsonl", exchange.folder, month);
        write_file(path, lines);
        snprintf(words, sizeof(words), "submit %s --mode file --period 2026-%02d%s%s", path,
                 3 - month, month == 1 ? " --id " : "", month == 1 ? id : "");
        assert_int_equal(cix("bank-one", words), month == 1 ? 3 : 0);
    }
    assert_printed("rule = F008");
    assert_printed("--explain \"WHY\"");
    assert_null(strstr(output, "--accept"));
    strcat(words, " --explain 'one moved away'");
    assert_int_equal(cix("bank-one", words), 0);
}

static void an_exchange_that_is_away_is_told(void **state)
{
    char path[512], words[1024];

    (void)state;
    assert_int_equal(cix("bank-one", "member --address 127.0.0.1:1 --timeout 1"), 4);
    assert_null(strstr(output, "goes on"));
    snprintf(path, sizeof(path), "%s/later.jsonl", exchange.folder);
    write_file(path, "{\"account\":{\"accountNo\":\"A\"}}\n");
    snprintf(words, sizeof(words), "submit %s --address 127.0.0.1:1 --timeout 1", path);
    assert_int_equal(cix("bank-one", words), 4);
    assert_printed("The same command goes on with submission ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_sees_itself),
        cmocka_unit_test(members_are_listed),
        cmocka_unit_test(a_report_without_consent_is_refused_with_its_rule),
        cmocka_unit_test(a_question_about_an_unknown_subject_is_answered),
        cmocka_unit_test(identifiers_come_from_standard_input_too),
        cmocka_unit_test(flags_of_a_file_are_asked),
        cmocka_unit_test(a_role_that_is_missing_is_told),
        cmocka_unit_test(a_wrong_line_is_not_sent),
        cmocka_unit_test(a_refused_file_comes_back_with_reasons),
        cmocka_unit_test(a_file_is_declared_and_taken_once),
        cmocka_unit_test(a_held_file_is_accepted_with_a_word),
        cmocka_unit_test(a_held_file_that_fell_is_explained),
        cmocka_unit_test(an_exchange_that_is_away_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
