#include "cli/chunker.h"

void chunker_init(struct chunker *chunker, struct records *records, int chunk_max)
{
    *chunker = (struct chunker){.records = records, .chunk_max = chunk_max, .number = 1};
    arena_init(&chunker->arena, 0);
    ctx_init(&chunker->ctx, &chunker->arena);
}

void chunker_done(struct chunker *chunker)
{
    arena_done(&chunker->arena);
}

bool chunker_is_full(const struct chunker *chunker)
{
    return chunker->count == chunker->chunk_max || chunker->bytes >= CHUNK_BYTES;
}

enum records_result chunker_read(struct chunker *chunker)
{
    Cix__V1__Record *record;

    if (chunker_is_full(chunker)) {
        arena_reset(&chunker->arena);
        chunker->count = 0;
        chunker->bytes = 0;
        chunker->number++;
    }
    enum records_result result = records_next(&chunker->ctx, chunker->records, &record);
    chunker->bad += result == RECORDS_BAD;
    if (result != RECORDS_GOOD)
        return result;
    chunker->good++;
    chunker->items[chunker->count++] = record;
    chunker->bytes += cix__v1__record__get_packed_size(record) + 8;
    return result;
}
