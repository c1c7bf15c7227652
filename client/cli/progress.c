#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_WIDTH = 24, TERMINAL_US = 100 * 1000, PLAIN_US = 5 * 1000 * 1000 };

void progress_init(struct progress *progress, const char *what, int64_t total, bool is_quiet)
{
    *progress = (struct progress){.what = what,
                                  .total = total,
                                  .started_us = clock_monotonic_us(),
                                  .shown_us = clock_monotonic_us(),
                                  .is_terminal = isatty(STDERR_FILENO),
                                  .is_quiet = is_quiet};
}

static void draw(const struct progress *progress, int64_t done)
{
    int64_t elapsed_us = clock_monotonic_us() - progress->started_us;
    int64_t rate = elapsed_us > 0 ? done * 1000000 / elapsed_us : 0;
    int64_t left_s = rate > 0 ? (progress->total - done) / rate : 0;
    int filled = progress->total > 0 ? (int)(done * BAR_WIDTH / progress->total) : BAR_WIDTH;
    char bar[BAR_WIDTH + 1];

    if (progress->is_terminal) {
        memset(bar, ' ', BAR_WIDTH);
        memset(bar, '#', (size_t)(filled < BAR_WIDTH ? filled : BAR_WIDTH));
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, "\r[%s] ", bar);
    }
    fprintf(stderr, "%lld of %lld %s, %lld/s, %lld:%02lld left", (long long)done,
            (long long)progress->total, progress->what, (long long)rate, (long long)(left_s / 60),
            (long long)(left_s % 60));
    fputs(progress->is_terminal ? "\033[K" : "\n", stderr);
}

void progress_show(struct progress *progress, int64_t done)
{
    int64_t now_us = clock_monotonic_us();
    int64_t pause_us = progress->is_terminal ? TERMINAL_US : PLAIN_US;

    if (progress->is_quiet || now_us - progress->shown_us < pause_us)
        return;
    progress->shown_us = now_us;
    draw(progress, done);
}

void progress_done(struct progress *progress, int64_t done)
{
    if (progress->is_quiet)
        return;
    draw(progress, done);
    if (progress->is_terminal)
        fputc('\n', stderr);
}
