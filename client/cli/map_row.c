#include <string.h>

#include "base/text.h"
#include "cli/map.h"

enum { NAMES_MAX = 64 };

void map_headings(const struct map *map, struct csv_row *row)
{
    *row = (struct csv_row){.line = 1, .count = map->field_count};
    for (int i = 0; i < map->field_count; i++)
        row->cells[i] =
            (struct csv_cell){.text = map->fields[i].name, .size = strlen(map->fields[i].name)};
}

const char *map_heading_of(const struct map *map, const char *field)
{
    for (int i = 0; i < map->field_count; i++)
        if (!strcmp(map->fields[i].name, field))
            return map->fields[i].heading;
    return field;
}

static bool fail_part(struct ctx *ctx, const struct map *map, const struct map_part *part,
                      const char *what, const char *near)
{
    return fail(ctx, ERR_INVALID, "MAP", "%s: line %d, column %d: %s column %s%s%s", map->path,
                part->place.line, part->place.column, what, part->heading, near ? ", perhaps " : "",
                near ? near : "");
}

static bool bind_part(struct ctx *ctx, const struct map *map, const struct map_part *part,
                      const struct csv_row *names, int16_t *cell)
{
    const char *candidates[NAMES_MAX];
    size_t count = 0;

    *cell = -1;
    if (part->text)
        return true;
    for (int i = 0; i < names->count; i++) {
        if (count < NAMES_MAX)
            candidates[count++] = names->cells[i].text;
        if (strcmp(names->cells[i].text, part->heading) != 0)
            continue;
        if (*cell >= 0)
            return fail_part(ctx, map, part, "the file has twice the", NULL);
        *cell = (int16_t)i;
    }
    return *cell >= 0 || fail_part(ctx, map, part, "the file has no",
                                   text_nearest(part->heading, candidates, count));
}

static bool is_ignored(const struct map *map, const char *name)
{
    for (int i = 0; i < map->ignored_count; i++)
        if (!strcmp(map->ignored[i], name))
            return true;
    return map->is_rest_passed || !strncmp(name, "cix_", 4);
}

bool map_bind(struct ctx *ctx, const struct map *map, const struct csv_row *names,
              struct map_binding *binding)
{
    bool is_used[CSV_COLUMN_MAX] = {false};

    binding->count = names->count;
    for (int i = 0; i < map->field_count; i++) {
        for (int j = 0; j < map->fields[i].part_count; j++) {
            int16_t *cell = &binding->cells[i][j];
            if (!bind_part(ctx, map, &map->fields[i].parts[j], names, cell))
                return false;
            if (*cell >= 0)
                is_used[*cell] = true;
        }
    }
    for (int i = 0; i < names->count; i++)
        if (!is_used[i] && !is_ignored(map, names->cells[i].text))
            return fail(ctx, ERR_INVALID, "MAP",
                        "%s: column %s of the file is named nowhere; [file] ignore = or "
                        "others = ignore passes it over",
                        map->path, names->cells[i].text);
    return true;
}

/* Bytes of a space, tab or ideographic space at the front or, counted back, at the end; else 0. */
static size_t blank_at(const char *text)
{
    static const char wide[] = "\xE3\x80\x80";

    return *text == ' ' || *text == '\t' ? 1 : !strncmp(text, wide, 3) ? 3 : 0;
}

static const char *trim(struct arena *arena, const char *text)
{
    size_t size;

    while ((size = blank_at(text)))
        text += size;
    size = strlen(text);
    for (;;) {
        if (size && blank_at(text + size - 1) == 1)
            size--;
        else if (size >= 3 && blank_at(text + size - 3) == 3)
            size -= 3;
        else
            break;
    }
    return text[size] ? arena_copy(arena, text, size) : text;
}

/* The parts of a field side by side; nothing when its columns give nothing. */
static bool join(struct ctx *ctx, const struct map_field *field, const int16_t *cells,
                 const struct csv_row *from, const char **value, bool *is_given)
{
    struct builder joined = {.arena = ctx->arena};
    bool has_columns = false;

    *is_given = false;
    for (int i = 0; i < field->part_count; i++) {
        const char *text =
            cells[i] < 0 ? field->parts[i].text : trim(ctx->arena, from->cells[cells[i]].text);
        has_columns |= cells[i] >= 0;
        *is_given |= cells[i] >= 0 && *text;
        *value = text;
        if (field->part_count > 1)
            builder_text(&joined, text);
    }
    if (has_columns && !*is_given)
        *value = "";
    else if (field->part_count > 1)
        *value = joined.data;
    return strlen(*value) <= MAP_VALUE_MAX ||
           fail_field(ctx, "WRONG_VALUE", field->heading, "the value has more than %d bytes",
                      MAP_VALUE_MAX);
}

static bool make_value(struct ctx *ctx, const struct map_field *field, const int16_t *cells,
                       const struct csv_row *from, const char **value, bool *is_given)
{
    if (!join(ctx, field, cells, from, value, is_given))
        return false;
    for (int i = 0; i < field->step_count; i++) {
        if (map_step_is_default(&field->steps[i]))
            *is_given &= **value != '\0';
        if (!map_step_apply(ctx, &field->steps[i], field->heading, value))
            return false;
    }
    *is_given &= **value != '\0';
    return true;
}

/* Which messages inside the record a column gives something of, or no column could. */
static void judge_groups(const struct map *map, const bool *is_given, bool *is_alive)
{
    bool has_columns[MAP_FIELD_MAX] = {false};

    for (int i = 0; i < map->field_count; i++) {
        int group = map->fields[i].group;
        if (group < 0)
            continue;
        is_alive[group] |= is_given[i];
        has_columns[group] |= map->fields[i].heading != map->fields[i].name;
    }
    for (int i = 0; i < map->field_count; i++)
        is_alive[i] |= !has_columns[i];
}

bool map_row(struct ctx *ctx, const struct map *map, const struct map_binding *binding,
             const struct csv_row *from, struct csv_row *to)
{
    bool is_given[MAP_FIELD_MAX] = {false}, is_alive[MAP_FIELD_MAX] = {false};
    const char *values[MAP_FIELD_MAX];

    if (from->count != binding->count)
        return fail(ctx, ERR_INVALID, "COLUMN_COUNT",
                    "expected %d cells, as in the first row, not %d", binding->count, from->count);
    for (int i = 0; i < map->field_count; i++)
        if (!make_value(ctx, &map->fields[i], binding->cells[i], from, &values[i], &is_given[i]))
            return false;
    judge_groups(map, is_given, is_alive);
    to->line = from->line;
    to->byte = from->byte;
    to->count = map->field_count;
    for (int i = 0; i < map->field_count; i++) {
        int group = map->fields[i].group;
        const char *value = group < 0 || is_alive[group] ? values[i] : "";
        to->cells[i] = (struct csv_cell){.text = value, .size = strlen(value), .byte = from->byte};
    }
    return true;
}
