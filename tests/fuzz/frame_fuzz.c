/*
 * Fuzzes the guard's walk. The first byte chooses the cut, the rest is what a client sends behind
 * an honest opening. The verdict must be the same whole and in pieces, and nothing may be read
 * outside.
 */
#include "guard/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static const uint8_t opening[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum guard_reason walk_pieces(struct frame_walk *walk, const uint8_t *data, size_t size,
                                     size_t piece)
{
    enum guard_reason reason = GUARD_OK;

    frame_walk_init(walk, NULL, 0);
    CHECK(frame_check(walk, opening, sizeof(opening), 0) == GUARD_OK);
    while (size > 0 && reason == GUARD_OK) {
        size_t taken = size < piece ? size : piece;

        reason = frame_check(walk, data, taken, 0);
        if (reason == GUARD_OK)
            reason = frame_check_answer(walk, data, taken, 0);
        data += taken;
        size -= taken;
    }
    return reason;
}

static enum guard_reason walk_client(struct frame_walk *walk, const uint8_t *data, size_t size,
                                     size_t piece)
{
    enum guard_reason reason = GUARD_OK;

    frame_walk_init(walk, NULL, 0);
    CHECK(frame_check(walk, opening, sizeof(opening), 0) == GUARD_OK);
    while (size > 0 && reason == GUARD_OK) {
        size_t taken = size < piece ? size : piece;

        reason = frame_check(walk, data, taken, 0);
        data += taken;
        size -= taken;
    }
    return reason;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_walk whole, pieces;

    if (size == 0)
        return 0;
    size_t piece = (size_t)data[0] + 1;
    enum guard_reason once = walk_client(&whole, data + 1, size - 1, size);

    CHECK(once == walk_client(&pieces, data + 1, size - 1, piece));
    CHECK(once == walk_client(&pieces, data + 1, size - 1, 1));
    if (once == GUARD_OK)
        CHECK(whole.top_stream == pieces.top_stream && whole.client.left == pieces.client.left);
    CHECK(whole.hpack.field_count <= whole.limits.fields + 1);
    walk_pieces(&pieces, data + 1, size - 1, piece);
    return 0;
}
