#include "db/dump.h"

#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "db/home.h"

enum { POLL_MS = 100, PROGRESS_MS = 5000, QUIT_MS = 10000, TAIL = 4096 };

/* A keyword string without the password, which goes into the environment. NULL: no such URI. */
static const char *public_uri(struct ctx *ctx, const char *uri)
{
    struct builder out = {.arena = ctx->arena};
    PQconninfoOption *options = PQconninfoParse(uri, NULL);
    if (!options) {
        fail(ctx, ERR_INVALID, "DATABASE_URI", "the database's URI cannot be read");
        return NULL;
    }
    builder_text(&out, "");
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (!option->val)
            continue;
        if (!strcmp(option->keyword, "password")) {
            setenv("PGPASSWORD", option->val, 1);
            continue;
        }
        builder_format(&out, "%s%s='", out.size ? " " : "", option->keyword);
        for (const char *next = option->val; *next; next++) {
            if (*next == '\'' || *next == '\\')
                builder_text(&out, "\\");
            builder_put(&out, next, 1);
        }
        builder_text(&out, "'");
    }
    PQconninfoFree(options);
    return out.data;
}

static void signals_block(sigset_t *ends, sigset_t *before)
{
    sigemptyset(ends);
    sigaddset(ends, SIGINT);
    sigaddset(ends, SIGTERM);
    sigaddset(ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, ends, before);
}

/* Gently, then by force: a dump has nothing to save. */
static void end_child(pid_t pid)
{
    kill(pid, SIGINT);
    for (int waited_ms = 0; waited_ms < QUIT_MS; waited_ms += POLL_MS) {
        if (waitpid(pid, NULL, WNOHANG) == pid)
            return;
        usleep(POLL_MS * 1000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* Until the child has ended; false when we were told to end before. */
static bool await(pid_t pid, const struct dump *dump, int *status)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    struct stat file;
    sigset_t before;
    sigset_t ends;
    bool is_told = false;
    int waited_ms = 0;

    signals_block(&ends, &before);
    while (!is_told && waitpid(pid, status, WNOHANG) != pid) {
        is_told = sigtimedwait(&ends, NULL, &pause) > 0;
        waited_ms += POLL_MS;
        if (dump->progress && waited_ms % PROGRESS_MS == 0 && stat(dump->path, &file) == 0)
            dump->progress(file.st_size);
    }
    if (is_told)
        end_child(pid);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !is_told;
}

/* The last line that the child said. */
static const char *last_line(struct arena *arena, int output)
{
    char *tail = arena_alloc(arena, TAIL);
    off_t size = lseek(output, 0, SEEK_END);
    ssize_t got = pread(output, tail, TAIL - 1, size > TAIL - 1 ? size - TAIL + 1 : 0);

    for (got = got < 0 ? 0 : got; got > 0 && tail[got - 1] == '\n'; got--)
        tail[got - 1] = '\0';
    const char *line = strrchr(tail, '\n');
    return line ? line + 1 : tail;
}

static bool run(struct ctx *ctx, const struct dump *dump, const char *const *argv)
{
    static const struct process_user ourselves = {.name = "ourselves"};
    int output = memfd_create("cix-dump", MFD_CLOEXEC);
    struct process process = {.argv = argv,
                              .user = &ourselves,
                              .folder = ".", /* a path may be relative to it */
                              .output = output,
                              .kept = -1,
                              .dies_with_us = true};
    bool is_good = output >= 0;
    int status = -1;
    pid_t pid;

    if (!is_good)
        return fail(ctx, ERR_INTERNAL, "DUMP_FAILED", "no memory: %s", strerror(errno));
    is_good = process_start(ctx, &process, &pid);
    if (is_good && !await(pid, dump, &status))
        is_good = fail(ctx, ERR_CANCELLED, "INTERRUPTED", "interrupted; nothing was kept");
    else if (is_good && status != 0)
        is_good = fail(ctx, ERR_INTERNAL, "DUMP_FAILED", "%s: %.160s",
                       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed",
                       last_line(ctx->arena, output));
    close(output);
    return is_good;
}

static const char *program(struct ctx *ctx, const struct dump *dump, const char *name)
{
    return programs_client(ctx, dump->bin && *dump->bin ? dump->bin : NULL, name);
}

bool dump_write(struct ctx *ctx, const struct dump *dump, const char *snapshot)
{
    const char *path = program(ctx, dump, "pg_dump");
    const char *uri = path ? public_uri(ctx, dump->uri) : NULL;
    const char *const argv[] = {path,
                                "--format=custom",
                                "--compress=3",
                                "--schema=cix",
                                "--no-password",
                                "--role=cix_owner",
                                arena_format(ctx->arena, "--snapshot=%s", snapshot),
                                arena_format(ctx->arena, "--file=%s", dump->path),
                                arena_format(ctx->arena, "--dbname=%s", uri ? uri : ""),
                                NULL};
    return uri && run(ctx, dump, argv);
}

bool dump_check(struct ctx *ctx, const struct dump *dump)
{
    const char *path = program(ctx, dump, "pg_restore");
    const char *const argv[] = {path, "--file=/dev/null", dump->path, NULL};
    return path && run(ctx, &(struct dump){.path = dump->path}, argv);
}

bool dump_read(struct ctx *ctx, const struct dump *dump)
{
    const char *path = program(ctx, dump, "pg_restore");
    const char *uri = path ? public_uri(ctx, dump->uri) : NULL;
    /* --schema leaves out the schema itself, which role.sql has made. */
    const char *const argv[] = {path,
                                "--single-transaction",
                                "--no-owner",
                                "--schema=cix",
                                "--no-password",
                                "--role=cix_owner",
                                arena_format(ctx->arena, "--dbname=%s", uri ? uri : ""),
                                dump->path,
                                NULL};
    return uri && run(ctx, &(struct dump){.path = dump->path}, argv);
}
