/*
 * What every command that talks to the exchange needs: a client, memory, output as table or JSON,
 * and errors told in one way.
 */
#pragma once

#include "base/arena.h"
#include "base/ctx.h"
#include "cix.h"
#include "cli/cli.h"
#include "cli/settings.h"

struct online {
    const struct cli_args *args;
    struct arena arena;
    struct ctx ctx; /* failures on this side */
    struct settings settings;
    struct cix_client *client;
    struct cix_error error; /* failures of a call */
};

/*
 * Reads the settings and makes the client. online_close releases it, also after a failure. Answers
 * CLI_OK, or an exit code after a line on stderr.
 */
enum cli_exit online_open(struct online *online, const struct cli_args *args);
void online_close(struct online *online);

/* The same without settings and client, for what a command does offline. Answers CLI_OK. */
enum cli_exit online_without(struct online *online, const struct cli_args *args);

/* What most commands do: opens, works and closes. */
enum cli_exit online_run(const struct cli_args *args, enum cli_exit (*work)(struct online *online));

/*
 * Tells online->error on stderr: message, reason, fields, facts; and, when no connection came to
 * be, why. Answers the exit code.
 */
enum cli_exit online_fail(struct online *online);

/* Tells online->ctx.error on stderr. Answers CLI_USAGE. */
enum cli_exit online_complain(const struct online *online);

/* The value of an option that must be there. Fails with USAGE. */
MUST_USE bool online_require(struct online *online, const char *name, const char **value);

/* True when --output json was given; false for table. Fails on another word. */
MUST_USE bool online_wants_json(struct online *online, bool *is_json);

/* Prints a message as JSON. */
void online_print_json(const ProtobufCMessage *message);

/* An instant of the exchange in local time, "2026-01-31 08:15"; "" for 0. Arena. */
const char *online_instant(struct arena *arena, int64_t at_us);

/* A day on the wire as "2026-01-31", a period as "2026-01"; "" for 0. Arena. */
const char *online_day(struct arena *arena, int32_t yyyymmdd);
const char *online_period(struct arena *arena, int32_t yyyymm);

/* Minor units for people, with the currency's decimals. Arena. */
const char *online_money(struct arena *arena, int64_t amount, const char *currency);

/* The number of an enum's word as people type it: either case, "-" for "_", with or without prefix.
 */
MUST_USE bool online_enum(struct ctx *ctx, const ProtobufCEnumDescriptor *descriptor,
                          const char *option, const char *text, int *number);
