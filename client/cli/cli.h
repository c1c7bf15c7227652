/*
 * The command line of cix: one table of commands; help, parsing and completion of options come from
 * it.
 *
 * A command is a row with a table of options and a function. The function reads its options by
 * name; asking for a name that is not in its table is a bug and aborts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/exit.h"

enum { CLI_OPTION_MAX = 32 };

/* One option. The table of a command ends with name NULL. */
struct cli_option {
    const char *name;  /* long name, without dashes */
    const char *value; /* what stands behind it, e.g. "FILE"; NULL for a switch */
    const char *help;
};

struct cli_args;

/* One command or subcommand. */
struct cli_command {
    const char *name;
    const char *operands; /* e.g. "FILE", or "" */
    const char *summary;  /* one line */
    const char *details;  /* further help, or NULL */
    int operand_min, operand_max;
    bool is_online; /* also takes the options of a connection */
    const struct cli_option *options;
    const struct cli_command *const *children; /* ends with NULL; or NULL */
    enum cli_exit (*run)(const struct cli_args *args);
};

/* A parsed command line. */
struct cli_args {
    const struct cli_command *command;
    const struct cli_option *options[CLI_OPTION_MAX]; /* the command's, then shared ones */
    const char *values[CLI_OPTION_MAX];               /* NULL: not given; "" for a switch */
    int option_count;
    char **operands;
    int operand_count;
};

/* The commands of cix, and the options that every command that talks to the exchange has. */
extern const struct cli_command *const cli_commands[]; /* ends with NULL */
extern const struct cli_option cli_connection_options[];

/* Runs the command that argv names and answers the exit code. */
enum cli_exit cli_main(int argc, char **argv);

/* The value of an option, NULL when it was not given. */
const char *cli_value(const struct cli_args *args, const char *name);

/* True when the option was given. */
bool cli_has(const struct cli_args *args, const char *name);

/*
 * The whole-number value of an option within bounds, or fallback when it was not given. False,
 * after a line on stderr, when it is something else.
 */
bool cli_integer(const struct cli_args *args, const char *name, const int64_t bounds[2],
                 int64_t *value);

/* Prints the help of one command, or of all when it is NULL. */
void cli_help(FILE *file, const char *path, const struct cli_command *command);

/* Prints "cix: ..." on stderr and answers code, for `return cli_complain(...)`. */
__attribute__((format(printf, 2, 3))) enum cli_exit cli_complain(enum cli_exit code,
                                                                 const char *format, ...);
