/*
 * What the pki subcommands share: one run each, of a row in pki.c.
 */
#pragma once

#include "cli/ca.h"
#include "cli/cli.h"
#include "cli/table.h"

/* Bounds of --days. */
extern const int64_t pki_day_bounds[2];

/* One run of a pki command: memory, where errors go, and the authority. */
struct pki_run {
    struct arena arena;
    struct ctx ctx;
    const struct cli_args *args;
    struct ca ca;
    int64_t days;
    struct table *table; /* of `list` */
    int named_count;     /* certificates that `revoke` found under the name */
};

/* Prepares a run; days is the default of --days. */
void pki_run_init(struct pki_run *run, const struct cli_args *args, int64_t days);

/* Tells the error of a run that is not done, releases it, and answers the exit code. */
enum cli_exit pki_run_done(struct pki_run *run, bool is_done);

/* The authority's folder: --dir, or "pki". */
const char *pki_folder(const struct cli_args *args);

/* Fails with PKI_CODE unless it may name a member's or server's files. */
MUST_USE bool pki_need_code(struct ctx *ctx, const char *code);

/* True when the certificate is for servers. */
bool pki_is_server(X509 *cert);

/* The subcommands. */
enum cli_exit pki_run_authority(const struct cli_args *args);
enum cli_exit pki_run_csr(const struct cli_args *args);
enum cli_exit pki_run_issue(const struct cli_args *args);
enum cli_exit pki_run_server(const struct cli_args *args);
enum cli_exit pki_run_renew(const struct cli_args *args);
enum cli_exit pki_run_revoke(const struct cli_args *args);
enum cli_exit pki_run_crl(const struct cli_args *args);
enum cli_exit pki_run_list(const struct cli_args *args);
enum cli_exit pki_run_doctor(const struct cli_args *args); /* doctor.c */
