#include "vault/attest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum { SIGNATURE_MAX = 1024 };

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, "") : NULL;

    if (file)
        (void)fclose(file);
    return key;
}

/* Kinds of key that sign without a digest of their own choice refuse one. */
static bool sign(EVP_PKEY *key, const char *text, uint8_t *signature, size_t *size)
{
    bool is_plain = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    bool is_signed =
        signer &&
        EVP_DigestSignInit(signer, NULL, is_plain ? NULL : EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(signer, signature, size, (const uint8_t *)text, strlen(text)) == 1;

    EVP_MD_CTX_free(signer);
    return is_signed;
}

bool attest_sign(struct ctx *ctx, const char *key_file, const char *text, struct bytes *signature)
{
    EVP_PKEY *key = read_key(key_file);
    uint8_t *data = arena_alloc(ctx->arena, SIGNATURE_MAX);
    size_t size = SIGNATURE_MAX;
    bool is_signed = key && sign(key, text, data, &size);

    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!is_signed)
        return fail(ctx, ERR_INTERNAL, "ATTESTATION_KEY", "the server's key cannot be used");
    *signature = (struct bytes){data, size};
    return true;
}
