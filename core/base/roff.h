/*
 * Manual pages: text into roff for man(7), escaped so that it comes out as it went in.
 *
 * The pages of cix and cixd are made from their tables of commands and settings, so that page and
 * program cannot differ. Everything is appended to a builder.
 */
#pragma once

#include "base/text.h"

/* What the head of a page says. */
struct roff_page {
    const char *name; /* e.g. "cix", in lower case */
    int section;
    const char *summary; /* one line, for the section NAME */
};

/* Head and section NAME. */
void roff_begin(struct builder *roff, const struct roff_page *page);

/* A section (.SH) or one below it (.SS). */
void roff_section(struct builder *roff, const char *heading);
void roff_subsection(struct builder *roff, const char *heading);

/* A paragraph of running text; newlines are spaces. NULL or "" is none. */
void roff_paragraph(struct builder *roff, const char *text);

/* A line of a synopsis or example, as it is. */
void roff_literal(struct builder *roff, const char *text);

/* An item: a bold term, after it in italics what stands for a value (NULL: none), and text. */
void roff_item(struct builder *roff, const char *term, const char *value, const char *text);

/* SEE ALSO: pages divided by commas, e.g. "cixd(8), cixd.conf(5)". */
void roff_see(struct builder *roff, const char *pages);
