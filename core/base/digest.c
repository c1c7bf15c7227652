#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/check.h"

struct digest digest_of(const void *data, size_t size)
{
    struct bytes part = {.data = data, .size = size};

    return digest_of_parts(&part, 1);
}

struct digest digest_of_parts(const struct bytes *parts, size_t count)
{
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    struct digest digest;
    unsigned int size = 0;

    CHECK(state && EVP_DigestInit_ex(state, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < count; i++)
        if (parts[i].size)
            CHECK(EVP_DigestUpdate(state, parts[i].data, parts[i].size) == 1);
    CHECK(EVP_DigestFinal_ex(state, digest.bytes, &size) == 1 && size == DIGEST_SIZE);
    EVP_MD_CTX_free(state);
    return digest;
}

void digest_random(void *data, size_t size)
{
    unsigned char *at = data;

    while (size > 0) {
        int piece = size > 65536 ? 65536 : (int)size;

        CHECK(RAND_bytes(at, piece) == 1);
        at += piece;
        size -= (size_t)piece;
    }
}
