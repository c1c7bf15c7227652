/*
 * What a client knows for certain: every intent is on disk before it is sent, every answer after it
 * came. A client that was killed reads its own when it comes back; the checker reads all when all
 * is over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "fault/crash/plan.h"

struct journal;

/* Begins or goes on with a file; a line that a kill cut short is ended. */
struct journal *journal_open(const char *path);
void journal_close(struct journal *journal);

/* Each writes one line and waits until it is on disk. Thread-safe. */
void journal_begin(struct journal *journal, const struct plan *plan);
void journal_intent(struct journal *journal, const struct plan *plan, int32_t number);
void journal_answer(struct journal *journal, const struct plan *plan, int32_t number,
                    int32_t accepted);
void journal_commit(struct journal *journal, const struct plan *plan);
void journal_held(struct journal *journal, const struct plan *plan);
void journal_committed(struct journal *journal, const struct plan *plan, int64_t accepted);
void journal_earlier(struct journal *journal, const struct plan *plan);
void journal_taken_back(struct journal *journal, const struct plan *plan);
/* An answer that no honest client should get, by its reason. */
void journal_refused(struct journal *journal, const struct plan *plan, const char *reason);
void journal_inquiry(struct journal *journal, int64_t inquiry_id);

/* One chunk; times of CLOCK_MONOTONIC, 0 for never. */
struct journal_chunk {
    int plan; /* place in the list of plans */
    int32_t number;
    int32_t accepted; /* -1: no answer came */
    int64_t intent_us;
    int64_t answer_us;
};

struct journal_plan {
    struct plan plan;
    bool is_held;
    bool is_earlier;
    bool is_taken_back;
    int64_t accepted; /* -1: its commit has no answer */
    int64_t commit_us;
    int64_t committed_us;
};

/* Journals of all clients. Arrays live in the arena. */
struct journal_content {
    unsigned seed;
    struct journal_plan *plans;
    int plan_count;
    struct journal_chunk *chunks;
    int chunk_count;
    int64_t *inquiries; /* acknowledged ones */
    int inquiry_count;
    int differing; /* answers to one chunk or commit that differ from an earlier one */
    int refused;
    int held;
    int earlier;
    int taken_back;
    int twice; /* chunks with more than one answer */
};
void journal_content_init(struct journal_content *content, unsigned seed, struct arena *arena);
/* Adds a client's journal; a file that is not there adds nothing. */
void journal_read(const char *path, int client, struct journal_content *content);

/* Whether nothing is left to do for a plan: committed and, when it is to be, taken back. */
bool journal_plan_is_done(const struct journal_plan *plan);
