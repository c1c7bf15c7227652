/*
 * The subcommands, one file each: the tables that command.c gathers.
 */
#pragma once

#include "cli/cli.h"

extern const struct cli_command cli_pki_commands[];
