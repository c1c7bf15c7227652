/*
 * The subcommands of cixd: one table, one function each. The function of serve is main.c's, because
 * it alone needs every layer; help and manual pages are made from the table.
 */
#pragma once

#include "base/ctx.h"
#include "ops/config.h"

struct db;
struct cluster;

/* What a subcommand gets. */
struct command_call {
    const struct config *config;
    const char *const *words; /* what stood beside the flags, behind the subcommand's name */
    int word_count;
};

/*
 * One subcommand. run: the exit code. Errors are left in ctx when it is not 0. NULL for serve.
 */
struct command {
    const char *name;                /* "member cert add": words in their order */
    const char *summary;             /* a line for --help; what follows is for its own --help */
    const char *usage;               /* what stands behind the name */
    const struct config_flag *flags; /* its own, ended by a NULL name; may be NULL */
    int (*run)(struct ctx *ctx, const struct command_call *call);
};

extern const struct command commands[];
extern const int command_count;

/* The folder of the keys: config->keys, or DATA/keys. In the arena of ctx. */
const char *command_keys_folder(struct ctx *ctx, const struct config *config);

/*
 * Runs the migrations in a process of its own, so that the serving process never holds the owner's
 * connection. Call before any thread exists.
 */
MUST_USE bool command_migrate_apart(struct ctx *ctx, const char *owner_uri);

/* Number of this build's newest migration, and the script that makes the roles and the schema. */
int command_schema_version(void);
const char *command_role_script(void);

/* Refuses with SCHEMA_OLD or SCHEMA_CHANGED, and what to do, when the schema is not this build's.
 */
MUST_USE bool command_check_schema(struct ctx *ctx, const char *uri);

/* Opens the database of --database, or of the private cluster beside or without a running server.
 */
MUST_USE bool command_open(struct ctx *ctx, const struct config *config, struct cluster **cluster,
                           struct db **db);

/*
 * The same as the owner, for what no serving role may do: with --database the URI must say an
 * owner's login, as for cixd migrate.
 */
MUST_USE bool command_open_owner(struct ctx *ctx, const struct config *config,
                                 struct cluster **cluster, struct db **db);

void command_close(struct cluster *cluster, struct db *db);

/* Opens the database for work and closes it behind it. The exit code: 0, or 1 with the error. */
int command_run(struct ctx *ctx, const struct command_call *call,
                bool (*work)(struct ctx *ctx, const struct command_call *call, struct db *db));

/* SHA-256 of the file that --document names. ERR_INVALID / DOCUMENT. */
MUST_USE bool command_hash_document(struct ctx *ctx, const char *path, uint8_t hash[32]);
