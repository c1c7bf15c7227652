/*
 * cix standard fit and measure: points from attributes and outcomes, and how good they are.
 */
#pragma once

#include "cli/command.h"

extern const struct cli_command standard_fit_command;
extern const struct cli_command standard_measure_command;
