/*
 * The bytes of an input file as UTF-8: unpacked when the file is gzip (known by its first bytes,
 * not by its name) and converted when it is GB18030. Streaming: memory does not depend on the size.
 *
 * A byte order mark decides the encoding, whatever was said, so that what we write as UTF-8 can be
 * read with the settings of the original. UTF-8 is passed on as it is; who reads it checks it. What
 * unpacks beyond all measure is refused: more than SOURCE_RATIO_MAX times the packed bytes once
 * SOURCE_RATIO_FROM bytes came out, or more than SOURCE_SIZE_MAX.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"

#define SOURCE_SIZE_MAX (INT64_C(256) << 30)

enum { SOURCE_RATIO_MAX = 200, SOURCE_RATIO_FROM = 64 * 1024 * 1024 };

enum encoding { ENCODING_UTF8, ENCODING_GB18030 };

struct source;

/*
 * Opens a file and looks at its first bytes. Error FILE: it cannot be read, is damaged, or is of a
 * kind that is no text (ZIP, Excel, UTF-16); the message names the path. source is NULL then.
 */
MUST_USE bool source_open(struct ctx *ctx, const char *path, enum encoding encoding,
                          struct source **source);

/* Releases it. Accepts NULL. */
void source_close(struct source *source);

/*
 * A csv_source: at most room (at least 4) bytes into data, 0 at the end, -1 on a failure. What was
 * readable before the failure is given first, so that the reader's place is that of the failure.
 */
long source_read(void *source, char *data, size_t room);

/* Why source_read failed, for people; "" when it did not. */
const char *source_failure(const struct source *source);

/* Whether the bytes given are those of the file, so that offsets hold in both. */
bool source_is_plain(const struct source *source);

/* What the file is in after all: its byte order mark or what was said. */
enum encoding source_encoding(const struct source *source);

/* "utf-8" or "gb18030", in either case, with or without dashes and "_"; false for another word. */
MUST_USE bool encoding_find(const char *word, enum encoding *encoding);
