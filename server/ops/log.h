/*
 * The log: one JSON object a line on stderr, written by one write(2), so that lines of several
 * threads never mix. Times are RFC 3339 in UTC.
 *
 * Nothing allocates; a line that grows too long is cut and says so. An event that comes too often
 * is dropped and counted, and its next line carries the count. Never pass personal data: names,
 * identifiers and amounts do not belong here; member codes, ids and reasons do.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

enum {
    LOG_LINE_MAX = 3072,      /* bytes of a line with its newline; below PIPE_BUF */
    LOG_EVENTS_A_SECOND = 20, /* lines of one event in one second; errors get as many */
};

enum log_field_kind { LOG_FIELD_NONE, LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_BOOL };

/* One field of a line. Make it by log_text, log_int, log_bool. */
struct log_field {
    const char *name; /* lower_snake, ASCII */
    enum log_field_kind kind;
    const char *text;
    int64_t number;
};

/* A text field; NULL is written as null, bytes that are not UTF-8 as U+FFFD. */
static inline struct log_field log_text(const char *name, const char *value)
{
    return (struct log_field){.name = name, .kind = LOG_FIELD_TEXT, .text = value};
}

static inline struct log_field log_int(const char *name, int64_t value)
{
    return (struct log_field){.name = name, .kind = LOG_FIELD_INT, .number = value};
}

static inline struct log_field log_bool(const char *name, bool value)
{
    return (struct log_field){.name = name, .kind = LOG_FIELD_BOOL, .number = value};
}

/*
 * log_line(level, event, field, ...): writes one line when the level is high enough. event is a
 * stable lower_snake word with static storage. Thread-safe; never fails.
 */
#define log_line(level, event, ...)                                                                \
    log_write((level), (event), (const struct log_field[]){{.name = 0}, ##__VA_ARGS__},            \
              (int)(sizeof((const struct log_field[]){{.name = 0}, ##__VA_ARGS__}) /               \
                    sizeof(struct log_field)))

/* What log_line calls. Fields without a name are passed over. */
void log_write(enum log_level level, const char *event, const struct log_field *fields, int count);

/* Least level that is written; LOG_LEVEL_INFO at start. Thread-safe. */
void log_level_set(enum log_level level);

/* Where lines go; 2 (stderr) at start. For tests. */
void log_output_set(int descriptor);
