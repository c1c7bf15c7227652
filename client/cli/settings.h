/*
 * How cix reaches the exchange: options, then the environment, then the configuration file.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include "cix.h"
#include "cli/cli.h"

/* The settings, as found. Texts live in the arena. */
struct settings {
    const char *address, *ca, *cert, *key, *server_name;
    const char *operator_id; /* who asks inside the member; CIX_OPERATOR, operator */
    int64_t timeout_s;       /* 0: not given */
};

/*
 * Finds the settings. False, after a line on stderr, when the configuration file is wrong (unknown
 * key, line without "=") or one that was named cannot be read.
 */
bool settings_find(struct arena *arena, const struct cli_args *args, struct settings *settings);

/* The settings as items of a manual page: by their variables, or by their keys in the file. */
void settings_manual(struct builder *roff, bool is_environment);
