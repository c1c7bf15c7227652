/*
 * Mapping files and the rows they make, over any bytes: a map, a line "---" and a CSV file. What
 * comes out fits the limits, and every refusal names a place.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/map.h"
#include "cli/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 50 };

/* A file in memory; its name is in path. */
static int make_file(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("map_fuzz", MFD_CLOEXEC);

    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_rows(struct ctx *ctx, const struct map *map, const char *path)
{
    struct records_input input = {.path = path, .map = map, .encoding = map->encoding};
    static struct records records;
    Cix__V1__Record *record;
    enum records_result result = RECORDS_GOOD;

    if (!records_open(ctx, &input, &records))
        CHECK(*ctx->error.message);
    else
        for (int i = 0; i < ROWS_MAX && result != RECORDS_END && result != RECORDS_BROKEN; i++) {
            result = records_next(ctx, &records, &record);
            for (int j = 0; result == RECORDS_GOOD && j < records.fields.count; j++)
                CHECK(records.fields.cells[j].size <= MAP_VALUE_MAX &&
                      strlen(records.fields.cells[j].text) == records.fields.cells[j].size);
            CHECK(result == RECORDS_GOOD || result == RECORDS_END || *ctx->error.reason);
        }
    records_close(&records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memmem(data, size, "\n---\n", 5);
    size_t map_size = end ? (size_t)(end - data) + 1 : size;
    char map_path[64], path[64];
    int map_file = make_file(data, map_size, map_path);
    int file = end ? make_file(end + 5, size - map_size - 4, path)
                   : make_file((const uint8_t *)"a,b\n1,2\n", 8, path);
    const struct map *map;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (map_read(&ctx, map_path, &map)) {
        CHECK(map->field_count > 0 && map->field_count <= MAP_FIELD_MAX);
        check_rows(&ctx, map, path);
    } else {
        CHECK(strstr(ctx.error.message, "line ") || !strcmp(ctx.error.reason, "FILE"));
    }
    arena_done(&arena);
    close(map_file);
    close(file);
    return 0;
}
