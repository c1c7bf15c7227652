/*
 * Brings a database to the state that this binary carries, and tells when it is not there.
 *
 * sql/role.sql and sql/migration.sql first; then each new sql/schema/NNNN_name.sql in a transaction
 * of its own, forward only; then, when any of them changed, all of sql/api with sql/grant.sql in
 * one transaction: the functions of the database are exactly those files. Everything under one
 * advisory lock, so two migrations at once are one after the other. distribute.sql is left alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "db/db.h"
#include "sql_embedded.h"

struct migrate_report {
    int version;        /* newest schema version now */
    int schema_applied; /* schema files applied by this run */
    bool api_applied;   /* functions and grants were replaced */
};

/*
 * Migrates. db: DB_ROLE_OWNER, a login that may create roles and become cix_owner. Objects then
 * belong to cix_owner.
 *
 * ERR_PRECONDITION with SCHEMA_EDITED (an applied file was changed since: restore it, and put the
 * change into a new file), SCHEMA_AHEAD (the database was migrated by a newer binary) or
 * SCHEMA_FILES (numbers with a gap or twice). A failing file leaves those before it applied.
 */
MUST_USE bool migrate_run(struct ctx *ctx, struct db *db, const struct sql_file *files,
                          size_t count, struct migrate_report *report);

/*
 * Compares, changes nothing; for every server role. ERR_PRECONDITION as above, or SCHEMA_BEHIND
 * with the command that brings the database up to date.
 */
MUST_USE bool migrate_check(struct ctx *ctx, struct db *db, const struct sql_file *files,
                            size_t count);
