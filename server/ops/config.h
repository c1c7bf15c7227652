/*
 * The settings of cixd: one static table in config.c (key, type, default, range, help), read from
 * a flat file of `key = value`, then the environment (CIXD_<KEY>), then the command line; the later
 * source wins. An unknown key is refused with the nearest known one. Every key has a safe default.
 *
 * A struct config changes by config_load and config_reload alone, and is the main thread's: the
 * parts get copies of what may change.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/text.h"
#include "ops/log.h"

enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_FLAG };

enum { CONFIG_KEY_MAX = 64 };

/* The values, in the order of the table. Texts are never NULL; "" means not given. */
struct config {
    /* Where to listen. */
    const char *listen;
    const char *admin_listen;

    /* Where things lie. */
    const char *data;
    const char *database;
    const char *keys;
    const char *postgres_bin;
    const char *os_user;

    /* TLS and identity. */
    const char *tls_certificate;
    const char *tls_key;
    const char *tls_ca;
    const char *tls_crl;
    const char *trust_domain;

    /* The process. */
    int node;
    int log_level; /* enum log_level */
    int drain_seconds;

    /* Workers and batches. */
    int completion_threads;
    int workers_inquire;
    int workers_submit;
    int workers_regulate;
    int stream_workers;
    int streams_per_member;
    int batch_max;
    int queue_max;

    /* Whole files. */
    int file_records_max;
    int file_reject_bps;
    int file_fall_bps;
    int files_open;
    int staged_days;
    int quarantine_days;
    int history_months;
    int purge_hours;

    /* Limits on peers. */
    int connections_max;
    int connections_per_member;
    int preauth_max;
    int handshake_seconds;

    /* The database. */
    int registry_poll_ms;
    int merge_ms;

    struct arena arena;                   /* holds the texts */
    unsigned char origin[CONFIG_KEY_MAX]; /* enum config_origin, by row of the table */
};

/* A flag that belongs to one subcommand and not to the table. */
struct config_flag {
    const char *name;   /* without dashes, e.g. "type" */
    const char **value; /* takes a value and writes it here; NULL for a switch */
    bool *is_set;       /* set to true when given; may be NULL */
};

/* Where config_load reads. */
struct config_sources {
    char *const *environment; /* NAME=value, ended by NULL; may be NULL */
    char *const *arguments;   /* the command line behind the subcommand */
    int argument_count;
    const struct config_flag *flags; /* the subcommand's own, ended by a NULL name; may be NULL */
};

/* What stood on the command line beside flags. */
struct config_rest {
    const char **items; /* views into the arguments */
    int count;
};

/*
 * Reads all sources. `--config FILE` or CIXD_CONFIG names the file. Flags are --key=value or --key
 * value, with - or _ inside the key; `--` ends them. Fails ERR_INVALID with CONFIG_UNKNOWN_KEY,
 * CONFIG_BAD_VALUE, CONFIG_DUPLICATE or CONFIG_SYNTAX, and ERR_NOT_FOUND with
 * CONFIG_FILE_UNREADABLE; the message names key and source, never a secret value. rest may be NULL:
 * then anything beside flags is refused. items lie in the arena of the config.
 */
MUST_USE bool config_load(struct ctx *ctx, const struct config_sources *sources,
                          struct config *config, struct config_rest *rest);

/*
 * Reads all sources again, as config_load does. What may change while the server runs is taken
 * over; of everything else the value stays. changed is called for each setting that differs from
 * what is in force, with its new value and whether it counts from now on or needs a restart.
 * Fails as config_load does; then nothing has changed.
 */
MUST_USE bool config_reload(struct ctx *ctx, const struct config_sources *sources,
                            struct config *config,
                            void (*changed)(const char *key, const char *value, bool is_in_force));

/* Releases the texts. Accepts a zeroed config. */
void config_done(struct config *config);

/* The settings in force as `key = value`, with their origin behind each when asked for. */
void config_print(const struct config *config, bool with_origin, FILE *out);

/* The table as a commented sample file: the text of deploy/cixd.conf. */
void config_help(FILE *out);

/* The table as items of a manual page. */
void config_manual(struct builder *roff);

/* One row of the table. takes: FILE, DIR, words with bars, or what else it may be. */
struct config_setting {
    const char *key, *takes, *help;
};

/* The setting of a row, from 0 on; false behind the last one. */
bool config_setting(int row, struct config_setting *setting);

/* A place to listen: a host without brackets, and a port. */
struct config_address {
    char host[64];
    int port; /* 0..65535 */
};

/* "127.0.0.1:7443", "[::1]:7443", "0.0.0.0:7443"; false for names and everything else. */
MUST_USE bool config_address_parse(const char *text, struct config_address *address);

/* True for 127.0.0.0/8 and ::1. */
bool config_address_is_loopback(const struct config_address *address);
