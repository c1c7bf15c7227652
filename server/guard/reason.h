/*
 * Every reason for which the guard refuses or closes a connection, as a stable word.
 *
 * The words go to the log, to the metrics and to the GOAWAY a refused client gets, so an operator
 * and a member's engineer talk about the same thing. No word tells anything about a person.
 */
#pragma once

#include <stdbool.h>

enum guard_reason {
    GUARD_OK,

    /* before a member is known */
    GUARD_TLS_FAILED,
    GUARD_TLS_PLAINTEXT,
    GUARD_TLS_VERSION,
    GUARD_TLS_CIPHER,
    GUARD_HANDSHAKE_TIMEOUT,
    GUARD_HANDSHAKE_EVICTED,
    GUARD_DESCRIPTORS_EXHAUSTED,
    GUARD_ALPN_MISSING,
    GUARD_CERTIFICATE_MISSING,
    GUARD_CERTIFICATE_UNTRUSTED,
    GUARD_CERTIFICATE_EXPIRED,
    GUARD_CERTIFICATE_NOT_YET_VALID,
    GUARD_CERTIFICATE_REVOKED,
    GUARD_CERTIFICATE_PURPOSE,
    GUARD_CERTIFICATE_INVALID,
    GUARD_CRL_UNUSABLE,
    GUARD_NAME_MISSING,
    GUARD_NAME_SEVERAL,
    GUARD_NAME_FOREIGN,
    GUARD_NAME_MALFORMED,

    /* the member is known, the connection is not wanted */
    GUARD_NOT_ADMITTED,
    GUARD_BANNED,
    GUARD_CONNECTION_LIMIT,
    GUARD_MEMBER_CONNECTION_LIMIT,

    /* violations of HTTP/2 as the guard allows it; the certificate is banned */
    GUARD_PREFACE_WRONG,
    GUARD_SETTINGS_NOT_FIRST,
    GUARD_FRAME_TOO_LONG,
    GUARD_FRAME_LENGTH_WRONG,
    GUARD_FRAME_FLAGS_WRONG,
    GUARD_STREAM_ID_WRONG,
    GUARD_BLOCK_INTERLEAVED,
    GUARD_CONTINUATION_STRAY,
    GUARD_CONTINUATION_FLOOD,
    GUARD_HEADER_BLOCK_TOO_LONG,
    GUARD_HEADER_FIELDS,
    GUARD_HPACK_INTEGER,
    GUARD_HPACK_MALFORMED,
    GUARD_PADDING,
    GUARD_PUSH_PROMISE,
    GUARD_WINDOW_INCREMENT_ZERO,
    GUARD_RAPID_RESET,
    GUARD_SETTINGS_FLOOD,
    GUARD_PING_FLOOD,
    GUARD_ACK_FLOOD,
    GUARD_EMPTY_DATA_FLOOD,
    GUARD_STREAM_END_FLOOD,
    GUARD_WINDOW_UPDATE_FLOOD,
    GUARD_PRIORITY_FLOOD,
    GUARD_GOAWAY_FLOOD,
    GUARD_UNKNOWN_FRAME_FLOOD,
    GUARD_STREAM_ERROR_FLOOD,

    /* an adopted connection ends without a violation */
    GUARD_PREFACE_TIMEOUT,
    GUARD_IDLE,
    GUARD_WITHDRAWN,
    GUARD_STOPPED,
    GUARD_REASON_COUNT,
};

/* The word, UPPER_SNAKE, static storage; "OK" for GUARD_OK. */
const char *guard_reason_word(enum guard_reason reason);

/* True for the reasons that ban the certificate. */
bool guard_reason_is_violation(enum guard_reason reason);
