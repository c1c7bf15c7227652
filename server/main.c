/*
 * cixd: the server of the exchange. The tour starts here: a subcommand is found in the table, the
 * settings are read, and `serve` brings the parts up in order (serve.c).
 */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "command/command.h"
#include "ops/config.h"
#include "serve.h"

extern char **environ;

static const struct command serve_command = {"serve", "serve members until SIGTERM",
                                             "[--data DIR | --database URI]", NULL, NULL};

static void help_line(const struct command *command)
{
    printf("  %-20s %s\n", command->name, command->summary);
}

static int help(void)
{
    printf("cixd " CIX_VERSION ": the server of a shared credit-information exchange\n\n"
           "usage: cixd COMMAND [options]\n\n");
    help_line(&serve_command);
    for (int i = 0; i < command_count; i++)
        help_line(&commands[i]);
    printf("\nEvery setting may be given as --key value, as CIXD_KEY, or in the file of --config;\n"
           "`cixd --help-config` prints them all.\n");
    return 0;
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
    *matched = words_matched(serve_command.name, argc, argv);
    if (*matched)
        return &serve_command;
    for (int i = 0; i < command_count; i++) {
        *matched = words_matched(commands[i].name, argc, argv);
        if (*matched)
            return &commands[i];
    }
    return NULL;
}

static int run(struct ctx *ctx, const struct command *command, int argc, char **argv)
{
    struct config config = {.listen = NULL};
    struct config_rest rest = {.count = 0};
    struct config_sources sources = {
        .environment = environ, .arguments = argv, .argument_count = argc, .flags = command->flags};
    int code = 1;

    if (config_load(ctx, &sources, &config, &rest)) {
        struct command_call call = {&config, rest.items, rest.count};
        id_node_set(config.node);
        code = command->run ? command->run(ctx, &call) : serve(ctx, &config) ? 0 : 1;
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

    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
        return help();
    if (!strcmp(argv[1], "--version"))
        return printf("cixd " CIX_VERSION "\n") < 0;
    if (!strcmp(argv[1], "--help-config")) {
        config_help(stdout);
        return 0;
    }
    command = command_find(argc - 1, argv + 1, &matched);
    if (!command) {
        fprintf(stderr, "cixd: '%s' is not a command; see cixd --help\n", argv[1]);
        return 2;
    }
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    code = run(&ctx, command, argc - 1 - matched, argv + 1 + matched);
    arena_done(&arena);
    return code;
}
