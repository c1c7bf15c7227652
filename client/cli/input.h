/*
 * The files of a command line: how each is read, and in which order they refer to one another.
 *
 * The format follows from the name (or --format), the kind of a CSV file from --kind, its map or
 * its name ("accounts.csv", "performance-2024-01.csv.gz"). Files come in the order of the kinds in
 * Record: subjects before their accounts, accounts before their months. JSON lines come by their
 * first record.
 */
#pragma once

#include "cli/cli.h"
#include "cli/records.h"

enum { INPUT_MAX = 64 };

/*
 * Reads --format, --kind, --map and --encoding for all operands of the command line; sorted. Maps
 * live in the arena of ctx. Errors: USAGE, KIND, MAP, FILE.
 */
MUST_USE bool input_find(struct ctx *ctx, const struct cli_args *args, struct records_input *inputs,
                         int *count);

/* The kind that a file's name begins with, in the singular or plural, or NULL. */
const char *input_kind_of(const char *path);
