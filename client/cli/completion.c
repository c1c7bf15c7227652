/*
 * cix completion: scripts for bash and zsh, made from the tables of commands.
 */
#include "cli/completion.h"

#include <ctype.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "cix.h"
#include "cli/command.h"
#include "cli/records.h"
#include "domain/code_list.h"
#include "message.h"

enum { COMMAND_MAX = 128 };

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

static const char *list_names(struct arena *arena)
{
    struct builder words = {.arena = arena};

    for (size_t i = 0; i < code_list_count; i++)
        builder_format(&words, "%s%s", i ? " " : "", code_lists[i].name);
    return words.data;
}

/* Values whose words a table has. */
static const struct {
    const char *label;
    const char *(*words)(struct arena *arena);
} tables[] = {
    {"KIND", record_kinds},
    {"[LIST]", list_names},
};

struct completion_value cli_completion_of(struct arena *arena, const char *label)
{
    struct completion_value value = {.label = label, .kind = COMPLETION_WORDS};

    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        if (!strcmp(tables[i].label, label)) {
            value.words = tables[i].words(arena);
            return value;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(enums); i++) {
        if (!strcmp(enums[i].value, label)) {
            value.words = enum_words(arena, enums[i].descriptor);
            return value;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(operands); i++) {
        if (!strcmp(operands[i].operand, label)) {
            value.words = operands[i].words;
            return value;
        }
    }
    return completion_value_of(arena, label);
}

/* ---- The table as a list ---- */

/* Appends the options of a table. */
static void put_options(struct arena *arena, const struct cli_option *table,
                        struct completion_option *options, int *count)
{
    for (; table && table->name; table++) {
        CHECK(*count < CLI_OPTION_MAX);
        options[*count] = (struct completion_option){.name = table->name, .help = table->help};
        if (table->value)
            options[*count].value = cli_completion_of(arena, table->value);
        (*count)++;
    }
}

/* Appends commands, what is below each behind it. */
static void put_commands(struct arena *arena, const char *above,
                         const struct cli_command *const *table, struct completion_command *list,
                         int *count)
{
    for (; table && *table; table++) {
        struct completion_option *options = arena_array(arena, CLI_OPTION_MAX, sizeof(*options));
        struct completion_command *command = &list[*count];
        CHECK(*count < COMMAND_MAX);
        (*count)++;
        *command = (struct completion_command){
            .path = arena_format(arena, "%s%s%s", above, *above ? " " : "", (*table)->name),
            .summary = (*table)->summary,
            .options = options,
        };
        put_options(arena, (*table)->options, options, &command->option_count);
        if ((*table)->is_online)
            put_options(arena, cli_connection_options, options, &command->option_count);
        if ((*table)->run && *(*table)->operands)
            command->operand = cli_completion_of(arena, (*table)->operands);
        put_commands(arena, command->path, (*table)->children, list, count);
    }
}

/* ---- The command ---- */

static enum cli_exit run(const struct cli_args *args)
{
    struct arena arena;
    struct builder out = {.arena = &arena};
    struct completion_program program = {.name = "cix", .top_words = "help --help --version"};
    struct completion_command *list;
    bool is_known;

    arena_init(&arena, 0);
    list = arena_array(&arena, COMMAND_MAX, sizeof(*list));
    put_commands(&arena, "", cli_commands, list, &program.command_count);
    program.commands = list;
    is_known = completion_write(&out, args->operands[0], &program);
    if (is_known)
        fputs(out.data, stdout);
    arena_done(&arena);
    return is_known ? CLI_OK : cli_complain(CLI_USAGE, "expected bash or zsh");
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
