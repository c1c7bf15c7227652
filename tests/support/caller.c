#include "support/caller.h"

#include <string.h>

#include "base/check.h"
#include "support/wire.h"

enum { FRAME_HEADER = 9, BODY_MAX = 65535 };

/* One frame of the server; payload lies in the caller's input until the next is read. */
struct frame {
    uint32_t length;
    int type;
    int flags;
    uint32_t stream;
};

static bool input_fill(struct caller *caller, size_t wanted)
{
    while (caller->have < wanted) {
        size_t size = tls_client_read(&caller->client, caller->input + caller->have,
                                      sizeof(caller->input) - caller->have);
        if (size == 0)
            return false;
        caller->have += size;
    }
    return true;
}

static void input_drop(struct caller *caller, size_t size)
{
    caller->have -= size;
    memmove(caller->input, caller->input + size, caller->have);
}

static bool frame_read(struct caller *caller, struct frame *frame)
{
    const uint8_t *h = caller->input;

    if (!input_fill(caller, FRAME_HEADER))
        return false;
    frame->length = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
    frame->type = h[3];
    frame->flags = h[4];
    frame->stream =
        (uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 8 | h[8];
    /* We never raise SETTINGS_MAX_FRAME_SIZE, so every frame fits. */
    return FRAME_HEADER + frame->length <= sizeof(caller->input) &&
           input_fill(caller, FRAME_HEADER + frame->length);
}

static bool send_wire(struct caller *caller, const struct wire *wire)
{
    return tls_client_write(&caller->client, wire->data, wire->size);
}

/* Does what a polite client does with what is not the answer. */
static bool frame_serve(struct caller *caller, const struct frame *frame)
{
    static struct wire wire;

    wire.size = 0;
    if (frame->type == WIRE_SETTINGS && !(frame->flags & WIRE_ACK))
        wire_header(&wire, 0, WIRE_SETTINGS, WIRE_ACK, 0);
    if (frame->type == WIRE_PING && !(frame->flags & WIRE_ACK)) {
        wire_header(&wire, 8, WIRE_PING, WIRE_ACK, 0);
        wire_bytes(&wire, caller->input + FRAME_HEADER, 8);
    }
    if (frame->type == WIRE_DATA && frame->length > 0) {
        wire_number(&wire, WIRE_WINDOW_UPDATE, 0, frame->length);
        if (!(frame->flags & WIRE_END_STREAM))
            wire_number(&wire, WIRE_WINDOW_UPDATE, frame->stream, frame->length);
    }
    return wire.size == 0 || send_wire(caller, &wire);
}

static enum caller_outcome answer_read(struct caller *caller, uint32_t stream)
{
    enum caller_outcome outcome = CALLER_REFUSED;
    struct frame frame;

    for (;;) {
        if (!frame_read(caller, &frame) || frame.type == WIRE_GOAWAY)
            return CALLER_LOST;
        bool is_ours = frame.stream == stream;
        bool is_end = frame.type == WIRE_RST_STREAM ||
                      ((frame.type == WIRE_DATA || frame.type == WIRE_HEADERS) &&
                       frame.flags & WIRE_END_STREAM);
        if (is_ours && frame.type == WIRE_DATA)
            outcome = CALLER_ANSWERED;
        if (!frame_serve(caller, &frame))
            return CALLER_LOST;
        input_drop(caller, FRAME_HEADER + frame.length);
        if (is_ours && is_end)
            return outcome;
    }
}

bool caller_open(struct caller *caller, const struct tls_client_options *options)
{
    static struct wire wire;
    struct frame frame;

    caller->stream = 1;
    caller->have = 0;
    if (!tls_client_open(&caller->client, options))
        return false;
    wire.size = 0;
    wire_open(&wire);
    /* With TLS 1.3 only the server's first frame shows that we are in. */
    if (!send_wire(caller, &wire) || !frame_read(caller, &frame) || !frame_serve(caller, &frame))
        return false;
    input_drop(caller, FRAME_HEADER + frame.length);
    return true;
}

void caller_close(struct caller *caller)
{
    tls_client_close(&caller->client);
}

enum caller_outcome caller_call(struct caller *caller, const char *path, const void *body,
                                size_t size)
{
    static struct wire wire, block;
    const uint8_t prefix[5] = {0, 0, 0, (uint8_t)(size >> 8), (uint8_t)size};
    uint32_t stream = caller->stream;

    CHECK(size <= BODY_MAX && strlen(path) < 1024);
    caller->stream += 2;
    wire.size = block.size = 0;
    wire_call_fields(&block, path);
    wire_frame(&wire, WIRE_HEADERS, WIRE_END_HEADERS, stream, &block);
    block.size = 0;
    wire_bytes(&block, prefix, sizeof(prefix));
    wire_bytes(&block, body, size);
    for (size_t sent = 0; sent < block.size;) { /* in frames of the size that is always legal */
        size_t piece = block.size - sent < 16384 ? block.size - sent : 16384;
        bool is_last = sent + piece == block.size;

        wire_header(&wire, (uint32_t)piece, WIRE_DATA, is_last ? WIRE_END_STREAM : 0, stream);
        wire_bytes(&wire, block.data + sent, piece);
        sent += piece;
    }
    return send_wire(caller, &wire) ? answer_read(caller, stream) : CALLER_LOST;
}
