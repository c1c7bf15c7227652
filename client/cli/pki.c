#include <arpa/inet.h>
#include <dirent.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/ca.h"
#include "cli/command.h"
#include "cli/table.h"

enum { NAMES_MAX = 2048, DAYS_MAX = 7300, COMMON_NAME_MAX = 65, KEY_BITS_MIN = 256 };

static const int64_t day_bounds[] = {1, DAYS_MAX};

/* One run of a pki command: memory, where errors go, and the authority. */
struct run {
    struct arena arena;
    struct ctx ctx;
    const struct cli_args *args;
    struct ca ca;
    int64_t days;
};

static void run_init(struct run *run, const struct cli_args *args, int64_t days)
{
    *run = (struct run){.args = args, .days = days};
    arena_init(&run->arena, 0);
    ctx_init(&run->ctx, &run->arena);
}

static enum cli_exit run_done(struct run *run, bool is_done)
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

static const char *folder(const struct cli_args *args)
{
    const char *dir = cli_value(args, "dir");

    return dir ? dir : "pki";
}

static bool need_code(struct ctx *ctx, const char *code)
{
    if (ca_code_is_valid(code) && strcmp(code, "ca") != 0 && strcmp(code, "crl") != 0)
        return true;
    return fail(ctx, ERR_INVALID, "PKI_CODE",
                "a member's code has 3 to 32 of the characters a-z, 0-9 and -");
}

static const char *member_names(struct run *run, const char *code)
{
    return arena_format(&run->arena, "URI:spiffe://%s/member/%s", run->ca.domain, code);
}

/* Public key of a signing request: proven to be the sender's, and strong enough. */
static bool read_request_key(struct ctx *ctx, const char *path, EVP_PKEY **key)
{
    X509_REQ *request = NULL;

    if (!pem_csr_read(ctx, path, &request))
        return false;
    EVP_PKEY *public = X509_REQ_get_pubkey(request);
    bool is_proven = public && X509_REQ_verify(request, public) == 1;
    bool is_strong =
        is_proven && EVP_PKEY_is_a(public, "EC") && EVP_PKEY_get_bits(public) >= KEY_BITS_MIN;
    X509_REQ_free(request);
    if (is_strong) {
        *key = public;
        return true;
    }
    EVP_PKEY_free(public);
    return fail(ctx, ERR_INVALID, "PKI_REQUEST", "%s: %s", path,
                is_proven ? "the key must be on P-256 or a larger curve"
                          : "the request is not signed by its own key");
}

/* Signs a certificate for leaf->key, or for a new key, and writes name.pem (and name.key). */
static bool issue(struct run *run, const char *name, struct ca_leaf *leaf)
{
    char cert_path[PEM_PATH_MAX];
    char key_path[PEM_PATH_MAX];
    bool is_new_key = !leaf->key;
    X509 *cert = NULL;

    leaf->days = (int)run->days;
    ca_path(&run->ca, name, ".pem", cert_path);
    ca_path(&run->ca, name, ".key", key_path);
    bool is_done = (!is_new_key || pem_key_new(&run->ctx, &leaf->key)) &&
                   ca_issue(&run->ctx, &run->ca, leaf, &cert) &&
                   (!is_new_key || pem_key_write(&run->ctx, key_path, leaf->key)) &&
                   pem_cert_write(&run->ctx, cert_path, cert);
    if (is_done)
        printf("%s\n", cert_path);
    X509_free(cert);
    EVP_PKEY_free(leaf->key);
    leaf->key = NULL;
    return is_done;
}

static bool refuse_existing(struct run *run, const char *name)
{
    char path[PEM_PATH_MAX];

    ca_path(&run->ca, name, ".pem", path);
    if (access(path, F_OK))
        return true;
    return fail(&run->ctx, ERR_EXISTS, "PKI_EXISTS", "%s is there already; see cix pki renew",
                path);
}

static enum cli_exit run_init_authority(const struct cli_args *args)
{
    struct run run;
    const char *domain = cli_value(args, "domain");
    bool is_done = false;

    run_init(&run, args, 3650);
    domain = domain ? domain : "cix.test";
    if (!cli_integer(args, "days", day_bounds, &run.days))
        return CLI_USAGE;
    if (!ca_domain_is_valid(domain))
        fail(&run.ctx, ERR_INVALID, "PKI_DOMAIN", "--domain: lower-case letters, digits, . - _");
    else
        is_done = ca_init(&run.ctx, folder(args), domain, (int)run.days);
    if (is_done)
        printf("%s/ca.pem\n", folder(args));
    return run_done(&run, is_done);
}

static bool issue_member(struct run *run)
{
    const char *code = run->args->operands[0];
    const char *csr = cli_value(run->args, "csr");
    struct ca_leaf leaf = {.common_name = code};

    if (!need_code(&run->ctx, code) || !ca_open(&run->ctx, folder(run->args), &run->ca) ||
        !refuse_existing(run, code) || (csr && !read_request_key(&run->ctx, csr, &leaf.key)))
        return false;
    leaf.names = member_names(run, code);
    return issue(run, code, &leaf);
}

static enum cli_exit run_issue(const struct cli_args *args)
{
    struct run run;

    run_init(&run, args, CA_LEAF_DAYS);
    if (!cli_integer(args, "days", day_bounds, &run.days))
        return CLI_USAGE;
    return run_done(&run, issue_member(&run));
}

static bool make_request(struct ctx *ctx, EVP_PKEY *key, const char *code, X509_REQ **request)
{
    *request = X509_REQ_new();
    X509_NAME *name = *request ? X509_REQ_get_subject_name(*request) : NULL;
    bool is_made = name &&
                   X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                              (const unsigned char *)code, -1, -1, 0) &&
                   X509_REQ_set_pubkey(*request, key) && X509_REQ_sign(*request, key, EVP_sha256());

    return is_made ? true : pem_fail(ctx, "signing request");
}

static bool make_csr(struct run *run)
{
    const char *code = run->args->operands[0];
    const char *out = cli_value(run->args, "out");
    char key_path[PEM_PATH_MAX];
    char csr_path[PEM_PATH_MAX];
    EVP_PKEY *key = NULL;
    X509_REQ *request = NULL;

    snprintf(key_path, sizeof(key_path), "%s.key", out ? out : code);
    snprintf(csr_path, sizeof(csr_path), "%s.csr", out ? out : code);
    if (!need_code(&run->ctx, code))
        return false;
    if (!access(key_path, F_OK))
        return fail(&run->ctx, ERR_EXISTS, "PKI_EXISTS", "%s is there already", key_path);
    bool is_done = pem_key_new(&run->ctx, &key) && make_request(&run->ctx, key, code, &request) &&
                   pem_key_write(&run->ctx, key_path, key) &&
                   pem_csr_write(&run->ctx, csr_path, request);
    if (is_done)
        printf("%s\n", csr_path);
    EVP_PKEY_free(key);
    X509_REQ_free(request);
    return is_done;
}

static enum cli_exit run_csr(const struct cli_args *args)
{
    struct run run;

    run_init(&run, args, 0);
    return run_done(&run, make_csr(&run));
}

static bool is_dns_name(const char *name)
{
    size_t size = strlen(name);

    return size > 0 && size < 254 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*") ==
               size;
}

static bool is_address(const char *text)
{
    struct in6_addr address;

    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

/* Appends "DNS:a,DNS:b" for a list "a,b", each checked, since OpenSSL reads commas and colons. */
static bool add_names(struct ctx *ctx, struct builder *names, const char *kind, const char *list)
{
    char *copy = arena_string(ctx->arena, list ? list : "");
    char *rest = copy;
    bool is_ip = !strcmp(kind, "IP");

    for (char *name; (name = strtok_r(rest, ",", &rest));) {
        if (is_ip ? !is_address(name) : !is_dns_name(name))
            return fail(ctx, ERR_INVALID, "PKI_NAME", "--%s: not a list of %s",
                        is_ip ? "ip" : "dns", is_ip ? "IP addresses" : "host names");
        builder_format(names, "%s%s:%s", names->size ? "," : "", kind, name);
    }
    return true;
}

static bool issue_server(struct run *run)
{
    const char *name = run->args->operand_count ? run->args->operands[0] : "server";
    struct builder names = {.arena = &run->arena};
    struct ca_leaf leaf = {.common_name = name, .is_server = true};

    if (!need_code(&run->ctx, name) || !ca_open(&run->ctx, folder(run->args), &run->ca) ||
        !refuse_existing(run, name) ||
        !add_names(&run->ctx, &names, "DNS", cli_value(run->args, "dns")) ||
        !add_names(&run->ctx, &names, "IP", cli_value(run->args, "ip")))
        return false;
    leaf.names = names.size ? names.data : "DNS:localhost,IP:127.0.0.1,IP:::1";
    return issue(run, name, &leaf);
}

static enum cli_exit run_server(const struct cli_args *args)
{
    struct run run;

    run_init(&run, args, CA_LEAF_DAYS);
    if (!cli_integer(args, "days", day_bounds, &run.days))
        return CLI_USAGE;
    return run_done(&run, issue_server(&run));
}

static bool is_server_cert(X509 *cert)
{
    return X509_get_extended_key_usage(cert) & XKU_SSL_SERVER;
}

/* The alternative names of a certificate in the form that ca_leaf takes. */
static char *names_of(struct arena *arena, X509 *cert)
{
    struct builder names = {.arena = arena};
    GENERAL_NAMES *list = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);
        char address[INET6_ADDRSTRLEN];
        const char *comma = names.size ? "," : "";
        if (name->type == GEN_IPADD) {
            inet_ntop(name->d.iPAddress->length == 4 ? AF_INET : AF_INET6,
                      ASN1_STRING_get0_data(name->d.iPAddress), address, sizeof(address));
            builder_format(&names, "%sIP:%s", comma, address);
        } else if (name->type == GEN_DNS || name->type == GEN_URI) {
            builder_format(&names, "%s%s:%s", comma, name->type == GEN_DNS ? "DNS" : "URI",
                           (const char *)ASN1_STRING_get0_data(name->d.ia5));
        }
    }
    GENERAL_NAMES_free(list);
    return names.data;
}

static bool renew(struct run *run)
{
    const char *name = run->args->operands[0];
    const char *csr = cli_value(run->args, "csr");
    char cert_path[PEM_PATH_MAX];
    char key_path[PEM_PATH_MAX];
    X509 *old = NULL;
    struct ca_leaf leaf = {.common_name = name};

    if (!need_code(&run->ctx, name) || !ca_open(&run->ctx, folder(run->args), &run->ca))
        return false;
    ca_path(&run->ca, name, ".pem", cert_path);
    ca_path(&run->ca, name, ".key", key_path);
    if ((csr && !read_request_key(&run->ctx, csr, &leaf.key)) ||
        !pem_cert_read(&run->ctx, cert_path, &old))
        return false;
    leaf.is_server = is_server_cert(old);
    leaf.names = names_of(&run->arena, old);
    if (!leaf.key && access(key_path, F_OK))
        leaf.key = X509_get_pubkey(old); /* the key is with the member: certify it again */
    X509_free(old);
    return issue(run, name, &leaf);
}

static enum cli_exit run_renew(const struct cli_args *args)
{
    struct run run;

    run_init(&run, args, CA_LEAF_DAYS);
    if (!cli_integer(args, "days", day_bounds, &run.days))
        return CLI_USAGE;
    return run_done(&run, renew(&run));
}

/* Calls visit for every certificate in issued/; stops when it answers false. */
static bool each_issued(struct run *run, bool (*visit)(struct run *run, X509 *cert))
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

static bool revoke_one(struct run *run, X509 *cert)
{
    const char *only = cli_value(run->args, "serial");
    char name[COMMON_NAME_MAX];
    char serial[CA_SERIAL_MAX];

    ca_common_name(cert, name, sizeof(name));
    ca_serial(cert, serial);
    if (strcmp(name, run->args->operands[0]) != 0 || (only && strcasecmp(only, serial) != 0))
        return true;
    if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0 || ca_is_revoked(&run->ca, cert))
        return true;
    printf("%s %s\n", serial, name);
    return ca_revoke(&run->ctx, &run->ca, cert);
}

static enum cli_exit run_revoke(const struct cli_args *args)
{
    struct run run;

    run_init(&run, args, 365);
    bool is_done = ca_open(&run.ctx, folder(args), &run.ca) && each_issued(&run, revoke_one) &&
                   ca_write_crl(&run.ctx, &run.ca, (int)run.days);
    return run_done(&run, is_done);
}

static enum cli_exit run_crl(const struct cli_args *args)
{
    struct run run;

    run_init(&run, args, 365);
    if (!cli_integer(args, "days", day_bounds, &run.days))
        return CLI_USAGE;
    bool is_done =
        ca_open(&run.ctx, folder(args), &run.ca) && ca_write_crl(&run.ctx, &run.ca, (int)run.days);
    return run_done(&run, is_done);
}

static struct table *listing;

static bool list_one(struct run *run, X509 *cert)
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
    table_add(listing, (const char *[]){name, is_server_cert(cert) ? "server" : "member", ends,
                                        state, serial});
    return true;
}

static enum cli_exit run_list(const struct cli_args *args)
{
    static const char *const headings[] = {"NAME", "USE", "ENDS ON", "STATE", "SERIAL"};
    struct run run;

    run_init(&run, args, 0);
    listing = table_new(headings, 5);
    bool is_done = ca_open(&run.ctx, folder(args), &run.ca) && each_issued(&run, list_one);
    if (is_done)
        table_print(listing);
    else
        table_free(listing);
    return run_done(&run, is_done);
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
    {"domain", "NAME", "trust domain of the identities (default cix.test)"},
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
    run_init_authority};

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
    run_csr};

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
    run_issue};

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
    run_server};

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
    run_renew};

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
    run_revoke};

static const struct cli_command crl_command = {
    "crl", "", "Sign the revocation list again", NULL, 0, 0, false, crl_options, NULL, run_crl};

static const struct cli_command list_command = {
    "list", "",      "List the certificates that were issued", NULL, 0, 0, false, list_options,
    NULL,   run_list};

static const struct cli_command *const children[] = {
    &init_command,   &csr_command,   &issue_command,
    &server_command, &renew_command, &revoke_command,
    &crl_command,    &list_command,  NULL};

const struct cli_command cli_pki_command = {
    .name = "pki",
    .operands = "",
    .summary = "Make keys and certificates for a trial exchange",
    .children = children,
};
