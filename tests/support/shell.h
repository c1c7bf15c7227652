/*
 * The built cix as a process, without an exchange: what it prints and its exit code.
 */
#pragma once

#include <stddef.h>

/*
 * Runs `cix WORDS` with an empty environment of settings; words go through a shell, so tests quote
 * them. What it printed on both streams is in output, cut to room. Answers the exit code.
 */
int shell_cix(const char *words, char *output, size_t room);
