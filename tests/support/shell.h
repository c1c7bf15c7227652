/*
 * The built cix as a process, with or without an exchange: what it prints and its exit code.
 */
#pragma once

#include <stddef.h>

#include "support/exchange.h"

/*
 * Runs `cix WORDS` with an empty environment of settings; words go through a shell, so tests quote
 * them. What it printed on both streams is in output, cut to room. Answers the exit code.
 */
int shell_cix(const char *words, char *output, size_t room);

/* The same with the certificate of a member of an exchange. */
int shell_cix_as(const struct exchange *exchange, const char *member, const char *words,
                 char *output, size_t room);

/*
 * Submits one record from its JSON, in which ' stands for ", as a file of its own in the exchange's
 * folder. id: of the submission. The exit code.
 */
int shell_submit(const struct exchange *exchange, const char *member, const char *id,
                 const char *record, char *output, size_t room);
