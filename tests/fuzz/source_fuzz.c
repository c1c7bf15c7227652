/*
 * Input files of any bytes: gzip, GB18030 or neither, in reads of different sizes. The first byte
 * says the encoding and the size of a read, the rest is the file. What comes out does not depend on
 * how it is read, and ends.
 */
#include "cli/source.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT_MAX = 256 * 1024 };

/* The first bytes of a file read in pieces; the size that fits, and whether reading failed. */
static size_t read_all(const char *path, enum encoding encoding, size_t piece, char *out,
                       bool *is_failed)
{
    struct source *source;
    struct arena arena;
    struct ctx ctx;
    size_t size = 0;
    long got = 0;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!source_open(&ctx, path, encoding, &source)) {
        CHECK(!source && *ctx.error.message);
        *is_failed = true;
        arena_done(&arena);
        return 0;
    }
    while (size + piece <= OUTPUT_MAX && (got = source_read(source, out + size, piece)) > 0) {
        CHECK((size_t)got <= piece);
        size += (size_t)got;
    }
    *is_failed = got < 0;
    CHECK(!*is_failed || *source_failure(source));
    source_close(source);
    arena_done(&arena);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char whole[OUTPUT_MAX], pieces[OUTPUT_MAX];
    bool is_failed, is_failed_too;
    char path[64];

    if (!size)
        return 0;
    int fd = memfd_create("source_fuzz", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    enum encoding encoding = data[0] & 1 ? ENCODING_GB18030 : ENCODING_UTF8;
    size_t first = read_all(path, encoding, 64 * 1024, whole, &is_failed);
    size_t second = read_all(path, encoding, 4 + (data[0] >> 1), pieces, &is_failed_too);
    if (first + 64 * 1024 < OUTPUT_MAX && second + 64 * 1024 < OUTPUT_MAX)
        CHECK(first == second && is_failed == is_failed_too && !memcmp(whole, pieces, first));
    close(fd);
    return 0;
}
