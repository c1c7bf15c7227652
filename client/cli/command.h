/*
 * The subcommands, one file each: the rows that command.c gathers.
 */
#pragma once

#include "cli/cli.h"

extern const struct cli_command cli_submit_command;
extern const struct cli_command cli_map_command;
extern const struct cli_command cli_report_command;
extern const struct cli_command cli_flag_command;
extern const struct cli_command cli_correction_command;
extern const struct cli_command cli_statistic_command;
extern const struct cli_command cli_standard_command;
extern const struct cli_command cli_rating_command;
extern const struct cli_command cli_member_command;
extern const struct cli_command cli_quality_command;
extern const struct cli_command cli_quarantine_command;
extern const struct cli_command cli_supervision_command;
extern const struct cli_command cli_codes_command;
extern const struct cli_command cli_rules_command;
extern const struct cli_command cli_pki_command;
extern const struct cli_command cli_conformance_command;
extern const struct cli_command cli_completion_command;
extern const struct cli_command cli_man_command;
