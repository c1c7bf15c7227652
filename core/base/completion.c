#include "base/completion.h"

#include <ctype.h>
#include <string.h>

static bool is_choice(const char *label)
{
    bool has_bar = false;

    for (const char *at = label; *at; at++) {
        has_bar |= *at == '|';
        if (isupper((unsigned char)*at))
            return false;
    }
    return has_bar;
}

struct completion_value completion_value_of(struct arena *arena, const char *label)
{
    struct completion_value value = {.label = label, .kind = COMPLETION_FREE};

    if (is_choice(label)) {
        char *words = arena_string(arena, label);
        for (char *at = words; *at; at++)
            *at = *at == '|' ? ' ' : *at;
        value.kind = COMPLETION_WORDS;
        value.words = words;
    } else if (strstr(label, "DIR") || strstr(label, "FOLDER")) {
        value.kind = COMPLETION_FOLDER;
    } else if (strstr(label, "FILE") || strstr(label, "PREFIX")) {
        value.kind = COMPLETION_FILE;
    }
    return value;
}

/* The last word of a command that stands right in a group ("": the program); NULL for others. */
static const char *child_name(const char *group, const struct completion_command *command)
{
    size_t size = strlen(group);
    const char *name = command->path + size + (size > 0);

    if (strncmp(command->path, group, size) != 0 || (size && command->path[size] != ' '))
        return NULL;
    return strchr(name, ' ') ? NULL : name;
}

static bool has_children(const struct completion_program *program, const char *group)
{
    for (int i = 0; i < program->command_count; i++)
        if (child_name(group, &program->commands[i]))
            return true;
    return false;
}

static void put_children(struct builder *out, const struct completion_program *program,
                         const char *group)
{
    for (int i = 0; i < program->command_count; i++) {
        const char *name = child_name(group, &program->commands[i]);
        if (name)
            builder_format(out, "%s ", name);
    }
}

/* ---- bash ---- */

static void bash_words(struct builder *out, const struct completion_program *program,
                       const struct completion_command *command)
{
    builder_format(out, "    '%s') words='", command->path);
    put_children(out, program, command->path);
    for (int i = 0; i < command->option_count; i++)
        builder_format(out, "--%s ", command->options[i].name);
    builder_text(out, "--help' ;;\n");
}

static void bash_value(struct builder *out, const char *path, const char *after,
                       const struct completion_value *value)
{
    switch (value->kind) {
    case COMPLETION_WORDS:
        builder_format(out, "    '%s %s') kind='words' values='%s' ;;\n", path, after,
                       value->words);
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

static void bash_values(struct builder *out, const struct completion_program *program,
                        const struct completion_command *command)
{
    (void)program;
    for (int i = 0; i < command->option_count; i++) {
        const struct completion_option *option = &command->options[i];
        if (option->value.label)
            bash_value(out, command->path, arena_format(out->arena, "--%s", option->name),
                       &option->value);
    }
}

static void bash_operands(struct builder *out, const struct completion_program *program,
                          const struct completion_command *command)
{
    (void)program;
    if (command->operand.label)
        bash_value(out, command->path, "operand", &command->operand);
}

static void each(struct builder *out, const struct completion_program *program,
                 void (*visited)(struct builder *out, const struct completion_program *program,
                                 const struct completion_command *command))
{
    for (int i = 0; i < program->command_count; i++)
        visited(out, program, &program->commands[i]);
}

/* The function up to the words of the commands: finds out which one is typed. */
static void bash_head(struct builder *out, const struct completion_program *program)
{
    const char *name = program->name;

    builder_format(out,
                   "# bash completion for %s, made by `%s completion bash`.\n"
                   "_%s()\n{\n"
                   "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                   "    local path='' words='' kind='' values='' i\n"
                   "    COMPREPLY=()\n"
                   "    if [ \"$cur\" = = ]; then\n"
                   "        cur=''\n"
                   "    elif [ \"$before\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
                   "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
                   "    fi\n"
                   "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                   "        case ${path:+$path }${COMP_WORDS[i]} in\n        ",
                   name, name, name);
    for (int i = 0; i < program->command_count; i++)
        builder_format(out, "%s'%s'", i ? " | " : "", program->commands[i].path);
    builder_text(out, ") path=${path:+$path }${COMP_WORDS[i]} ;;\n"
                      "        esac\n"
                      "    done\n"
                      "    case $path in\n    '') words='");
    put_children(out, program, "");
    builder_format(out, "%s' ;;\n", program->top_words);
}

static void write_bash(struct builder *out, const struct completion_program *program)
{
    bash_head(out, program);
    each(out, program, bash_words);
    builder_text(out, "    esac\n"
                      "    case \"$path $before\" in\n");
    each(out, program, bash_values);
    builder_text(out, "    esac\n"
                      "    if [ -z \"$kind\" ] && [ \"${cur:0:1}\" != - ]; then\n"
                      "        case \"$path operand\" in\n");
    each(out, program, bash_operands);
    builder_format(out,
                   "        esac\n"
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
                   "complete -F _%s %s\n",
                   program->name, program->name);
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
static void zsh_action(struct builder *out, const struct completion_value *value)
{
    builder_text(out, ":");
    zsh_text(out, value->label);
    switch (value->kind) {
    case COMPLETION_WORDS:
        builder_format(out, ":(%s)", value->words);
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

static void zsh_options(struct builder *out, const struct completion_command *command)
{
    for (int i = 0; i < command->option_count; i++) {
        const struct completion_option *option = &command->options[i];
        builder_format(out, " \\\n        '--%s%s[", option->name, option->value.label ? "=" : "");
        zsh_text(out, option->help);
        builder_text(out, "]");
        if (option->value.label)
            zsh_action(out, &option->value);
        builder_text(out, "'");
    }
    builder_text(out, " \\\n        '--help[show help]'");
}

/* _cix_pki_issue for "pki issue" of cix. */
static const char *zsh_name(struct builder *out, const struct completion_program *program,
                            const char *path)
{
    char *name = arena_format(out->arena, "_%s_%s", program->name, path);

    for (char *at = name; *at; at++)
        *at = *at == ' ' || *at == '-' ? '_' : *at;
    return name;
}

/* The choice among commands, and the function of the one that was chosen. */
static void zsh_children(struct builder *out, const struct completion_program *program,
                         const char *group)
{
    bool is_first = true;

    builder_text(out, " \\\n        '1:command:((");
    for (int i = 0; i < program->command_count; i++) {
        const char *name = child_name(group, &program->commands[i]);
        if (!name)
            continue;
        builder_format(out, "%s%s\\:\"", is_first ? "" : " ", name);
        zsh_text(out, program->commands[i].summary);
        builder_text(out, "\"");
        is_first = false;
    }
    builder_text(out, "))' '*::argument:->arguments'\n    case $state in\n    arguments)\n"
                      "        case $line[1] in\n");
    for (int i = 0; i < program->command_count; i++) {
        const char *name = child_name(group, &program->commands[i]);
        if (name)
            builder_format(out, "        %s) %s ;;\n", name,
                           zsh_name(out, program, program->commands[i].path));
    }
    builder_text(out, "        esac ;;\n    esac\n");
}

static void zsh_command(struct builder *out, const struct completion_program *program,
                        const struct completion_command *command)
{
    bool is_group = has_children(program, command->path);

    builder_format(out,
                   "%s()\n{\n    local context state line\n    typeset -A opt_args\n"
                   "    _arguments%s",
                   zsh_name(out, program, command->path), is_group ? " -C" : "");
    zsh_options(out, command);
    if (is_group) {
        zsh_children(out, program, command->path);
    } else if (command->operand.label) {
        builder_text(out, " \\\n        '*");
        zsh_action(out, &command->operand);
        builder_text(out, "'\n");
    } else {
        builder_text(out, "\n");
    }
    builder_text(out, "}\n\n");
}

static void write_zsh(struct builder *out, const struct completion_program *program)
{
    const char *name = program->name;

    builder_format(out, "#compdef %s\n# zsh completion for %s, made by `%s completion zsh`.\n",
                   name, name, name);
    each(out, program, zsh_command);
    builder_format(out,
                   "_%s()\n{\n    local context state line\n    typeset -A opt_args\n"
                   "    _arguments -C '--help[show help]' '--version[show the version]'",
                   name);
    zsh_children(out, program, "");
    builder_format(out, "}\n\n_%s \"$@\"\n", name);
}

bool completion_write(struct builder *out, const char *shell,
                      const struct completion_program *program)
{
    bool is_zsh = !strcmp(shell, "zsh");

    if (!is_zsh && strcmp(shell, "bash") != 0)
        return false;
    if (is_zsh)
        write_zsh(out, program);
    else
        write_bash(out, program);
    return true;
}
