/*
 * Answers of two exchanges as text, without what may differ between them: ids, times, the order of
 * accounts and names, and what was asked before. All texts are freed with free().
 */
#pragma once

#include "cix.h"

/* An answer to CIX_GET_REPORT or CIX_CHECK_FLAG, or its error. */
char *same_answer(const struct cix_answer *answer, enum cix_method method);

/* Texts in an order of their own, joined; they are freed. */
char *same_order(char **texts, size_t count);

/* The first line in which two texts differ, of both; NULL when they do not. */
char *same_difference(const char *a, const char *b);
