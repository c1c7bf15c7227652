#include "ops/config.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/roff.h"
#include "base/text.h"
#include "ops/config_table.h"

enum {
    FILE_SIZE_MAX = 64 * 1024,
    LINE_SIZE_MAX = 199, /* what inih takes; longer lines would be cut silently */
};

static const char ENVIRONMENT_PREFIX[] = "CIXD_";

/* One run of config_load. */
struct loading {
    struct ctx *ctx;
    struct config *config;
    enum config_origin origin;
    const char *path; /* of the file */
    unsigned char seen[CONFIG_KEY_MAX];
};

/* Known names, for suggestions: the table and the flags of the subcommand. */
static bool fail_unknown(struct ctx *ctx, const char *what, const char *given,
                         const struct config_flag *flags)
{
    const char *names[CONFIG_KEY_MAX + 32];
    size_t count = 0;
    for (int row = 0; row < config_row_count; row++)
        names[count++] = config_rows[row].key;
    for (; flags != NULL && flags->name != NULL && count < ARRAY_LENGTH(names); flags++)
        names[count++] = flags->name;
    const char *nearest = text_nearest(given, names, count);
    if (nearest == NULL)
        return fail(ctx, ERR_INVALID, "CONFIG_UNKNOWN_KEY", "%s %.64s is unknown", what, given);
    return fail(ctx, ERR_INVALID, "CONFIG_UNKNOWN_KEY", "%s %.64s is unknown; did you mean %s",
                what, given, nearest);
}

/* Takes one value from one source. what: how the source names the key in a message. */
static bool take(struct loading *loading, const char *what, int row, const char *text)
{
    if (!config_set(loading->config, row, text)) {
        char type[40];
        config_type_text(row, type);
        return fail(loading->ctx, ERR_INVALID, "CONFIG_BAD_VALUE", "%s %s takes %s", what,
                    config_rows[row].key, type);
    }
    loading->config->origin[row] = (unsigned char)loading->origin;
    return true;
}

static bool load_defaults(struct loading *loading)
{
    loading->origin = CONFIG_DEFAULT;
    for (int row = 0; row < config_row_count; row++)
        CHECK(config_set(loading->config, row, config_rows[row].initial));
    return true;
}

/* inih calls this for each line of the file; 0 makes it remember the line number. */
static int take_line(void *user, const char *section, const char *name, const char *value)
{
    struct loading *loading = user;
    if (loading->ctx->error.code != ERR_NONE)
        return 0;
    if (*section != '\0')
        return fail(loading->ctx, ERR_INVALID, "CONFIG_SYNTAX", "sections are not used");
    int row = config_find(name);
    if (row < 0)
        return fail_unknown(loading->ctx, "key", name, NULL);
    if (loading->seen[row]++ != 0)
        return fail(loading->ctx, ERR_INVALID, "CONFIG_DUPLICATE", "key %s is given twice", name);
    return take(loading, "key", row, value);
}

static bool check_lines(struct ctx *ctx, const char *path, const char *text)
{
    int number = 1;
    for (const char *line = text; *line != '\0'; number++) {
        size_t size = strcspn(line, "\n");
        if (size > LINE_SIZE_MAX)
            return fail(ctx, ERR_INVALID, "CONFIG_SYNTAX", "%s:%d: line is longer than %d bytes",
                        path, number, LINE_SIZE_MAX);
        line += size + (line[size] == '\n' ? 1 : 0);
    }
    return true;
}

static bool read_file(struct ctx *ctx, struct arena *arena, const char *path, const char **text)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fail(ctx, ERR_NOT_FOUND, "CONFIG_FILE_UNREADABLE", "%.180s cannot be read", path);
    char *data = arena_alloc(arena, FILE_SIZE_MAX + 1);
    size_t size = fread(data, 1, FILE_SIZE_MAX + 1, file);
    bool is_bad = ferror(file) != 0;
    fclose(file);
    if (is_bad)
        return fail(ctx, ERR_NOT_FOUND, "CONFIG_FILE_UNREADABLE", "%.180s cannot be read", path);
    if (size > FILE_SIZE_MAX || !text_is_utf8(data, size))
        return fail(ctx, ERR_INVALID, "CONFIG_SYNTAX", "%.180s is too large or not UTF-8", path);
    data[size] = '\0';
    *text = data;
    return true;
}

/* Puts path and line in front of what a line's own check said. */
static bool fail_line(struct ctx *ctx, const char *path, int line)
{
    if (ctx->error.code == ERR_NONE)
        return fail(ctx, ERR_INVALID, "CONFIG_SYNTAX", "%.180s:%d: not key = value", path, line);
    char said[sizeof(ctx->error.message)];
    memcpy(said, ctx->error.message, sizeof(said));
    const char *reason = ctx->error.reason;
    ctx_clear(ctx);
    return fail(ctx, ERR_INVALID, reason, "%.120s:%d: %.120s", path, line, said);
}

static bool load_file(struct loading *loading, const char *path)
{
    const char *text = NULL;
    struct ctx *ctx = loading->ctx;
    if (!read_file(ctx, &loading->config->arena, path, &text) || !check_lines(ctx, path, text))
        return false;
    loading->origin = CONFIG_FILE;
    loading->path = path;
    int line = ini_parse_string(text, take_line, loading);
    return line == 0 || fail_line(ctx, path, line);
}

/* CIXD_LISTEN -> listen. text has CONFIG_NAME bytes. */
static void key_of_variable(const char *name, size_t size, char *key, size_t room)
{
    size_t i;
    for (i = 0; i < size && i + 1 < room; i++)
        key[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    key[i] = '\0';
}

static bool load_environment(struct loading *loading, char *const *environment)
{
    loading->origin = CONFIG_ENVIRONMENT;
    for (; environment != NULL && *environment != NULL; environment++) {
        const char *equals = strchr(*environment, '=');
        size_t prefix = sizeof(ENVIRONMENT_PREFIX) - 1;
        if (equals == NULL || strncmp(*environment, ENVIRONMENT_PREFIX, prefix) != 0)
            continue;
        char key[64];
        const char *name = *environment + prefix;
        key_of_variable(name, (size_t)(equals - name), key, sizeof(key));
        if (strcmp(key, "config") == 0)
            continue;
        int row = config_find(key);
        if (row < 0)
            return fail_unknown(loading->ctx, "environment variable of key", key, NULL);
        if (!take(loading, "environment variable of key", row, equals + 1))
            return false;
    }
    return true;
}

/* One argument taken apart. */
struct argument {
    char name[64];
    const char *value; /* NULL when it does not follow in the same argument */
};

static bool split_argument(struct ctx *ctx, const char *text, struct argument *argument)
{
    const char *name = text + 2;
    size_t size = strcspn(name, "=");
    if (size == 0 || size >= sizeof(argument->name))
        return fail(ctx, ERR_INVALID, "CONFIG_SYNTAX", "not a flag: %.64s", text);
    memcpy(argument->name, name, size);
    argument->name[size] = '\0';
    argument->value = name[size] == '=' ? name + size + 1 : NULL;
    return true;
}

static const struct config_flag *find_flag(const struct config_flag *flags, const char *name)
{
    for (; flags != NULL && flags->name != NULL; flags++) {
        if (strcmp(flags->name, name) == 0)
            return flags;
    }
    return NULL;
}

/* Where the walk over the command line stands. */
struct walk {
    struct loading *loading;
    const struct config_sources *sources;
    int next;
    const char **config_path; /* first pass: only --config is taken */
};

/* The value of a flag: behind =, or the argument that follows. */
static bool need_value(struct walk *walk, struct argument *argument)
{
    if (argument->value != NULL)
        return true;
    if (walk->next >= walk->sources->argument_count)
        return fail(walk->loading->ctx, ERR_INVALID, "CONFIG_BAD_VALUE", "flag --%s needs a value",
                    argument->name);
    argument->value = walk->sources->arguments[walk->next++];
    return true;
}

static bool take_own_flag(struct walk *walk, const struct config_flag *flag,
                          struct argument *argument)
{
    if (flag->value == NULL && argument->value != NULL)
        return fail(walk->loading->ctx, ERR_INVALID, "CONFIG_BAD_VALUE", "flag --%s takes no value",
                    flag->name);
    if (flag->value != NULL && !need_value(walk, argument))
        return false;
    if (flag->value != NULL)
        *flag->value = argument->value;
    if (flag->is_set != NULL)
        *flag->is_set = true;
    return true;
}

static bool take_argument(struct walk *walk, struct argument *argument)
{
    if (strcmp(argument->name, "config") == 0) {
        if (!need_value(walk, argument))
            return false;
        *walk->config_path = argument->value;
        return true;
    }
    const struct config_flag *flag = find_flag(walk->sources->flags, argument->name);
    if (flag != NULL)
        return take_own_flag(walk, flag, argument);
    int row = config_find(argument->name);
    if (row < 0)
        return fail_unknown(walk->loading->ctx, "flag", argument->name, walk->sources->flags);
    return need_value(walk, argument) && take(walk->loading, "flag", row, argument->value);
}

/* Goes over the command line once; what is no flag goes to rest. */
static bool walk_arguments(struct walk *walk, struct config_rest *rest)
{
    const struct config_sources *sources = walk->sources;
    bool is_ended = false;
    rest->count = 0;
    rest->items = arena_array(&walk->loading->config->arena, (size_t)sources->argument_count + 1,
                              sizeof(*rest->items));
    while (walk->next < sources->argument_count) {
        const char *text = sources->arguments[walk->next++];
        struct argument argument;
        if (!is_ended && strcmp(text, "--") == 0)
            is_ended = true;
        else if (is_ended || strncmp(text, "--", 2) != 0)
            rest->items[rest->count++] = text;
        else if (!split_argument(walk->loading->ctx, text, &argument) ||
                 !take_argument(walk, &argument))
            return false;
    }
    return true;
}

static const char *environment_value(char *const *environment, const char *name)
{
    size_t size = strlen(name);
    for (; environment != NULL && *environment != NULL; environment++) {
        if (strncmp(*environment, name, size) == 0 && (*environment)[size] == '=')
            return *environment + size + 1;
    }
    return NULL;
}

/* Values of the table that begin with {data} follow the data folder. */
static void expand_data(struct config *config)
{
    static const char mark[] = "{data}";
    for (int row = 0; row < config_row_count; row++) {
        if (config_rows[row].type != CONFIG_TEXT)
            continue;
        const char **field = (const char **)((char *)config + config_rows[row].offset);
        if (strncmp(*field, mark, sizeof(mark) - 1) == 0)
            *field = arena_format(&config->arena, "%s%s", config->data, *field + sizeof(mark) - 1);
    }
}

/*
 * The command line is walked twice: the file that it names must be read first, and its own values
 * must win over the file's.
 */
static bool load_sources(struct loading *loading, const struct config_sources *sources,
                         struct config_rest *rest)
{
    const char *path = environment_value(sources->environment, "CIXD_CONFIG");
    struct walk walk = {.loading = loading, .sources = sources, .config_path = &path};
    loading->origin = CONFIG_FLAG;
    if (!load_defaults(loading) || !walk_arguments(&walk, rest))
        return false;
    memset(loading->config->origin, CONFIG_DEFAULT, sizeof(loading->config->origin));
    if (!load_defaults(loading) || (path != NULL && !load_file(loading, path)) ||
        !load_environment(loading, sources->environment))
        return false;
    loading->origin = CONFIG_FLAG;
    walk.next = 0;
    return walk_arguments(&walk, rest);
}

bool config_load(struct ctx *ctx, const struct config_sources *sources, struct config *config,
                 struct config_rest *rest)
{
    struct config loaded = {.listen = NULL};
    struct config_rest found = {.items = NULL};
    struct loading loading = {.ctx = ctx, .config = &loaded};
    arena_init(&loaded.arena, 0);
    bool is_ok = load_sources(&loading, sources, &found);
    if (is_ok && rest == NULL && found.count > 0)
        is_ok = fail(ctx, ERR_INVALID, "CONFIG_SYNTAX", "not a flag: %.64s", found.items[0]);
    if (!is_ok) {
        arena_done(&loaded.arena);
        return false;
    }
    expand_data(&loaded);
    *config = loaded;
    if (rest != NULL)
        *rest = found;
    return true;
}

/* Takes a number over; true when the row's value counts from now on. */
static bool take_over(struct config *config, const struct config *fresh, int row)
{
    size_t offset = config_rows[row].offset;

    if (config_rows[row].effect != CONFIG_ON_RELOAD)
        return false;
    memcpy((char *)config + offset, (const char *)fresh + offset, sizeof(int));
    config->origin[row] = fresh->origin[row];
    return true;
}

bool config_reload(struct ctx *ctx, const struct config_sources *sources, struct config *config,
                   void (*changed)(const char *key, const char *value, bool is_in_force))
{
    struct config fresh;

    if (!config_load(ctx, sources, &fresh, NULL))
        return false;
    for (int row = 0; row < config_row_count; row++) {
        const char *value = config_value(&fresh, row, &fresh.arena);
        if (strcmp(config_value(config, row, &fresh.arena), value) != 0)
            changed(config_rows[row].key, value, take_over(config, &fresh, row));
    }
    config_done(&fresh);
    return true;
}

void config_done(struct config *config)
{
    arena_done(&config->arena);
}

static const char *const origin_names[] = {"default", "file", "environment", "flag"};

void config_print(const struct config *config, bool with_origin, FILE *out)
{
    struct arena arena;
    arena_init(&arena, 0);
    for (int row = 0; row < config_row_count; row++) {
        fprintf(out, "%s = %s", config_rows[row].key, config_value(config, row, &arena));
        if (with_origin)
            fprintf(out, "  ; %s", origin_names[config->origin[row]]);
        fputc('\n', out);
    }
    arena_done(&arena);
}

static const char *effect_text(int row)
{
    static const char *const texts[] = {
        [CONFIG_ON_RESTART] = "needs a restart",
        [CONFIG_ON_RELOAD] = "in force on SIGHUP",
        [CONFIG_ON_BOTH] = "its file is read again on SIGHUP",
    };

    return texts[config_rows[row].effect];
}

void config_help(FILE *out)
{
    fputs("# Settings of cixd: every key with its default. The environment (CIXD_<KEY>) and flags\n"
          "# (--key=value) go before this file. Made by `cixd --help-config`.\n",
          out);
    for (int row = 0; row < config_row_count; row++) {
        char type[40];
        config_type_text(row, type);
        fprintf(out, "\n# %s (%s; %s)\n#%s = %s\n", config_rows[row].help, type, effect_text(row),
                config_rows[row].key, config_rows[row].initial);
    }
}

void config_manual(struct builder *roff)
{
    for (int row = 0; row < config_row_count; row++) {
        const char *initial = config_rows[row].initial;
        char type[40];
        config_type_text(row, type);
        roff_item(roff, config_rows[row].key, type,
                  arena_format(roff->arena, "%s (default: %s); %s", config_rows[row].help,
                               *initial ? initial : "empty", effect_text(row)));
    }
}
