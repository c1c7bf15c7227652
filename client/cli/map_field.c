#include <string.h>

#include "base/text.h"
#include "cli/map.h"

static const char *skip_spaces(const char *at)
{
    return at + strspn(at, " \t");
}

bool map_fail(const struct map_text *text, const char *at, const char *format, ...)
{
    size_t offset = at > text->start ? (size_t)(at - text->start) : 0;
    va_list args;

    va_start(args, format);
    const char *what = arena_vformat(text->ctx->arena, format, args);
    va_end(args);
    return fail(text->ctx, ERR_INVALID, "MAP", "%s: line %d, column %d: %s", text->path,
                text->place.line, text->place.column + (int)text_length(text->start, offset), what);
}

static struct map_place place_of(const struct map_text *text, const char *at)
{
    return (struct map_place){
        .line = text->place.line,
        .column = text->place.column + (int)text_length(text->start, (size_t)(at - text->start))};
}

/* A doubled quote inside stands for one. */
static bool quoted_word(const struct map_text *text, const char **at, const char **word)
{
    const char quote = **at, *opened = (*at)++;
    struct builder out = {.arena = text->ctx->arena};

    builder_text(&out, "");
    for (; **at != quote || (*at)[1] == quote; (*at)++) {
        if (!**at)
            return map_fail(text, opened, "the quote is not closed");
        builder_put(&out, *at, 1);
        *at += **at == quote;
    }
    (*at)++;
    *word = out.data;
    return true;
}

bool map_word(const struct map_text *text, const char **at, const char *stops, const char **word,
              char *quote)
{
    *quote = **at == '"' || **at == '\'' ? **at : 0;
    if (*quote) {
        if (!quoted_word(text, at, word))
            return false;
        if (**at && !strchr(" \t", **at) && !strchr(stops, **at))
            return map_fail(text, *at, "expected a space behind the quote");
    } else {
        size_t size = strcspn(*at, " \t");
        size_t stop = strcspn(*at, stops);
        size = stop < size ? stop : size;
        *word = arena_copy(text->ctx->arena, *at, size);
        *at += size;
    }
    *at = skip_spaces(*at);
    return true;
}

/* A heading may have spaces inside: it goes up to "+" or "|". */
static bool bare_heading(const struct map_text *text, const char **at, const char **heading)
{
    size_t size = strcspn(*at, "+|\"'");
    const char *end = *at + size;

    if (*end == '"' || *end == '\'')
        return map_fail(text, end, "expected \"+\" or \"|\" before a quote");
    while (size && strchr(" \t", (*at)[size - 1]))
        size--;
    if (!size)
        return map_fail(text, *at, "expected a column or a text in quotes");
    *heading = arena_copy(text->ctx->arena, *at, size);
    *at = end;
    return true;
}

static bool read_part(const struct map_text *text, const char **at, struct map_part *part)
{
    const char *word;
    char quote;

    part->place = place_of(text, *at);
    if (**at != '"' && **at != '\'')
        return bare_heading(text, at, &part->heading);
    if (!map_word(text, at, "+|", &word, &quote))
        return false;
    if (quote == '"')
        part->text = word;
    else
        part->heading = word;
    if (**at && **at != '+' && **at != '|')
        return map_fail(text, *at, "expected \"+\" or \"|\"");
    return true;
}

static bool read_parts(const struct map_text *text, const char **at, struct map_field *field)
{
    for (;;) {
        if (field->part_count == MAP_PART_MAX)
            return map_fail(text, *at, "at most %d columns and texts make a field", MAP_PART_MAX);
        if (!read_part(text, at, &field->parts[field->part_count++]))
            return false;
        if (**at != '+')
            return true;
        *at = skip_spaces(*at + 1);
    }
}

static bool read_step(const struct map_text *text, const char **at, struct map_step *step)
{
    const char *start = skip_spaces(*at + 1);
    size_t size = strcspn(start, " \t|");
    const char *name = arena_copy(text->ctx->arena, start, size);
    const struct map_text here = {text->ctx, text->path, place_of(text, start), start};

    step->place = here.place;
    *at = skip_spaces(start + size);
    if (!map_step_prepare(&here, name, *at, step))
        return false;
    while (**at && **at != '|') { /* over the words, which are good */
        const char *word;
        char quote;
        if (!map_word(text, at, "|", &word, &quote))
            return false;
    }
    return true;
}

/* "A + B": the columns that errors and reject files name. */
static const char *heading_of(struct arena *arena, const struct map_field *field)
{
    struct builder heading = {.arena = arena};

    for (int i = 0; i < field->part_count; i++)
        if (field->parts[i].heading)
            builder_format(&heading, "%s%s", heading.size ? " + " : "", field->parts[i].heading);
    return heading.size ? heading.data : field->name;
}

bool map_field_read(const struct map_text *text, struct map_field *field)
{
    const char *at = text->start;

    if (!read_parts(text, &at, field))
        return false;
    while (*at == '|') {
        if (field->step_count == MAP_STEP_MAX)
            return map_fail(text, at, "at most %d steps make a field", MAP_STEP_MAX);
        if (!read_step(text, &at, &field->steps[field->step_count++]))
            return false;
    }
    field->heading = heading_of(text->ctx->arena, field);
    return true;
}
