/*
 * Private to config*.c: the rows of the configuration table and how a value is read and shown.
 * Nobody else includes it; what the process sees is struct config.
 */
#pragma once

#include "ops/config.h"

enum config_type {
    CONFIG_TEXT,
    CONFIG_ADDRESS, /* address:port */
    CONFIG_INT,     /* const int, minimum..maximum */
    CONFIG_LEVEL,   /* debug info warn error */
};

/* When a changed value counts. */
enum config_effect {
    CONFIG_ON_RESTART,
    CONFIG_ON_RELOAD, /* on SIGHUP; numbers only, since texts are held by others */
    CONFIG_ON_BOTH,   /* the value on restart, the content of the file that it names on SIGHUP */
};

struct config_row {
    const char *key;
    enum config_type type;
    size_t offset;       /* of the field in struct config */
    const char *initial; /* the default as text; "{data}" stands for the value of `data` */
    int minimum;
    int maximum;
    enum config_effect effect;
    bool is_secret;   /* shown as (set) */
    const char *help; /* one line */
};

extern const struct config_row config_rows[];
extern const int config_row_count;

/* The row of a key (with - or _ inside), or -1. */
int config_find(const char *key);

/* Reads text into the field of a row; false when it is not of the type or out of range. */
MUST_USE bool config_set(struct config *config, int row, const char *text);

/* The value of a row as text, in the arena. */
const char *config_value(const struct config *config, int row, struct arena *arena);

/* What a row takes, e.g. "1..256". text has 40 bytes. */
void config_type_text(int row, char text[40]);
