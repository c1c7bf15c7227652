#include "cli/pki.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "cli/command.h"

enum { DAYS_MAX = 7300 };

const int64_t pki_day_bounds[2] = {1, DAYS_MAX};

void pki_run_init(struct pki_run *run, const struct cli_args *args, int64_t days)
{
    *run = (struct pki_run){.args = args, .days = days};
    arena_init(&run->arena, 0);
    ctx_init(&run->ctx, &run->arena);
}

enum cli_exit pki_run_done(struct pki_run *run, bool is_done)
{
    enum cli_exit code = CLI_OK;

    if (!is_done) {
        bool is_usage = run->ctx.error.code == ERR_INVALID || run->ctx.error.code == ERR_EXISTS;
        code = cli_complain(is_usage ? CLI_USAGE : CLI_DATA, "%s", run->ctx.error.message);
    }
    ca_close(&run->ca);
    arena_done(&run->arena);
    return code;
}

const char *pki_folder(const struct cli_args *args)
{
    const char *dir = cli_value(args, "dir");

    return dir ? dir : "pki";
}

bool pki_need_code(struct ctx *ctx, const char *code)
{
    if (ca_code_is_valid(code) && strcmp(code, "ca") != 0 && strcmp(code, "crl") != 0)
        return true;
    return fail(ctx, ERR_INVALID, "PKI_CODE",
                "%.40s: a name has 3 to 32 of the characters a-z, 0-9 and -, and is neither ca nor "
                "crl",
                code);
}

bool pki_is_server(X509 *cert)
{
    return X509_get_extended_key_usage(cert) & XKU_SSL_SERVER;
}

#define DIR_OPTION                                                                                 \
    {                                                                                              \
        "dir", "DIR", "folder of the authority (default pki)"                                      \
    }
#define DAYS_OPTION(text)                                                                          \
    {                                                                                              \
        "days", "N", text                                                                          \
    }
#define LAST_OPTION                                                                                \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }

static const struct cli_option init_options[] = {
    DIR_OPTION,
    {"domain", "NAME", "trust domain of the identities (default cix.example)"},
    DAYS_OPTION("days that the authority is valid (default 3650)"),
    LAST_OPTION,
};

static const struct cli_option csr_options[] = {
    {"out", "PREFIX", "write PREFIX.key and PREFIX.csr (default: the code)"},
    LAST_OPTION,
};

static const struct cli_option issue_options[] = {
    DIR_OPTION,
    {"csr", "FILE", "certify the key of this signing request; no key is made"},
    DAYS_OPTION("days that the certificate is valid (default 90)"),
    LAST_OPTION,
};

static const struct cli_option server_options[] = {
    DIR_OPTION,
    {"dns", "NAME,...", "host names (default localhost, with 127.0.0.1 and ::1)"},
    {"ip", "ADDRESS,...", "IP addresses"},
    DAYS_OPTION("days that the certificate is valid (default 90)"),
    LAST_OPTION,
};

static const struct cli_option revoke_options[] = {
    DIR_OPTION,
    {"serial", "HEX", "only this certificate"},
    LAST_OPTION,
};

static const struct cli_option crl_options[] = {
    DIR_OPTION,
    DAYS_OPTION("days until the next list is due (default 365)"),
    LAST_OPTION,
};

static const struct cli_option list_options[] = {DIR_OPTION, LAST_OPTION};

static const struct cli_command init_command = {
    "init",
    "",
    "Make an authority: ca.pem, ca.key and an empty crl.pem",
    "For trials and tests. A real exchange keeps the key of its authority offline.",
    0,
    0,
    false,
    init_options,
    NULL,
    pki_run_authority};

static const struct cli_command csr_command = {
    "csr",
    "CODE",
    "Make a member's key and a signing request for it",
    "Run by the member: the key (mode 0600) never leaves its machine.",
    1,
    1,
    false,
    csr_options,
    NULL,
    pki_run_csr};

static const struct cli_command issue_command = {
    "issue",
    "CODE",
    "Sign a member's certificate: CODE.pem, CODE.key",
    "The certificate names spiffe://<domain>/member/CODE and is for clients only.",
    1,
    1,
    false,
    issue_options,
    NULL,
    pki_run_issue};

static const struct cli_command server_command = {
    "server",
    "[NAME]",
    "Sign a server's certificate: NAME.pem, NAME.key (default server)",
    NULL,
    0,
    1,
    false,
    server_options,
    NULL,
    pki_run_server};

static const struct cli_command renew_command = {
    "renew",
    "NAME",
    "Sign a new certificate with the same names",
    "With a new key where NAME.key is in the folder, else for the same key. The old certificate "
    "stays\n"
    "valid until it ends or is revoked.",
    1,
    1,
    false,
    issue_options,
    NULL,
    pki_run_renew};

static const struct cli_command revoke_command = {
    "revoke",
    "NAME",
    "Put a name's certificates on the revocation list crl.pem",
    "The exchange refuses them as soon as it has read the list.",
    1,
    1,
    false,
    revoke_options,
    NULL,
    pki_run_revoke};

static const struct cli_command crl_command = {
    "crl", "", "Sign the revocation list again", NULL, 0, 0, false, crl_options, NULL, pki_run_crl};

static const struct cli_command list_command = {
    "list", "",          "List the certificates that were issued", NULL, 0, 0, false, list_options,
    NULL,   pki_run_list};

static const struct cli_option doctor_options[] = {
    {"output", "text|json", "form (default text)"},
    LAST_OPTION,
};

static const struct cli_command doctor_command = {
    "doctor",
    "",
    "Find out why the exchange is not reached or refuses, and what to do",
    "Looks at the settings, the files, the key, the certificates and the clock, then connects "
    "step\n"
    "by step and makes one call. The exit code tells who has to act: 2 this side's settings and\n"
    "files, 3 the exchange refuses this certificate or member, 4 the network or the exchange is "
    "down.",
    0,
    0,
    true,
    doctor_options,
    NULL,
    pki_run_doctor};

static const struct cli_command *const children[] = {
    &init_command,   &csr_command, &issue_command, &server_command, &renew_command,
    &revoke_command, &crl_command, &list_command,  &doctor_command, NULL};

const struct cli_command cli_pki_command = {
    .name = "pki",
    .operands = "",
    .summary = "Keys and certificates: find what is wrong, make those of a trial exchange",
    .children = children,
};
