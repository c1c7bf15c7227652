/*
 * `cix correction history`: the versions of an own record.
 */
#pragma once

#include "cli/cli.h"

extern const struct cli_command cli_history_command;
