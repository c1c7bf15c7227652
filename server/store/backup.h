/*
 * What a backup is compared by: typed calls of sql/api/backup.sql on the owner's connection.
 */
#pragma once

#include <stdint.h>

#include "base/ctx.h"
#include "base/digest.h"
#include "db/db.h"

/* One table of the exchange. */
struct backup_table {
    const char *name;
    int64_t rows;
    struct digest digest; /* does not depend on the order of the rows */
};

struct backup_tables {
    struct backup_table *tables; /* by name */
    int count;
};

/*
 * Begins a read-only transaction whose snapshot others may use while it is open; it is not ended by
 * idling. snapshot: its name for pg_dump, in the arena of ctx. End it with db_rollback.
 */
MUST_USE bool backup_begin(struct ctx *ctx, struct db *db, const char **snapshot);

/* Every table, in the arena of ctx. Reads all of them. */
MUST_USE bool backup_list(struct ctx *ctx, struct db *db, struct backup_tables *tables);

/* Whether the database holds a schema of the exchange already. */
MUST_USE bool backup_is_taken(struct ctx *ctx, struct db *db, bool *is_taken);

/* Makes a restored database one that no transaction of another cluster means (backup.sql). */
MUST_USE bool backup_settle(struct ctx *ctx, struct db *db);
