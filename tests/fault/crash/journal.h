/*
 * What a client knows for certain: every intent is on disk before it is sent, every answer after it
 * came. The checker reads it when all is over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/id.h"

/* One chunk. */
struct journal_chunk {
    struct uuid submission_id;
    int32_t number;
    int32_t records;
    int32_t accepted; /* -1: no answer came */
};

struct journal;

/* A fresh file. */
struct journal *journal_new(const char *path);
void journal_close(struct journal *journal);

/* Each writes one line and waits until it is on disk. Thread-safe. */
void journal_intent(struct journal *journal, const struct uuid *submission_id, int32_t number,
                    int32_t records);
void journal_answer(struct journal *journal, const struct uuid *submission_id, int32_t number,
                    int32_t accepted);
void journal_inquiry(struct journal *journal, int64_t inquiry_id);

/* The journal as a whole. Arrays live in the arena. */
struct journal_content {
    struct journal_chunk *chunks;
    int chunk_count;
    int64_t *inquiries; /* acknowledged ones */
    int inquiry_count;
};
void journal_read(const char *path, struct arena *arena, struct journal_content *content);
