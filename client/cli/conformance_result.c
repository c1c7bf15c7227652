/*
 * The result of a conformance run: attested by the exchange, signed by the member.
 */
#include <errno.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "cli/conformance.h"
#include "cli/pem.h"

static const char *base64(struct arena *arena, const uint8_t *data, size_t size)
{
    char *text = arena_alloc(arena, size / 3 * 4 + 8);

    EVP_EncodeBlock((unsigned char *)text, data, (int)size);
    return text;
}

static void put_result(struct builder *text, const struct conformance *run)
{
    builder_format(text,
                   "CIX CONFORMANCE 1\nmember: %s\nexchange: %s\nexchange-version: %s\n"
                   "client-version: %s\nmade-at-us: %" PRId64 "\nsubmission: %s\n",
                   run->member->code, run->online->settings.address, run->member->server_version,
                   CIX_VERSION, run->made_at_us, run->submission_id);
    for (int i = 0; i < run->count; i++)
        builder_format(text, "case: %s %s\n", run->results[i].name,
                       run->results[i].is_passed ? "pass" : "fail");
    builder_format(text, "result: %s %d of %d\n", run->passed == run->count ? "pass" : "fail",
                   run->passed, run->count);
}

static bool put_certificate(struct builder *text, struct ctx *ctx, const char *path)
{
    X509 *certificate;
    unsigned char *der = NULL;

    if (!pem_cert_read(ctx, path, &certificate))
        return false;
    int size = i2d_X509(certificate, &der);
    X509_free(certificate);
    if (size <= 0)
        return pem_fail(ctx, path);
    builder_format(text, "certificate: %s\n", base64(ctx->arena, der, (size_t)size));
    OPENSSL_free(der);
    return true;
}

/* Over all that stands in the text by now. */
static bool put_signature(struct builder *text, struct ctx *ctx, const char *path)
{
    uint8_t signature[1024];
    size_t size = sizeof(signature);
    EVP_PKEY *key;

    if (!pem_key_read(ctx, path, &key))
        return false;
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    bool is_signed =
        signer && EVP_DigestSignInit(signer, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(signer, signature, &size, (const uint8_t *)text->data, text->size) == 1;
    EVP_MD_CTX_free(signer);
    EVP_PKEY_free(key);
    if (!is_signed)
        return pem_fail(ctx, "the key cannot sign");
    builder_format(text, "signature: %s\n", base64(ctx->arena, signature, size));
    return true;
}

/* What the exchange says to all that stands in the text by now. False after lines on stderr. */
static bool put_attestation(struct builder *text, struct conformance *run)
{
    Cix__V1__AttestConformanceRequest request = CIX__V1__ATTEST_CONFORMANCE_REQUEST__INIT;
    Cix__V1__AttestConformanceResponse *response;
    struct digest hash = digest_of(text->data, text->size);
    struct arena *arena = &run->online->arena;

    request.submission_id = run->record_count ? run->submission_id : (char *)"";
    request.result_hash = (ProtobufCBinaryData){sizeof(hash.bytes), hash.bytes};
    if (!cix_attest_conformance(run->online->client, &request, &response, &run->online->error)) {
        (void)online_fail(run->online);
        return false;
    }
    builder_format(
        text, "attestation: %s\n",
        base64(arena, (const uint8_t *)response->statement, strlen(response->statement)));
    builder_format(text, "attestation-signature: %s\n",
                   base64(arena, response->signature.data, response->signature.len));
    cix_free(response);
    return true;
}

bool conformance_write(struct conformance *run, const char *path)
{
    struct ctx *ctx = &run->online->ctx;
    struct builder text = {.arena = &run->online->arena};

    put_result(&text, run);
    if (!put_attestation(&text, run))
        return false;
    if (!put_certificate(&text, ctx, run->online->settings.cert) ||
        !put_signature(&text, ctx, run->online->settings.key)) {
        cli_complain(CLI_DATA, "%s", ctx->error.message);
        return false;
    }
    FILE *file = fopen(path, "we");
    bool is_written = file && fwrite(text.data, 1, text.size, file) == text.size;
    if ((file && fclose(file)) || !is_written) {
        cli_complain(CLI_DATA, "%s: %s", path, strerror(errno));
        return false;
    }
    return true;
}
