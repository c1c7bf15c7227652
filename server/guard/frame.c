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

/*
 * The budgets. An honest client must never meet one, also when all its calls end at one deadline
 * (twice the concurrent streams as resets), measures its bandwidth by PING, or reads a long stream
 * in small steps. The figures were measured against C core, grpc-js and buf.
 */
static const struct frame_budget budgets[FRAME_RULE_COUNT] = {
    /* rule                         reason                     burst  /s  /HEADERS  /KiB */
    [FRAME_RULE_RESET] = {GUARD_RAPID_RESET, 300, 50, 0, 0},
    [FRAME_RULE_SETTINGS] = {GUARD_SETTINGS_FLOOD, 20, 1, 0, 0},
    [FRAME_RULE_PING] = {GUARD_PING_FLOOD, 100, 10, 0, 0},
    [FRAME_RULE_ACK] = {GUARD_ACK_FLOOD, 1000, 100, 0, 0},
    [FRAME_RULE_EMPTY_DATA] = {GUARD_EMPTY_DATA_FLOOD, 100, 10, 0, 0},
    [FRAME_RULE_STREAM_END] = {GUARD_STREAM_END_FLOOD, 100, 0, 1, 0},
    [FRAME_RULE_WINDOW_UPDATE] = {GUARD_WINDOW_UPDATE_FLOOD, 4000, 1000, 4, 2},
    [FRAME_RULE_PRIORITY] = {GUARD_PRIORITY_FLOOD, 200, 10, 1, 0},
    [FRAME_RULE_GOAWAY] = {GUARD_GOAWAY_FLOOD, 5, 1, 0, 0},
    [FRAME_RULE_UNKNOWN] = {GUARD_UNKNOWN_FRAME_FLOOD, 20, 1, 0, 0},
    [FRAME_RULE_STREAM_ERROR] = {GUARD_STREAM_ERROR_FLOOD, 10, 1, 0, 0},
};

static const uint8_t preface[FRAME_PREFACE_SIZE] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static const struct frame_limits limits_standard = {
    .frame_bytes = (1 << 20) + 16, .block_bytes = 16384, .fields = 64, .continuations = 4};

const struct frame_budget *frame_budget_of(enum frame_rule rule)
{
    CHECK((unsigned)rule < FRAME_RULE_COUNT);
    return &budgets[rule];
}

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
    for (enum frame_rule rule = 0; rule < FRAME_RULE_COUNT; rule++)
        walk->buckets[rule] = (struct frame_bucket){(int64_t)budgets[rule].burst * 1000000, now_us};
}

/* Buckets */

static void bucket_give(struct frame_walk *walk, enum frame_rule rule, int64_t tokens_micro)
{
    struct frame_bucket *bucket = &walk->buckets[rule];
    int64_t full = (int64_t)budgets[rule].burst * 1000000;

    bucket->tokens_micro += tokens_micro;
    if (bucket->tokens_micro > full)
        bucket->tokens_micro = full;
}

static enum guard_reason bucket_spend(struct frame_walk *walk, enum frame_rule rule, int64_t now_us)
{
    struct frame_bucket *bucket = &walk->buckets[rule];
    int64_t elapsed_us = now_us - bucket->filled_us;

    /* An hour fills every bucket that time fills; more would only invite overflow. */
    if (elapsed_us > INT64_C(3600000000))
        elapsed_us = INT64_C(3600000000);
    if (elapsed_us > 0) {
        bucket->filled_us = now_us;
        bucket_give(walk, rule, elapsed_us * budgets[rule].per_second);
    }
    if (bucket->tokens_micro < 1000000)
        return budgets[rule].reason;
    bucket->tokens_micro -= 1000000;
    return GUARD_OK;
}

static void credit_headers(struct frame_walk *walk)
{
    for (enum frame_rule rule = 0; rule < FRAME_RULE_COUNT; rule++)
        if (budgets[rule].per_headers)
            bucket_give(walk, rule, (int64_t)budgets[rule].per_headers * 1000000);
}

static void credit_sent(struct frame_walk *walk, size_t size)
{
    size_t sent = walk->sent_rest + size;

    walk->sent_rest = (uint32_t)(sent % 1024);
    for (enum frame_rule rule = 0; rule < FRAME_RULE_COUNT; rule++)
        if (budgets[rule].per_kb_sent && sent >= 1024)
            bucket_give(walk, rule, (int64_t)(sent / 1024) * budgets[rule].per_kb_sent * 1000000);
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

/* The budget a frame spends, or FRAME_RULE_COUNT when it is free. */
static enum frame_rule rule_of(const struct frame_reader *f)
{
    switch (f->type) {
    case TYPE_DATA:
        if (f->length > 0)
            return FRAME_RULE_COUNT;
        return f->flags & FLAG_END_STREAM ? FRAME_RULE_STREAM_END : FRAME_RULE_EMPTY_DATA;
    case TYPE_PRIORITY:
        return FRAME_RULE_PRIORITY;
    case TYPE_RST_STREAM:
        return FRAME_RULE_RESET;
    case TYPE_SETTINGS:
        return f->flags & FLAG_ACK ? FRAME_RULE_ACK : FRAME_RULE_SETTINGS;
    case TYPE_PING:
        return f->flags & FLAG_ACK ? FRAME_RULE_ACK : FRAME_RULE_PING;
    case TYPE_GOAWAY:
        return FRAME_RULE_GOAWAY;
    case TYPE_WINDOW_UPDATE:
        return FRAME_RULE_WINDOW_UPDATE;
    case TYPE_HEADERS:
    case TYPE_CONTINUATION:
        return FRAME_RULE_COUNT; /* bounded by the block */
    default:
        return FRAME_RULE_UNKNOWN;
    }
}

/* Header blocks */

static enum guard_reason block_add(struct frame_walk *walk, uint32_t size)
{
    walk->block_bytes += size;
    return walk->block_bytes > walk->limits.block_bytes ? GUARD_HEADER_BLOCK_TOO_LONG : GUARD_OK;
}

static enum guard_reason block_begin(struct frame_walk *walk, const struct frame_reader *f)
{
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
    credit_headers(walk);
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
    enum frame_rule rule = rule_of(f);
    if (rule != FRAME_RULE_COUNT && (reason = bucket_spend(walk, rule, now_us)) != GUARD_OK)
        return reason;
    walk->is_settings_seen = true; /* the first frame came this far only as SETTINGS */
    if (f->type == TYPE_HEADERS)
        return block_begin(walk, f);
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

    credit_sent(walk, size);
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
                enum guard_reason reason = bucket_spend(walk, FRAME_RULE_STREAM_ERROR, now_us);
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
