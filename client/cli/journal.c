#include "cli/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/text.h"

static const char suffix[] = ".cix-journal";

static bool fail_file(struct ctx *ctx, const char *path)
{
    return fail(ctx, ERR_INTERNAL, "FILE", "%s: %s", path, strerror(errno));
}

static bool take_number(const char *text, int64_t *number)
{
    return text_to_int64(text, number);
}

/* One line "name=value". */
static bool take_line(struct journal *journal, char *line)
{
    char *value = strchr(line, '=');
    struct uuid id;

    if (!value)
        return false;
    *value++ = '\0';
    value[strcspn(value, "\n")] = '\0';
    if (!strcmp(line, "id")) {
        snprintf(journal->id, sizeof(journal->id), "%s", value);
        return uuid_parse(value, &id);
    }
    if (!strcmp(line, "digest")) {
        snprintf(journal->digest, sizeof(journal->digest), "%s", value);
        return strlen(value) == 64;
    }
    if (!strcmp(line, "mode"))
        return take_number(value, &journal->mode);
    if (!strcmp(line, "period"))
        return take_number(value, &journal->period);
    return !strcmp(line, "chunk") && take_number(value, &journal->chunk);
}

bool journal_read(struct ctx *ctx, const char *input, struct journal *journal, bool *is_found)
{
    struct journal read = {.mode = 0};
    char path[PATH_MAX], line[256];
    bool is_good = true;

    snprintf(path, sizeof(path), "%s%s", input, suffix);
    FILE *file = fopen(path, "re");
    *is_found = file != NULL;
    if (!file)
        return errno == ENOENT ? true : fail_file(ctx, path);
    while (is_good && fgets(line, sizeof(line), file))
        is_good = take_line(&read, line);
    fclose(file);
    if (!is_good || !*read.id || !*read.digest || !read.mode || !read.chunk)
        return fail(ctx, ERR_INVALID, "JOURNAL", "%s is damaged; remove it to submit anew", path);
    *journal = read;
    return true;
}

static bool sync_folder(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof(copy), "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && !fsync(fd);
    if (fd >= 0)
        close(fd);
    return is_synced;
}

/* A link is made once: of two runs that begin at one instant one stands back (EEXIST). */
static bool place(const char *beside, const char *path)
{
    if (!link(beside, path))
        return true;
    return errno != EEXIST && !rename(beside, path); /* a file system without links */
}

bool journal_write(struct ctx *ctx, const char *input, const struct journal *journal)
{
    char path[PATH_MAX];
    char beside[PATH_MAX];

    snprintf(path, sizeof(path), "%s%s", input, suffix);
    snprintf(beside, sizeof(beside), "%s%s.%ld", input, suffix, (long)getpid());
    FILE *file = fopen(beside, "we");
    if (!file)
        return fail_file(ctx, beside);
    fprintf(file, "id=%s\ndigest=%s\nmode=%lld\nperiod=%lld\nchunk=%lld\n", journal->id,
            journal->digest, (long long)journal->mode, (long long)journal->period,
            (long long)journal->chunk);
    bool is_written = !fflush(file) && !fsync(fileno(file));
    is_written = !fclose(file) && is_written;
    bool is_placed = is_written && place(beside, path);
    if (is_written && !is_placed && errno == EEXIST)
        (void)fail(ctx, ERR_INVALID, "JOURNAL",
                   "another run of cix began to submit %s just now; when it has ended, the same "
                   "command goes on with what it left",
                   input);
    else if (!is_placed)
        (void)fail_file(ctx, path);
    unlink(beside);
    return is_placed && (sync_folder(path) || fail_file(ctx, path));
}

void journal_remove(const char *input)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s%s", input, suffix);
    unlink(path);
}
