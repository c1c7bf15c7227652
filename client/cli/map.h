/*
 * A mapping file: how the columns of a member's own CSV become the fields of one kind of record.
 *
 * INI of three kinds of section: [file] says what the file is, [fields] makes each field of the
 * record out of columns and texts through steps ("balance = 余额 | amount 10k-yuan"), [code NAME]
 * translates own codes. README.md describes it for people. Everything has a limit, and every error
 * names line and column. A map is read once and then only looked at.
 */
#pragma once

#include <stdbool.h>

#include "base/ctx.h"
#include "cli/csv.h"
#include "cli/source.h"

enum {
    MAP_LINES_MAX = 8192,
    MAP_FIELD_MAX = 128,
    MAP_PART_MAX = 8,
    MAP_STEP_MAX = 8,
    MAP_WORD_MAX = 4, /* behind a step's name */
    MAP_TABLE_MAX = 64,
    MAP_CODE_MAX = 8192, /* over all tables */
    MAP_IGNORED_MAX = CSV_COLUMN_MAX,
    MAP_VALUE_MAX = 4096, /* bytes of a value at any step */
};

/* Place in the mapping file, both from 1. */
struct map_place {
    int line;
    int column; /* in characters */
};

/* A text as it is, or a column of the data. */
struct map_part {
    const char *text;    /* NULL: a column */
    const char *heading; /* NULL: a text */
    struct map_place place;
};

struct map_code {
    const char *own;
    const char *code;
};

/* [code NAME]: own codes in the order of strcmp. */
struct map_table {
    const char *name;
    struct map_code *codes;
    int count;
    const char *others; /* what all other own codes become, or NULL */
};

struct map_verb;

/* One step behind a "|". What it needs is worked out when the map is read. */
struct map_step {
    const struct map_verb *verb;
    struct map_place place;
    const char *words[MAP_WORD_MAX];
    int word_count;
    int shift;                     /* decimal places that a number is moved by */
    char mark;                     /* between units and decimals */
    int first, count;              /* slice, split; count of dates: whether there is a day */
    const struct map_table *table; /* code */
};

struct map_field {
    const char *name; /* a heading of columns.h */
    struct map_place place;
    const char *heading; /* of the data, "A + B" when there are several, else the field's name */
    struct map_part parts[MAP_PART_MAX];
    int part_count;
    struct map_step steps[MAP_STEP_MAX];
    int step_count;
    int group; /* first field of the same message inside the record, -1: of the record itself */
};

struct map {
    const char *path;
    const char *kind; /* "account" and the like */
    enum encoding encoding;
    struct csv_form form;
    bool has_headings;   /* else columns are called 1, 2, 3 ... */
    bool is_rest_passed; /* columns that nothing names are passed over */
    struct map_field *fields;
    int field_count;
    struct map_table *tables;
    int table_count;
    const char **ignored;
    int ignored_count;
};

/* Where the parts of a map's fields stand in a row of one file; -1: a text. */
struct map_binding {
    int count; /* cells of a row */
    int16_t cells[MAP_FIELD_MAX][MAP_PART_MAX];
};

/*
 * Reads a mapping file into the arena of ctx, which must outlive the map. Errors: FILE (it cannot
 * be read), MAP with file, line and column in the message.
 */
MUST_USE bool map_read(struct ctx *ctx, const char *path, const struct map **map);

/* The fields of the map as a row of headings for columns_read. */
void map_headings(const struct map *map, struct csv_row *row);

/*
 * Finds the columns of a file by its row of headings. Error MAP: one is missing or stands there
 * twice, or a column of the file is named nowhere; the message names the line of the map.
 */
MUST_USE bool map_bind(struct ctx *ctx, const struct map *map, const struct csv_row *names,
                       struct map_binding *binding);

/*
 * Makes the row of fields out of a row of the file, in the arena of ctx. A text or default inside
 * an identifier or another message inside the record counts only when a column gives something of
 * it too. Errors: COLUMN_COUNT, or WRONG_VALUE with the file's column.
 */
MUST_USE bool map_row(struct ctx *ctx, const struct map *map, const struct map_binding *binding,
                      const struct csv_row *from, struct csv_row *to);

/* The file's column that a field is made of; the field's own name when the map has none. */
const char *map_heading_of(const struct map *map, const char *field);

/* ---- For map*.c ---- */

/* The text in one place of the mapping file that is being read. */
struct map_text {
    struct ctx *ctx;
    const char *path;
    struct map_place place; /* of start */
    const char *start;
};

/* Fails with MAP and the place of at, which points into the text or behind its end. */
bool map_fail(const struct map_text *text, const char *at, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Reads "A + "-" + B | step word | step" into the field. */
MUST_USE bool map_field_read(const struct map_text *text, struct map_field *field);

/*
 * One word, quoted by " or ' or up to a space or one of stops; *at moves behind it and the spaces
 * that follow. quote: which quote it had, 0 for none. The word is in the arena of the text's ctx.
 */
MUST_USE bool map_word(const struct map_text *text, const char **at, const char *stops,
                       const char **word, char *quote);

/* The step of this name with its words checked. Error MAP at place of the words. */
MUST_USE bool map_step_prepare(const struct map_text *text, const char *name, const char *at,
                               struct map_step *step);

/* Finds the tables that steps name, once all are read. */
MUST_USE bool map_step_finish(struct ctx *ctx, const struct map *map, struct map_step *step);

/*
 * One step. value: not empty unless the step makes something of nothing. Error: WRONG_VALUE for
 * heading.
 */
MUST_USE bool map_step_apply(struct ctx *ctx, const struct map_step *step, const char *heading,
                             const char **value);

/* Whether the step is "default". */
bool map_step_is_default(const struct map_step *step);
