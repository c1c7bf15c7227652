/*
 * cix man: the manual pages of cix, made from its tables.
 */
#include <string.h>

#include "base/check.h"
#include "base/roff.h"
#include "cli/command.h"
#include "cli/settings.h"

enum { PATH_ROOM = 64 };

static void put_options(struct builder *roff, const struct cli_option *options)
{
    for (; options && options->name; options++)
        roff_item(roff, arena_format(roff->arena, "--%s", options->name), options->value,
                  options->help);
}

/* The text ends as a sentence does. */
static const char *sentence(struct builder *roff, const char *text)
{
    return arena_format(roff->arena, "%s.", text);
}

static void put_command(struct builder *roff, const char *path, const struct cli_command *command)
{
    const char *line = arena_format(roff->arena, "cix %s [OPTION...]%s%s", path,
                                    *command->operands ? " " : "", command->operands);

    if (command->run) {
        roff_subsection(roff, line);
        roff_paragraph(roff, sentence(roff, command->summary));
        roff_paragraph(roff, command->details);
        put_options(roff, command->options);
    }
    for (const struct cli_command *const *child = command->children; child && *child; child++) {
        char below[PATH_ROOM];
        snprintf(below, sizeof(below), "%s %s", path, (*child)->name);
        put_command(roff, below, *child);
    }
}

static void put_exits(struct builder *roff)
{
    roff_section(roff, "EXIT STATUS");
    for (size_t i = 0; i < cli_exit_count; i++)
        roff_item(roff, arena_format(roff->arena, "%d", (int)cli_exits[i].code), NULL,
                  cli_exits[i].meaning);
}

static void write_cix(struct builder *roff)
{
    static const struct roff_page page = {"cix", 1, "client of the credit-information exchange"};

    roff_begin(roff, &page);
    roff_section(roff, "SYNOPSIS");
    roff_literal(roff, "cix COMMAND [OPTION...] [OPERAND...]\ncix help [COMMAND]\ncix --version");
    roff_section(roff, "DESCRIPTION");
    roff_paragraph(roff, "Submits records to the exchange, asks it for reports, flags and "
                         "statistics, and helps with certificates. What a member may do, the "
                         "exchange knows by the member's certificate.");
    roff_section(roff, "COMMANDS");
    for (const struct cli_command *const *command = cli_commands; *command; command++)
        put_command(roff, (*command)->name, *command);
    roff_section(roff, "CONNECTION");
    roff_paragraph(roff, "Every command that talks to the exchange takes these options; "
                         "cix-config(5) tells what stands in for them.");
    put_options(roff, cli_connection_options);
    put_exits(roff);
    roff_section(roff, "ENVIRONMENT");
    settings_manual(roff, true);
    roff_see(roff, "cix-config(5), cixd(8)");
}

static void write_config(struct builder *roff)
{
    static const struct roff_page page = {"cix-config", 5, "settings of the command cix"};

    roff_begin(roff, &page);
    roff_section(roff, "DESCRIPTION");
    roff_paragraph(roff, "cix reads ~/.config/cix/config, or the file that --config names: lines "
                         "of key = value; # begins a comment; an unknown key is refused. An "
                         "option goes before a variable of the environment, and that before the "
                         "file.");
    roff_section(roff, "SETTINGS");
    settings_manual(roff, false);
    roff_section(roff, "EXAMPLES");
    roff_literal(roff, "address = exchange.example:7443\nca = /etc/cix/ca.pem\ncert = "
                       "/etc/cix/bank-a.pem\nkey = /etc/cix/bank-a.key");
    roff_see(roff, "cix(1)");
}

static const struct {
    const char *name;
    void (*write)(struct builder *roff);
} pages[] = {
    {"cix.1", write_cix},
    {"cix-config.5", write_config},
};

static enum cli_exit run(const struct cli_args *args)
{
    const char *name = args->operand_count ? args->operands[0] : pages[0].name;
    struct arena arena;

    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        struct builder roff = {.arena = &arena};
        if (strcmp(pages[i].name, name) != 0)
            continue;
        arena_init(&arena, 0);
        pages[i].write(&roff);
        fputs(roff.data, stdout);
        arena_done(&arena);
        return CLI_OK;
    }
    return cli_complain(CLI_USAGE, "no manual page %s; there are cix.1 and cix-config.5", name);
}

const struct cli_command cli_man_command = {
    .name = "man",
    .operands = "[PAGE]",
    .summary = "Print a manual page as roff: cix.1 (default) or cix-config.5",
    .details = "`cix man | man -l -` reads it without an installation.",
    .operand_max = 1,
    .run = run,
};
