/*
 * The whole key ring as one thing, for safe-keeping apart from the data: read from its folder,
 * wrapped by a passphrase into one file, and put into a folder again.
 *
 * The file, version 1, integers big-endian:
 *
 *   "CIXRING" 0x01   8 bytes
 *   log2 N, r, p, 0  4 bytes: scrypt's cost; 17, 8, 1 here, 128 MiB; at most 1 GiB is taken
 *   salt            16 bytes, random
 *   nonce           12 bytes, random
 *   ciphertext      AES-256-GCM under scrypt(passphrase, salt), the 40 bytes before it
 * authenticated tag             16 bytes
 *
 * and in plain, for each file of the ring: length of its name (1), the name, its size (2), its
 * bytes. The passphrase is the caller's; it is in no file, and without it the file opens to nobody.
 */
#pragma once

#include <stdbool.h>

#include "base/ctx.h"
#include "base/digest.h"

struct vault_ring;

/* Every key file of a folder, retired ones too. Fails as vault_open does. */
MUST_USE bool vault_ring_read(struct ctx *ctx, const char *folder, struct vault_ring **ring);

/* Wipes and frees. Accepts NULL. */
void vault_ring_free(struct vault_ring *ring);

/*
 * Writes a new file of mode 0600, whole or not at all. ERR_EXISTS / RING_FILE_EXISTS when something
 * stands there; ERR_INTERNAL / RING_FILE_UNWRITTEN with the system's reason.
 */
MUST_USE bool vault_ring_wrap(struct ctx *ctx, const struct vault_ring *ring,
                              struct bytes passphrase, const char *path);

/*
 * Opens such a file. ERR_NOT_FOUND / RING_FILE_MISSING; ERR_INVALID with RING_FILE_BROKEN (no such
 * file, cut short, or of a newer version) or RING_NOT_OPENED (another passphrase, or altered: the
 * two cannot be told apart).
 */
MUST_USE bool vault_ring_unwrap(struct ctx *ctx, const char *path, struct bytes passphrase,
                                struct vault_ring **ring);

/* The plain content of such a file, in the arena: key material, for who wraps it. */
struct bytes vault_ring_pack(struct arena *arena, const struct vault_ring *ring);

/*
 * A ring from such content. False when it is none: names in order, each once, a key ring's, and an
 * identifier key that vault_ring_sign can sign with. Other keys are checked by vault_ring_write.
 */
MUST_USE bool vault_ring_parse(struct bytes plain, struct vault_ring **ring);

/*
 * Makes a folder (0700) with the files of the ring, whole or not at all. ERR_EXISTS /
 * KEY_FOLDER_TAKEN when the folder holds anything but exactly this ring.
 */
MUST_USE bool vault_ring_write(struct ctx *ctx, const struct vault_ring *ring, const char *folder);

/* Whether vault_ring_write may put the ring there. An empty folder there goes. */
MUST_USE bool vault_ring_fits(struct ctx *ctx, const struct vault_ring *ring, const char *folder);

/* HMAC(identifier key, "bkup/v1" 0 SHA-256(text)): whoever lacks the ring cannot make it. */
struct digest vault_ring_sign(const struct vault_ring *ring, struct bytes text);

/*
 * Whether the ring holds a sealing key. A retired one counts when may_revive: it is then a sealing
 * key of this ring again, for a database from before its retirement.
 */
bool vault_ring_has(struct vault_ring *ring, uint32_t key_id, bool may_revive);
