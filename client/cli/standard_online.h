/*
 * The subcommands of cix standard that talk to the exchange.
 */
#pragma once

#include "cli/cli.h"

extern const struct cli_command standard_list_command;
extern const struct cli_command standard_get_command;
extern const struct cli_command standard_load_command;
extern const struct cli_command standard_publish_command;
extern const struct cli_command standard_retire_command;
