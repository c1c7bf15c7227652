/*
 * Claims about our own code, and the marks that make the compiler hold them.
 *
 * CHECK stays on in release builds and aborts with file, line and condition. It is for what only a
 * bug can break; what a peer, a disk or a database can cause is handled, never checked.
 */
#pragma once

#define MUST_USE            __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a)   __attribute__((format(printf, f, a)))
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            check_failed(__FILE__, __LINE__, #condition);                                          \
    } while (0)

/* Prints the broken claim to stderr and aborts. */
__attribute__((noreturn)) void check_failed(const char *file, int line, const char *condition);
