#include "guard/frame.h"

#include <string.h>

#include "base/check.h"

enum frame_type {
    TYPE_DATA,
    TYPE_HEADERS,
    TYPE_PRIORITY,
    TYPE_RST_STREAM,
    TYPE_SETTINGS,
    TYPE_PUSH_PROMISE,
    TYPE_PING,
    TYPE_GOAWAY,
    TYPE_WINDOW_UPDATE,
    TYPE_CONTINUATION,
    TYPE_COUNT
};

enum {
    FLAG_END_STREAM = 0x1,
    FLAG_ACK = 0x1,
    FLAG_END_HEADERS = 0x4,
    FLAG_PADDED = 0x8,
    FLAG_PRIORITY = 0x20,
    FLAGS_ANY = 0xff,

    PRIORITY_FIELDS_SIZE = 5,
    SETTING_SIZE = 6,
    SETTINGS_BYTES_MAX = 32 * SETTING_SIZE,
    GOAWAY_BYTES_MAX = 1024,
    UNKNOWN_BYTES_MAX = 16384,

    ERROR_ENHANCE_YOUR_CALM = 0xb
};

/* Which stream a frame may name. */
enum stream_kind {
    STREAM_ZERO,   /* the connection */
    STREAM_NEXT,   /* a new one: odd, above all before */
    STREAM_OPENED, /* one that was opened, perhaps closed since */
    STREAM_ANY_REAL,
    STREAM_ZERO_OR_OPENED
};

/*
 * The shape of each frame a client may send (RFC 9113 section 6). What gRPC answers with a stream
 * error (odd flags on DATA, wrong lengths) is refused here, so that no client can make the server
 * reset streams (CVE-2025-8671).
 */
static const struct frame_shape {
    uint8_t flags;
    uint32_t size_min;
    uint32_t size_max; /* 0: the limit of the connection */
    enum stream_kind stream;
} shapes[TYPE_COUNT] = {
    [TYPE_DATA] = {FLAG_END_STREAM, 0, 0, STREAM_OPENED},
    [TYPE_HEADERS] = {FLAGS_ANY, 0, 0, STREAM_NEXT},
    [TYPE_PRIORITY] = {FLAGS_ANY, 5, 5, STREAM_ANY_REAL},
    [TYPE_RST_STREAM] = {FLAGS_ANY, 4, 4, STREAM_OPENED},
    [TYPE_SETTINGS] = {FLAG_ACK, 0, SETTINGS_BYTES_MAX, STREAM_ZERO},
    [TYPE_PUSH_PROMISE] = {FLAGS_ANY, 0, 0, STREAM_ANY_REAL}, /* refused before its shape */
    [TYPE_PING] = {FLAG_ACK, 8, 8, STREAM_ZERO},
    [TYPE_GOAWAY] = {FLAGS_ANY, 8, GOAWAY_BYTES_MAX, STREAM_ZERO},
    [TYPE_WINDOW_UPDATE] = {FLAGS_ANY, 4, 4, STREAM_ZERO_OR_OPENED},
    [TYPE_CONTINUATION] = {FLAGS_ANY, 0, 0, STREAM_OPENED},
};

static const uint8_t preface[FRAME_PREFACE_SIZE] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static const struct frame_limits limits_standard = {
    .frame_bytes = (1 << 20) + 16, .block_bytes = 16384, .fields = 64, .continuations = 4};

static uint32_t limit_or(uint32_t given, uint32_t standard)
{
    return given ? given : standard;
}

void frame_walk_init(struct frame_walk *walk, const struct frame_limits *limits, int64_t now_us)
{
    const struct frame_limits *given = limits ? limits : &limits_standard;

    *walk = (struct frame_walk){0};
    walk->limits.frame_bytes = limit_or(given->frame_bytes, limits_standard.frame_bytes);
    walk->limits.block_bytes = limit_or(given->block_bytes, limits_standard.block_bytes);
    walk->limits.fields = limit_or(given->fields, limits_standard.fields);
    walk->limits.continuations = limit_or(given->continuations, limits_standard.continuations);
    budget_init(&walk->budget, now_us);
}

/* Ages of streams */

/* Streams opened within one step share a mark; a mark grows old as a whole. */
static void marks_grow_old(struct frame_walk *walk, int64_t now_us)
{
    for (int i = 0; i < FRAME_MARKS; i++) {
        const struct frame_mark *mark = &walk->marks[i];
        if (now_us - mark->at_us >= FRAME_RAPID_US && mark->stream > walk->aged_stream)
            walk->aged_stream = mark->stream;
    }
}

static void mark_opened(struct frame_walk *walk, uint32_t stream, int64_t now_us)
{
    struct frame_mark *mark = &walk->marks[walk->mark];

    marks_grow_old(walk, now_us);
    if (mark->stream == 0 || now_us - mark->at_us >= FRAME_MARK_US || now_us < mark->at_us) {
        walk->mark = (walk->mark + 1) % FRAME_MARKS;
        mark = &walk->marks[walk->mark];
        mark->at_us = now_us;
    }
    mark->stream = stream;
}

/* Frame headers */

/* Takes what is missing of the nine bytes; true when they are complete. */
static bool header_gather(struct frame_reader *reader, const uint8_t **data, size_t *size)
{
    while (*size > 0 && reader->header_have < FRAME_HEADER_SIZE) {
        reader->header[reader->header_have++] = *(*data)++;
        (*size)--;
    }
    if (reader->header_have < FRAME_HEADER_SIZE)
        return false;
    const uint8_t *h = reader->header;
    reader->header_have = 0;
    reader->length = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
    reader->type = h[3];
    reader->flags = h[4];
    reader->stream =
        (uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 8 | h[8];
    reader->left = reader->length;
    reader->word_have = 0;
    return true;
}

static bool stream_is_right(const struct frame_walk *walk, enum stream_kind kind, uint32_t stream)
{
    bool is_opened = stream % 2 == 1 && stream <= walk->top_stream;

    switch (kind) {
    case STREAM_ZERO:
        return stream == 0;
    case STREAM_NEXT:
        return stream % 2 == 1 && stream > walk->top_stream;
    case STREAM_OPENED:
        return is_opened;
    case STREAM_ANY_REAL:
        return stream != 0;
    case STREAM_ZERO_OR_OPENED:
        return stream == 0 || is_opened;
    }
    return false;
}

static enum guard_reason shape_check(const struct frame_walk *walk, const struct frame_reader *f)
{
    const struct frame_shape *shape = &shapes[f->type];

    if (f->flags & FLAG_PADDED && (f->type == TYPE_DATA || f->type == TYPE_HEADERS))
        return GUARD_PADDING;
    if (f->flags & ~shape->flags)
        return GUARD_FRAME_FLAGS_WRONG;
    if (f->length < shape->size_min || (shape->size_max && f->length > shape->size_max))
        return GUARD_FRAME_LENGTH_WRONG;
    if (f->type == TYPE_SETTINGS &&
        (f->length % SETTING_SIZE || (f->flags & FLAG_ACK && f->length)))
        return GUARD_FRAME_LENGTH_WRONG;
    return stream_is_right(walk, shape->stream, f->stream) ? GUARD_OK : GUARD_STREAM_ID_WRONG;
}

/*
 * A flood opens and resets streams faster than gRPC can take them in. Deadlines and cancelled calls
 * reset streams that have lived, at most once each.
 */
static enum budget_rule reset_rule(struct frame_walk *walk, int64_t now_us)
{
    marks_grow_old(walk, now_us);
    return walk->client.stream <= walk->aged_stream ? BUDGET_LATE_RESET : BUDGET_RAPID_RESET;
}

/* The budget a frame spends, or BUDGET_COUNT when it is free. */
static enum budget_rule rule_of(struct frame_walk *walk, int64_t now_us)
{
    const struct frame_reader *f = &walk->client;

    switch (f->type) {
    case TYPE_DATA:
        if (f->length > 0)
            return BUDGET_COUNT;
        return f->flags & FLAG_END_STREAM ? BUDGET_STREAM_END : BUDGET_EMPTY_DATA;
    case TYPE_PRIORITY:
        return BUDGET_PRIORITY;
    case TYPE_RST_STREAM:
        return reset_rule(walk, now_us);
    case TYPE_SETTINGS:
        return f->flags & FLAG_ACK ? BUDGET_ACK : BUDGET_SETTINGS;
    case TYPE_PING:
        return f->flags & FLAG_ACK ? BUDGET_ACK : BUDGET_PING;
    case TYPE_GOAWAY:
        return BUDGET_GOAWAY;
    case TYPE_WINDOW_UPDATE:
        return BUDGET_WINDOW_UPDATE;
    case TYPE_HEADERS:
    case TYPE_CONTINUATION:
        return BUDGET_COUNT; /* bounded by the block */
    default:
        return BUDGET_UNKNOWN;
    }
}

/* Header blocks */

static enum guard_reason block_add(struct frame_walk *walk, uint32_t size)
{
    walk->block_bytes += size;
    return walk->block_bytes > walk->limits.block_bytes ? GUARD_HEADER_BLOCK_TOO_LONG : GUARD_OK;
}

static enum guard_reason block_begin(struct frame_walk *walk, int64_t now_us)
{
    const struct frame_reader *f = &walk->client;

    walk->priority_left = f->flags & FLAG_PRIORITY ? PRIORITY_FIELDS_SIZE : 0;
    if (f->length < walk->priority_left)
        return GUARD_FRAME_LENGTH_WRONG;
    walk->top_stream = f->stream;
    walk->stream_count++;
    walk->is_in_block = true;
    walk->block_stream = f->stream;
    walk->block_bytes = 0;
    walk->block_continuations = 0;
    hpack_begin(&walk->hpack, walk->limits.fields, walk->limits.block_bytes);
    budget_stream_opened(&walk->budget);
    mark_opened(walk, f->stream, now_us);
    return block_add(walk, f->length - walk->priority_left);
}

static enum guard_reason block_continue(struct frame_walk *walk, const struct frame_reader *f)
{
    if (++walk->block_continuations > walk->limits.continuations)
        return GUARD_CONTINUATION_FLOOD;
    return block_add(walk, f->length);
}

static enum guard_reason block_bytes(struct frame_walk *walk, const uint8_t *data, size_t size)
{
    size_t skipped = size < walk->priority_left ? size : walk->priority_left;

    walk->priority_left -= (uint32_t)skipped;
    return hpack_bytes(&walk->hpack, data + skipped, size - skipped);
}

/* The client's frames */

static enum guard_reason frame_order(const struct frame_walk *walk, const struct frame_reader *f)
{
    if (!walk->is_settings_seen && (f->type != TYPE_SETTINGS || f->flags & FLAG_ACK))
        return GUARD_SETTINGS_NOT_FIRST;
    if (f->type == TYPE_PUSH_PROMISE)
        return GUARD_PUSH_PROMISE;
    if (f->type == TYPE_CONTINUATION && !walk->is_in_block)
        return GUARD_CONTINUATION_STRAY;
    if (walk->is_in_block && (f->type != TYPE_CONTINUATION || f->stream != walk->block_stream))
        return GUARD_BLOCK_INTERLEAVED;
    return GUARD_OK;
}

static enum guard_reason frame_begin(struct frame_walk *walk, int64_t now_us)
{
    const struct frame_reader *f = &walk->client;
    enum guard_reason reason = frame_order(walk, f);

    if (reason != GUARD_OK)
        return reason;
    if (f->length > walk->limits.frame_bytes ||
        (f->type >= TYPE_COUNT && f->length > UNKNOWN_BYTES_MAX))
        return GUARD_FRAME_TOO_LONG;
    if (f->type < TYPE_COUNT && (reason = shape_check(walk, f)) != GUARD_OK)
        return reason;
    enum budget_rule rule = rule_of(walk, now_us);
    if (rule != BUDGET_COUNT && (reason = budget_spend(&walk->budget, rule, now_us)) != GUARD_OK)
        return reason;
    walk->is_settings_seen = true; /* the first frame came this far only as SETTINGS */
    if (f->type == TYPE_HEADERS)
        return block_begin(walk, now_us);
    if (f->type == TYPE_CONTINUATION)
        return block_continue(walk, f);
    return GUARD_OK;
}

static uint32_t word_value(const struct frame_reader *f)
{
    return (uint32_t)f->word[0] << 24 | (uint32_t)f->word[1] << 16 | (uint32_t)f->word[2] << 8 |
           f->word[3];
}

static void word_gather(struct frame_reader *f, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size && f->word_have < sizeof(f->word); i++)
        f->word[f->word_have++] = data[i];
}

static enum guard_reason frame_end(struct frame_walk *walk)
{
    const struct frame_reader *f = &walk->client;

    if (f->type == TYPE_WINDOW_UPDATE && (word_value(f) & 0x7fffffff) == 0)
        return GUARD_WINDOW_INCREMENT_ZERO;
    if ((f->type == TYPE_HEADERS || f->type == TYPE_CONTINUATION) && f->flags & FLAG_END_HEADERS) {
        walk->is_in_block = false;
        return hpack_end(&walk->hpack);
    }
    return GUARD_OK;
}

static enum guard_reason payload_bytes(struct frame_walk *walk, const uint8_t *data, size_t size)
{
    if (walk->client.type == TYPE_HEADERS || walk->client.type == TYPE_CONTINUATION)
        return block_bytes(walk, data, size);
    if (walk->client.type == TYPE_WINDOW_UPDATE)
        word_gather(&walk->client, data, size);
    return GUARD_OK;
}

static enum guard_reason preface_check(struct frame_walk *walk, const uint8_t **data, size_t *size)
{
    while (*size > 0 && walk->preface_have < FRAME_PREFACE_SIZE) {
        if (**data != preface[walk->preface_have])
            return GUARD_PREFACE_WRONG;
        walk->preface_have++;
        (*data)++;
        (*size)--;
    }
    return GUARD_OK;
}

enum guard_reason frame_check(struct frame_walk *walk, const uint8_t *data, size_t size,
                              int64_t now_us)
{
    struct frame_reader *f = &walk->client;
    enum guard_reason reason = preface_check(walk, &data, &size);

    while (size > 0 && reason == GUARD_OK) {
        if (f->left == 0) {
            if (!header_gather(f, &data, &size))
                break;
            reason = frame_begin(walk, now_us);
        } else {
            size_t taken = size < f->left ? size : f->left;
            f->left -= (uint32_t)taken;
            reason = payload_bytes(walk, data, taken);
            data += taken;
            size -= taken;
        }
        if (f->left == 0 && reason == GUARD_OK)
            reason = frame_end(walk);
    }
    return reason;
}

/* The server's frames */

/* Stream errors that only a misbehaving client provokes (RFC 9113 section 7). */
static bool is_provoked(uint32_t code)
{
    enum { PROTOCOL_ERROR = 1, FLOW_CONTROL_ERROR = 3, STREAM_CLOSED = 5, FRAME_SIZE_ERROR = 6 };

    return code == PROTOCOL_ERROR || code == FLOW_CONTROL_ERROR || code == STREAM_CLOSED ||
           code == FRAME_SIZE_ERROR;
}

enum guard_reason frame_check_answer(struct frame_walk *walk, const uint8_t *data, size_t size,
                                     int64_t now_us)
{
    struct frame_reader *f = &walk->server;

    budget_bytes_sent(&walk->budget, size);
    while (size > 0) {
        if (f->left == 0) {
            if (!header_gather(f, &data, &size))
                break;
            continue;
        }
        size_t taken = size < f->left ? size : f->left;
        f->left -= (uint32_t)taken;
        if (f->type == TYPE_RST_STREAM) {
            word_gather(f, data, taken);
            if (f->left == 0 && is_provoked(word_value(f))) {
                enum guard_reason reason = budget_spend(&walk->budget, BUDGET_STREAM_ERROR, now_us);
                if (reason != GUARD_OK)
                    return reason;
            }
        }
        data += taken;
        size -= taken;
    }
    return GUARD_OK;
}

bool frame_is_open(const struct frame_walk *walk)
{
    return walk->is_settings_seen;
}

bool frame_is_answer_at_boundary(const struct frame_walk *walk)
{
    return walk->server.left == 0 && walk->server.header_have == 0;
}

size_t frame_goaway(const struct frame_walk *walk, enum guard_reason reason,
                    uint8_t data[FRAME_GOAWAY_MAX])
{
    enum { FIXED = FRAME_HEADER_SIZE + 8 };
    const char *word = guard_reason_word(reason);
    size_t word_size = strlen(word);

    CHECK(FIXED + word_size <= FRAME_GOAWAY_MAX);
    uint32_t last = walk->top_stream;
    uint8_t fixed[FIXED] = {0};

    fixed[2] = (uint8_t)(8 + word_size);
    fixed[3] = TYPE_GOAWAY;
    fixed[9] = (uint8_t)(last >> 24);
    fixed[10] = (uint8_t)(last >> 16);
    fixed[11] = (uint8_t)(last >> 8);
    fixed[12] = (uint8_t)last;
    fixed[16] = ERROR_ENHANCE_YOUR_CALM;
    memcpy(data, fixed, FIXED);
    memcpy(data + FIXED, word, word_size);
    return FIXED + word_size;
}
