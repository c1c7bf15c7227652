#include "vault/vault.h"

#include <endian.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "vault/keyring.h"

enum {
    SEAL_VERSION = 1,
    NONCE_SIZE = 12,
    TAG_SIZE = 16,
    SEAL_HEAD_SIZE = 1 + 4 + NONCE_SIZE,
    PLACE_SIZE_MAX = 256,
    NONCE_STOCK = 64
};

/* What changes under an open vault: the ring that is in force. */
struct shelf {
    _Atomic(struct keyring *) ring;
    pthread_mutex_t refreshing;
};

struct vault {
    char *folder;
    uint64_t serial; /* tells vaults apart in the threads' caches */
    struct shelf *shelf;
};

static struct keyring *ring_of(const struct vault *vault)
{
    return atomic_load(&vault->shelf->ring);
}

/*
 * OpenSSL's contexts cost more to make than one HMAC costs to compute, so each thread keeps its
 * own, already keyed, for the vault it used last.
 */
struct contexts {
    uint64_t serial;
    EVP_MAC_CTX *mac[INDEX_KEY_COUNT];
    EVP_CIPHER_CTX *seal;
    EVP_CIPHER_CTX *open;
    uint8_t nonces[NONCE_STOCK * NONCE_SIZE];
    int nonce_count; /* unused ones, at the end */
    pid_t nonce_owner;
};

static pthread_key_t contexts_key;
static pthread_once_t contexts_once = PTHREAD_ONCE_INIT;

static void contexts_clear(struct contexts *contexts)
{
    for (int i = 0; i < INDEX_KEY_COUNT; i++)
        EVP_MAC_CTX_free(contexts->mac[i]);
    EVP_CIPHER_CTX_free(contexts->seal);
    EVP_CIPHER_CTX_free(contexts->open);
    *contexts = (struct contexts){0};
}

static void contexts_free(void *argument)
{
    contexts_clear(argument);
    free(argument);
}

static void contexts_make_key(void)
{
    CHECK(pthread_key_create(&contexts_key, contexts_free) == 0);
}

static EVP_MAC_CTX *mac_new(const struct key *key)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    CHECK(context && EVP_MAC_init(context, key->bytes, KEY_SIZE, params) == 1);
    EVP_MAC_free(mac);
    return context;
}

static EVP_CIPHER_CTX *cipher_new(int is_encrypting)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    CHECK(context);
    CHECK(EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, NULL, NULL, is_encrypting) == 1);
    return context;
}

static void contexts_fill(struct contexts *contexts, const struct vault *vault)
{
    const struct keyring *ring = ring_of(vault);
    contexts_clear(contexts);
    for (int i = 0; i < INDEX_KEY_COUNT; i++)
        contexts->mac[i] = mac_new(&ring->index[i]);
    contexts->seal = cipher_new(1);
    contexts->open = cipher_new(0);
    contexts->serial = vault->serial;
}

static struct contexts *contexts_of(const struct vault *vault)
{
    CHECK(pthread_once(&contexts_once, contexts_make_key) == 0);
    struct contexts *contexts = pthread_getspecific(contexts_key);
    if (!contexts) {
        contexts = calloc(1, sizeof(*contexts));
        CHECK(contexts && pthread_setspecific(contexts_key, contexts) == 0);
    }
    if (contexts->serial != vault->serial)
        contexts_fill(contexts, vault);
    return contexts;
}

bool vault_open(struct ctx *ctx, const char *folder, struct vault **vault)
{
    static _Atomic uint64_t serials;
    struct keyring *ring = NULL;
    if (!keyring_load(ctx, folder, &ring))
        return false;
    struct vault *opened = calloc(1, sizeof(*opened));
    struct shelf *shelf = calloc(1, sizeof(*shelf));
    CHECK(opened && shelf);
    opened->folder = strdup(folder);
    CHECK(opened->folder);
    opened->serial = atomic_fetch_add(&serials, 1) + 1;
    atomic_init(&shelf->ring, ring);
    pthread_mutex_init(&shelf->refreshing, NULL);
    opened->shelf = shelf;
    *vault = opened;
    return true;
}

void vault_free(struct vault *vault)
{
    if (!vault)
        return;
    contexts_clear(contexts_of(vault));
    keyring_free(ring_of(vault));
    pthread_mutex_destroy(&vault->shelf->refreshing);
    free(vault->shelf);
    free(vault->folder);
    free(vault);
}

bool vault_refresh(struct ctx *ctx, const struct vault *vault)
{
    struct keyring *fresh = NULL;
    if (!keyring_load(ctx, vault->folder, &fresh))
        return false;
    pthread_mutex_lock(&vault->shelf->refreshing);
    struct keyring *old = ring_of(vault);
    bool is_same = CRYPTO_memcmp(fresh->index, old->index, sizeof(old->index)) == 0;
    bool is_news = fresh->seal_count != old->seal_count || fresh->active->id != old->active->id;
    if (is_same && is_news) {
        fresh->older = old;
        atomic_store(&vault->shelf->ring, fresh);
        fresh = NULL;
    }
    pthread_mutex_unlock(&vault->shelf->refreshing);
    keyring_free(fresh);
    /* Another index key would make every stored index unfindable. */
    return is_same ||
           fail(ctx, ERR_PRECONDITION, "KEY_FILE_CHANGED", "an index key changed under the server");
}

/* One HMAC over parts that follow one another. */
static struct digest mac_of(const struct vault *vault, enum index_key which,
                            const struct bytes *parts, size_t count)
{
    EVP_MAC_CTX *context = contexts_of(vault)->mac[which];
    struct digest digest;
    size_t size = 0;
    CHECK(EVP_MAC_init(context, NULL, 0, NULL) == 1);
    for (size_t i = 0; i < count; i++)
        CHECK(EVP_MAC_update(context, parts[i].data, parts[i].size) == 1);
    CHECK(EVP_MAC_final(context, digest.bytes, &size, sizeof(digest.bytes)) == 1);
    CHECK(size == sizeof(digest.bytes));
    return digest;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){.data = (const uint8_t *)text, .size = strlen(text)};
}

struct digest vault_lookup(const struct vault *vault, int identifier_type, const char *value)
{
    CHECK(identifier_type >= 0 && identifier_type <= UINT8_MAX);
    uint8_t head[] = {'b', 'i', 'd', 'x', '/', 'v', '1', 0, (uint8_t)identifier_type, 0};
    const struct bytes parts[] = {{head, sizeof(head)}, bytes_of(value)};
    return mac_of(vault, KEY_IDENTIFIER, parts, ARRAY_LENGTH(parts));
}

struct digest vault_name_index(const struct vault *vault, const struct digest *lookup,
                               const char *name)
{
    static const uint8_t zero = 0;
    const struct bytes parts[] = {{lookup->bytes, DIGEST_SIZE}, {&zero, 1}, bytes_of(name)};
    return mac_of(vault, KEY_NAME, parts, ARRAY_LENGTH(parts));
}

struct digest vault_likeness(const struct vault *vault, const char *name, const char *birth)
{
    static const uint8_t head[] = {'l', 'i', 'k', 'e', '/', 'v', '1', 0};
    static const uint8_t zero = 0;
    const struct bytes parts[] = {
        {head, sizeof(head)}, bytes_of(name), {&zero, 1}, bytes_of(birth)};
    return mac_of(vault, KEY_NAME, parts, ARRAY_LENGTH(parts));
}

static struct digest member_index(const struct vault *vault, enum index_key which,
                                  int32_t member_id, const char *text)
{
    uint32_t wire = htobe32((uint32_t)member_id);
    uint8_t head[sizeof(wire) + 1] = {0};
    memcpy(head, &wire, sizeof(wire));
    const struct bytes parts[] = {{head, sizeof(head)}, bytes_of(text)};
    return mac_of(vault, which, parts, ARRAY_LENGTH(parts));
}

struct digest vault_account_index(const struct vault *vault, int32_t member_id,
                                  const char *account_no)
{
    return member_index(vault, KEY_ACCOUNT, member_id, account_no);
}

struct digest vault_origin_index(const struct vault *vault, int32_t member_id, const char *origin,
                                 const char *account_no)
{
    uint32_t wire = htobe32((uint32_t)member_id);
    uint8_t head[sizeof(wire) + 1] = {0};
    memcpy(head, &wire, sizeof(wire));
    const struct bytes parts[] = {{head, sizeof(head)},
                                  bytes_of(origin),
                                  bytes_of(*origin ? "\n" : ""),
                                  bytes_of(account_no)};
    return mac_of(vault, KEY_ACCOUNT, parts, ARRAY_LENGTH(parts));
}

struct digest vault_fact_index(const struct vault *vault, int32_t member_id, const char *text)
{
    uint32_t wire = htobe32((uint32_t)member_id);
    uint8_t head[sizeof(wire) + 1] = {0};
    memcpy(head, &wire, sizeof(wire));
    const struct bytes parts[] = {{head, sizeof(head)}, bytes_of("fact/v1\n"), bytes_of(text)};
    return mac_of(vault, KEY_ACCOUNT, parts, ARRAY_LENGTH(parts));
}

struct digest vault_operator_index(const struct vault *vault, int32_t member_id,
                                   const char *operator_id)
{
    return member_index(vault, KEY_OPERATOR, member_id, operator_id);
}

struct digest vault_content(const struct vault *vault, int32_t member_id, struct bytes content)
{
    uint8_t head[12] = "chnk/v1";
    uint32_t wire = htobe32((uint32_t)member_id);
    memcpy(head + 8, &wire, sizeof(wire));
    const struct bytes parts[] = {{head, sizeof(head)}, content};
    return mac_of(vault, KEY_IDENTIFIER, parts, ARRAY_LENGTH(parts));
}

/*
 * Random nonces are drawn many at a time: one draw costs more than the cipher. A child process
 * must not use up its parent's stock a second time, since a repeated nonce gives the key's seals
 * away. Random nonces bound one key to 2^32 seals (NIST SP 800-38D): rotate before.
 */
static void nonce_take(struct contexts *contexts, uint8_t nonce[NONCE_SIZE])
{
    if (contexts->nonce_count == 0 || contexts->nonce_owner != getpid()) {
        digest_random(contexts->nonces, sizeof(contexts->nonces));
        contexts->nonce_count = NONCE_STOCK;
        contexts->nonce_owner = getpid();
    }
    contexts->nonce_count--;
    memcpy(nonce, contexts->nonces + contexts->nonce_count * NONCE_SIZE, NONCE_SIZE);
}

/* table 0 column 0 record_id version key_id: what the tag covers beside the text. */
static int place_put(uint8_t out[PLACE_SIZE_MAX], const struct vault_place *place, uint32_t key_id)
{
    size_t table = strlen(place->table) + 1;
    size_t column = strlen(place->column) + 1;
    uint64_t record = htobe64((uint64_t)place->record_id);
    uint32_t key = htobe32(key_id);
    CHECK(table + column + sizeof(record) + 1 + sizeof(key) <= PLACE_SIZE_MAX);
    uint8_t *next = out;
    memcpy(next, place->table, table);
    next += table;
    memcpy(next, place->column, column);
    next += column;
    memcpy(next, &record, sizeof(record));
    next += sizeof(record);
    *next++ = SEAL_VERSION;
    memcpy(next, &key, sizeof(key));
    return (int)(next + sizeof(key) - out);
}

struct bytes vault_seal(const struct vault *vault, struct arena *arena,
                        const struct vault_place *place, const void *data, size_t size)
{
    CHECK(size <= INT32_MAX - SEAL_HEAD_SIZE - TAG_SIZE);
    const struct key *key = ring_of(vault)->active;
    struct contexts *contexts = contexts_of(vault);
    EVP_CIPHER_CTX *context = contexts->seal;
    size_t total = SEAL_HEAD_SIZE + size + TAG_SIZE;
    uint8_t *sealed = arena_alloc(arena, total);
    uint8_t *text = sealed + SEAL_HEAD_SIZE;
    uint8_t aad[PLACE_SIZE_MAX];
    uint32_t wire_id = htobe32(key->id);
    int written = 0;
    sealed[0] = SEAL_VERSION;
    memcpy(sealed + 1, &wire_id, sizeof(wire_id));
    nonce_take(contexts, sealed + 5);
    CHECK(EVP_EncryptInit_ex(context, NULL, NULL, key->bytes, sealed + 5) == 1);
    CHECK(EVP_EncryptUpdate(context, NULL, &written, aad, place_put(aad, place, key->id)) == 1);
    if (size > 0)
        CHECK(EVP_EncryptUpdate(context, text, &written, data, (int)size) == 1);
    CHECK(EVP_EncryptFinal_ex(context, text + size, &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, text + size) == 1);
    return (struct bytes){.data = sealed, .size = total};
}

/* False when the tag does not fit. plain has room for size bytes. */
static bool unseal(EVP_CIPHER_CTX *context, const struct key *key, const struct vault_place *place,
                   struct bytes sealed, uint8_t *plain)
{
    const uint8_t *text = sealed.data + SEAL_HEAD_SIZE;
    int size = (int)(sealed.size - SEAL_HEAD_SIZE - TAG_SIZE);
    uint8_t tag[TAG_SIZE];
    uint8_t aad[PLACE_SIZE_MAX];
    int written = 0;
    memcpy(tag, text + size, TAG_SIZE);
    CHECK(EVP_DecryptInit_ex(context, NULL, NULL, key->bytes, sealed.data + 5) == 1);
    CHECK(EVP_DecryptUpdate(context, NULL, &written, aad, place_put(aad, place, key->id)) == 1);
    if (size > 0)
        CHECK(EVP_DecryptUpdate(context, plain, &written, text, size) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1);
    return EVP_DecryptFinal_ex(context, plain + size, &written) == 1;
}

/* A key that another process made just now is found in its folder. */
static const struct key *seek(struct ctx *ctx, const struct vault *vault, uint32_t id)
{
    const struct key *key = keyring_seek(ring_of(vault), id);
    struct ctx again;
    if (key)
        return key;
    ctx_init(&again, ctx->arena);
    return vault_refresh(&again, vault) ? keyring_seek(ring_of(vault), id) : NULL;
}

bool vault_open_sealed(struct ctx *ctx, const struct vault *vault, const struct vault_place *place,
                       struct bytes sealed, struct bytes *data)
{
    uint32_t id = vault_key_of(sealed);
    if (id == 0 || sealed.size > INT32_MAX)
        return fail(ctx, ERR_INTERNAL, "SEAL_BROKEN", "%s.%s holds no sealed value", place->table,
                    place->column);
    const struct key *key = seek(ctx, vault, id);
    if (!key)
        return fail(ctx, ERR_INTERNAL, "SEAL_KEY_UNKNOWN", "the key ring lacks sealing key %u", id);
    size_t size = sealed.size - SEAL_HEAD_SIZE - TAG_SIZE;
    uint8_t *plain = arena_alloc(ctx->arena, size + 1);
    if (!unseal(contexts_of(vault)->open, key, place, sealed, plain)) {
        OPENSSL_cleanse(plain, size);
        return fail(ctx, ERR_INTERNAL, "SEAL_BROKEN", "a value of %s.%s was altered or moved",
                    place->table, place->column);
    }
    *data = (struct bytes){.data = plain, .size = size};
    return true;
}

uint32_t vault_active_key(const struct vault *vault)
{
    return ring_of(vault)->active->id;
}

int vault_key_ids(const struct vault *vault, uint32_t ids[VAULT_KEY_MAX])
{
    const struct keyring *ring = ring_of(vault);
    for (int i = 0; i < ring->seal_count; i++)
        ids[i] = ring->seal[i].id;
    return ring->seal_count;
}

uint32_t vault_key_of(struct bytes sealed)
{
    if (sealed.size < SEAL_HEAD_SIZE + TAG_SIZE || sealed.data[0] != SEAL_VERSION)
        return 0;
    uint32_t wire;
    memcpy(&wire, sealed.data + 1, sizeof(wire));
    return be32toh(wire);
}
