/*
 * Exit codes of cix: one table, printed by `cix help exit-codes` and copied in README.md, which a
 * test compares. A number never changes its meaning.
 */
#pragma once

#include <stddef.h>

enum cli_exit {
    CLI_OK = 0,
    CLI_REJECTED = 1,
    CLI_USAGE = 2,
    CLI_REFUSED = 3,
    CLI_UNAVAILABLE = 4,
    CLI_DATA = 5,
    CLI_NO_FILE = 6,
    CLI_FAULT = 7,
};

struct cli_exit_row {
    enum cli_exit code;
    const char *name;
    const char *meaning;
};

extern const struct cli_exit_row cli_exits[];
extern const size_t cli_exit_count;

/* The exit code for a call that ended with this gRPC status code; 0 gives CLI_OK. */
enum cli_exit cli_exit_of_status(int status);
