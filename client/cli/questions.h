/*
 * Many questions from a file: rows in, batches over one stream, answers out in the same order.
 */
#pragma once

#include "cli/online.h"

/* The operator of --operator, the environment or the configuration; "" when there is none. */
char *questions_operator(const struct online *online);

/*
 * Asks the flag questions of the file --file and writes an answer a row to standard output. Answers
 * CLI_REJECTED when some had no answer, CLI_DATA when the file is damaged.
 */
enum cli_exit questions_ask_flags(struct online *online);

/*
 * The same for ratings, by --standard or by all in force; rows without a purpose have that of
 * --purpose. A line a rating.
 */
enum cli_exit questions_ask_ratings(struct online *online);
