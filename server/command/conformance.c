/*
 * cixd exchange, and cixd member activate by what the member has shown on a test exchange: the
 * result that `cix conformance` wrote and signed with the member's key (client/cli/README.md tells
 * its form). The signature says that the member stands for it; its lines say what ran where.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "command/commands.h"
#include "db/cluster.h"
#include "store/member.h"

enum { RESULT_MAX = 256 * 1024, VERSION_MAX = 32, CASES_MAX = 10000, AGE_DAYS_MAX = 90 };

#define DAY_US INT64_C(86400000000)

static const char first_line[] = "CIX CONFORMANCE 1\n";
static const char signature_key[] = "\nsignature: ";

static const char *flag_conformance = "";

const struct config_flag member_activate_flags[] = {
    {"conformance", &flag_conformance, NULL},
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

/* The signature is over all that stands before its line, which is the last. */
static bool check_signature(struct ctx *ctx, const char *text, X509 *certificate)
{
    const char *end = strstr(text, signature_key);
    struct bytes signature = from_base64(ctx, line_of(ctx, text, "signature"));
    EVP_MD_CTX *verifier = EVP_MD_CTX_new();
    const char *behind = end ? strchr(end + 1, '\n') : NULL;
    bool is_good = behind && !behind[1] && signature.data && verifier &&
                   EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL,
                                        X509_get0_pubkey(certificate)) == 1 &&
                   EVP_DigestVerify(verifier, signature.data, signature.size, (const uint8_t *)text,
                                    (size_t)(end + 1 - text)) == 1;

    EVP_MD_CTX_free(verifier);
    return is_good || fail_result(ctx, "the signature is not good: the file was changed");
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
    const char *made_at = line_of(ctx, text, "made-at-us");

    conformance->exchange_version = line_of(ctx, text, "exchange-version");
    conformance->client_version = line_of(ctx, text, "client-version");
    if (!member || strcmp(member, code) != 0)
        return fail_result(ctx, "is another member's");
    if (!conformance->exchange_version || !conformance->client_version ||
        !*conformance->exchange_version || !*conformance->client_version ||
        strlen(conformance->exchange_version) > VERSION_MAX ||
        strlen(conformance->client_version) > VERSION_MAX)
        return fail_result(ctx, "does not say which software ran");
    if (!made_at || !text_to_int64(made_at, &conformance->made_at_us) ||
        conformance->made_at_us > clock_now_us() + DAY_US ||
        conformance->made_at_us < clock_now_us() - AGE_DAYS_MAX * DAY_US)
        return fail_result(ctx, "is not of the last 90 days");
    return true;
}

static bool read_result(struct ctx *ctx, const char *code, struct member_conformance *conformance)
{
    char *text = NULL;

    if (!read_file(ctx, &text) || !check_certificate(ctx, text, conformance) ||
        !check_facts(ctx, text, code, conformance) || !check_cases(ctx, text, conformance))
        return false;
    struct digest digest = digest_of(text, strlen(text));
    memcpy(conformance->file_hash, digest.bytes, sizeof(conformance->file_hash));
    return true;
}

static bool activate(struct ctx *ctx, struct db *db, const char *code,
                     const struct member_conformance *conformance)
{
    if (*flag_conformance)
        return member_conformance_put(ctx, db, code, conformance, clock_now_us());
    return member_state_set(ctx, db, code, MEMBER_STATE_ACTIVE, clock_now_us());
}

int command_member_activate(struct ctx *ctx, const struct command_call *call)
{
    struct member_conformance conformance = {.case_count = 0};
    struct cluster *cluster = NULL;
    struct db *db = NULL;
    bool is_done;

    if (call->word_count != 1)
        return command_usage(call, "member activate CODE [--conformance FILE]");
    is_done = (!*flag_conformance || read_result(ctx, call->words[0], &conformance)) &&
              command_open(ctx, call->config, &cluster, &db) &&
              activate(ctx, db, call->words[0], &conformance);
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
