/*
 * The files of a client's identity: read, checked, and read again when they have changed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cix.h"

enum { CIX_IDENTITY_FILES = 3 };

/* What tells one state of a file from another. */
struct cix_file_stamp {
    int64_t device, inode, size, changed_s, changed_ns;
};

/* PEM texts, terminated; owned. In the order authority, certificate, key. */
struct cix_identity {
    char *pem[CIX_IDENTITY_FILES];
    struct cix_file_stamp stamps[CIX_IDENTITY_FILES];
};

/*
 * Reads the three files and checks that they hold certificates and the certificate's key. Errors:
 * FILE_UNREADABLE, CERTIFICATE_INVALID.
 */
bool cix_identity_read(const char *const paths[CIX_IDENTITY_FILES], struct cix_identity *identity,
                       struct cix_error *error);

/* True when a file is not the one that was read. */
bool cix_identity_is_stale(const char *const paths[CIX_IDENTITY_FILES],
                           const struct cix_identity *identity);

/* Wipes and frees the texts. */
void cix_identity_done(struct cix_identity *identity);
