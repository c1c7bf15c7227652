/*
 * Who is asked for: identifier and name from options, standard input or a file.
 *
 * Command lines are seen by every user of a machine, so the value may also come from elsewhere: "-"
 * reads a line of standard input (first the identifier, then the name), and --id-file names a file
 * of these two lines.
 */
#pragma once

#include "cix.h"
#include "cli/online.h"

/* The options, for the table of a command. */
#define SUBJECT_OPTIONS                                                                            \
    {"id-type", "ID-TYPE", "kind of identifier (default resident-id)"},                            \
        {"id", "VALUE", "identifier; - reads it from standard input (others see options in ps)"},  \
        {"id-file", "FILE", "file with the identifier and, on a second line, the name"},           \
    {                                                                                              \
        "name", "NAME", "name of the subject; - reads it from standard input"                      \
    }

/* An identifier and a name, in the arena. */
struct subject_key {
    Cix__V1__Identifier identifier;
    char *name;
};

MUST_USE bool subject_from_args(struct ctx *ctx, const struct cli_args *args,
                                struct subject_key *key);
