/*
 * A standard as a file: reading it for the commands that use one.
 */
#pragma once

#include "base/ctx.h"
#include "domain/standard.h"

/*
 * Reads a file into a standard of the arena of ctx. Errors: FILE, and those of standard_read, the
 * path before the message.
 */
MUST_USE bool standard_file_read(struct ctx *ctx, const char *path, bool is_draft,
                                 struct standard **standard);

/* Writes the canonical text. Error: FILE. */
MUST_USE bool standard_file_write(struct ctx *ctx, const char *path,
                                  const struct standard *standard);
