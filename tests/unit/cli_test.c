/* The command line of cix: its tables agree with its manual, and wrong lines end with "usage". */
#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"

static void manual_lists_every_exit_code(void **state)
{
    FILE *file = fopen(CIX_SOURCE_DIR "/client/cli/README.md", "r");
    char line[512];
    size_t found = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char expected[256];
        if (strncmp(line, "| ", 2) != 0 || line[2] < '0' || line[2] > '9')
            continue;
        assert_true(found < cli_exit_count);
        snprintf(expected, sizeof(expected), "| %d | %s | %s |\n", cli_exits[found].code,
                 cli_exits[found].name, cli_exits[found].meaning);
        assert_string_equal(line, expected);
        found++;
    }
    fclose(file);
    assert_int_equal(found, cli_exit_count);
}

static void every_status_has_an_exit_code(void **state)
{
    (void)state;
    assert_int_equal(cli_exit_of_status(0), CLI_OK);
    assert_int_equal(cli_exit_of_status(7), CLI_REFUSED);
    assert_int_equal(cli_exit_of_status(14), CLI_UNAVAILABLE);
    assert_int_equal(cli_exit_of_status(17), CLI_FAULT);
    assert_int_equal(cli_exit_of_status(-1), CLI_FAULT);
    for (int status = 1; status <= 16; status++)
        assert_int_not_equal(cli_exit_of_status(status), CLI_OK);
}

static void check_commands(const struct cli_command *const *commands)
{
    for (; *commands; commands++) {
        const struct cli_command *command = *commands;
        size_t length = strlen(command->summary);
        assert_true(length > 0 && command->summary[length - 1] != '.');
        assert_true(command->run || command->children);
        assert_non_null(command->operands);
        assert_true(command->operand_min <= command->operand_max);
        if (command->children)
            check_commands(command->children);
    }
}

static void every_command_has_a_summary_and_a_function(void **state)
{
    (void)state;
    check_commands(cli_commands);
}

static enum cli_exit run(int count, ...)
{
    char *argv[16] = {"cix"};
    va_list args;

    va_start(args, count);
    for (int i = 1; i <= count; i++)
        argv[i] = va_arg(args, char *);
    va_end(args);
    return cli_main(count + 1, argv);
}

static void wrong_lines_end_with_usage(void **state)
{
    (void)state;
    assert_int_equal(run(0), CLI_USAGE);
    assert_int_equal(run(1, "reprot"), CLI_USAGE);
    assert_int_equal(run(1, "pki"), CLI_USAGE);
    assert_int_equal(run(2, "pki", "isue"), CLI_USAGE);
    assert_int_equal(run(2, "flag", "remov"), CLI_USAGE);
    assert_int_equal(run(5, "flag", "--file", "/nonexistent", "--id", "1"), CLI_USAGE);
    assert_int_equal(run(2, "pki", "issue"), CLI_USAGE);
    assert_int_equal(run(3, "pki", "list", "--folder"), CLI_USAGE);
    assert_int_equal(run(3, "pki", "list", "operand"), CLI_USAGE);
    assert_int_equal(run(4, "pki", "crl", "--days", "0"), CLI_USAGE);
    assert_int_equal(run(4, "pki", "issue", "Bank", "--dir=/nonexistent"), CLI_USAGE);
}

static void help_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(run(1, "--help"), CLI_OK);
    assert_int_equal(run(2, "help", "exit-codes"), CLI_OK);
    assert_int_equal(run(3, "help", "pki", "issue"), CLI_OK);
    assert_int_equal(run(3, "pki", "issue", "--help"), CLI_OK);
    assert_int_equal(run(1, "--version"), CLI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_lists_every_exit_code),
        cmocka_unit_test(every_status_has_an_exit_code),
        cmocka_unit_test(every_command_has_a_summary_and_a_function),
        cmocka_unit_test(wrong_lines_end_with_usage),
        cmocka_unit_test(help_is_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
