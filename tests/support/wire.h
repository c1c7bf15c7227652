/*
 * Builds raw HTTP/2 bytes, right or wrong, for tests and attacks that a gRPC library would not
 * send.
 *
 * A wire is a bounded buffer; what does not fit aborts the test. Nothing here checks legality.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { WIRE_MAX = 1 << 18 };

enum wire_type {
    WIRE_DATA,
    WIRE_HEADERS,
    WIRE_PRIORITY,
    WIRE_RST_STREAM,
    WIRE_SETTINGS,
    WIRE_PUSH_PROMISE,
    WIRE_PING,
    WIRE_GOAWAY,
    WIRE_WINDOW_UPDATE,
    WIRE_CONTINUATION
};

enum {
    WIRE_END_STREAM = 0x1,
    WIRE_ACK = 0x1,
    WIRE_END_HEADERS = 0x4,
    WIRE_PADDED = 0x8,
    WIRE_PRIORITY_FIELDS = 0x20
};

struct wire {
    uint8_t data[WIRE_MAX];
    size_t size;
};

void wire_bytes(struct wire *wire, const void *data, size_t size);

/* The 24 bytes that begin a connection. */
void wire_preface(struct wire *wire);

/* A frame header that promises length bytes; the payload is up to the caller. */
void wire_header(struct wire *wire, uint32_t length, int type, int flags, uint32_t stream);

/* A frame with its payload. */
void wire_frame(struct wire *wire, int type, int flags, uint32_t stream,
                const struct wire *payload);

/* A frame whose payload is size zero bytes. */
void wire_zeros(struct wire *wire, size_t size, int type, int flags, uint32_t stream);

/* A frame whose payload is one 32-bit number: RST_STREAM, WINDOW_UPDATE. */
void wire_number(struct wire *wire, int type, uint32_t stream, uint32_t number);

/* Preface and an empty SETTINGS. */
void wire_open(struct wire *wire);

/* HPACK: an integer behind a prefix of the given bits, pattern in the bits above. */
void wire_integer(struct wire *wire, int prefix_bits, int pattern, uint32_t value);

/* HPACK: a literal field without indexing, name and value in plain bytes. */
void wire_field(struct wire *wire, const char *name, const char *value);

/* HPACK: the fields of a gRPC call of the given path. */
void wire_call_fields(struct wire *wire, const char *path);
