/*
 * The passphrase of a wrapped key ring: from a file, a descriptor or the terminal, never from the
 * command line or the environment, where others see it. It is nowhere printed or kept.
 */
#pragma once

#include "base/ctx.h"

enum { PASSPHRASE_LEAST = 12, PASSPHRASE_MOST = 1024 };

/* What --passphrase-file and --passphrase-fd said; NULL when not given. Rows of a flag table. */
extern const char *passphrase_file;
extern const char *passphrase_descriptor;
#define PASSPHRASE_FLAGS                                                                           \
    {"passphrase-file", &passphrase_file, NULL},                                                   \
    {                                                                                              \
        "passphrase-fd", &passphrase_descriptor, NULL                                              \
    }

struct passphrase {
    uint8_t data[PASSPHRASE_MOST + 2];
    size_t size;
};

/*
 * Reads the first line, without its end. is_new: it must have PASSPHRASE_LEAST bytes, and at a
 * terminal is asked twice. ERR_INVALID with PASSPHRASE_MISSING, PASSPHRASE_SHORT, PASSPHRASE_LONG,
 * PASSPHRASE_DIFFERS; ERR_PRECONDITION / PASSPHRASE_LOOSE when others may read the file.
 */
MUST_USE bool passphrase_read(struct ctx *ctx, bool is_new, struct passphrase *passphrase);

void passphrase_wipe(struct passphrase *passphrase);
