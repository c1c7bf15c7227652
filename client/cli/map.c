#include "cli/map.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cix/v1/record.pb-c.h"
#include "cli/columns.h"
#include "cli/records.h"

enum { SECTION_ROOM = 48, LINE_ROOM = 512 };

static const char code_section[] = "code ";

/* An own code while the map is read; they are sorted in the end. */
struct own_code {
    struct map_code code;
    int table;
    struct map_place place;
};

struct reading {
    struct ctx *ctx;
    struct map *map;
    FILE *file;
    char line_text[LINE_ROOM];
    int line, indent;
    struct map_text text; /* the value of the line */
    struct own_code *codes;
    int code_count;
};

static bool fail_line(struct reading *reading, const char *what)
{
    return fail(reading->ctx, ERR_INVALID, "MAP", "%s: line %d: %s", reading->map->path,
                reading->line, what);
}

static bool has_failed(const struct reading *reading)
{
    return reading->ctx->error.code != ERR_NONE;
}

static char *stop(struct reading *reading, const char *what)
{
    fail_line(reading, what);
    return NULL;
}

/* For inih, which cuts long lines in two: a line is checked and loses its indent. */
static char *read_line(char *line, int room, void *user)
{
    struct reading *reading = user;

    if (has_failed(reading) || !fgets(line, room, reading->file))
        return NULL;
    size_t size = strlen(line);
    reading->line++;
    if (reading->line > MAP_LINES_MAX)
        return stop(reading, "a mapping file has at most 8192 lines");
    if (!size || (line[size - 1] != '\n' && !feof(reading->file)))
        return stop(reading, "longer than 198 bytes, or a NUL byte in it");
    if (!text_is_utf8(line, size))
        return stop(reading, "not UTF-8");
    reading->indent = (int)strspn(line, " \t");
    memmove(line, line + reading->indent, size + 1 - (size_t)reading->indent);
    snprintf(reading->line_text, sizeof(reading->line_text), "%s", line);
    return line;
}

/* Where the value of the line begins. */
static struct map_text text_of(const struct reading *reading, const char *value)
{
    const char *line = reading->line_text;
    size_t offset = strcspn(line, "=:");

    offset += line[offset] != '\0';
    offset += strspn(line + offset, " \t");
    return (struct map_text){
        .ctx = reading->ctx,
        .path = reading->map->path,
        .place = {reading->line, reading->indent + (int)text_length(line, offset) + 1},
        .start = arena_string(reading->ctx->arena, value),
    };
}

/* One item of "a, b, 'c,d'"; *at moves behind its comma. */
static bool read_item(const struct map_text *text, const char **at, const char **item)
{
    size_t size = strcspn(*at, ",");
    char quote;

    if (**at == '"' || **at == '\'') {
        if (!map_word(text, at, ",", item, &quote))
            return false;
        if (**at && **at != ',')
            return map_fail(text, *at, "expected a comma");
    } else {
        const char *from = *at;
        *at += size;
        while (size && strchr(" \t", from[size - 1]))
            size--;
        if (!size)
            return map_fail(text, from, "expected a text before the comma");
        *item = arena_copy(text->ctx->arena, from, size);
    }
    if (**at)
        *at += 1 + strspn(*at + 1, " \t");
    return true;
}

static bool take_kind(struct reading *reading)
{
    const ProtobufCFieldDescriptor *kind = records_kind(reading->text.start);

    if (!kind)
        return map_fail(&reading->text, reading->text.start, "no such kind of record");
    reading->map->kind = kind->name;
    return true;
}

static bool take_encoding(struct reading *reading)
{
    return encoding_find(reading->text.start, &reading->map->encoding) ||
           map_fail(&reading->text, reading->text.start, "expected utf-8 or gb18030");
}

static const struct {
    const char *name;
    char delimiter;
} delimiters[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"pipe", '|'}};

static bool take_delimiter(struct reading *reading)
{
    const char *word = reading->text.start;

    for (size_t i = 0; i < ARRAY_LENGTH(delimiters); i++) {
        if (!strcmp(delimiters[i].name, word)) {
            reading->map->form.delimiter = delimiters[i].delimiter;
            return true;
        }
    }
    if (strlen(word) != 1 || !strchr("!#$%&*+,-./:;<=>?@\\^_`|~", *word))
        return map_fail(&reading->text, word,
                        "expected comma, semicolon, tab, pipe or a mark of punctuation");
    reading->map->form.delimiter = *word;
    return true;
}

/* One of two words; is_first: it was the first. */
static bool take_word(struct reading *reading, const char *const words[2], bool *is_first)
{
    *is_first = !strcmp(reading->text.start, words[0]);
    return *is_first || !strcmp(reading->text.start, words[1]) ||
           map_fail(&reading->text, reading->text.start, "expected %s or %s", words[0], words[1]);
}

static bool take_quote(struct reading *reading)
{
    return take_word(reading, (const char *const[]){"double", "none"},
                     &reading->map->form.has_quotes);
}

static bool take_headings(struct reading *reading)
{
    return take_word(reading, (const char *const[]){"yes", "no"}, &reading->map->has_headings);
}

static bool take_others(struct reading *reading)
{
    return take_word(reading, (const char *const[]){"ignore", "refuse"},
                     &reading->map->is_rest_passed);
}

static bool take_ignored(struct reading *reading)
{
    struct map *map = reading->map;

    for (const char *at = reading->text.start; *at;) {
        if (map->ignored_count == MAP_IGNORED_MAX)
            return map_fail(&reading->text, at, "more than %d columns", MAP_IGNORED_MAX);
        if (!read_item(&reading->text, &at, &map->ignored[map->ignored_count]))
            return false;
        map->ignored_count++;
    }
    return true;
}

/* The keys of [file]. */
static const struct {
    const char *name;
    bool (*take)(struct reading *reading);
} keys[] = {
    {"kind", take_kind},      {"encoding", take_encoding}, {"delimiter", take_delimiter},
    {"quote", take_quote},    {"headings", take_headings}, {"others", take_others},
    {"ignore", take_ignored},
};

static bool take_key(struct reading *reading, const char *name)
{
    const char *names[ARRAY_LENGTH(keys)];

    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        names[i] = keys[i].name;
        if (!strcmp(keys[i].name, name))
            return keys[i].take(reading);
    }
    const char *near = text_nearest(name, names, ARRAY_LENGTH(keys));
    return fail(reading->ctx, ERR_INVALID, "MAP", "%s: line %d: [file] has no %s%s%s",
                reading->map->path, reading->line, name, near ? ", perhaps " : "",
                near ? near : "");
}

static bool take_field(struct reading *reading, const char *name)
{
    struct map *map = reading->map;

    for (int i = 0; i < map->field_count; i++)
        if (!strcmp(map->fields[i].name, name))
            return fail_line(reading, "the field is made in an earlier line");
    if (map->field_count == MAP_FIELD_MAX)
        return fail_line(reading, "at most 128 fields");
    struct map_field *field = &map->fields[map->field_count++];
    field->name = arena_string(reading->ctx->arena, name);
    field->place = (struct map_place){reading->line, reading->indent + 1};
    return map_field_read(&reading->text, field);
}

static bool find_table(struct reading *reading, const char *name, int *table)
{
    struct map *map = reading->map;

    for (*table = 0; *table < map->table_count; (*table)++)
        if (!strcmp(map->tables[*table].name, name))
            return true;
    if (map->table_count == MAP_TABLE_MAX)
        return fail_line(reading, "at most 64 code tables");
    map->tables[map->table_count++].name = arena_string(reading->ctx->arena, name);
    return true;
}

/* "R2 = 11, 12, *". */
static bool take_codes(struct reading *reading, const char *name, const char *code)
{
    int table;
    const char *kept = arena_string(reading->ctx->arena, code);

    if (!find_table(reading, name, &table))
        return false;
    for (const char *at = reading->text.start; *at;) {
        struct own_code *own = &reading->codes[reading->code_count];
        const char *item = at;
        bool is_bare = *at != '"' && *at != '\'';
        if (reading->code_count == MAP_CODE_MAX)
            return map_fail(&reading->text, at, "more than %d codes", MAP_CODE_MAX);
        if (!read_item(&reading->text, &at, &own->code.own))
            return false;
        if (is_bare && !strcmp(own->code.own, "*")) {
            if (reading->map->tables[table].others)
                return map_fail(&reading->text, item, "* stands in an earlier line");
            reading->map->tables[table].others = kept;
            continue;
        }
        own->code.code = kept;
        own->table = table;
        own->place = (struct map_place){reading->line, 1};
        reading->code_count++;
    }
    return true;
}

/* inih's handler: 0 is a failure. */
static int take_line(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;

    if (has_failed(reading))
        return 0;
    reading->text = text_of(reading, value);
    if (!*value)
        return map_fail(&reading->text, reading->text.start,
                        "expected something behind \"=\"; \";\" begins a comment");
    if (strlen(section) >= SECTION_ROOM)
        return fail_line(reading, "the name of the section is longer than 47 bytes");
    if (!strcmp(section, "file"))
        return take_key(reading, name);
    if (!strcmp(section, "fields"))
        return take_field(reading, name);
    if (!strncmp(section, code_section, sizeof(code_section) - 1))
        return take_codes(reading, section + sizeof(code_section) - 1, name);
    return fail_line(reading, "expected a section [file], [fields] or [code NAME]");
}

static int compare_codes(const void *a, const void *b)
{
    const struct own_code *left = a, *right = b;

    if (left->table != right->table)
        return left->table < right->table ? -1 : 1;
    return strcmp(left->code.own, right->code.own);
}

/* Each table gets its part of the sorted codes. */
static bool sort_codes(struct reading *reading)
{
    struct map_code *sorted =
        arena_array(reading->ctx->arena, (size_t)reading->code_count + 1, sizeof(*sorted));

    qsort(reading->codes, (size_t)reading->code_count, sizeof(*reading->codes), compare_codes);
    for (int i = 0; i < reading->map->table_count; i++)
        reading->map->tables[i].codes = sorted;
    for (int i = 0; i < reading->code_count; i++) {
        const struct own_code *own = &reading->codes[i];
        struct map_table *table = &reading->map->tables[own->table];
        if (i && !compare_codes(own - 1, own)) {
            int first = own[-1].place.line, second = own->place.line;
            reading->line = first > second ? first : second;
            return fail_line(reading, "an own code stands twice in the table");
        }
        sorted[i] = own->code;
        if (!table->count++)
            table->codes = &sorted[i];
    }
    return true;
}

/* The record has these fields; those of one message inside it form a group. */
static bool check_fields(struct reading *reading)
{
    struct map *map = reading->map;
    struct csv_row *row = arena_alloc(reading->ctx->arena, sizeof(*row));
    struct columns *columns = arena_alloc(reading->ctx->arena, sizeof(*columns));
    struct ctx names;

    ctx_init(&names, reading->ctx->arena);
    map_headings(map, row);
    if (!columns_read_kind(&names, &cix__v1__record__descriptor, records_kind(map->kind), row,
                           columns)) {
        int i = 0;
        while (strcmp(map->fields[i].name, names.error.fields[0].field) != 0)
            i++;
        return fail(reading->ctx, ERR_INVALID, "MAP", "%s: line %d, column %d: %s: %s", map->path,
                    map->fields[i].place.line, map->fields[i].place.column, map->fields[i].name,
                    names.error.message);
    }
    for (int i = 0; i < map->field_count; i++) {
        const struct column *column = &columns->items[i];
        int first = 0;
        while (columns->items[first].outer != column->outer ||
               columns->items[first].element != column->element)
            first++;
        map->fields[i].group = column->inner ? first : -1;
    }
    return true;
}

static bool finish(struct reading *reading)
{
    struct map *map = reading->map;

    if (!map->kind)
        return fail_line(reading, "the file ends, and [file] has no kind");
    if (!map->field_count)
        return fail_line(reading, "the file ends, and [fields] is empty");
    if (!sort_codes(reading) || !check_fields(reading))
        return false;
    for (int i = 0; i < map->field_count; i++)
        for (int j = 0; j < map->fields[i].step_count; j++)
            if (!map_step_finish(reading->ctx, map, &map->fields[i].steps[j]))
                return false;
    return true;
}

static bool read_file(struct reading *reading)
{
    int wrong = ini_parse_stream(read_line, reading, take_line, reading);

    if (has_failed(reading))
        return false;
    if (ferror(reading->file))
        return fail_line(reading, "the file cannot be read");
    reading->line = wrong > 0 ? wrong : reading->line;
    return wrong ? fail_line(reading, "expected [SECTION] or NAME = VALUE") : finish(reading);
}

static struct map *new_map(struct arena *arena, const char *path)
{
    struct map *map = arena_alloc(arena, sizeof(*map));

    *map = (struct map){
        .path = path,
        .form = csv_standard,
        .has_headings = true,
        .fields = arena_array(arena, MAP_FIELD_MAX, sizeof(struct map_field)),
        .tables = arena_array(arena, MAP_TABLE_MAX, sizeof(struct map_table)),
        .ignored = arena_array(arena, MAP_IGNORED_MAX, sizeof(const char *)),
    };
    return map;
}

bool map_read(struct ctx *ctx, const char *path, const struct map **map)
{
    struct reading reading = {.ctx = ctx, .file = fopen(path, "re")};

    if (!reading.file)
        return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, strerror(errno));
    reading.map = new_map(ctx->arena, path);
    reading.codes = arena_array(ctx->arena, MAP_CODE_MAX + 1, sizeof(*reading.codes));
    bool is_read = read_file(&reading);
    fclose(reading.file);
    if (is_read)
        *map = reading.map;
    return is_read;
}
