/*
 * What may never be collected of a person (State Council Order 631, article 14: religion, genes,
 * fingerprints, blood type, diseases and medical history), as words in free text (rule S020).
 *
 * The words are whole terms, chosen so that place names, company names and surnames do not hold
 * them; a text in Latin letters must hold the term as words of its own.
 */
#pragma once

#include <stdbool.h>

/* Whether the text holds a term for such an attribute. text: UTF-8, any length. */
bool prohibited_is_in(const char *text);
