/*
 * Cuts a file of records into chunks, always the same way: by count, and by size well below 1 MiB.
 */
#pragma once

#include "cix.h"
#include "cli/records.h"

enum { CHUNK_RECORDS_MAX = 1000, CHUNK_BYTES = 512 * 1024 };

struct chunker {
    struct records *records;
    int chunk_max;      /* records a chunk */
    struct arena arena; /* of the chunk */
    struct ctx ctx;     /* why a record is bad or the file broken */
    Cix__V1__Record *items[CHUNK_RECORDS_MAX];
    int count;
    size_t bytes;
    int32_t number; /* of the chunk that is being filled, from 1 */
    int64_t bad;    /* records that could not be read */
    int64_t good;   /* records that could */
};

void chunker_init(struct chunker *chunker, struct records *records, int chunk_max);
void chunker_done(struct chunker *chunker);

/*
 * Reads one record. RECORDS_GOOD: it is element count - 1 of chunk number. Before the first record
 * of the next chunk the arena is emptied; chunker_is_full tells that it is about to be.
 */
MUST_USE enum records_result chunker_read(struct chunker *chunker);

bool chunker_is_full(const struct chunker *chunker);
