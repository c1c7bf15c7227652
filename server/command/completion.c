/*
 * cixd completion: scripts for bash and zsh, made from the tables of commands and settings. What
 * stands behind a flag is what usage and help of its command say.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/completion.h"
#include "command/commands.h"
#include "domain/code.h"

enum { OPTION_MAX = 96, COMMAND_MAX = 96, FIRST_LIMIT = 20 };

/* Words behind a flag ("--type") or among operands ("STATUS"), as the help of the command says. */
static const struct {
    const char *command, *place, *words;
} known[] = {
    {"exchange", "test", "test"},
    {"member add", "--type",
     "bank village-bank housing-savings foreign-bank finance-company trust leasing auto-finance "
     "consumer-finance loan-company asset-management securities insurance micro-loan housing-fund "
     "guarantee factoring p2p crowdfunding payment ecommerce-microloan card-issuer credit-bureau "
     "rating-agency other court regulator association"},
    {"member add", "--roles", "contributor lender court regulator association"},
    {"member add", "--classes", "basic credit public dishonest fraud behaviour rating fund"},
    {"member set", "--reciprocity-consumer", "none default full"},
    {"member set", "--reciprocity-commercial", "none default full"},
    {"member set", "--reason", "own-request order breach security licence tested-elsewhere other"},
    {"member state", "STATE",
     "applied examined testing restricted suspended withdrawn revoked absconded"},
    {"member state", "--reason",
     "own-request order breach security licence tested-elsewhere other"},
    {"member suspend", "--reason",
     "own-request order breach security licence tested-elsewhere other"},
    {"member activate", "--without-conformance",
     "own-request order breach security licence tested-elsewhere other"},
    {"subject lift", "--reason", "subject-request order member-left fraud error other"},
    {"subject status", "--reason", "subject-request order member-left fraud error other"},
    {"subject status", "STATUS", "active deceased deregistered revoked"},
    {"feed accept", "--reason", "unused elsewhere given-up other"},
    {"man", "PAGE", "cixd.8 cixd.conf.5"},
    {"completion", "SHELL", "bash zsh"},
};

/* Settings that say where things lie: of use to every command. */
static const char *const places[] = {"data", "database", "keys"};

/* Whether a word stands in a list that other characters divide, at its end. *at: where. */
static bool has_word(const char *list, const char *word, const char **at)
{
    size_t size = strlen(word);

    for (*at = list; (*at = strstr(*at, word)); *at += size) {
        char behind = (*at)[size];
        bool is_begun = *at == list || !isalnum((unsigned char)(*at)[-1]);
        if (is_begun && !isalnum((unsigned char)behind) && behind != '-')
            return true;
    }
    return false;
}

/* "risk-committee ..." of what a member attests, or limits itself. */
static const char *attribute_words(struct arena *arena, bool is_limit)
{
    struct builder words = {.arena = arena};

    for (size_t i = 0; i < code_member_attributes.count; i++)
        if ((code_member_attributes.codes[i].number >= FIRST_LIMIT) == is_limit)
            builder_format(&words, "%s%s", words.size ? " " : "",
                           code_member_attributes.codes[i].name);
    for (char *at = words.data; *at; at++)
        *at = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
    return words.data;
}

/* place: a flag with its dashes, or all operands of the command. */
static struct completion_value value_of(struct arena *arena, const struct command *command,
                                        const char *place, const char *label)
{
    struct completion_value value = completion_value_of(arena, label);
    const char *at;

    if (!strncmp(command->name, "member ", 7) && has_word(place, "KIND", &at)) {
        value.kind = COMPLETION_WORDS;
        value.words = attribute_words(arena, !strcmp(command->name, "member limit"));
    }
    if (command->flags == subject_merge_flags && has_word(place, "--reason", &at)) {
        value.kind = COMPLETION_WORDS;
        value.words = command_subject_reasons(arena, command->run == command_subject_merge);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (!strcmp(known[i].command, command->name) && has_word(place, known[i].place, &at)) {
            value.kind = COMPLETION_WORDS;
            value.words = known[i].words;
        }
    }
    return value;
}

/* What stands behind "--name " in a text: "FILE" of "[--to FILE]"; NULL where it has none. */
static const char *label_in(struct arena *arena, const char *text, const char *flag,
                            const char **behind)
{
    const char *at;

    if (!has_word(text, flag, &at))
        return NULL;
    at += strlen(flag) + strspn(at + strlen(flag), " ");
    size_t size = strcspn(at, " ,])\n");
    *behind = at + size;
    return size ? arena_format(arena, "%.*s", (int)size, at) : NULL;
}

/* A flag of the command, with what its usage and its own help say of it. */
static struct completion_option option_of(struct arena *arena, const struct command *command,
                                          const struct config_flag *flag)
{
    char *place = arena_format(arena, "--%s", flag->name);
    const char *behind = "", *label = label_in(arena, command->summary, place, &behind);
    struct completion_option option = {.name = flag->name, .help = flag->name};

    behind += strspn(behind, " ");
    size_t size = strcspn(behind, "\n");
    if (label && flag->value && size)
        option.help = arena_format(arena, "%.*s", (int)size, behind);
    if (!flag->value)
        return option;
    const char *used = label_in(arena, command->usage, place, &behind);
    option.value = value_of(arena, command, place, used ? used : label ? label : "TEXT");
    return option;
}

/* The words of the usage that are neither flags nor what stands behind them. */
static const char *operands_of(struct arena *arena, const struct command *command)
{
    struct builder operands = {.arena = arena};

    for (const char *at = command->usage; *at; at += strspn(at, " [](|)")) {
        size_t size = strcspn(at, " [](|)");
        bool is_flag = !strncmp(at, "--", 2);
        if (size && *at != '-')
            builder_format(&operands, "%s%.*s", operands.size ? " " : "", (int)size, at);
        at += size;
        if (is_flag && *at == ' ' && strncmp(at, " |", 2) != 0)
            at += 1 + strcspn(at + 1, " ])");
    }
    return operands.data;
}

/* Settings are flags of every command; those that no command but serve looks at are left out. */
static bool is_offered(const struct command *command, const char *key)
{
    bool is_offered =
        !command->run || command->run == command_init || command->run == command_config;

    for (size_t i = 0; i < ARRAY_LENGTH(places); i++)
        is_offered |= !strcmp(places[i], key);
    return is_offered;
}

static bool is_told(struct arena *arena, const struct command *command,
                    const struct config_flag *flag)
{
    const char *place = arena_format(arena, "--%s", flag->name), *at;

    return has_word(command->usage, place, &at) || has_word(command->summary, place, &at);
}

static void put_options(struct arena *arena, const struct command *command,
                        struct completion_command *list)
{
    struct completion_option *options = arena_array(arena, OPTION_MAX, sizeof(*options));
    struct config_setting setting;

    list->options = options;
    for (const struct config_flag *flag = command->flags; flag && flag->name; flag++) {
        if (!is_told(arena, command, flag)) /* of another command with the same table */
            continue;
        CHECK(list->option_count < OPTION_MAX);
        options[list->option_count++] = option_of(arena, command, flag);
    }
    for (int row = -1; row < 0 || config_setting(row, &setting); row++) {
        if (row < 0)
            setting = (struct config_setting){"config", "FILE", "settings, key = value"};
        if (row >= 0 && !is_offered(command, setting.key))
            continue;
        CHECK(list->option_count < OPTION_MAX);
        options[list->option_count++] = (struct completion_option){
            setting.key, setting.help, completion_value_of(arena, setting.takes)};
    }
}

/* The groups that a command is the first of: "member", "member cert". */
static void put_groups(struct arena *arena, const char *name, struct completion_command *list,
                       int *count)
{
    for (const char *end = strchr(name, ' '); end; end = strchr(end + 1, ' ')) {
        const char *group = arena_format(arena, "%.*s", (int)(end - name), name);
        bool is_there = false;
        for (int i = 0; i < *count; i++)
            is_there |= !strcmp(list[i].path, group);
        CHECK(*count < COMMAND_MAX);
        if (!is_there)
            list[(*count)++] = (struct completion_command){.path = group, .summary = group};
    }
}

static void put_command(struct arena *arena, const struct command *command,
                        struct completion_command *list, int *count)
{
    const char *operands = operands_of(arena, command);

    put_groups(arena, command->name, list, count);
    CHECK(*count < COMMAND_MAX);
    struct completion_command *made = &list[(*count)++];
    *made = (struct completion_command){
        .path = command->name,
        .summary =
            arena_format(arena, "%.*s", (int)strcspn(command->summary, "\n"), command->summary),
    };
    put_options(arena, command, made);
    if (operands)
        made->operand = value_of(arena, command, operands, operands);
}

int command_completion(struct ctx *ctx, const struct command_call *call)
{
    struct builder out = {.arena = ctx->arena};
    struct completion_command *list = arena_array(ctx->arena, COMMAND_MAX, sizeof(*list));
    struct completion_program program = {
        .name = "cixd", .top_words = "help --help --version --help-config", .commands = list};

    for (int i = 0; i < command_count; i++)
        put_command(ctx->arena, &commands[i], list, &program.command_count);
    if (call->word_count != 1 || !completion_write(&out, call->words[0], &program))
        return command_usage(call, "completion bash|zsh");
    fputs(out.data, stdout);
    return 0;
}
