#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/pki.h"

enum { COMMON_NAME_MAX = 65, CRL_DAYS = 365 };

/* Calls visit for every certificate in issued/; stops when it answers false. */
static bool each_issued(struct pki_run *run, bool (*visit)(struct pki_run *run, X509 *cert))
{
    char path[PEM_PATH_MAX];
    struct dirent **entries;
    bool is_done = true;

    ca_path(&run->ca, "issued", "", path);
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return fail(&run->ctx, ERR_INTERNAL, "PKI_FILE", "%s cannot be read", path);
    for (int i = 0; i < count; i++) {
        X509 *cert = NULL;
        const char *name = entries[i]->d_name;
        if (is_done && strlen(name) > 4 && !strcmp(name + strlen(name) - 4, ".pem")) {
            is_done =
                pem_cert_read(&run->ctx, arena_format(&run->arena, "%s/%s", path, name), &cert) &&
                visit(run, cert);
            X509_free(cert);
        }
        free(entries[i]);
    }
    free(entries);
    return is_done;
}

static bool revoke_one(struct pki_run *run, X509 *cert)
{
    const char *only = cli_value(run->args, "serial");
    char name[COMMON_NAME_MAX];
    char serial[CA_SERIAL_MAX];

    ca_common_name(cert, name, sizeof(name));
    ca_serial(cert, serial);
    if (strcmp(name, run->args->operands[0]) != 0 || (only && strcasecmp(only, serial) != 0))
        return true;
    run->named_count++;
    if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0 || ca_is_revoked(&run->ca, cert))
        return true;
    printf("%s %s\n", serial, name);
    return ca_revoke(&run->ctx, &run->ca, cert);
}

/* A name with a slip in it must not look revoked. */
static bool need_named(struct pki_run *run)
{
    return run->named_count ||
           fail(&run->ctx, ERR_INVALID, "PKI_NAME", "no such certificate was issued to %.40s",
                run->args->operands[0]);
}

enum cli_exit pki_run_revoke(const struct cli_args *args)
{
    struct pki_run run;

    pki_run_init(&run, args, CRL_DAYS);
    bool is_done = ca_open(&run.ctx, pki_folder(args), &run.ca) && each_issued(&run, revoke_one) &&
                   need_named(&run) && ca_write_crl(&run.ctx, &run.ca, (int)run.days);
    return pki_run_done(&run, is_done);
}

enum cli_exit pki_run_crl(const struct cli_args *args)
{
    struct pki_run run;

    pki_run_init(&run, args, CRL_DAYS);
    if (!cli_integer(args, "days", pki_day_bounds, &run.days))
        return CLI_USAGE;
    bool is_done = ca_open(&run.ctx, pki_folder(args), &run.ca) &&
                   ca_write_crl(&run.ctx, &run.ca, (int)run.days);
    return pki_run_done(&run, is_done);
}

static bool list_one(struct pki_run *run, X509 *cert)
{
    char name[COMMON_NAME_MAX];
    char serial[CA_SERIAL_MAX];
    char ends[16] = "";
    struct tm tm;
    bool is_expired = X509_cmp_current_time(X509_get0_notAfter(cert)) < 0;

    ca_common_name(cert, name, sizeof(name));
    ca_serial(cert, serial);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm))
        strftime(ends, sizeof(ends), "%Y-%m-%d", &tm);
    const char *state = ca_is_revoked(&run->ca, cert) ? "revoked"
                        : is_expired                  ? "expired"
                                                      : "valid";
    table_add(run->table, (const char *[]){name, pki_is_server(cert) ? "server" : "member", ends,
                                           state, serial});
    return true;
}

enum cli_exit pki_run_list(const struct cli_args *args)
{
    static const char *const headings[] = {"NAME", "USE", "ENDS ON", "STATE", "SERIAL"};
    struct pki_run run;

    pki_run_init(&run, args, 0);
    run.table = table_new(headings, 5);
    bool is_done = ca_open(&run.ctx, pki_folder(args), &run.ca) && each_issued(&run, list_one);
    if (is_done)
        table_print(run.table);
    else
        table_free(run.table);
    return pki_run_done(&run, is_done);
}
