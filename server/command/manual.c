/*
 * cixd man: the manual pages of cixd, made from the tables of commands and settings.
 */
#include <stdio.h>
#include <string.h>

#include "base/roff.h"
#include "command/commands.h"

/* Behind the line of a summary stands its own help, laid out as it is. */
static void put_summary(struct builder *roff, const char *summary)
{
    size_t line = strcspn(summary, "\n");

    roff_paragraph(roff, arena_format(roff->arena, "%.*s.", (int)line, summary));
    if (summary[line])
        roff_literal(roff, summary + line + strspn(summary + line, "\n"));
}

static void put_commands(struct builder *roff)
{
    for (int i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        roff_subsection(roff, arena_format(roff->arena, "cixd %s%s%s", command->name,
                                           *command->usage ? " " : "", command->usage));
        put_summary(roff, command->summary);
    }
}

static void write_cixd(struct builder *roff)
{
    static const struct roff_page page = {"cixd", 8, "server of the credit-information exchange"};

    roff_begin(roff, &page);
    roff_section(roff, "SYNOPSIS");
    roff_literal(roff, "cixd COMMAND [--SETTING VALUE...] [OPERAND...]\ncixd --help-config\n"
                       "cixd --version");
    roff_section(roff, "DESCRIPTION");
    roff_paragraph(roff, "Serves members over gRPC with mutual TLS and keeps their records in "
                         "PostgreSQL: a private one under its data folder, or a managed one. The "
                         "other commands keep the registry of members, the keys and the schema.");
    roff_section(roff, "COMMANDS");
    roff_paragraph(roff, "Every setting of cixd.conf(5) may be given as --key value, as CIXD_KEY "
                         "in the environment, or in the file of --config.");
    put_commands(roff);
    roff_section(roff, "EXIT STATUS");
    roff_item(roff, "0", NULL, "done");
    roff_item(roff, "1", NULL, "failed; the reason is on standard error");
    roff_item(roff, "2", NULL, "the command line or a setting is wrong");
    roff_item(roff, "3", NULL, "fsck found something wrong");
    roff_section(roff, "SIGNALS");
    roff_item(roff, "SIGTERM, SIGINT", NULL, "serve ends: running calls get drain_seconds");
    roff_item(roff, "SIGHUP", NULL,
              "certificates, revocation lists and settings are read again; "
              "cixd.conf(5) says which settings need a restart");
    roff_see(roff, "cixd.conf(5), cix(1)");
}

static void write_conf(struct builder *roff)
{
    static const struct roff_page page = {"cixd.conf", 5, "settings of the server cixd"};

    roff_begin(roff, &page);
    roff_section(roff, "DESCRIPTION");
    roff_paragraph(roff, "A file of key = value that --config or CIXD_CONFIG names; # begins a "
                         "comment. The environment (CIXD_KEY) and the command line (--key value) "
                         "go before it. An unknown key is refused. `cixd config` prints what is "
                         "in force and where each value comes from.");
    roff_section(roff, "SETTINGS");
    config_manual(roff);
    roff_see(roff, "cixd(8)");
}

static const struct {
    const char *name;
    void (*write)(struct builder *roff);
} pages[] = {
    {"cixd.8", write_cixd},
    {"cixd.conf.5", write_conf},
};

int command_man(struct ctx *ctx, const struct command_call *call)
{
    const char *name = call->word_count ? call->words[0] : pages[0].name;

    for (size_t i = 0; call->word_count <= 1 && i < ARRAY_LENGTH(pages); i++) {
        struct builder roff = {.arena = ctx->arena};
        if (strcmp(pages[i].name, name) != 0)
            continue;
        pages[i].write(&roff);
        fputs(roff.data, stdout);
        return 0;
    }
    return command_usage(call, "man [cixd.8 | cixd.conf.5]");
}
