/*
 * The only user of secret keys: blind indexes, name indexes, account indexes, sealed fields.
 *
 * Keys live in files of one folder, mode 0600 (looser files are refused), and in memory. Nothing
 * here stores or logs a plain value. Thread-safe after vault_open.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/digest.h"

struct vault;

/* Makes a folder (0700) with a fresh key ring. ERR_EXISTS when there is one. */
MUST_USE bool vault_create(struct ctx *ctx, const char *folder);

/* Reads the key ring. Refuses files that others may read or write (reason KEY_FILE_LOOSE). */
MUST_USE bool vault_open(struct ctx *ctx, const char *folder, struct vault **vault);
void vault_free(struct vault *vault);

/* Where a sealed value stands: part of what is authenticated, so it cannot be moved elsewhere. */
struct vault_place {
    const char *table;  /* e.g. "subject_name" */
    const char *column; /* e.g. "sealed_name" */
    int64_t record_id;
};

/*
 * Lookup of an identifier: HMAC-SHA-256(identifier key, "bidx/v1" 0 kind 0 value). value: as
 * identifier_check folded it. One value, one digest, for the life of the key.
 */
struct digest vault_lookup(const struct vault *vault, int identifier_type, const char *value);

/* HMAC(name key, lookup, 0, name); name folded by text_fold_name. */
struct digest vault_name_index(const struct vault *vault, const struct digest *lookup,
                               const char *name);

/*
 * HMAC(name key, "like/v1" 0 name 0 birth date): equal for persons of one name and birth date. name
 * folded by text_fold_name, birth as YYYY-MM-DD.
 */
struct digest vault_likeness(const struct vault *vault, const char *name, const char *birth);

/* HMAC(account key, member id, 0, account number). */
struct digest vault_account_index(const struct vault *vault, int32_t member_id,
                                  const char *account_no);

/*
 * Of an account that a credit bureau gave for an institution: HMAC(account key, member id, 0,
 * origin, line feed, account number). origin: [a-z0-9-]; empty: as vault_account_index.
 */
struct digest vault_origin_index(const struct vault *vault, int32_t member_id, const char *origin,
                                 const char *account_no);

/*
 * HMAC(account key, member id, 0, "fact/v1", line feed, text): the key or the content of a fact,
 * told apart but not named. No account number has a line feed and no origin a slash, so that they
 * never meet.
 */
struct digest vault_fact_index(const struct vault *vault, int32_t member_id, const char *text);

/* HMAC(operator key, member id, 0, operator id): who asked, told apart but not named. */
struct digest vault_operator_index(const struct vault *vault, int32_t member_id,
                                   const char *operator_id);

/*
 * Tells a member's messages apart: HMAC(identifier key, "chnk/v1" 0 member id, bytes). Not a plain
 * digest, from which a short message about one person could be guessed.
 */
struct digest vault_content(const struct vault *vault, int32_t member_id, struct bytes content);

/*
 * Seals text by AES-256-GCM under the active key:
 * 0x01 | key id (4) | nonce (12) | ciphertext | tag (16); 33 bytes longer than the text.
 */
struct bytes vault_seal(const struct vault *vault, struct arena *arena,
                        const struct vault_place *place, const void *data, size_t size);

/*
 * Opens a sealed value; the result has a NUL behind it. ERR_INTERNAL / SEAL_BROKEN when it was
 * altered or moved, SEAL_KEY_UNKNOWN when the key ring lacks its key, also after a fresh look into
 * its folder.
 */
MUST_USE bool vault_open_sealed(struct ctx *ctx, const struct vault *vault,
                                const struct vault_place *place, struct bytes sealed,
                                struct bytes *data);

/* Id of the active sealing key, and of the key that a sealed value uses (0 when malformed). */
uint32_t vault_active_key(const struct vault *vault);
uint32_t vault_key_of(struct bytes sealed);

/* Ids of all sealing keys that can open, in no order; returns how many. */
enum { VAULT_KEY_MAX = 256 };
int vault_key_ids(const struct vault *vault, uint32_t ids[VAULT_KEY_MAX]);

/*
 * Adds a sealing key that can open and does not seal yet, so that every server can have its file
 * before any value needs it. One that waits already is answered again. Effects: a new 0600 file.
 */
MUST_USE bool vault_add(struct ctx *ctx, const char *folder, uint32_t *id);

/* Makes the key that waits active, or a new one when none does; old ones stay readable. */
MUST_USE bool vault_rotate(struct ctx *ctx, const char *folder);
/* Reads new keys of the folder into an open vault (after vault_rotate by another process). */
MUST_USE bool vault_refresh(struct ctx *ctx, const struct vault *vault);

/*
 * Takes a sealing key out of use: its file is renamed to retired-NNNNNNNN.key, to be kept as long
 * as backups need it. The caller has counted that no value needs it. ERR_NOT_FOUND / KEY_UNKNOWN;
 * ERR_PRECONDITION / KEY_ACTIVE, or KEY_TOO_FRESH less than a minute after a rotation: a running
 * server may still seal under the older key.
 */
MUST_USE bool vault_retire(struct ctx *ctx, const char *folder, uint32_t id);
