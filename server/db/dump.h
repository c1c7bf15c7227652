/*
 * The schema of the exchange as one file, and back: pg_dump and pg_restore as children.
 *
 * The file is pg_dump's custom format: any PostgreSQL of the same or a newer major version restores
 * it, on the private cluster and on a managed one. A password of the URI travels in the child's
 * environment, never on its command line. While a child runs, SIGINT, SIGTERM and SIGHUP end it and
 * fail the call (ERR_CANCELLED / INTERRUPTED), so that the caller can clean up.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"

struct dump {
    const char *uri;  /* libpq URI or keyword string of an owner's login */
    const char *bin;  /* folder of the programs; NULL or "": found */
    const char *path; /* the file */
    /* Called every few seconds with the file's size while it is written; may be NULL. */
    void (*progress)(int64_t bytes);
};

/*
 * Writes the schema cix as the snapshot shows it (pg_export_snapshot of an open transaction), and
 * makes the file durable. ERR_INTERNAL / DUMP_FAILED with the program's last line, e.g. of a full
 * disk; what was written then is the caller's to remove.
 */
MUST_USE bool dump_write(struct ctx *ctx, const struct dump *dump, const char *snapshot);

/* Reads the whole file as a restore would, every block, and does nothing with it. DUMP_FAILED. */
MUST_USE bool dump_check(struct ctx *ctx, const struct dump *dump);

/*
 * Makes everything that is in the file, in one transaction, as cix_owner; the roles and the empty
 * schema are there (sql/role.sql). DUMP_FAILED leaves the database as it was.
 */
MUST_USE bool dump_read(struct ctx *ctx, const struct dump *dump);
