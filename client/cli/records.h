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
#include "cli/map.h"
#include "cli/source.h"

/* Packed size beyond which a record is refused here: a chunk of them stays below 1 MiB. */
enum { RECORD_SIZE_MAX = 256 * 1024 };

enum records_format { RECORDS_CSV, RECORDS_JSON };

/* Which file, and how it is read. */
struct records_input {
    const char *path;
    enum records_format format;
    const char *kind;       /* CSV: "performance" and the like; JSON: ignored */
    enum encoding encoding; /* unless a byte order mark says otherwise */
    const struct map *map;  /* CSV: what makes the fields; NULL: the columns are the fields */
};

enum records_result {
    RECORDS_GOOD,
    RECORDS_BAD, /* the record is refused: ctx.error says why; the file goes on */
    RECORDS_END,
    RECORDS_BROKEN, /* the file is damaged: ctx.error says where */
};

struct records {
    const struct records_input *input;
    const ProtobufCFieldDescriptor *kind; /* CSV: the field of Record that rows make */
    struct source *source;
    int64_t line; /* of the latest record */
    struct csv_reader csv;
    struct csv_row headings; /* CSV: of the file, or 1, 2, 3 ...; texts in the arena */
    struct columns columns;
    struct map_binding binding; /* with a map */
    struct csv_row fields;      /* with a map: what the latest row became */
    bool is_row_read;           /* there were no headings: the first row is a record */
    bool has_lines;             /* some line, CSV: behind the headings, was not empty */
    char *text;                 /* JSON: the line */
    size_t text_size;
    char *ahead; /* JSON: bytes behind the line */
    size_t ahead_at, ahead_size;
    struct arena arena; /* names of columns */
};

/*
 * Opens a file, gzip or not. Reads the headings of CSV. input stays the caller's and must outlive
 * it. Errors: FILE (also a file without any line), KIND, or those of columns_read. records_close
 * releases it, also then.
 */
MUST_USE bool records_open(struct ctx *ctx, const struct records_input *input,
                           struct records *records);
void records_close(struct records *records);

/* The next record, in the arena of ctx; an error of an earlier one is forgotten. */
MUST_USE enum records_result records_next(struct ctx *ctx, struct records *records,
                                          Cix__V1__Record **record);

/* The field of Record that is this kind ("account"), or NULL. */
const ProtobufCFieldDescriptor *records_kind(const char *name);

/* Whether a heading is one that a reject file has beside the file's own. */
bool records_is_remark(const char *heading);

/*
 * SHA-256 of what the records are made of, in hexadecimal (65 bytes): the file as it lies there, or
 * the file and the mapping file. Error: FILE.
 */
MUST_USE bool records_digest(struct ctx *ctx, const struct records_input *input, char digest[65]);
