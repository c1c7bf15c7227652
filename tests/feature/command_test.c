/*
 * Goal: the commands of cixd as an operator meets them: help, exit codes, and that a slip is told
 * rather than stored.
 * Method: the built cixd as a process, beside a whole exchange.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/exchange.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 64 * 1024 };

static struct exchange exchange;
static char output[OUTPUT_MAX];

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

/* Runs cixd; what it prints is in output. Answers the exit code. */
static int cixd(const char *words)
{
    const char *build = getenv("CIX_BUILD");
    char command[2048];

    snprintf(command, sizeof(command), "%s/cixd %s 2>&1", build ? build : "build/dev", words);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* A command on the database of the exchange. */
static int cixd_beside(const char *words)
{
    char line[1536];

    snprintf(line, sizeof(line), "%s --database '%s' --data %s", words, exchange.database.uri,
             exchange.folder);
    return cixd(line);
}

static void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("\"%s\" is not in: %s", text, output);
}

static void every_command_has_help(void **state)
{
    (void)state;
    assert_int_equal(cixd("member add --help"), 0);
    assert_printed("usage: cixd member add CODE --name NAME --type TYPE");
    assert_int_equal(cixd("serve -h"), 0);
    assert_printed("usage: cixd serve");
    assert_int_equal(cixd("member --help"), 0);
    assert_printed("member cert revoke");
}

static void a_wrong_line_ends_with_usage(void **state)
{
    (void)state;
    assert_int_equal(cixd("mebmer"), 2);
    assert_int_equal(cixd("member"), 2);
    assert_printed("member suspend");
    assert_int_equal(cixd("serve extra"), 2);
    assert_int_equal(cixd("serve --listne 127.0.0.1:0"), 2);
    assert_printed("did you mean listen");
    assert_int_equal(cixd_beside("member list extra"), 2);
}

static void serve_makes_no_database_where_no_exchange_is(void **state)
{
    char folder[] = "/tmp/cix-command-test-XXXXXX";
    char words[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(words, sizeof(words), "serve --data %s", folder);
    assert_int_equal(cixd(words), 1);
    assert_printed("cixd init");
    assert_int_equal(rmdir(folder), 0); /* it is still empty */
}

static void a_certificate_of_another_name_is_not_taken(void **state)
{
    char words[512];

    (void)state;
    assert_int_equal(cixd_beside("member add bank-two --name Two --type bank"), 0);
    snprintf(words, sizeof(words), "member cert add bank-two --certificate %s/bank-one.pem",
             exchange.folder);
    assert_int_equal(cixd_beside(words), 1);
    assert_printed("CERTIFICATE_NAME");
    snprintf(words, sizeof(words), "member cert add bank-one --certificate %s/bank-one.pem",
             exchange.folder);
    assert_int_equal(cixd_beside(words), 0);
}

static void members_are_listed_in_words(void **state)
{
    (void)state;
    assert_int_equal(cixd_beside("member add bank-three --name Three --type bank"), 0);
    assert_int_equal(cixd_beside("member suspend bank-three"), 0);
    assert_int_equal(cixd_beside("member list"), 0);
    assert_printed("contributor,lender");
    assert_printed("SUSPENDED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(a_wrong_line_ends_with_usage),
        cmocka_unit_test(serve_makes_no_database_where_no_exchange_is),
        cmocka_unit_test(a_certificate_of_another_name_is_not_taken),
        cmocka_unit_test(members_are_listed_in_words),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
