/*
 * What the value of an option may be, for completion: found from the value's name in the tables.
 *
 * A value in lower case with bars names its words ("table|json"); FILE, DIR and PREFIX are paths;
 * PURPOSE and the like are the names of an enum of the protocol; every other is free text.
 */
#pragma once

#include "base/arena.h"
#include "cli/cli.h"

enum completion_kind { COMPLETION_FREE, COMPLETION_FILE, COMPLETION_FOLDER, COMPLETION_WORDS };

/* The kind of an option's or operand's value; words: divided by spaces, for COMPLETION_WORDS. */
enum completion_kind completion_of(struct arena *arena, const char *value, const char **words);
