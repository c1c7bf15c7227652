#include "base/roff.h"

#include <ctype.h>
#include <string.h>

enum { LINE_MAX = 72 };

/* A dash is a dash to be typed; a dot or quote at the start of a line is no request. */
static void put_char(struct builder *roff, char c, bool is_first)
{
    if (is_first && (c == '.' || c == '\''))
        builder_text(roff, "\\&");
    if (c == '-')
        builder_text(roff, "\\-");
    else if (c == '\\')
        builder_text(roff, "\\e");
    else
        builder_put(roff, &c, 1);
}

static void put_text(struct builder *roff, const char *text)
{
    for (const char *at = text; *at; at++)
        put_char(roff, *at, at == text);
}

/* Running text, in lines of at most about LINE_MAX characters. */
static void put_lines(struct builder *roff, const char *text)
{
    size_t column = 0;

    while (*text) {
        size_t size = strcspn(text, " \n");
        if (column && column + size > LINE_MAX) {
            builder_text(roff, "\n");
            column = 0;
        } else if (column) {
            builder_text(roff, " ");
        }
        for (size_t i = 0; i < size; i++)
            put_char(roff, text[i], !column && !i);
        column += size + 1;
        text += size;
        text += strspn(text, " \n");
    }
    builder_text(roff, "\n");
}

/* True behind a heading, where a paragraph begins by itself. */
static bool is_behind_heading(const struct builder *roff)
{
    size_t at = roff->size - 1;

    while (at && roff->data[at - 1] != '\n')
        at--;
    return !strncmp(roff->data + at, ".SH", 3) || !strncmp(roff->data + at, ".SS", 3);
}

static void begin_paragraph(struct builder *roff)
{
    if (!is_behind_heading(roff))
        builder_text(roff, ".PP\n");
}

void roff_begin(struct builder *roff, const struct roff_page *page)
{
    builder_text(roff, ".\\\" Made by the program that it describes.\n.TH \"");
    for (const char *at = page->name; *at; at++)
        builder_format(roff, "%c", toupper((unsigned char)*at));
    builder_format(roff,
                   "\" \"%d\" \"" CIX_DATE "\" \"cix " CIX_VERSION
                   "\" \"Credit-information exchange\"\n.SH NAME\n",
                   page->section);
    put_text(roff, page->name);
    builder_text(roff, " \\- ");
    put_lines(roff, page->summary);
}

static void put_heading(struct builder *roff, const char *request, const char *heading)
{
    builder_text(roff, request);
    builder_text(roff, " \"");
    put_text(roff, heading);
    builder_text(roff, "\"\n");
}

void roff_section(struct builder *roff, const char *heading)
{
    put_heading(roff, ".SH", heading);
}

void roff_subsection(struct builder *roff, const char *heading)
{
    put_heading(roff, ".SS", heading);
}

void roff_paragraph(struct builder *roff, const char *text)
{
    if (!text || !*text)
        return;
    begin_paragraph(roff);
    put_lines(roff, text);
}

void roff_literal(struct builder *roff, const char *text)
{
    begin_paragraph(roff);
    builder_text(roff, ".nf\n");
    while (*text) {
        size_t size = strcspn(text, "\n");
        char *line = arena_format(roff->arena, "%.*s", (int)size, text);
        put_text(roff, line);
        builder_text(roff, "\n");
        text += size + (text[size] == '\n');
    }
    builder_text(roff, ".fi\n");
}

void roff_item(struct builder *roff, const char *term, const char *value, const char *text)
{
    builder_text(roff, ".TP\n\\fB");
    put_text(roff, term);
    builder_text(roff, "\\fR");
    if (value && *value) {
        builder_text(roff, " \\fI");
        put_text(roff, value);
        builder_text(roff, "\\fR");
    }
    builder_text(roff, "\n");
    put_lines(roff, text);
}

void roff_see(struct builder *roff, const char *pages)
{
    roff_section(roff, "SEE ALSO");
    put_lines(roff, pages);
}
