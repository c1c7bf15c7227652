/*
 * How far a long command is: one line that is drawn over on a terminal, a plain line now and then
 * elsewhere. On standard error.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* e.g. "records" */
    int64_t total;
    int64_t started_us, shown_us;
    bool is_terminal, is_quiet;
};

void progress_init(struct progress *progress, const char *what, int64_t total, bool is_quiet);

/* Shows done of total, when it is time to. */
void progress_show(struct progress *progress, int64_t done);

/* Shows the end, and leaves the line. */
void progress_done(struct progress *progress, int64_t done);
