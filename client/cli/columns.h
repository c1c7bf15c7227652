/*
 * Rows of CSV as messages: a heading names a field of the record, a cell holds its value.
 *
 * Headings are the field names of the proto (snake_case). A field of an identifier inside is
 * identifier_type and identifier_value; of the elements of a list identifiers_1_type,
 * identifiers_1_value and so on. A list of plain values is one cell with ";" between them; bytes
 * are hexadecimal; enums are names with or without prefix, or numbers; amounts are whole minor
 * units. An empty cell is an absent value. A row that makes a field of a larger message (a record
 * of one kind) may also have the other fields of that message. Headings that begin with "cix_" are
 * passed over, so that a reject file can be mended and sent again.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/ctx.h"
#include "cli/csv.h"

/* Where a cell goes. outer NULL: nowhere. */
struct column {
    const ProtobufCFieldDescriptor *outer;
    const ProtobufCFieldDescriptor *inner; /* field of the message in outer, or NULL */
    int element;                           /* number of outer's element, from 1; 0: not a list */
    bool is_beside; /* outer is of the larger message, not of the one that rows make */
    const char *name;
};

struct columns {
    const ProtobufCMessageDescriptor *descriptor; /* of the message that rows make */
    const ProtobufCMessageDescriptor *larger;     /* the message around it, or NULL */
    const ProtobufCFieldDescriptor *kind;         /* its field in the larger one */
    int count;
    struct column items[CSV_COLUMN_MAX];
};

/* Reads the headings. Errors: UNKNOWN_COLUMN (with a suggestion), COLUMN_TWICE. Arena: names. */
MUST_USE bool columns_read(struct ctx *ctx, const ProtobufCMessageDescriptor *descriptor,
                           const struct csv_row *headings, struct columns *columns);

/* The same for a field (kind) of a larger message, whose plain fields may be columns too. */
MUST_USE bool columns_read_kind(struct ctx *ctx, const ProtobufCMessageDescriptor *larger,
                                const ProtobufCFieldDescriptor *kind,
                                const struct csv_row *headings, struct columns *columns);

/* Makes a message of a row, the larger one if there is one, in the arena. Errors: COLUMN_COUNT, or
 * WRONG_VALUE with the column. */
MUST_USE bool columns_message(struct ctx *ctx, const struct columns *columns,
                              const struct csv_row *row, ProtobufCMessage **message);
