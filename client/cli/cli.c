#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

enum { NAME_MAX_COUNT = 32, FIRST_LONG = 256, PATH_ROOM = 64 };

enum cli_exit cli_complain(enum cli_exit code, const char *format, ...)
{
    va_list args;

    fputs("cix: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

static int find_option(const struct cli_args *args, const char *name)
{
    for (int i = 0; i < args->option_count; i++) {
        if (!strcmp(args->options[i]->name, name))
            return i;
    }
    return -1;
}

const char *cli_value(const struct cli_args *args, const char *name)
{
    int index = find_option(args, name);

    CHECK(index >= 0);
    return args->values[index];
}

bool cli_has(const struct cli_args *args, const char *name)
{
    return cli_value(args, name) != NULL;
}

bool cli_integer(const struct cli_args *args, const char *name, const int64_t bounds[2],
                 int64_t *value)
{
    const char *text = cli_value(args, name);
    int64_t number;

    if (!text)
        return true;
    if (!text_to_int64(text, &number) || number < bounds[0] || number > bounds[1]) {
        cli_complain(CLI_USAGE, "--%s: expected a whole number from %lld to %lld", name,
                     (long long)bounds[0], (long long)bounds[1]);
        return false;
    }
    *value = number;
    return true;
}

static void help_options(FILE *file, const char *heading, const struct cli_option *options)
{
    if (!options || !options->name)
        return;
    fprintf(file, "\n%s\n", heading);
    for (; options->name; options++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", options->name, options->value ? " " : "",
                 options->value ? options->value : "");
        fprintf(file, "  %-26s %s\n", left, options->help);
    }
}

static void help_commands(FILE *file, const char *heading,
                          const struct cli_command *const *commands)
{
    if (!commands)
        return;
    fprintf(file, "\n%s\n", heading);
    for (; *commands; commands++)
        fprintf(file, "  %-12s %s\n", (*commands)->name, (*commands)->summary);
}

static void help_all(FILE *file)
{
    fputs("usage: cix COMMAND [OPTION...] [OPERAND...]\n"
          "The command-line client of the credit-information exchange.\n",
          file);
    help_commands(file, "Commands:", cli_commands);
    fputs(
        "\n`cix help COMMAND` or `cix COMMAND --help` tells more; `cix help exit-codes` lists the\n"
        "exit codes. Connection settings come from options, then from CIX_ADDRESS, CIX_CA, "
        "CIX_CERT,\n"
        "CIX_KEY and CIX_SERVER_NAME, then from ~/.config/cix/config (key = value).\n",
        file);
}

void cli_help(FILE *file, const char *path, const struct cli_command *command)
{
    if (!command) {
        help_all(file);
        return;
    }
    if (command->run)
        fprintf(file, "usage: cix %s [OPTION...]%s%s\n", path, *command->operands ? " " : "",
                command->operands);
    if (command->children)
        fprintf(file, "usage: cix %s COMMAND [OPTION...]\n", path);
    fprintf(file, "%s.\n", command->summary);
    if (command->details)
        fprintf(file, "\n%s\n", command->details);
    help_commands(file, "Commands:", command->children);
    help_options(file, "Options:", command->options);
    if (command->is_online)
        help_options(file, "Connection:", cli_connection_options);
}

static void help_exits(FILE *file)
{
    for (size_t i = 0; i < cli_exit_count; i++)
        fprintf(file, "%d  %-12s %s\n", cli_exits[i].code, cli_exits[i].name, cli_exits[i].meaning);
}

static const struct cli_command *find_command(const struct cli_command *const *commands,
                                              const char *name)
{
    for (; commands && name && *commands; commands++) {
        if (!strcmp((*commands)->name, name))
            return *commands;
    }
    return NULL;
}

static enum cli_exit complain_unknown(const struct cli_command *const *commands, const char *name)
{
    const char *names[NAME_MAX_COUNT];
    size_t count = 0;

    for (; *commands && count < NAME_MAX_COUNT; commands++)
        names[count++] = (*commands)->name;
    const char *near = text_nearest(name, names, count);
    return cli_complain(CLI_USAGE, "no command %s%s%s%s; see cix --help", name,
                        near ? "; perhaps " : "", near ? near : "", near ? "?" : "");
}

static void add_options(struct cli_args *args, const struct cli_option *options)
{
    for (; options && options->name; options++) {
        CHECK(args->option_count < CLI_OPTION_MAX);
        args->options[args->option_count++] = options;
    }
}

static enum cli_exit complain_option(const struct cli_args *args, const char *given)
{
    const char *names[CLI_OPTION_MAX];
    const char *name = given ? given + strspn(given, "-") : "";

    for (int i = 0; i < args->option_count; i++)
        names[i] = args->options[i]->name;
    const char *near = text_nearest(name, names, (size_t)args->option_count);
    return cli_complain(CLI_USAGE, "option %s is unknown, ambiguous or lacks its value%s%s",
                        given ? given : "", near ? "; perhaps --" : "", near ? near : "");
}

/* getopt_long over the command's table. argv[0] is the command's own name. */
static bool parse_options(struct cli_args *args, int argc, char **argv, bool *is_help)
{
    struct option table[CLI_OPTION_MAX + 2] = {{0}};
    int code;

    for (int i = 0; i < args->option_count; i++)
        table[i] =
            (struct option){.name = args->options[i]->name,
                            .has_arg = args->options[i]->value ? required_argument : no_argument,
                            .val = FIRST_LONG + i};
    table[args->option_count] = (struct option){.name = "help", .val = 'h'};
    opterr = 0;
    optind = 0;
    while ((code = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        if (code == 'h')
            *is_help = true;
        else if (code < FIRST_LONG)
            return complain_option(args, argv[optind - 1]) == CLI_OK;
        else
            args->values[code - FIRST_LONG] = optarg ? optarg : "";
    }
    args->operands = argv + optind;
    args->operand_count = argc - optind;
    return true;
}

static enum cli_exit complain_operands(const char *path, const struct cli_args *args)
{
    const struct cli_command *command = args->command;
    bool is_short = args->operand_count < command->operand_min;

    return cli_complain(CLI_USAGE, "%s%s; usage: cix %s [OPTION...]%s%s",
                        is_short ? "an operand is missing" : "one operand too many: ",
                        is_short ? "" : args->operands[command->operand_max], path,
                        *command->operands ? " " : "", command->operands);
}

static enum cli_exit run_command(const char *path, const struct cli_command *command, int argc,
                                 char **argv)
{
    struct cli_args args = {.command = command};
    bool is_help = false;

    add_options(&args, command->options);
    if (command->is_online)
        add_options(&args, cli_connection_options);
    if (!parse_options(&args, argc, argv, &is_help))
        return CLI_USAGE;
    if (is_help) {
        cli_help(stdout, path, command);
        return CLI_OK;
    }
    if (!command->run) {
        if (args.operand_count)
            return complain_unknown(command->children, args.operands[0]);
        cli_help(stderr, path, command);
        return CLI_USAGE;
    }
    if (command->children && !command->operand_max && args.operand_count)
        return complain_unknown(command->children, args.operands[0]);
    if (args.operand_count < command->operand_min || args.operand_count > command->operand_max)
        return complain_operands(path, &args);
    return command->run(&args);
}

/* `cix help`, `cix help exit-codes`, `cix help COMMAND [COMMAND]`. */
static enum cli_exit run_help(int argc, char **argv)
{
    char path[PATH_ROOM] = "";
    const struct cli_command *command = NULL;

    if (argc > 0 && !strcmp(argv[0], "exit-codes")) {
        help_exits(stdout);
        return CLI_OK;
    }
    for (int i = 0; i < argc && i < 2; i++) {
        const struct cli_command *const *among = i ? command->children : cli_commands;
        command = find_command(among, argv[i]);
        if (!command)
            return complain_unknown(among ? among : cli_commands, argv[i]);
        snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s%s", i ? " " : "", argv[i]);
    }
    cli_help(stdout, path, command);
    return CLI_OK;
}

enum cli_exit cli_main(int argc, char **argv)
{
    char path[PATH_ROOM];

    if (argc < 2) {
        cli_help(stderr, NULL, NULL);
        return CLI_USAGE;
    }
    if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return run_help(argc - 2, argv + 2);
    if (!strcmp(argv[1], "--version")) {
        puts("cix " CIX_VERSION);
        return CLI_OK;
    }
    const struct cli_command *command = find_command(cli_commands, argv[1]);
    if (!command)
        return complain_unknown(cli_commands, argv[1]);
    const struct cli_command *child = argc > 2 ? find_command(command->children, argv[2]) : NULL;
    snprintf(path, sizeof(path), "%s%s%s", command->name, child ? " " : "",
             child ? child->name : "");
    return child ? run_command(path, child, argc - 2, argv + 2)
                 : run_command(path, command, argc - 1, argv + 1);
}
