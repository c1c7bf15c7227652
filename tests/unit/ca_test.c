/* The trial authority: what its certificates say, that OpenSSL takes them, and that revoked ones
 * are not. */
#include "cli/ca.h"

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"

static struct arena arena;
static struct ctx ctx;
static char dir[] = "/tmp/cix-ca-test-XXXXXX";

static enum cli_exit pki(const char *verb, const char *name)
{
    char *argv[] = {"cix", "pki", (char *)verb, "--dir", dir, (char *)name, NULL};

    return cli_main(name ? 6 : 5, argv);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    return mkdtemp(dir) && pki("init", NULL) == CLI_OK ? 0 : -1;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    arena_done(&arena);
    snprintf(command, sizeof(command), "rm -r %s", dir);
    return system(command);
}

static X509 *read_cert(const char *name)
{
    X509 *cert = NULL;
    char path[PEM_PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s.pem", dir, name);
    assert_true(pem_cert_read(&ctx, path, &cert));
    return cert;
}

/* X509_V_OK or the error of a verification with the revocation list. */
static int verify(const char *name, int purpose)
{
    struct ca ca;
    X509 *cert = read_cert(name);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *verification = X509_STORE_CTX_new();

    assert_true(ca_open(&ctx, dir, &ca));
    X509_STORE_add_cert(store, ca.cert);
    X509_STORE_add_crl(store, ca.crl);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT);
    X509_STORE_set_purpose(store, purpose);
    X509_STORE_CTX_init(verification, store, cert, NULL);
    X509_verify_cert(verification);
    int result = X509_STORE_CTX_get_error(verification);
    X509_STORE_CTX_free(verification);
    X509_STORE_free(store);
    X509_free(cert);
    ca_close(&ca);
    return result;
}

static void a_member_is_named_by_its_uri_alone(void **state)
{
    (void)state;
    assert_int_equal(pki("issue", "bank-a"), CLI_OK);
    X509 *cert = read_cert("bank-a");
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, 0);
    assert_int_equal(name->type, GEN_URI);
    assert_string_equal(ASN1_STRING_get0_data(name->d.ia5), "spiffe://cix.example/member/bank-a");
    GENERAL_NAMES_free(names);
    X509_free(cert);
}

static void certificates_serve_their_purpose_only(void **state)
{
    (void)state;
    assert_int_equal(pki("issue", "bank-b"), CLI_OK);
    assert_int_equal(pki("server", "server"), CLI_OK);
    assert_int_equal(verify("bank-b", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    assert_int_equal(verify("bank-b", X509_PURPOSE_SSL_SERVER), X509_V_ERR_INVALID_PURPOSE);
    assert_int_equal(verify("server", X509_PURPOSE_SSL_SERVER), X509_V_OK);
    assert_int_equal(verify("server", X509_PURPOSE_SSL_CLIENT), X509_V_ERR_INVALID_PURPOSE);
}

static void keys_are_for_the_owner_only(void **state)
{
    char path[PEM_PATH_MAX];
    struct stat found;

    (void)state;
    assert_int_equal(pki("issue", "bank-c"), CLI_OK);
    snprintf(path, sizeof(path), "%s/bank-c.key", dir);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

static void a_renewed_certificate_has_a_new_key_and_the_same_name(void **state)
{
    (void)state;
    assert_int_equal(pki("issue", "bank-d"), CLI_OK);
    X509 *before = read_cert("bank-d");
    assert_int_equal(pki("issue", "bank-d"), CLI_USAGE);
    assert_int_equal(pki("renew", "bank-d"), CLI_OK);
    X509 *after = read_cert("bank-d");
    assert_int_not_equal(X509_cmp(before, after), 0);
    assert_int_not_equal(EVP_PKEY_eq(X509_get0_pubkey(before), X509_get0_pubkey(after)), 1);
    assert_int_equal(verify("bank-d", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    X509_free(before);
    X509_free(after);
}

static void a_revoked_certificate_is_refused(void **state)
{
    (void)state;
    assert_int_equal(pki("issue", "bank-e"), CLI_OK);
    assert_int_equal(pki("issue", "bank-f"), CLI_OK);
    assert_int_equal(pki("revoke", "bank-typo"), CLI_USAGE);
    assert_int_equal(pki("revoke", "bank-e"), CLI_OK);
    assert_int_equal(verify("bank-e", X509_PURPOSE_SSL_CLIENT), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(verify("bank-f", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    assert_int_equal(pki("crl", NULL), CLI_OK);
    assert_int_equal(verify("bank-e", X509_PURPOSE_SSL_CLIENT), X509_V_ERR_CERT_REVOKED);
}

static void an_authority_is_not_made_twice(void **state)
{
    (void)state;
    assert_int_equal(pki("init", NULL), CLI_USAGE);
    assert_int_equal(pki("issue", "ca"), CLI_USAGE);
    assert_int_equal(pki("issue", "Bank"), CLI_USAGE);
    assert_int_equal(pki("issue", "../x"), CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_named_by_its_uri_alone),
        cmocka_unit_test(certificates_serve_their_purpose_only),
        cmocka_unit_test(keys_are_for_the_owner_only),
        cmocka_unit_test(a_renewed_certificate_has_a_new_key_and_the_same_name),
        cmocka_unit_test(a_revoked_certificate_is_refused),
        cmocka_unit_test(an_authority_is_not_made_twice),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
