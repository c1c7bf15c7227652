/*
 * cixd exchange, and cixd member activate by what the member has shown on a test exchange: the
 * result that `cix conformance` wrote (client/cli/README.md tells its form). The test exchange
 * attests what it saw, under the key of a certificate that the operator has from it, not from the
 * member; the member's signature says that it stands for the rest.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "domain/golden.h"
#include "store/member.h"

enum { RESULT_MAX = 256 * 1024, VERSION_MAX = 32, CASES_MAX = 10000, AGE_DAYS_MAX = 90 };

#define DAY_US INT64_C(86400000000)

static const char first_line[] = "CIX CONFORMANCE 1\n";
static const char signature_key[] = "\nsignature: ";

static const char attestation_key[] = "\nattestation: ";

static const char *flag_conformance = "";
static const char *flag_exchange = "";
static const char *flag_without = "";

const struct config_flag member_activate_flags[] = {
    {"conformance", &flag_conformance, NULL},
    {"exchange-certificate", &flag_exchange, NULL},
    {"without-conformance", &flag_without, NULL},
    {NULL, NULL, NULL},
};

static bool fail_result(struct ctx *ctx, const char *what)
{
    ERR_clear_error();
    return fail(ctx, ERR_INVALID, "CONFORMANCE_FILE", "%s: %s", flag_conformance, what);
}

static bool read_file(struct ctx *ctx, char **text)
{
    FILE *file = fopen(flag_conformance, "re");

    if (!file)
        return fail_result(ctx, "cannot be read");
    *text = arena_alloc(ctx->arena, RESULT_MAX + 1);
    size_t size = fread(*text, 1, RESULT_MAX, file);
    bool is_whole = size && size < RESULT_MAX && !ferror(file) && !memchr(*text, 0, size);
    fclose(file);
    if (!is_whole || strncmp(*text, first_line, strlen(first_line)) != 0)
        return fail_result(ctx, "is not a result of cix conformance");
    return true;
}

/* The value of the line "key: value", which stands there once; NULL otherwise. */
static const char *line_of(struct ctx *ctx, const char *text, const char *key)
{
    char *start = arena_format(ctx->arena, "\n%s: ", key);
    const char *found = strstr(text, start);

    if (!found || strstr(found + 1, start))
        return NULL;
    found += strlen(start);
    return arena_format(ctx->arena, "%.*s", (int)strcspn(found, "\n"), found);
}

static struct bytes from_base64(struct ctx *ctx, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    uint8_t *data = arena_alloc(ctx->arena, size + 4);
    int decoded =
        size && size % 4 == 0 ? EVP_DecodeBlock(data, (const unsigned char *)text, (int)size) : -1;

    if (decoded < 0)
        return (struct bytes){.data = NULL};
    /* OpenSSL counts the padding as bytes. */
    size_t padding = text[size - 2] == '=' ? 2 : text[size - 1] == '=' ? 1 : 0;
    return (struct bytes){.data = data, .size = (size_t)decoded - padding};
}

static bool is_signed_by(const X509 *certificate, struct bytes text, struct bytes signature)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    bool is_plain = key && (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"));
    EVP_MD_CTX *verifier = EVP_MD_CTX_new();
    bool is_good =
        key && verifier && signature.data &&
        EVP_DigestVerifyInit(verifier, NULL, is_plain ? NULL : EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(verifier, signature.data, signature.size, text.data, text.size) == 1;

    EVP_MD_CTX_free(verifier);
    return is_good;
}

/* The signature is over all that stands before its line, which is the last. */
static bool check_signature(struct ctx *ctx, const char *text, X509 *certificate)
{
    const char *end = strstr(text, signature_key);
    struct bytes signature = from_base64(ctx, line_of(ctx, text, "signature"));
    const char *behind = end ? strchr(end + 1, '\n') : NULL;

    return (behind && !behind[1] &&
            is_signed_by(
                certificate,
                (struct bytes){.data = (const uint8_t *)text, .size = (size_t)(end + 1 - text)},
                signature)) ||
           fail_result(ctx, "the signature is not good: the file was changed");
}

/* Whether one of the certificates that the operator named signed the statement. */
static bool check_exchange(struct ctx *ctx, struct bytes statement, struct bytes signature)
{
    FILE *file = fopen(flag_exchange, "re");
    X509 *certificate;
    bool is_good = false, has_any = false;

    while (file && !is_good && (certificate = PEM_read_X509(file, NULL, NULL, NULL))) {
        has_any = true;
        is_good = is_signed_by(certificate, statement, signature);
        X509_free(certificate);
    }
    if (file)
        (void)fclose(file);
    ERR_clear_error();
    if (!has_any)
        return fail(ctx, ERR_INVALID, "EXCHANGE_CERTIFICATE",
                    "name the certificate of the test exchange: --exchange-certificate FILE (PEM)");
    return is_good ||
           fail_result(ctx, "no certificate in --exchange-certificate attested it: name the "
                            "one that the test exchange showed when the cases ran");
}

/* What the exchange attested is this result: its member, its lines. When is the exchange's word
 * too. */
static bool check_attestation(struct ctx *ctx, const char *text,
                              struct member_conformance *conformance)
{
    static const char first[] = "CIX ATTESTATION 1\n";
    struct bytes signature = from_base64(ctx, line_of(ctx, text, "attestation-signature"));
    struct bytes statement = from_base64(ctx, line_of(ctx, text, "attestation"));
    const char *end = strstr(text, attestation_key);
    char hash[2 * DIGEST_SIZE + 1];

    if (!statement.data || !end || memchr(statement.data, 0, statement.size))
        return fail_result(ctx, "holds no attestation of the test exchange");
    if (!check_exchange(ctx, statement, signature))
        return false;
    char *said = arena_format(ctx->arena, "%.*s", (int)statement.size, statement.data);
    struct digest digest = digest_of(text, (size_t)(end + 1 - text));
    text_to_hex(digest.bytes, DIGEST_SIZE, hash);
    for (size_t i = 0; i < 3; i++) {
        static const char *const keys[] = {"member", "exchange-version", "result"};
        const char *attested = line_of(ctx, said, keys[i]);
        const char *expected = i < 2 ? line_of(ctx, text, keys[i]) : hash;
        if (strncmp(said, first, strlen(first)) != 0 || !attested || !expected ||
            strcmp(attested, expected) != 0)
            return fail_result(ctx, "the attestation is of another result");
    }
    const char *roles = line_of(ctx, said, "roles");
    if (!roles || !golden_roles_read(roles, &conformance->roles))
        return fail_result(ctx, "the attestation does not say which roles the exchange saw: run "
                                "cix conformance on one of this version");
    const char *at = line_of(ctx, said, "attested-at-us");
    if (!at || !text_to_int64(at, &conformance->made_at_us) ||
        conformance->made_at_us > clock_now_us() + DAY_US ||
        conformance->made_at_us < clock_now_us() - AGE_DAYS_MAX * DAY_US)
        return fail_result(ctx, "is not of the last 90 days");
    return true;
}

static bool check_certificate(struct ctx *ctx, const char *text,
                              struct member_conformance *conformance)
{
    struct bytes der = from_base64(ctx, line_of(ctx, text, "certificate"));
    const uint8_t *at = der.data;
    X509 *certificate = der.data ? d2i_X509(NULL, &at, (long)der.size) : NULL;
    unsigned int size = 0;

    if (!certificate)
        return fail_result(ctx, "holds no certificate");
    bool is_good = X509_digest(certificate, EVP_sha256(), conformance->fingerprint, &size) &&
                   check_signature(ctx, text, certificate);
    X509_free(certificate);
    return is_good;
}

/* "pass 24 of 24", and as many lines of passed cases; none that failed. */
static bool check_cases(struct ctx *ctx, const char *text, struct member_conformance *conformance)
{
    const char *result = line_of(ctx, text, "result");
    int passed = 0, said = 0, of = 0;

    for (const char *at = text; (at = strstr(at, "\ncase: ")); at++) {
        const char *end = at + 1 + strcspn(at + 1, "\n");
        if (end - at < 6 || strncmp(end - 5, " pass", 5) != 0)
            return fail_result(ctx, "a case did not pass");
        passed++;
    }
    if (!result || sscanf(result, "pass %6d of %6d", &said, &of) != 2 || said != of ||
        said != passed || passed < 1 || passed > CASES_MAX)
        return fail_result(ctx, "not all cases passed");
    conformance->case_count = passed;
    return true;
}

static bool check_facts(struct ctx *ctx, const char *text, const char *code,
                        struct member_conformance *conformance)
{
    const char *member = line_of(ctx, text, "member");

    conformance->exchange_version = line_of(ctx, text, "exchange-version");
    conformance->client_version = line_of(ctx, text, "client-version");
    if (!member || strcmp(member, code) != 0)
        return fail_result(ctx, "is another member's");
    if (!conformance->exchange_version || !conformance->client_version ||
        !*conformance->exchange_version || !*conformance->client_version ||
        strlen(conformance->exchange_version) > VERSION_MAX ||
        strlen(conformance->client_version) > VERSION_MAX)
        return fail_result(ctx, "does not say which software ran");
    return true;
}

static bool read_result(struct ctx *ctx, const char *code, struct member_conformance *conformance)
{
    char *text = NULL;

    if (!read_file(ctx, &text) || !check_certificate(ctx, text, conformance) ||
        !check_attestation(ctx, text, conformance) || !check_facts(ctx, text, code, conformance) ||
        !check_cases(ctx, text, conformance))
        return false;
    struct digest digest = digest_of(text, strlen(text));
    memcpy(conformance->file_hash, digest.bytes, sizeof(conformance->file_hash));
    return true;
}

static bool activate(struct ctx *ctx, struct db *db, const char *code,
                     const struct member_conformance *conformance, int16_t reason)
{
    if (*flag_conformance)
        return member_conformance_put(ctx, db, code, conformance, clock_now_us());
    return member_state_set(ctx, db, code, MEMBER_STATE_ACTIVE, reason, clock_now_us());
}

int command_member_activate(struct ctx *ctx, const struct command_call *call)
{
    struct member_conformance conformance = {.case_count = 0};
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    int16_t reason = 0;
    bool is_done;

    if (call->word_count != 1 || (*flag_conformance && *flag_without))
        return command_usage(call,
                             "member activate CODE [--conformance FILE --exchange-certificate "
                             "FILE | --without-conformance REASON]");
    is_done = (!*flag_conformance || read_result(ctx, call->words[0], &conformance)) &&
              (!*flag_without ||
               command_member_reason(ctx, "without-conformance", flag_without, &reason)) &&
              command_open(ctx, call->config, &cluster, &db) &&
              activate(ctx, db, call->words[0], &conformance, reason);
    command_close(cluster, db);
    if (!is_done)
        return 1;
    printf("activated %s\n", call->words[0]);
    if (*flag_conformance)
        printf("%d cases, exchange %s, client %s; keep the file, its hash is recorded\n",
               conformance.case_count, conformance.exchange_version, conformance.client_version);
    return 0;
}

/* Only the owner declares; anybody who may open the database reads. */
int command_exchange(struct ctx *ctx, const struct command_call *call)
{
    bool is_declaring = call->word_count == 1 && !strcmp(call->words[0], "test");
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    bool is_test = false;
    bool is_done;

    if (call->word_count > is_declaring)
        return command_usage(call, "exchange [test]");
    is_done = is_declaring ? command_open_owner(ctx, call->config, &cluster, &db) &&
                                 member_declare_test(ctx, db)
                           : command_open(ctx, call->config, &cluster, &db);
    is_done = is_done && member_is_test(ctx, db, &is_test);
    command_close(cluster, db);
    if (is_done)
        puts(is_test ? "a test exchange: members in state TESTING may submit and ask"
                     : "a production exchange: members in state TESTING see only their own entry");
    return is_done ? 0 : 1;
}
