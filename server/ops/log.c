#include "ops/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum {
    TAIL_ROOM = 64, /* kept free for "suppressed", "cut" and the end of the object */
    LIMIT_SLOTS = 128,
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static atomic_int least_level = LOG_LEVEL_INFO;
static atomic_int output = STDERR_FILENO;

/* A line while it is built. */
struct line {
    char text[LOG_LINE_MAX];
    size_t size;
    bool is_cut;
};

/* How often an event came in the current second. Events that share a slot share its limit. */
struct limit {
    const char *event;
    int64_t second;
    int written;
    int64_t suppressed;
};

static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;
static struct limit limits[LIMIT_SLOTS];

void log_level_set(enum log_level level)
{
    atomic_store_explicit(&least_level, (int)level, memory_order_relaxed);
}

void log_output_set(int descriptor)
{
    atomic_store_explicit(&output, descriptor, memory_order_relaxed);
}

static bool put(struct line *line, const char *data, size_t size)
{
    if (line->size + size > sizeof(line->text) - TAIL_ROOM) {
        line->is_cut = true;
        return false;
    }
    memcpy(line->text + line->size, data, size);
    line->size += size;
    return true;
}

static size_t sequence_size(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xe0)
        return 2;
    return lead < 0xf0 ? 3 : 4;
}

/* One character of a JSON string; returns the bytes it took from text. */
static size_t put_character(struct line *line, const char *text)
{
    unsigned char byte = (unsigned char)*text;
    char escaped[8];
    size_t size = sequence_size(byte);
    if (byte == '"' || byte == '\\') {
        escaped[0] = '\\';
        escaped[1] = *text;
        return put(line, escaped, 2) ? 1 : 0;
    }
    if (byte < 0x20 || byte == 0x7f) {
        snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
        return put(line, escaped, 6) ? 1 : 0;
    }
    if (strnlen(text, size) < size || !text_is_utf8(text, size))
        return put(line, "\\ufffd", 6) ? 1 : 0;
    return put(line, text, size) ? size : 0;
}

/* Cut where the room ends; room for the closing quote is part of TAIL_ROOM. */
static void put_string(struct line *line, const char *text)
{
    if (!put(line, "\"", 1))
        return;
    while (*text != '\0') {
        size_t taken = put_character(line, text);
        if (taken == 0)
            break;
        text += taken;
    }
    line->text[line->size++] = '"';
}

static void put_value(struct line *line, const struct log_field *field)
{
    char number[24];
    int size;
    switch (field->kind) {
    case LOG_FIELD_NONE:
        return;
    case LOG_FIELD_TEXT:
        if (field->text == NULL)
            put(line, "null", 4);
        else
            put_string(line, field->text);
        return;
    case LOG_FIELD_INT:
        size = snprintf(number, sizeof(number), "%lld", (long long)field->number);
        put(line, number, (size_t)size);
        return;
    case LOG_FIELD_BOOL:
        put(line, field->number ? "true" : "false", field->number ? 4 : 5);
        return;
    }
}

/* A field is written whole or, when its value does not even begin to fit, not at all. */
static void put_field(struct line *line, const struct log_field *field)
{
    enum { VALUE_ROOM = 32 };
    size_t start = line->size;
    if (field->name == NULL || line->is_cut)
        return;
    if (!put(line, ",", 1))
        return;
    put_string(line, field->name);
    if (line->size + VALUE_ROOM > sizeof(line->text) - TAIL_ROOM || line->is_cut) {
        line->size = start;
        line->is_cut = true;
        return;
    }
    put(line, ":", 1);
    put_value(line, field);
}

static void put_head(struct line *line, enum log_level level, const char *event, int64_t now_us)
{
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm tm;
    char head[96];
    gmtime_r(&seconds, &tm);
    int size =
        snprintf(head, sizeof(head),
                 "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\",\"level\":\"%s\",\"event\":",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                 (int)(now_us % 1000000), level_names[level]);
    put(line, head, (size_t)size < sizeof(head) ? (size_t)size : sizeof(head) - 1);
    put_string(line, event);
}

static size_t slot_of(const char *event)
{
    size_t hash = 5381;
    for (; *event != '\0'; event++)
        hash = hash * 33 + (unsigned char)*event;
    return hash % LIMIT_SLOTS;
}

/* True when this line may go out; suppressed: lines of the event dropped since the last one. */
static bool pass_limit(const char *event, int64_t now_us, int64_t *suppressed)
{
    struct limit *limit = &limits[slot_of(event)];
    int64_t second = now_us / 1000000;
    bool may_pass;
    pthread_mutex_lock(&limit_lock);
    if (limit->second != second) {
        limit->second = second;
        limit->written = 0;
    }
    may_pass = limit->written < LOG_EVENTS_A_SECOND;
    if (may_pass) {
        limit->written++;
        *suppressed = limit->suppressed;
        limit->suppressed = 0;
    } else {
        limit->suppressed++;
    }
    pthread_mutex_unlock(&limit_lock);
    return may_pass;
}

/* Uses the room that put() keeps free. */
static void put_tail(struct line *line, int64_t suppressed)
{
    char tail[TAIL_ROOM];
    int size = 0;
    tail[0] = '\0';
    if (suppressed > 0)
        size = snprintf(tail, sizeof(tail), ",\"suppressed\":%lld", (long long)suppressed);
    snprintf(tail + size, sizeof(tail) - (size_t)size, "%s}\n",
             line->is_cut ? ",\"cut\":true" : "");
    size_t all = strlen(tail);
    memcpy(line->text + line->size, tail, all);
    line->size += all;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, int count)
{
    struct line line = {.size = 0};
    int64_t suppressed = 0;
    int64_t now_us = clock_now_us();
    int saved = errno;
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed) ||
        !pass_limit(event, now_us, &suppressed))
        return;
    put_head(&line, level, event, now_us);
    for (int i = 0; i < count; i++)
        put_field(&line, &fields[i]);
    put_tail(&line, suppressed);
    /* A log that cannot be written must not stop the server. */
    while (write(atomic_load_explicit(&output, memory_order_relaxed), line.text, line.size) < 0 &&
           errno == EINTR)
        continue;
    errno = saved;
}
