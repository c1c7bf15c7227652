/*
 * Calls (channel.c) and streams (stream.c) over gRPC core: no other file of the client knows it.
 *
 * A channel is bytes in and bytes out; messages, repeats and errors are the layers above. When a
 * file of the identity changes, the next call goes over a new connection with the new files; calls
 * that run finish on the old one. While the new files do not fit together, the old connection
 * serves on.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "cix.h"

struct cix_channel;
struct cix_stream;

/* What a call ended with; the bytes live in the arena that the caller gave. */
struct cix_reply {
    enum cix_status status;
    struct bytes message; /* text of the status */
    struct bytes details; /* packed google.rpc.Status, or empty */
    struct bytes payload; /* the response, when the status is CIX_OK */
};

/* One unary call. */
struct cix_request {
    enum cix_method method;
    const ProtobufCMessage *message;
    int deadline_ms;
};

/* Runs on a completion thread; the reply lives until it returns. */
typedef void cix_replied(void *user, struct arena *arena, const struct cix_reply *reply);

/* Makes a channel from checked options (no defaults missing); nothing is connected yet. */
bool cix_channel_new(const struct cix_options *options, struct cix_channel **channel,
                     struct cix_error *error);

/* Waits for the calls that were begun. Streams must have been freed. Accepts NULL. */
void cix_channel_free(struct cix_channel *channel);

/*
 * Waits ms milliseconds before a repeat. gRPC connects only while somebody waits on a queue of the
 * channel, so a plain sleep would leave a lost connection as it is.
 */
void cix_channel_pause(struct cix_channel *channel, int ms);

/* Calls and waits. */
void cix_channel_call(struct cix_channel *channel, const struct cix_request *request,
                      struct arena *arena, struct cix_reply *reply);

/* Calls and returns; replied runs exactly once. */
void cix_channel_begin(struct cix_channel *channel, const struct cix_request *request,
                       cix_replied *replied, void *user);

/* Opens a bidirectional stream; one thread at a time may use it. */
struct cix_stream *cix_stream_new(struct cix_channel *channel, enum cix_method method);

/* Cancels what is still running, and releases it. Accepts NULL. */
void cix_stream_free(struct cix_stream *stream);

/* Hands one packed message to the connection. False: the stream has ended or the time is up. */
bool cix_stream_send(struct cix_stream *stream, struct bytes message, int timeout_ms);

/*
 * Waits for the next message; malloc'ed, for free(). Messages that arrive during a send are kept.
 * False: the stream has ended or the time is up.
 */
bool cix_stream_receive(struct cix_stream *stream, struct bytes *message, int timeout_ms);

/* A message that has arrived already; false at once when there is none. */
bool cix_stream_poll(struct cix_stream *stream, struct bytes *message);

/*
 * What the stream ended with, after a send or receive answered false. Cancels a stream that is
 * still running; the status is then CIX_DEADLINE_EXCEEDED.
 */
void cix_stream_status(struct cix_stream *stream, struct arena *arena, struct cix_reply *reply);
