#include "cli/command.h"

const struct cli_option cli_connection_options[] = {
    {"config", "FILE", "settings, key = value (default ~/.config/cix/config)"},
    {"address", "HOST:PORT", "the exchange (CIX_ADDRESS, address)"},
    {"ca", "FILE", "certificate of the exchange's authority, PEM (CIX_CA, ca)"},
    {"cert", "FILE", "own certificate, PEM (CIX_CERT, cert)"},
    {"key", "FILE", "own key, PEM (CIX_KEY, key)"},
    {"server-name", "NAME", "name in the server's certificate (CIX_SERVER_NAME, server_name)"},
    {"timeout", "SECONDS", "for one call, retries included (default 30)"},
    {NULL, NULL, NULL},
};

/* clang-format off */
const struct cli_command *const cli_commands[] = {
    &cli_submit_command,
    &cli_quarantine_command,
    &cli_map_command,
    &cli_rules_command,
    &cli_codes_command,
    &cli_report_command,
    &cli_flag_command, &cli_correction_command,
    &cli_statistic_command,
    &cli_quality_command,
    &cli_standard_command,
    &cli_rating_command,
    &cli_supervision_command,
    &cli_member_command,
    &cli_pki_command,
    &cli_conformance_command,
    &cli_completion_command,
    &cli_man_command,
    NULL,
};
/* clang-format on */
