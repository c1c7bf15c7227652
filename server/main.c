/*
 * cixd: the server of the exchange. The tour starts here: a subcommand is found in the table, the
 * settings are read, and `serve` brings the parts up in order (serve.c).
 */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "command/commands.h"
#include "ops/config.h"
#include "serve.h"

extern char **environ;

enum { EXIT_USAGE = 2 };

static void help_line(FILE *out, const struct command *command)
{
    int size = (int)strcspn(command->summary, "\n");

    fprintf(out, "  %-20s %.*s\n", command->name, size, command->summary);
}

static int help(void)
{
    printf("cixd " CIX_VERSION ": the server of a shared credit-information exchange\n\n"
           "usage: cixd COMMAND [options]\n\n");
    for (int i = 0; i < command_count; i++)
        help_line(stdout, &commands[i]);
    printf("\n`cixd COMMAND --help` tells more. Every setting may be given as --key value, as\n"
           "CIXD_KEY, or in the file of --config; `cixd --help-config` prints them all.\n"
           "Exit codes: 0 done, 1 failed, 2 the command line or a setting is wrong.\n");
    return 0;
}

static int help_command(const struct command *command)
{
    printf("usage: cixd %s %s\n%s\n", command->name, command->usage, command->summary);
    return 0;
}

static bool is_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static bool has_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (is_help(argv[i]))
            return true;
    }
    return false;
}

/* Not a whole command: "member" alone shows the commands that begin with it. */
static int help_group(int argc, char **argv)
{
    FILE *out = has_help(argc, argv) ? stdout : stderr;
    size_t size = strlen(argv[0]);
    int found = 0;

    for (int i = 0; i < command_count; i++) {
        if (strncmp(commands[i].name, argv[0], size) != 0 || commands[i].name[size] != ' ')
            continue;
        if (!found++)
            fprintf(out, "usage: cixd %s COMMAND [options]\n\n", argv[0]);
        help_line(out, &commands[i]);
    }
    if (!found)
        fprintf(stderr, "cixd: '%s' is not a command; see cixd --help\n", argv[0]);
    return found && out == stdout ? 0 : EXIT_USAGE;
}

/* Words of a command's name that stand at the front of argv; 0 when it is another command. */
static int words_matched(const char *name, int argc, char **argv)
{
    int matched = 0;

    while (*name) {
        size_t size = strcspn(name, " ");
        if (matched >= argc || strlen(argv[matched]) != size || strncmp(argv[matched], name, size))
            return 0;
        matched++;
        name += size + (name[size] == ' ');
    }
    return matched;
}

static const struct command *command_find(int argc, char **argv, int *matched)
{
    for (int i = 0; i < command_count; i++) {
        *matched = words_matched(commands[i].name, argc, argv);
        if (*matched)
            return &commands[i];
    }
    return NULL;
}

static int run_serve(struct ctx *ctx, const struct command_call *call, struct config *config,
                     const struct config_sources *sources)
{
    if (call->word_count == 0)
        return serve(ctx, config, sources) ? 0 : 1;
    return command_usage(call, "serve [--data DIR | --database URI]");
}

static int run(struct ctx *ctx, const struct command *command, int argc, char **argv)
{
    struct config config = {.listen = NULL};
    struct config_rest rest = {.count = 0};
    struct config_sources sources = {
        .environment = environ, .arguments = argv, .argument_count = argc, .flags = command->flags};
    int code = EXIT_USAGE;

    if (config_load(ctx, &sources, &config, &rest)) {
        struct command_call call = {&config, rest.items, rest.count};
        id_node_set(config.node);
        code = command->run ? command->run(ctx, &call) : run_serve(ctx, &call, &config, &sources);
    }
    if (ctx->error.code != ERR_NONE)
        fprintf(stderr, "cixd: %s (%s)\n", ctx->error.message, ctx->error.reason);
    config_done(&config);
    return code;
}

int main(int argc, char **argv)
{
    const struct command *command;
    struct arena arena;
    struct ctx ctx;
    int matched;
    int code;

    if (argc < 2 || is_help(argv[1]) || !strcmp(argv[1], "help"))
        return help();
    if (!strcmp(argv[1], "--version"))
        return printf("cixd " CIX_VERSION "\n") < 0;
    if (!strcmp(argv[1], "--help-config")) {
        config_help(stdout);
        return 0;
    }
    command = command_find(argc - 1, argv + 1, &matched);
    if (!command)
        return help_group(argc - 1, argv + 1);
    if (has_help(argc - 1 - matched, argv + 1 + matched))
        return help_command(command);
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    code = run(&ctx, command, argc - 1 - matched, argv + 1 + matched);
    arena_done(&arena);
    return code;
}
