/*
 * The key files of one folder: reading, making, checking. For vault.c only.
 *
 * identifier.key, name.key, account.key and operator.key never change; seal-NNNNNNNN.key are the
 * sealing keys, and `active` names the one that seals. Each key file has two lines: what it is, and
 * 32 bytes in hexadecimal. `active` is written last, so a ring without it was never used.
 */
#pragma once

#include "base/ctx.h"
#include "vault/vault.h"

enum { KEY_SIZE = 32, SEAL_KEY_MAX = VAULT_KEY_MAX };

enum index_key { KEY_IDENTIFIER, KEY_NAME, KEY_ACCOUNT, KEY_OPERATOR, INDEX_KEY_COUNT };

struct key {
    uint32_t id; /* 0 for index keys */
    uint8_t bytes[KEY_SIZE];
};

struct keyring {
    struct key index[INDEX_KEY_COUNT];
    struct key seal[SEAL_KEY_MAX]; /* in no order */
    int seal_count;
    const struct key *active;
    struct keyring *older; /* replaced by this one, kept because other threads may read it */
};

/* Reads the whole ring. Free with keyring_free. */
MUST_USE bool keyring_load(struct ctx *ctx, const char *folder, struct keyring **ring);
/* Wipes and frees a ring and those it replaced. Accepts NULL. */
void keyring_free(struct keyring *ring);
/* The sealing key of that id, or NULL. */
const struct key *keyring_seek(const struct keyring *ring, uint32_t id);
