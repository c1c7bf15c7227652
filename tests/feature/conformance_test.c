/*
 * Goal: a member in state TESTING may submit and ask on a test exchange and nowhere else; cix
 * conformance runs its cases there and refuses to run elsewhere; cixd makes a member active by a
 * signed result and by no other file. Method: two exchanges that run, the built cix and cixd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/check.h"
#include "support/exchange.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024 };

static struct exchange trial, production;
static char output[OUTPUT_MAX];

static const char *build(void)
{
    const char *folder = getenv("CIX_BUILD");

    return folder ? folder : "build/dev";
}

static int run(const char *command)
{
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* cix with the certificate that the trial's authority gave the member. */
static int cix(const struct exchange *exchange, const char *member, const char *words)
{
    char command[2048];

    snprintf(command, sizeof(command),
             "CIX_ADDRESS=%s CIX_CA=%s/ca.pem CIX_CERT=%s/%s.pem CIX_KEY=%s/%s.key "
             "HOME=/nonexistent LC_ALL=C.UTF-8 %s/cix %s 2>&1",
             exchange->address, exchange->folder, exchange->folder, member, exchange->folder,
             member, build(), words);
    return run(command);
}

static int cixd(const struct exchange *exchange, const char *uri, const char *words)
{
    char command[2048];

    snprintf(command, sizeof(command), "%s/cixd %s --data %s --database '%s' 2>&1", build(), words,
             exchange->folder, uri);
    return run(command);
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static void add_testing(struct exchange *exchange, const char *code, enum member_type type)
{
    struct member member = exchange_member_of(code, type);

    member.state = MEMBER_STATE_TESTING;
    exchange_member_put(exchange, &member);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&trial, NULL);
    exchange_start(&production, NULL);
    add_testing(&trial, "bank-new", MEMBER_TYPE_BANK);
    add_testing(&production, "bank-new", MEMBER_TYPE_BANK);
    exchange_settle();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&trial);
    exchange_stop(&production);
    return 0;
}

static void production_refuses_a_testing_member(void **state)
{
    char path[512], words[700];
    FILE *file;

    (void)state;
    assert_int_equal(cixd(&production, production.database.uri, "exchange"), 0);
    assert_printed("a production exchange");
    snprintf(path, sizeof(path), "%s/one.jsonl", production.folder);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs("{\"subject\":{\"kind\":\"PERSON\",\"name\":\"Nobody\",\"identifiers\":[{\"type\":"
          "\"PASSPORT\",\"value\":\"E00000000\"}]}}\n",
          file);
    assert_int_equal(fclose(file), 0);
    snprintf(words, sizeof(words), "submit %s --quiet", path);
    assert_int_equal(cix(&production, "bank-new", words), 3);
    assert_int_equal(cix(&production, "bank-new",
                         "flag --id-type passport --id E00000000 --name Nobody --operator o"),
                     3);
    assert_int_equal(cix(&production, "bank-new",
                         "report --id-type passport --id E00000000 --name Nobody --operator o "
                         "--purpose loan-approval"),
                     3);
    assert_int_equal(cix(&production, "bank-new", "conformance"), 3);
    assert_printed("not a test exchange: nothing was sent");
    assert_int_equal(cix(&production, "bank-new", "member"), 0);
}

static void only_the_owner_declares_a_test_exchange(void **state)
{
    (void)state;
    assert_int_equal(cix(&trial, "bank-new", "conformance"), 3);
    assert_int_not_equal(cixd(&trial, trial.database.uri, "exchange test"), 0);
    assert_int_equal(cixd(&trial, trial.database.owner_uri, "exchange test"), 0);
    assert_printed("a test exchange: members in state TESTING may submit and ask");
    assert_int_equal(cixd(&trial, trial.database.owner_uri, "exchange production"), 2);
    exchange_settle();
}

static void every_case_passes(void **state)
{
    char words[700];

    (void)state;
    snprintf(words, sizeof(words), "conformance --result %s/result", trial.folder);
    if (cix(&trial, "bank-new", words))
        fail_msg("%s", output);
    assert_null(strstr(output, "FAIL"));
    assert_printed("account.no-amount");
    assert_printed("PASS: ");
    assert_printed("member bank-new, exchange " CIX_VERSION);
}

/* Again, with other made persons: no case depends on an exchange that is empty. */
static void the_cases_run_again_and_speak_json(void **state)
{
    (void)state;
    if (cix(&trial, "bank-new", "conformance --output json"))
        fail_msg("%s", output);
    assert_printed("\"isPassed\": true");
    assert_printed("{\"case\": \"chunk.replay\", \"isPassed\": true");
}

static void a_member_without_rights_does_not_pass(void **state)
{
    struct member member = exchange_member_of("bank-mute", MEMBER_TYPE_BANK);

    (void)state;
    member.state = MEMBER_STATE_TESTING;
    memset(member.purposes, 0, sizeof(member.purposes));
    exchange_member_put(&trial, &member);
    exchange_settle();
    assert_int_equal(cix(&trial, "bank-mute", "conformance"), 1);
    assert_printed("FAIL: ");
    assert_printed("refused 7 INQUIRY_REFUSED I001");
}

static void an_exchange_with_data_is_not_declared(void **state)
{
    (void)state;
    assert_int_equal(cixd(&production, production.database.owner_uri, "exchange"), 0);
    exchange_member(&production, "bank-old", MEMBER_TYPE_BANK);
    assert_int_equal(cix(&production, "bank-old",
                         "flag --id-type passport --id E00000000 --name Nobody --operator o"),
                     0);
    assert_int_equal(cixd(&production, production.database.owner_uri, "exchange test"), 1);
    assert_printed("EXCHANGE_USED");
}

static int activate(const char *file)
{
    char words[700];

    snprintf(words, sizeof(words), "member activate bank-new --conformance %s/%s", trial.folder,
             file);
    return cixd(&production, production.database.uri, words);
}

static void only_a_whole_result_makes_active(void **state)
{
    static const char *const changes[][2] = {
        {"s/^result: pass \\([0-9]*\\) of.*/result: pass \\1 of 99/", "CONFORMANCE_FILE"},
        {"s/^member: .*/member: bank-old/", "CONFORMANCE_FILE"},
        {"s/^case: account.no-amount pass/case: account.no-amount fail/", "CONFORMANCE_FILE"},
        {"s/^case: chunk.gap pass/case: chunk.gap pass\\ncase: more pass/", "CONFORMANCE_FILE"},
        {"$a case: more pass", "CONFORMANCE_FILE"},
        {"/^signature/d", "CONFORMANCE_FILE"},
        {"1d", "CONFORMANCE_FILE"},
    };
    char command[1200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        snprintf(command, sizeof(command), "sed '%s' %s/result > %s/changed", changes[i][0],
                 trial.folder, trial.folder);
        assert_int_equal(run(command), 0);
        assert_int_equal(activate("changed"), 1);
        assert_printed(changes[i][1]);
    }
    assert_int_equal(activate("nothing"), 1);
    /* Signed with a certificate that production does not know yet. */
    assert_int_equal(activate("result"), 1);
    assert_printed("CERTIFICATE_FOREIGN");
}

static void a_result_makes_active_and_is_recorded(void **state)
{
    char words[700];
    (void)state;
    snprintf(words, sizeof(words), "member cert add bank-new --certificate %s/bank-new.pem",
             trial.folder);
    assert_int_equal(cixd(&production, production.database.uri, words), 0);
    if (activate("result"))
        fail_msg("%s", output);
    assert_printed("activated bank-new");
    assert_int_equal(activate("result"), 1);
    assert_printed("NOT_TESTING");
    assert_int_equal(cixd(&production, production.database.uri, "member list"), 0);
    assert_printed(" ACTIVE ");
    snprintf(words, sizeof(words),
             "psql -Atq '%s' -c \"select exchange_version, case_count > 20 from cix.conformance\"",
             production.database.owner_uri);
    assert_int_equal(run(words), 0);
    assert_string_equal(output, CIX_VERSION "|t\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(production_refuses_a_testing_member),
        cmocka_unit_test(only_the_owner_declares_a_test_exchange),
        cmocka_unit_test(every_case_passes),
        cmocka_unit_test(the_cases_run_again_and_speak_json),
        cmocka_unit_test(a_member_without_rights_does_not_pass),
        cmocka_unit_test(an_exchange_with_data_is_not_declared),
        cmocka_unit_test(only_a_whole_result_makes_active),
        cmocka_unit_test(a_result_makes_active_and_is_recorded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
