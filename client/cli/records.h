/*
 * A file of records, one after the other: CSV of one kind, or JSON lines of any.
 *
 * The same file gives the same records in the same order every time, so that a second reading finds
 * the place of every verdict. A record that cannot be read is a result, not the end; damage that
 * hides where records begin is.
 */
#pragma once

#include "base/ctx.h"
#include "cix.h"
#include "cli/columns.h"
#include "cli/csv.h"

/* Packed size beyond which a record is refused here: a chunk of them stays below 1 MiB. */
enum { RECORD_SIZE_MAX = 256 * 1024 };

enum records_format { RECORDS_CSV, RECORDS_JSON };

enum records_result {
    RECORDS_GOOD,
    RECORDS_BAD, /* the record is refused: ctx.error says why; the file goes on */
    RECORDS_END,
    RECORDS_BROKEN, /* the file is damaged: ctx.error says where */
};

struct records {
    enum records_format format;
    const ProtobufCFieldDescriptor *kind; /* CSV: the field of Record that rows make */
    const char *path;
    FILE *file;
    int64_t line; /* of the latest record */
    int64_t bytes_read;
    struct csv_reader csv;
    struct columns columns;
    char *text; /* JSON: the line */
    size_t text_size;
    struct arena arena; /* names of columns */
};

/*
 * Opens a file. kind: "performance" and the like, needed for CSV, ignored for JSON. Reads the
 * headings. Errors: FILE, KIND, or those of columns_read. records_close releases it, also then.
 */
MUST_USE bool records_open(struct ctx *ctx, const char *path, enum records_format format,
                           const char *kind, struct records *records);
void records_close(struct records *records);

/* The next record, in the arena of ctx; an error of an earlier one is forgotten. */
MUST_USE enum records_result records_next(struct ctx *ctx, struct records *records,
                                          Cix__V1__Record **record);

/* SHA-256 of a file, in hexadecimal (65 bytes). Error: FILE. */
MUST_USE bool records_digest(struct ctx *ctx, const char *path, char digest[65]);
