/*
 * cix completion: scripts for bash and zsh, made from the tables of commands. They hold only data
 * and one small function, so that a shell never runs cix to complete a word.
 */
#include "cli/completion.h"

#include <ctype.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "cix.h"
#include "cli/command.h"
#include "cli/records.h"
#include "message.h"

enum { PATH_ROOM = 64 };

/* Values whose words the protocol knows. */
static const struct {
    const char *value;
    const ProtobufCEnumDescriptor *descriptor;
} enums[] = {
    {"PURPOSE", &cix__v1__purpose__descriptor},
    {"ID-TYPE", &cix__v1__identifier_type__descriptor},
    {"REASON", &cix__v1__flag_removal_reason__descriptor},
    {"DIMENSION", &cix__v1__statistic_dimension__descriptor},
};

/* Operands that are words of ours. */
static const struct {
    const char *operand, *words;
} operands[] = {
    {"SHELL", "bash zsh"},
    {"[PAGE]", "cix.1 cix-config.5"},
};

/* ---- Kinds of value ---- */

/* "loan-approval post-loan ...": all but the first value, which is "unspecified". */
static const char *enum_words(struct arena *arena, const ProtobufCEnumDescriptor *descriptor)
{
    struct builder words = {.arena = arena};

    for (unsigned i = 0; i < descriptor->n_values; i++) {
        if (descriptor->values[i].value)
            builder_format(&words, "%s%s", words.size ? " " : "",
                           cix_message_enum_name(descriptor, descriptor->values[i].value));
    }
    for (char *at = words.data; *at; at++)
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    return words.data;
}

static const char *record_kinds(struct arena *arena)
{
    const ProtobufCMessageDescriptor *record = &cix__v1__record__descriptor;
    struct builder words = {.arena = arena};

    for (unsigned i = 0; i < record->n_fields; i++)
        if (records_kind(record->fields[i].name))
            builder_format(&words, "%s%s", words.size ? " " : "", record->fields[i].name);
    return words.data;
}

static bool is_choice(const char *value)
{
    bool has_bar = false;

    for (const char *at = value; *at; at++) {
        has_bar |= *at == '|';
        if (isupper((unsigned char)*at))
            return false;
    }
    return has_bar;
}

enum completion_kind completion_of(struct arena *arena, const char *value, const char **words)
{
    if (!strcmp(value, "KIND")) {
        *words = record_kinds(arena);
        return COMPLETION_WORDS;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(enums); i++) {
        if (!strcmp(enums[i].value, value)) {
            *words = enum_words(arena, enums[i].descriptor);
            return COMPLETION_WORDS;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(operands); i++) {
        if (!strcmp(operands[i].operand, value)) {
            *words = operands[i].words;
            return COMPLETION_WORDS;
        }
    }
    if (is_choice(value)) {
        char *copy = arena_string(arena, value);
        for (char *at = copy; *at; at++)
            *at = *at == '|' ? ' ' : *at;
        *words = copy;
        return COMPLETION_WORDS;
    }
    if (strstr(value, "DIR"))
        return COMPLETION_FOLDER;
    return strstr(value, "FILE") || strstr(value, "PREFIX") ? COMPLETION_FILE : COMPLETION_FREE;
}

/* ---- All commands with their paths ---- */

static void each(struct builder *out, const char *above, const struct cli_command *const *commands,
                 void (*visited)(struct builder *out, const char *path,
                                 const struct cli_command *command))
{
    for (; commands && *commands; commands++) {
        char path[PATH_ROOM];
        snprintf(path, sizeof(path), "%s%s%s", above, *above ? " " : "", (*commands)->name);
        visited(out, path, *commands);
        each(out, path, (*commands)->children, visited);
    }
}

/* The options of a command, its own and those of a connection, one table after the other. */
static void tables_of(const struct cli_command *command, const struct cli_option *tables[2])
{
    tables[0] = command->options;
    tables[1] = command->is_online ? cli_connection_options : NULL;
}

/* ---- bash ---- */

static void bash_words(struct builder *out, const char *path, const struct cli_command *command)
{
    const struct cli_option *tables[2];

    tables_of(command, tables);
    builder_format(out, "    '%s') words='", path);
    for (const struct cli_command *const *child = command->children; child && *child; child++)
        builder_format(out, "%s ", (*child)->name);
    for (int i = 0; i < 2; i++) {
        for (const struct cli_option *option = tables[i]; option && option->name; option++)
            builder_format(out, "--%s ", option->name);
    }
    builder_text(out, "--help' ;;\n");
}

static void bash_value(struct builder *out, const char *path, const char *after, const char *value)
{
    const char *words = "";

    switch (completion_of(out->arena, value, &words)) {
    case COMPLETION_WORDS:
        builder_format(out, "    '%s %s') kind='words' values='%s' ;;\n", path, after, words);
        break;
    case COMPLETION_FILE:
        builder_format(out, "    '%s %s') kind='file' ;;\n", path, after);
        break;
    case COMPLETION_FOLDER:
        builder_format(out, "    '%s %s') kind='folder' ;;\n", path, after);
        break;
    case COMPLETION_FREE:
        builder_format(out, "    '%s %s') kind='free' ;;\n", path, after);
        break;
    }
}

static void bash_values(struct builder *out, const char *path, const struct cli_command *command)
{
    const struct cli_option *tables[2];

    tables_of(command, tables);
    for (int i = 0; i < 2; i++) {
        for (const struct cli_option *option = tables[i]; option && option->name; option++) {
            if (option->value)
                bash_value(out, path, arena_format(out->arena, "--%s", option->name),
                           option->value);
        }
    }
}

static void bash_operands(struct builder *out, const char *path, const struct cli_command *command)
{
    if (command->run && *command->operands)
        bash_value(out, path, "operand", command->operands);
}

static void bash_path(struct builder *out, const char *path, const struct cli_command *command)
{
    (void)command;
    builder_format(out, "%s'%s'", out->size && out->data[out->size - 1] == '\'' ? " | " : "", path);
}

static void write_bash(struct builder *out)
{
    struct builder paths = {.arena = out->arena};

    each(&paths, "", cli_commands, bash_path);
    builder_text(out,
                 "# bash completion for cix, made by `cix completion bash`.\n"
                 "_cix()\n{\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                 "    local path='' words='' kind='' values='' i\n"
                 "    COMPREPLY=()\n"
                 "    if [ \"$cur\" = = ]; then\n"
                 "        cur=''\n"
                 "    elif [ \"$before\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
                 "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
                 "    fi\n"
                 "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                 "        case ${path:+$path }${COMP_WORDS[i]} in\n        ");
    builder_text(out, paths.data);
    builder_text(out, ") path=${path:+$path }${COMP_WORDS[i]} ;;\n"
                      "        esac\n"
                      "    done\n"
                      "    case $path in\n    '') words='");
    for (const struct cli_command *const *command = cli_commands; *command; command++)
        builder_format(out, "%s ", (*command)->name);
    builder_text(out, "help --help --version' ;;\n");
    each(out, "", cli_commands, bash_words);
    builder_text(out, "    esac\n"
                      "    case \"$path $before\" in\n");
    each(out, "", cli_commands, bash_values);
    builder_text(out, "    esac\n"
                      "    if [ -z \"$kind\" ] && [ \"${cur:0:1}\" != - ]; then\n"
                      "        case \"$path operand\" in\n");
    each(out, "", cli_commands, bash_operands);
    builder_text(out, "        esac\n"
                      "    fi\n"
                      "    case $kind in\n"
                      "    words) mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\") ;;\n"
                      "    file) compopt -o filenames 2>/dev/null\n"
                      "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
                      "    folder) compopt -o filenames 2>/dev/null\n"
                      "        mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
                      "    free) ;;\n"
                      "    *) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
                      "    esac\n"
                      "}\n"
                      "complete -F _cix cix\n");
}

/* ---- zsh ---- */

/* Inside '...' and an _arguments specification: brackets and colons are escaped, quotes doubled. */
static void zsh_text(struct builder *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            builder_text(out, "'\\''");
        else if (strchr("[]:\\", *text))
            builder_format(out, "\\%c", *text);
        else
            builder_put(out, *text == '\n' ? " " : text, 1);
    }
}

/* ":message:action" of a value. */
static void zsh_action(struct builder *out, const char *value)
{
    const char *words = "";

    builder_text(out, ":");
    zsh_text(out, value);
    switch (completion_of(out->arena, value, &words)) {
    case COMPLETION_WORDS:
        builder_format(out, ":(%s)", words);
        break;
    case COMPLETION_FILE:
        builder_text(out, ":_files");
        break;
    case COMPLETION_FOLDER:
        builder_text(out, ":_files -/");
        break;
    case COMPLETION_FREE:
        builder_text(out, ": ");
        break;
    }
}

static void zsh_options(struct builder *out, const struct cli_command *command)
{
    const struct cli_option *tables[2];

    tables_of(command, tables);
    for (int i = 0; i < 2; i++) {
        for (const struct cli_option *option = tables[i]; option && option->name; option++) {
            builder_format(out, " \\\n        '--%s%s[", option->name, option->value ? "=" : "");
            zsh_text(out, option->help);
            builder_text(out, "]");
            if (option->value)
                zsh_action(out, option->value);
            builder_text(out, "'");
        }
    }
    builder_text(out, " \\\n        '--help[show help]'");
}

/* _cix_pki_issue for "pki issue". */
static const char *zsh_name(struct builder *out, const char *path)
{
    char *name = arena_format(out->arena, "_cix_%s", path);

    for (char *at = name; *at; at++)
        *at = *at == ' ' || *at == '-' ? '_' : *at;
    return name;
}

/* The choice among commands, and the function of the one that was chosen. */
static void zsh_children(struct builder *out, const char *path,
                         const struct cli_command *const *commands)
{
    builder_text(out, " \\\n        '1:command:((");
    for (const struct cli_command *const *child = commands; *child; child++) {
        builder_format(out, "%s%s\\:\"", child == commands ? "" : " ", (*child)->name);
        zsh_text(out, (*child)->summary);
        builder_text(out, "\"");
    }
    builder_text(out, "))' '*::argument:->arguments'\n    case $state in\n    arguments)\n"
                      "        case $line[1] in\n");
    for (const struct cli_command *const *child = commands; *child; child++)
        builder_format(out, "        %s) %s ;;\n", (*child)->name,
                       zsh_name(out, arena_format(out->arena, "%s%s%s", path, *path ? " " : "",
                                                  (*child)->name)));
    builder_text(out, "        esac ;;\n    esac\n");
}

static void zsh_command(struct builder *out, const char *path, const struct cli_command *command)
{
    builder_format(out,
                   "%s()\n{\n    local context state line\n    typeset -A opt_args\n"
                   "    _arguments%s",
                   zsh_name(out, path), command->children ? " -C" : "");
    zsh_options(out, command);
    if (command->children) {
        zsh_children(out, path, command->children);
    } else if (*command->operands) {
        builder_text(out, " \\\n        '*");
        zsh_action(out, command->operands);
        builder_text(out, "'\n");
    } else {
        builder_text(out, "\n");
    }
    builder_text(out, "}\n\n");
}

static void write_zsh(struct builder *out)
{
    builder_text(out, "#compdef cix\n# zsh completion for cix, made by `cix completion zsh`.\n");
    each(out, "", cli_commands, zsh_command);
    builder_text(out, "_cix()\n{\n    local context state line\n    typeset -A opt_args\n"
                      "    _arguments -C '--help[show help]' '--version[show the version]'");
    zsh_children(out, "", cli_commands);
    builder_text(out, "}\n\n_cix \"$@\"\n");
}

/* ---- The command ---- */

static enum cli_exit run(const struct cli_args *args)
{
    bool is_zsh = !strcmp(args->operands[0], "zsh");
    struct arena arena;
    struct builder out = {.arena = &arena};

    if (!is_zsh && strcmp(args->operands[0], "bash") != 0)
        return cli_complain(CLI_USAGE, "expected bash or zsh");
    arena_init(&arena, 0);
    if (is_zsh)
        write_zsh(&out);
    else
        write_bash(&out);
    fputs(out.data, stdout);
    arena_done(&arena);
    return CLI_OK;
}

const struct cli_command cli_completion_command = {
    .name = "completion",
    .operands = "SHELL",
    .summary = "Print the completion script of a shell: bash or zsh",
    .details = "For one shell: `. <(cix completion bash)`. An installation holds both scripts.",
    .operand_min = 1,
    .operand_max = 1,
    .run = run,
};
