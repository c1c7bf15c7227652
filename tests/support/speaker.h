/*
 * Says anything to a running exchange over mTLS, one connection, and tells how it was answered:
 * requests as JSON of the contract or as raw bytes, nothing repeated, nothing mended.
 *
 * What libcix would never send, and answers that libcix would hide by trying again. A failure to
 * connect is answered, not an error; wrong JSON fails the test.
 */
#pragma once

#include "base/arena.h"
#include "cix.h"
#include "support/exchange.h"

struct speaker;
struct speech;

/* Connects as the certificate NAME.pem of the exchange's folder; NULL when the handshake fails. */
struct speaker *speaker_open(const struct exchange *exchange, const char *name);
void speaker_close(struct speaker *speaker);

/* True once the exchange has closed the connection. */
bool speaker_is_cut(const struct speaker *speaker);

/* A message of that type read from JSON, packed, in the arena. */
struct bytes speaker_pack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                          const char *json);

/*
 * One unary call; error->status is CIX_OK when it was answered, and the response is then returned,
 * unpacked in the speaker's own memory, valid until it is closed. Else NULL.
 */
const void *speaker_ask(struct speaker *speaker, enum cix_method method, const char *json,
                        struct cix_error *error);

/* The same of any path and bytes; only the outcome counts. */
void speaker_ask_bytes(struct speaker *speaker, const char *path, struct bytes bytes,
                       struct cix_error *error);

/* Opens a stream. One at a time; end it with speaker_end. */
struct speech *speaker_begin(struct speaker *speaker, enum cix_method method);

/* Sends one message and waits for one: NULL when the stream has ended instead. */
const void *speaker_say(struct speech *speech, const char *json);
const void *speaker_say_bytes(struct speech *speech, struct bytes bytes);

/* Says that nothing more comes, waits for the end, and releases the speech. */
void speaker_end(struct speech *speech, struct cix_error *error);
