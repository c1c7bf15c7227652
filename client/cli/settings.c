#include "cli/settings.h"

#include <ini.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/roff.h"
#include "base/text.h"

/* One setting: its key in the file, its variable, its option, where it goes, and what it is. */
static const struct setting {
    const char *key, *variable, *option;
    size_t offset;
    const char *help;
} rows[] = {
    {"address", "CIX_ADDRESS", "address", offsetof(struct settings, address),
     "the exchange, host:port"},
    {"ca", "CIX_CA", "ca", offsetof(struct settings, ca),
     "certificate of the exchange's authority, PEM file"},
    {"cert", "CIX_CERT", "cert", offsetof(struct settings, cert),
     "own certificate, PEM file, its intermediate certificates behind it"},
    {"key", "CIX_KEY", "key", offsetof(struct settings, key),
     "key of the own certificate, PEM file of mode 0600, without passphrase"},
    {"server_name", "CIX_SERVER_NAME", "server-name", offsetof(struct settings, server_name),
     "name in the exchange's certificate, when it is not the host of the address"},
    {"operator", "CIX_OPERATOR", NULL, offsetof(struct settings, operator_id),
     "who asks inside the member; goes into the trace of every question"},
};

/* Reading of one file. */
struct reading {
    struct arena *arena;
    struct settings *settings;
    const char *unknown; /* first key that is none */
};

static void put(struct settings *settings, const struct setting *row, const char *value)
{
    memcpy((char *)settings + row->offset, &value, sizeof(value));
}

static int take_line(void *user, const char *section, const char *key, const char *value)
{
    struct reading *reading = user;

    for (size_t i = 0; i < ARRAY_LENGTH(rows) && !*section; i++) {
        if (!strcmp(rows[i].key, key)) {
            put(reading->settings, &rows[i], arena_string(reading->arena, value));
            return 1;
        }
    }
    reading->unknown = arena_string(reading->arena, *section ? section : key);
    return 0;
}

static bool complain_key(const char *path, const char *key)
{
    const char *keys[ARRAY_LENGTH(rows)];

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        keys[i] = rows[i].key;
    const char *near = text_nearest(key, keys, ARRAY_LENGTH(rows));
    cli_complain(CLI_USAGE, "%s: no setting %s%s%s", path, key, near ? "; perhaps " : "",
                 near ? near : "");
    return false;
}

static bool read_config(struct reading *reading, const char *path, bool is_named)
{
    int result = ini_parse(path, take_line, reading);

    if (reading->unknown)
        return complain_key(path, reading->unknown);
    if (result > 0)
        cli_complain(CLI_USAGE, "%s: line %d is not key = value", path, result);
    else if (result < 0 && is_named)
        cli_complain(CLI_USAGE, "%s cannot be read", path);
    return !result || (result < 0 && !is_named);
}

static const char *default_path(struct arena *arena)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (config && *config)
        return arena_format(arena, "%s/cix/config", config);
    return arena_format(arena, "%s/.config/cix/config", home ? home : "");
}

bool settings_find(struct arena *arena, const struct cli_args *args, struct settings *settings)
{
    static const int64_t bounds[] = {1, 86400};
    const char *named = cli_value(args, "config");
    struct settings found = {.address = NULL};
    struct reading reading = {.arena = arena, .settings = &found};

    if (!read_config(&reading, named ? named : default_path(arena), named != NULL))
        return false;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *value = rows[i].option ? cli_value(args, rows[i].option) : NULL;
        if (!value)
            value = getenv(rows[i].variable);
        if (value && *value)
            put(&found, &rows[i], value);
    }
    if (!cli_integer(args, "timeout", bounds, &found.timeout_s))
        return false;
    *settings = found;
    return true;
}

void settings_manual(struct builder *roff, bool is_environment)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        roff_item(roff, is_environment ? rows[i].variable : rows[i].key, NULL, rows[i].help);
}
