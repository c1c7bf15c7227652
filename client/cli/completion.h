/*
 * What the value of an option of cix may be, for completion: found from its name in the tables.
 * PURPOSE and the like are the names of an enum of the protocol.
 */
#pragma once

#include "base/completion.h"
#include "cli/cli.h"

/* The value with a label; what cix does not know is as the label says by itself. */
struct completion_value cli_completion_of(struct arena *arena, const char *label);
