/*
 * Completion of a program's command line: scripts for bash and zsh of its table of commands.
 *
 * A script holds only data and one small function, so that a shell never runs the program to
 * complete a word. Commands come as a flat list, each group before what is in it.
 */
#pragma once

#include "base/text.h"

enum completion_kind { COMPLETION_FREE, COMPLETION_FILE, COMPLETION_FOLDER, COMPLETION_WORDS };

/* What stands behind an option, or beside them all. */
struct completion_value {
    const char *label; /* e.g. "FILE"; NULL: nothing */
    enum completion_kind kind;
    const char *words; /* divided by spaces, for COMPLETION_WORDS */
};

struct completion_option {
    const char *name; /* without dashes */
    const char *help;
    struct completion_value value;
};

struct completion_command {
    const char *path; /* "pki issue" */
    const char *summary;
    const struct completion_option *options;
    int option_count;
    struct completion_value operand;
};

struct completion_program {
    const char *name;      /* "cix" */
    const char *top_words; /* what may stand in place of a command */
    const struct completion_command *commands;
    int command_count;
};

/*
 * The kind that a label says by itself: "table|json" names its words (in lower case, with bars),
 * FILE and PREFIX are files, DIR and FOLDER folders; every other is free text.
 */
struct completion_value completion_value_of(struct arena *arena, const char *label);

/* Appends the script. shell: "bash" or "zsh"; false for any other. */
MUST_USE bool completion_write(struct builder *out, const char *shell,
                               const struct completion_program *program);
