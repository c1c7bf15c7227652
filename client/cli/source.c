#include "cli/source.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BUFFER_SIZE = 64 * 1024, MAGIC_MAX = 4, GZIP_WINDOW = 15 + 16, FAILURE_ROOM = 128 };

static const iconv_t no_converter = (iconv_t)-1;

struct source {
    FILE *file;
    enum encoding encoding;
    bool is_gzip, is_between; /* between: a member has ended, another may follow */
    bool is_converted, is_end;
    z_stream unpacker;
    int64_t packed_bytes, unpacked_bytes;
    iconv_t converter;
    size_t at, size; /* in raw */
    char failure[FAILURE_ROOM];
    unsigned char packed[BUFFER_SIZE];
    char raw[BUFFER_SIZE]; /* unpacked, not yet converted */
};

/* First bytes that tell what a file is. */
struct magic {
    const char *bytes;
    size_t size;
    const char *refusal; /* NULL: a byte order mark of encoding */
    enum encoding encoding;
};

static const struct magic packages[] = {
    {"PK\x03\x04", 4, "a ZIP or Excel file; save it as CSV", ENCODING_UTF8},
    {"\xD0\xCF\x11\xE0", 4, "an Excel file; save it as CSV", ENCODING_UTF8},
    {"\x28\xB5\x2F\xFD", 4, "packed by zstd; gzip is understood", ENCODING_UTF8},
    {"BZh", 3, "packed by bzip2; gzip is understood", ENCODING_UTF8},
    {"\xFD"
     "7zX",
     4, "packed by xz; gzip is understood", ENCODING_UTF8},
};

static const struct magic marks[] = {
    {"\xEF\xBB\xBF", 3, NULL, ENCODING_UTF8},
    {"\x84\x31\x95\x33", 4, NULL, ENCODING_GB18030},
    {"\xFF\xFE", 2, "UTF-16; save it as UTF-8", ENCODING_UTF8},
    {"\xFE\xFF", 2, "UTF-16; save it as UTF-8", ENCODING_UTF8},
};

static const struct magic *find_magic(const struct magic *among, size_t count, const void *data,
                                      size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (size >= among[i].size && !memcmp(data, among[i].bytes, among[i].size))
            return &among[i];
    return NULL;
}

static long fail_source(struct source *source, const char *why)
{
    if (!*source->failure)
        snprintf(source->failure, sizeof(source->failure), "%s", why);
    return -1;
}

static long read_file(struct source *source, void *data, size_t room)
{
    size_t got = fread(data, 1, room, source->file);

    return got == 0 && ferror(source->file) ? fail_source(source, strerror(errno)) : (long)got;
}

/* Bytes of the file for the unpacker: false at the end of the file or on a failure. */
static bool feed(struct source *source)
{
    long got = read_file(source, source->packed, BUFFER_SIZE);

    source->unpacker.next_in = source->packed;
    source->unpacker.avail_in = got > 0 ? (unsigned)got : 0;
    source->packed_bytes += got > 0 ? got : 0;
    return got > 0;
}

static bool is_bomb(const struct source *source)
{
    int64_t taken = source->packed_bytes - source->unpacker.avail_in;

    return source->unpacked_bytes > SOURCE_SIZE_MAX ||
           (source->unpacked_bytes > SOURCE_RATIO_FROM &&
            source->unpacked_bytes / SOURCE_RATIO_MAX > taken);
}

/* Some bytes of the packed file; members that follow one another are one file. */
static long unpack(struct source *source, void *data, size_t room)
{
    z_stream *unpacker = &source->unpacker;

    unpacker->next_out = data;
    unpacker->avail_out = (unsigned)room;
    while (unpacker->avail_out == room) {
        if (!unpacker->avail_in && !feed(source)) {
            if (*source->failure)
                return -1;
            return source->is_between ? 0 : fail_source(source, "the gzip data is cut off");
        }
        if (source->is_between)
            inflateReset(unpacker);
        source->is_between = false;
        int result = inflate(unpacker, Z_NO_FLUSH);
        source->is_between = result == Z_STREAM_END;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return fail_source(source, "the gzip data is damaged");
    }
    source->unpacked_bytes += (int64_t)(room - unpacker->avail_out);
    if (is_bomb(source))
        return fail_source(source, "the gzip data unpacks to more than 200 times its size; unpack "
                                   "it by hand if that is meant");
    return (long)(room - unpacker->avail_out);
}

/* Moves what is left in raw to its front and adds to it. False: nothing came. */
static bool refill(struct source *source)
{
    size_t left = source->size - source->at;
    long got;

    memmove(source->raw, source->raw + source->at, left);
    source->at = 0;
    source->size = left;
    got = source->is_gzip ? unpack(source, source->raw + left, BUFFER_SIZE - left)
                          : read_file(source, source->raw + left, BUFFER_SIZE - left);
    source->is_end = got <= 0;
    source->size += got > 0 ? (size_t)got : 0;
    return got > 0;
}

/* Takes what was read to look at the first bytes: for the unpacker, or as it is. */
static bool begin(struct source *source, size_t size)
{
    source->is_gzip = size >= 2 && source->packed[0] == 0x1F && source->packed[1] == 0x8B;
    if (!source->is_gzip) {
        memcpy(source->raw, source->packed, size);
        source->size = size;
        return true;
    }
    source->unpacker.next_in = source->packed;
    source->unpacker.avail_in = (unsigned)size;
    source->packed_bytes = (int64_t)size;
    CHECK(inflateInit2(&source->unpacker, GZIP_WINDOW) == Z_OK);
    while (source->size < MAGIC_MAX && refill(source))
        ;
    return !*source->failure;
}

static bool refuse(struct ctx *ctx, const char *path, const char *why)
{
    return fail(ctx, ERR_INVALID, "FILE", "%s: %s", path, why);
}

static bool look(struct ctx *ctx, const char *path, struct source *source)
{
    long got = read_file(source, source->packed, BUFFER_SIZE);
    const struct magic *magic;

    if (got < 0)
        return refuse(ctx, path, source->failure);
    magic = find_magic(packages, ARRAY_LENGTH(packages), source->packed, (size_t)got);
    if (magic)
        return refuse(ctx, path, magic->refusal);
    if (!begin(source, (size_t)got))
        return refuse(ctx, path, source->failure);
    magic = find_magic(marks, ARRAY_LENGTH(marks), source->raw, source->size);
    if (magic && magic->refusal)
        return refuse(ctx, path, magic->refusal);
    if (magic)
        source->encoding = magic->encoding;
    source->is_converted = source->encoding != ENCODING_UTF8;
    if (!source->is_converted)
        return true;
    source->converter = iconv_open("UTF-8", "GB18030");
    if (source->converter == no_converter)
        return refuse(ctx, path, "the C library of this machine has no converter for GB18030");
    return true;
}

bool source_open(struct ctx *ctx, const char *path, enum encoding encoding, struct source **source)
{
    struct source *opened = calloc(1, sizeof(*opened));

    CHECK(opened);
    *source = NULL;
    opened->encoding = encoding;
    opened->converter = no_converter;
    opened->file = fopen(path, "re");
    if (!opened->file ? !refuse(ctx, path, strerror(errno)) : !look(ctx, path, opened)) {
        source_close(opened);
        return false;
    }
    *source = opened;
    return true;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    if (source->file)
        fclose(source->file);
    if (source->is_gzip)
        inflateEnd(&source->unpacker);
    if (source->converter != no_converter)
        iconv_close(source->converter);
    free(source);
}

/* One turn of the converter. True: try again, nothing came out yet but more may. */
static bool convert(struct source *source, char **to, size_t *room)
{
    char *from = source->raw + source->at;
    size_t left = source->size - source->at;
    size_t before = *room;
    size_t result = iconv(source->converter, &from, &left, to, room);
    int error = result == (size_t)-1 ? errno : 0;

    source->at = source->size - left;
    if (*room < before)
        return false;
    if (error == EILSEQ || (error == EINVAL && source->is_end)) {
        fail_source(source, "not GB18030");
        return false;
    }
    return refill(source) || left;
}

static long read_converted(struct source *source, char *data, size_t room)
{
    char *to = data;
    size_t left = room;

    while (convert(source, &to, &left))
        ;
    return to == data && *source->failure ? -1 : (long)(to - data);
}

long source_read(void *from, char *data, size_t room)
{
    struct source *source = from;
    size_t left = source->size - source->at;

    if (source->is_converted)
        return read_converted(source, data, room);
    if (!left && !refill(source))
        return *source->failure ? -1 : 0;
    left = source->size - source->at;
    left = left < room ? left : room;
    memcpy(data, source->raw + source->at, left);
    source->at += left;
    return (long)left;
}

const char *source_failure(const struct source *source)
{
    return source->failure;
}

bool source_is_plain(const struct source *source)
{
    return !source->is_gzip && !source->is_converted;
}

enum encoding source_encoding(const struct source *source)
{
    return source->encoding;
}

bool encoding_find(const char *word, enum encoding *encoding)
{
    char plain[16];
    size_t size = 0;

    for (; *word && size + 1 < sizeof(plain); word++)
        if (*word != '-' && *word != '_')
            plain[size++] = (char)tolower((unsigned char)*word);
    plain[size] = '\0';
    if (strcmp(plain, "utf8") != 0 && strcmp(plain, "gb18030") != 0)
        return false;
    *encoding = strcmp(plain, "utf8") ? ENCODING_GB18030 : ENCODING_UTF8;
    return true;
}
