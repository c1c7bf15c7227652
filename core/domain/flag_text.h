/*
 * What of a listing's document is stored sealed, as one text: lines "field=value" of those fields
 * that are given, as facts have them (fact_text). Values hold no line ends (rule E003).
 */
#pragma once

#include "base/arena.h"
#include "domain/record.h"

/* The fields in the text, by their names on the wire. */
enum { FLAG_TEXT_FIELDS = 4 };
extern const char *const flag_text_fields[FLAG_TEXT_FIELDS];

/* The text of a listing; "" when nothing is given. */
const char *flag_text(struct arena *arena, const struct flag_record *flag);

/* Fills those fields of a listing from lines as flag_text makes them; the others become "". */
void flag_text_read(struct arena *arena, const char *lines, struct flag_record *flag);
