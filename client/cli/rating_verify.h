/*
 * cix rating verify: a rating recomputed from a report and a standard, and compared with the one
 * that the exchange told in that report.
 */
#pragma once

#include "cli/cli.h"

extern const struct cli_command rating_verify_command;
