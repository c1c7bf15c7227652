/*
 * What the offline commands of cix standard have in common: the text that they read first, and how
 * they end.
 */
#pragma once

#include "cli/command.h"
#include "domain/standard.h"

struct standard_run {
    const struct cli_args *args;
    struct arena arena;
    struct ctx ctx;
    struct standard *standard; /* of the first operand */
    bool is_json;
};

/* Reads the standard, or the draft; standard_end ends whatever came of it. */
MUST_USE bool standard_begin(struct standard_run *run, const struct cli_args *args, bool is_draft);

/* Tells what failed; the exit code: CLI_USAGE for the reason USAGE, else CLI_DATA. */
enum cli_exit standard_end(struct standard_run *run, bool is_done);
