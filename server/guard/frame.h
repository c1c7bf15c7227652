/*
 * Polices the HTTP/2 frames of one connection before gRPC sees them.
 *
 * gRPC C core 1.51 serves every frame it is sent and has unpatched flaws: rapid reset
 * (CVE-2023-44487), HPACK bombs and padding (CVE-2023-33953), floods of CONTINUATION, SETTINGS,
 * PING and empty DATA, streams made to fail (CVE-2025-8671). The walk sees all bytes, keeps nine of
 * them, decodes nothing, and says for each piece whether the connection may live on.
 *
 * Pure: no I/O and no allocation; time is an argument. The verdict does not depend on how the bytes
 * were cut into pieces. Not thread-safe: one thread owns a walk.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/budget.h"
#include "guard/hpack.h"
#include "guard/reason.h"

/* What one connection may send. Zero in a field means the value behind it. */
struct frame_limits {
    uint32_t frame_bytes; /* payload of one frame, 1 MiB + 16: a message of 1 MiB and its prefix */
    uint32_t block_bytes; /* HEADERS and its CONTINUATIONs together, 16 KiB */
    uint32_t fields;      /* fields of one block, 64; a size limit alone does not stop a bomb */
    uint32_t continuations; /* per block, 4 */
};

enum { FRAME_HEADER_SIZE = 9, FRAME_PREFACE_SIZE = 24, FRAME_GOAWAY_MAX = 64 };

/*
 * When streams were opened, to the resolution that tells a rapid reset from a late one. A stream
 * that has lived for FRAME_RAPID_US has reached gRPC and its method.
 */
#define FRAME_RAPID_US INT64_C(25000)
#define FRAME_MARK_US  INT64_C(5000)
enum { FRAME_MARKS = 8 }; /* more than FRAME_RAPID_US / FRAME_MARK_US: no young mark is lost */

struct frame_mark {
    int64_t at_us;   /* when the first of its streams was opened */
    uint32_t stream; /* the last of them; 0: unused */
};

/* Where one direction stands. */
struct frame_reader {
    uint8_t header[FRAME_HEADER_SIZE];
    uint32_t header_have;
    uint32_t left; /* payload bytes still to come */
    uint32_t length;
    uint32_t stream;
    uint8_t type;
    uint8_t flags;
    uint8_t word[4]; /* first bytes of a payload that is read: increment, error code */
    uint32_t word_have;
};

struct frame_walk {
    struct frame_limits limits;
    struct frame_reader client;
    struct frame_reader server;
    uint32_t preface_have;
    bool is_settings_seen;
    bool is_in_block; /* a header block is open: only its CONTINUATION may follow */
    uint32_t block_stream;
    uint32_t block_bytes;
    uint32_t block_continuations;
    uint32_t priority_left; /* bytes of the priority fields in front of the block */
    uint32_t top_stream;    /* highest stream the client opened */
    uint64_t stream_count;  /* streams opened */
    struct hpack_walk hpack;
    struct budget budget;
    struct frame_mark marks[FRAME_MARKS];
    int mark;             /* the newest */
    uint32_t aged_stream; /* this one and all below are no longer young */
};

/* Begins a connection at now_us (monotonic). limits may be NULL for the standard ones. */
void frame_walk_init(struct frame_walk *walk, const struct frame_limits *limits, int64_t now_us);

/*
 * Takes the next bytes of the client. GUARD_OK, or the violation; after a violation the walk must
 * not be used any more.
 */
enum guard_reason frame_check(struct frame_walk *walk, const uint8_t *data, size_t size,
                              int64_t now_us);

/*
 * Takes the next bytes of the server. Fills the buckets that answers fill, and counts the stream
 * errors that the client provoked.
 */
enum guard_reason frame_check_answer(struct frame_walk *walk, const uint8_t *data, size_t size,
                                     int64_t now_us);

/* True once the preface and the first SETTINGS have come. */
bool frame_is_open(const struct frame_walk *walk);

/* True when the server's bytes stand between two frames, so that a GOAWAY may be put there. */
bool frame_is_answer_at_boundary(const struct frame_walk *walk);

/*
 * Writes a GOAWAY with ENHANCE_YOUR_CALM and the reason's word as debug data.
 * Returns its size, at most FRAME_GOAWAY_MAX.
 */
size_t frame_goaway(const struct frame_walk *walk, enum guard_reason reason,
                    uint8_t data[FRAME_GOAWAY_MAX]);
