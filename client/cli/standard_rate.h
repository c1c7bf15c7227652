/*
 * cix standard rate: every subject of files of records rated by a standard, without an exchange.
 */
#pragma once

#include "cli/command.h"

extern const struct cli_command standard_rate_command;
