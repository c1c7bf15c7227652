/*
 * What a backup says of itself, in its file `manifest`, version 1: lines of words, in this order.
 *
 *   cix-backup 1
 *   made 2026-11-22T20:12:00Z cixd 0.1.0
 *   schema VERSION
 *   file database.dump BYTES SHA256
 *   table NAME ROWS DIGEST          every table of the exchange, by name (sql/api/backup.sql)
 *   ring HMAC                       of all lines above under the key ring (vault/ring.h)
 *   end SHA256                      of all lines above
 *
 * `end` tells damage, `ring` that the backup belongs to a key ring and was not forged. It is
 * written last: a folder without it is no backup.
 */
#pragma once

#include "base/ctx.h"
#include "store/backup.h"
#include "vault/ring.h"

#define MANIFEST_NAME "manifest"
#define MANIFEST_DUMP "database.dump"

struct manifest {
    const char *made; /* the words behind "made" */
    int schema;
    int64_t dump_bytes;
    struct digest dump_digest;
    struct backup_tables tables;
    struct digest ring;
    struct bytes signed_text; /* the lines above `ring` */
};

/* Size and SHA-256 of a file. BACKUP_UNREADABLE. */
MUST_USE bool manifest_measure(struct ctx *ctx, const char *path, int64_t *bytes,
                               struct digest *digest);

/* Writes FOLDER/manifest and makes it durable; made, ring and signed_text are filled in by it. */
MUST_USE bool manifest_write(struct ctx *ctx, const char *folder, const struct manifest *manifest,
                             const struct vault_ring *ring);

/*
 * Reads FOLDER/manifest. ERR_NOT_FOUND / BACKUP_MISSING (no backup, or one that was broken off);
 * ERR_INVALID / BACKUP_BROKEN when it was altered or is of a newer version.
 */
MUST_USE bool manifest_read(struct ctx *ctx, const char *folder, struct manifest *manifest);

/*
 * The same from the text of a manifest, size bytes with a NUL behind them, which is cut into pieces
 * that the manifest keeps. BACKUP_BROKEN.
 */
MUST_USE bool manifest_parse(struct ctx *ctx, char *text, size_t size, struct manifest *manifest);

/* The dump is there, has its size and digest: BACKUP_BROKEN. */
MUST_USE bool manifest_check_dump(struct ctx *ctx, const char *folder,
                                  const struct manifest *manifest);

/* The manifest is signed under this ring: ERR_INVALID / RING_OTHER. */
MUST_USE bool manifest_check_ring(struct ctx *ctx, const struct manifest *manifest,
                                  const struct vault_ring *ring);

/* The tables are those of the backup: ERR_INTERNAL / RESTORE_DIFFERS names the first that is not.
 */
MUST_USE bool manifest_check_tables(struct ctx *ctx, const struct manifest *manifest,
                                    const struct backup_tables *tables);
