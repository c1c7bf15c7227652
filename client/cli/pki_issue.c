#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/pki.h"

enum { KEY_BITS_MIN = 256 };

static const char *member_names(struct pki_run *run, const char *code)
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
static bool issue(struct pki_run *run, const char *name, struct ca_leaf *leaf)
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

static bool refuse_existing(struct pki_run *run, const char *name)
{
    char path[PEM_PATH_MAX];

    ca_path(&run->ca, name, ".pem", path);
    if (access(path, F_OK))
        return true;
    return fail(&run->ctx, ERR_EXISTS, "PKI_EXISTS", "%s is there already; see cix pki renew",
                path);
}

enum cli_exit pki_run_authority(const struct cli_args *args)
{
    struct pki_run run;
    const char *domain = cli_value(args, "domain");
    bool is_done = false;

    pki_run_init(&run, args, 3650);
    domain = domain ? domain : "cix.example"; /* as the server's */
    if (!cli_integer(args, "days", pki_day_bounds, &run.days))
        return CLI_USAGE;
    if (!ca_domain_is_valid(domain))
        fail(&run.ctx, ERR_INVALID, "PKI_DOMAIN", "--domain: lower-case letters, digits, . - _");
    else
        is_done = ca_init(&run.ctx, pki_folder(args), domain, (int)run.days);
    if (is_done)
        printf("%s/ca.pem\n", pki_folder(args));
    return pki_run_done(&run, is_done);
}

static bool issue_member(struct pki_run *run)
{
    const char *code = run->args->operands[0];
    const char *csr = cli_value(run->args, "csr");
    struct ca_leaf leaf = {.common_name = code};

    if (!pki_need_code(&run->ctx, code) || !ca_open(&run->ctx, pki_folder(run->args), &run->ca) ||
        !refuse_existing(run, code) || (csr && !read_request_key(&run->ctx, csr, &leaf.key)))
        return false;
    leaf.names = member_names(run, code);
    return issue(run, code, &leaf);
}

enum cli_exit pki_run_issue(const struct cli_args *args)
{
    struct pki_run run;

    pki_run_init(&run, args, CA_LEAF_DAYS);
    if (!cli_integer(args, "days", pki_day_bounds, &run.days))
        return CLI_USAGE;
    return pki_run_done(&run, issue_member(&run));
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

static bool make_csr(struct pki_run *run)
{
    const char *code = run->args->operands[0];
    const char *out = cli_value(run->args, "out");
    char key_path[PEM_PATH_MAX];
    char csr_path[PEM_PATH_MAX];
    EVP_PKEY *key = NULL;
    X509_REQ *request = NULL;

    snprintf(key_path, sizeof(key_path), "%s.key", out ? out : code);
    snprintf(csr_path, sizeof(csr_path), "%s.csr", out ? out : code);
    if (!pki_need_code(&run->ctx, code))
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

enum cli_exit pki_run_csr(const struct cli_args *args)
{
    struct pki_run run;

    pki_run_init(&run, args, 0);
    return pki_run_done(&run, make_csr(&run));
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

static bool issue_server(struct pki_run *run)
{
    const char *name = run->args->operand_count ? run->args->operands[0] : "server";
    struct builder names = {.arena = &run->arena};
    struct ca_leaf leaf = {.common_name = name, .is_server = true};

    if (!pki_need_code(&run->ctx, name) || !ca_open(&run->ctx, pki_folder(run->args), &run->ca) ||
        !refuse_existing(run, name) ||
        !add_names(&run->ctx, &names, "DNS", cli_value(run->args, "dns")) ||
        !add_names(&run->ctx, &names, "IP", cli_value(run->args, "ip")))
        return false;
    leaf.names = names.size ? names.data : "DNS:localhost,IP:127.0.0.1,IP:::1";
    return issue(run, name, &leaf);
}

enum cli_exit pki_run_server(const struct cli_args *args)
{
    struct pki_run run;

    pki_run_init(&run, args, CA_LEAF_DAYS);
    if (!cli_integer(args, "days", pki_day_bounds, &run.days))
        return CLI_USAGE;
    return pki_run_done(&run, issue_server(&run));
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

static bool renew(struct pki_run *run)
{
    const char *name = run->args->operands[0];
    const char *csr = cli_value(run->args, "csr");
    char cert_path[PEM_PATH_MAX];
    char key_path[PEM_PATH_MAX];
    X509 *old = NULL;
    struct ca_leaf leaf = {.common_name = name};

    if (!pki_need_code(&run->ctx, name) || !ca_open(&run->ctx, pki_folder(run->args), &run->ca))
        return false;
    ca_path(&run->ca, name, ".pem", cert_path);
    ca_path(&run->ca, name, ".key", key_path);
    if ((csr && !read_request_key(&run->ctx, csr, &leaf.key)) ||
        !pem_cert_read(&run->ctx, cert_path, &old))
        return false;
    leaf.is_server = pki_is_server(old);
    leaf.names = names_of(&run->arena, old);
    if (!leaf.key && access(key_path, F_OK))
        leaf.key = X509_get_pubkey(old); /* the key is with the member: certify it again */
    X509_free(old);
    return issue(run, name, &leaf);
}

enum cli_exit pki_run_renew(const struct cli_args *args)
{
    struct pki_run run;

    pki_run_init(&run, args, CA_LEAF_DAYS);
    if (!cli_integer(args, "days", pki_day_bounds, &run.days))
        return CLI_USAGE;
    return pki_run_done(&run, renew(&run));
}
