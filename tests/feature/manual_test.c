/*
 * Goal: the manual pages and completions that the programs make of their tables are sound, and name
 * every command. Method: the built programs; mandoc, groff, bash and zsh judge what they print.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/check.h"
#include "cli/cli.h"
#include "cli/completion.h"
#include "command/command.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 256 * 1024 };

static char output[OUTPUT_MAX];

/* Runs a line of bash in the folder of the build; what it prints is in output. */
static int run(const char *line)
{
    const char *build = getenv("CIX_BUILD");
    char command[4096];

    snprintf(command, sizeof(command), "cd %s && bash -c '%s' 2>&1", build ? build : "build/dev",
             line);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_clean(const char *line)
{
    if (run(line) || *output)
        fail_msg("%s: %s", line, output);
}

static const char *const pages[][2] = {
    {"cix", "cix.1"}, {"cix", "cix-config.5"}, {"cixd", "cixd.8"}, {"cixd", "cixd.conf.5"}};

static void pages_are_good_roff(void **state)
{
    char line[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        const char *program = pages[i][0], *page = pages[i][1];
        if (!run("command -v mandoc")) {
            snprintf(line, sizeof(line), "./%s man %s | mandoc -T lint -W style", program, page);
            assert_clean(line);
        } else if (!run("command -v groff")) {
            snprintf(line, sizeof(line), "./%s man %s | groff -man -ww -z", program, page);
            assert_clean(line);
        } else {
            print_message("neither mandoc nor groff is here\n");
            skip();
        }
    }
}

static void unknown_pages_and_shells_are_refused(void **state)
{
    (void)state;
    assert_int_equal(run("./cix man cix.7"), 2);
    assert_int_equal(run("./cixd man cix.1"), 2);
    assert_int_equal(run("./cix completion fish"), 2);
    assert_int_equal(run("./cix completion"), 2);
    assert_int_equal(run("./cixd completion fish"), 2);
    assert_int_equal(run("./cixd completion"), 2);
}

/* The roff of a text: dashes are escaped. */
static void assert_in_page(const char *prefix, const char *text)
{
    char roff[256];
    size_t size = (size_t)snprintf(roff, sizeof(roff), "%s", prefix);

    for (; *text && size < sizeof(roff) - 3; text++) {
        if (*text == '-')
            roff[size++] = '\\';
        roff[size++] = *text;
    }
    roff[size] = '\0';
    if (!strstr(output, roff))
        fail_msg("the page lacks %s", roff);
}

static void check_commands(const char *above, const struct cli_command *const *among)
{
    for (; among && *among; among++) {
        char path[64];
        snprintf(path, sizeof(path), "%s %s", above, (*among)->name);
        if ((*among)->run)
            assert_in_page(".SS \"", path);
        for (const struct cli_option *option = (*among)->options; option && option->name;
             option++) {
            char name[64];
            snprintf(name, sizeof(name), "--%s", option->name);
            assert_in_page(".TP\n\\fB", name);
        }
        check_commands(path, (*among)->children);
    }
}

static void the_pages_name_every_command_and_setting(void **state)
{
    (void)state;
    assert_int_equal(run("./cix man"), 0);
    check_commands("cix", cli_commands);
    assert_int_equal(run("./cixd man"), 0);
    for (int i = 0; i < command_count; i++) {
        char path[64];
        snprintf(path, sizeof(path), "cixd %s", commands[i].name);
        assert_in_page(".SS \"", path);
    }
    assert_int_equal(
        run("for key in $(./cixd --help-config | sed -n \"s/^#\\([a-z_]*\\) = .*/\\1/p\");"
            " do ./cixd man cixd.conf.5 | grep -q \"^.fB$key\" || echo $key; done"),
        0);
    assert_string_equal(output, "");
}

/* What a user types; before the last word stands all but it. What bash offers. */
static const struct {
    const char *words, *offered;
} typed[] = {
    {"cix subm", "submit"},
    {"cix pki rev", "revoke"},
    {"cix pki doctor --out", "--output"},
    {"cix pki doctor --output \"\"", "text json"},
    {"cix submit --mode f", "file"},
    {"cix submit --mode = d", "daily"},
    {"cix submit --kind acc", "account account_event"},
    {"cix report --purpose loan", "loan-approval"},
    {"cix flag --id-type pass", "passport"},
    {"cix flag remove --reason perf", "performed"},
    {"cix submit CMakeCache.t", "CMakeCache.txt"},
    {"cix submit --ca CMakeCache.t", "CMakeCache.txt"},
    {"cix submit --chunk \"\"", ""},
    {"cix man cix-", "cix-config.5"},
    {"cix completion z", "zsh"},
    {"cix codes master", "master_grade"},
    {"cixd memb", "member"},
    {"cixd member cert rev", "revoke"},
    {"cixd member set --reg", "--region"},
    {"cixd member add --type villa", "village-bank"},
    {"cixd member add --state \"\"", "testing active"},
    {"cixd member attest bank-one risk", "risk-committee"},
    {"cixd member limit bank-one limit-d", "limit-dealer"},
    {"cixd member state bank-one absc", "absconded"},
    {"cixd subject status - dec", "deceased"},
    {"cixd subject merge 1 2 --reason mis", ""},
    {"cixd subject merge 1 2 --reason \"\"", "document register member subject order other"},
    {"cixd subject dismiss 1 --reason mis", "mistake"},
    {"cixd member state bank-one absconded --reason li", "licence"},
    {"cixd member cert add --certificate CMakeCache.t", "CMakeCache.txt"},
    {"cixd fsck --data CMakeFil", "CMakeFiles"},
    {"cixd fsck --listen", ""},
    {"cixd serve --listen", "--listen"},
    {"cixd serve --log_level = d", "debug"},
    {"cixd key retire \"\"", ""},
    {"cixd completion z", "zsh"},
};

static void bash_offers_commands_options_and_values(void **state)
{
    char line[512], expected[256];

    (void)state;
    assert_clean("bash -n <(./cix completion bash)");
    assert_clean("bash -n <(./cixd completion bash)");
    for (size_t i = 0; i < ARRAY_LENGTH(typed); i++) {
        const char *program = strncmp(typed[i].words, "cixd ", 5) ? "cix" : "cixd";
        snprintf(line, sizeof(line),
                 ". <(./%s completion bash); COMP_WORDS=(%s); "
                 "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _%s; echo \"${COMPREPLY[*]}\"",
                 program, typed[i].words, program);
        assert_int_equal(run(line), 0);
        snprintf(expected, sizeof(expected), "%s\n", typed[i].offered);
        if (strcmp(output, expected) != 0)
            fail_msg("%s: offered %s, expected %s", typed[i].words, output, expected);
    }
}

static void zsh_reads_its_completion(void **state)
{
    (void)state;
    if (run("command -v zsh")) {
        print_message("zsh is not here\n");
        skip();
    }
    assert_clean("zsh -n <(./cix completion zsh)");
    assert_int_equal(
        run("./cix completion zsh | grep -v \"^_cix \\\"\" > zsh-completion.tmp; "
            "zsh -f -c \"source ./zsh-completion.tmp; whence -w _cix _cix_pki_doctor\"; "
            "rm zsh-completion.tmp"),
        0);
    assert_string_equal(output, "_cix: function\n_cix_pki_doctor: function\n");
    assert_clean("zsh -n <(./cixd completion zsh)");
    assert_int_equal(
        run("./cixd completion zsh | grep -v \"^_cixd \\\"\" > zsh-completion.tmp; "
            "zsh -f -c \"source ./zsh-completion.tmp; whence -w _cixd _cixd_member_cert_add\"; "
            "rm zsh-completion.tmp"),
        0);
    assert_string_equal(output, "_cixd: function\n_cixd_member_cert_add: function\n");
}

/* Words are offered beside the table that takes them; the command's own help names them too. */
static void the_help_of_cixd_names_what_its_completion_offers(void **state)
{
    (void)state;
    assert_int_equal(run("./cixd completion bash | sed -n \"s/^    .\\([a-z ]*\\) "
                         "\\(--[a-z-]*\\|operand\\).) kind=.words. values=.\\(.*\\). ;;/"
                         "\\1:\\3/p\" | while IFS=: read -r path words; do "
                         "help=$(./cixd $path --help 2>&1 | tr -s \" \\n\" \"  \"); "
                         "for word in $words; do case $path in member\\ attest|member\\ limit) "
                         "continue;; esac; case $help in *\"$word\"*) ;; "
                         "*) echo \"$path: $word\";; esac; done; done"),
                     0);
    assert_string_equal(output, "");
}

/* A flag whose value neither usage nor help of its command names is offered as any text. */
static void every_flag_of_cixd_says_what_it_takes(void **state)
{
    (void)state;
    for (int i = 0; i < command_count; i++) {
        for (const struct config_flag *flag = commands[i].flags; flag && flag->name; flag++) {
            char named[64];
            snprintf(named, sizeof(named), "--%s ", flag->name);
            if (flag->value && !strstr(commands[i].usage, named) &&
                !strstr(commands[i].summary, named) && strcmp(flag->name, "fingerprint") != 0)
                fail_msg("cixd %s: what does --%s take?", commands[i].name, flag->name);
        }
    }
}

/* Names of values that cli_completion_of does not know are free text on purpose: they are listed
 * here.
 */
static void every_value_of_an_option_has_a_kind(void **state)
{
    static const char *const free_text[] = {
        "N",  "TEXT", "HEX",  "NAME",    "NAME,...",  "ADDRESS,...", "VALUE",
        "ID", "UUID", "CODE", "SECONDS", "HOST:PORT", "YYYY-MM",     "YYYY-MM-DD"};
    struct arena arena;

    (void)state;
    arena_init(&arena, 0);
    for (const struct cli_command *const *command = cli_commands; *command; command++) {
        for (const struct cli_option *option = (*command)->options; option && option->name;
             option++) {
            bool is_known =
                !option->value || cli_completion_of(&arena, option->value).kind != COMPLETION_FREE;
            for (size_t i = 0; i < ARRAY_LENGTH(free_text) && !is_known; i++)
                is_known = !strcmp(free_text[i], option->value);
            if (!is_known)
                fail_msg("--%s %s of cix %s: a word of completion.c, or free text?", option->name,
                         option->value, (*command)->name);
        }
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_good_roff),
        cmocka_unit_test(unknown_pages_and_shells_are_refused),
        cmocka_unit_test(the_pages_name_every_command_and_setting),
        cmocka_unit_test(bash_offers_commands_options_and_values),
        cmocka_unit_test(zsh_reads_its_completion),
        cmocka_unit_test(every_value_of_an_option_has_a_kind),
        cmocka_unit_test(the_help_of_cixd_names_what_its_completion_offers),
        cmocka_unit_test(every_flag_of_cixd_says_what_it_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
