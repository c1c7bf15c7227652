#include "channel.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "error.h"
#include "identity.h"
#include "method.h"
#include "transport.h"

enum {
    UNARY_OPS = 6,
    MESSAGE_MAX = 64 * 1024 * 1024,
    STALE_CHECK_US = 500 * 1000,
    RECONNECT_FIRST_MS = 100,
    RECONNECT_MAX_MS = 2000,
    CONNECT_TIMEOUT_MS = 5000, /* of one attempt: gRPC names it the least backoff */
};

struct cix_channel {
    char *address, *server_name;
    char *paths[CIX_IDENTITY_FILES];
    int thread_max;

    pthread_mutex_t lock; /* over all below */
    grpc_channel *channel;
    void *registered[CIX_METHOD_COUNT];
    struct cix_file_stamp stamps[CIX_IDENTITY_FILES];
    int64_t looked_us; /* when the files were looked at */

    grpc_completion_queue *queue; /* of the calls that were begun */
    pthread_t threads[16];
    int thread_count;
};

/* A call that was begun: the tag of its only batch. */
struct begun {
    grpc_call *call;
    grpc_byte_buffer *sent;
    struct receipt receipt;
    cix_replied *replied;
    void *user;
};

/* ---- The connection and its renewal ---- */

static void *copy(const char *text)
{
    char *copied = strdup(text);

    CHECK(copied);
    return copied;
}

static grpc_channel *connect_with(const struct cix_channel *channel,
                                  const struct cix_identity *identity)
{
    grpc_ssl_pem_key_cert_pair pair = {.cert_chain = identity->pem[1],
                                       .private_key = identity->pem[2]};
    grpc_channel_credentials *credentials =
        grpc_ssl_credentials_create_ex(identity->pem[0], &pair, NULL, NULL);
    grpc_arg args[] = {
        {.type = GRPC_ARG_STRING,
         .key = (char *)GRPC_SSL_TARGET_NAME_OVERRIDE_ARG,
         .value.string = channel->server_name},
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
         .value.integer = MESSAGE_MAX},
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
         .value.integer = RECONNECT_FIRST_MS},
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
         .value.integer = CONNECT_TIMEOUT_MS},
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_MAX_RECONNECT_BACKOFF_MS,
         .value.integer = RECONNECT_MAX_MS},
        {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_ENABLE_RETRIES, .value.integer = 0},
        {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_ENABLE_CHANNELZ, .value.integer = 0},
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL,
         .value.integer = 1},
        {.type = GRPC_ARG_STRING,
         .key = (char *)GRPC_ARG_PRIMARY_USER_AGENT_STRING,
         .value.string = (char *)"libcix/" CIX_VERSION},
    };
    size_t count = ARRAY_LENGTH(args) - !channel->server_name;
    grpc_channel_args list = {.num_args = count, .args = args + !channel->server_name};
    grpc_channel *made = grpc_channel_create(channel->address, credentials, &list);

    grpc_channel_credentials_release(credentials);
    return made;
}

/* Replaces the connection. Running calls hold the old one until they end. */
static bool connect_anew(struct cix_channel *channel, struct cix_error *error)
{
    struct cix_identity identity;

    if (!cix_identity_read((const char *const *)channel->paths, &identity, error))
        return false;
    if (channel->channel)
        grpc_channel_destroy(channel->channel);
    channel->channel = connect_with(channel, &identity);
    memcpy(channel->stamps, identity.stamps, sizeof(channel->stamps));
    cix_identity_done(&identity);
    for (int i = 0; i < CIX_METHOD_COUNT; i++)
        channel->registered[i] = grpc_channel_register_call(
            channel->channel, cix_method_path((enum cix_method)i), NULL, NULL);
    return true;
}

/* Looks at the files now and then. While they do not fit together, the old connection stays. */
static void renew(struct cix_channel *channel)
{
    int64_t now_us = clock_monotonic_us();
    struct cix_identity known = {.pem = {NULL}};
    struct cix_error error;

    if (now_us - channel->looked_us < STALE_CHECK_US)
        return;
    channel->looked_us = now_us;
    memcpy(known.stamps, channel->stamps, sizeof(known.stamps));
    if (cix_identity_is_stale((const char *const *)channel->paths, &known))
        (void)connect_anew(channel, &error);
}

gpr_timespec transport_deadline(int ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

grpc_call *transport_call(struct cix_channel *channel, grpc_completion_queue *queue,
                          enum cix_method method, int deadline_ms)
{
    gpr_timespec deadline =
        deadline_ms ? transport_deadline(deadline_ms) : gpr_inf_future(GPR_CLOCK_MONOTONIC);

    pthread_mutex_lock(&channel->lock);
    renew(channel);
    grpc_call *call = grpc_channel_create_registered_call(
        channel->channel, NULL, 0, queue, channel->registered[method], deadline, NULL);
    pthread_mutex_unlock(&channel->lock);
    CHECK(call);
    return call;
}

bool cix_channel_new(const struct cix_options *options, struct cix_channel **channel,
                     struct cix_error *error)
{
    struct cix_channel *made = calloc(1, sizeof(*made));

    CHECK(made);
    grpc_init();
    made->address = copy(options->address);
    made->server_name = options->server_name ? copy(options->server_name) : NULL;
    made->paths[0] = copy(options->ca);
    made->paths[1] = copy(options->cert);
    made->paths[2] = copy(options->key);
    made->thread_max = options->threads;
    made->looked_us = clock_monotonic_us();
    pthread_mutex_init(&made->lock, NULL);
    if (!connect_anew(made, error)) {
        cix_channel_free(made);
        return false;
    }
    *channel = made;
    return true;
}

void cix_channel_free(struct cix_channel *channel)
{
    if (!channel)
        return;
    if (channel->queue) {
        grpc_completion_queue_shutdown(channel->queue);
        for (int i = 0; i < channel->thread_count; i++)
            pthread_join(channel->threads[i], NULL);
        grpc_completion_queue_destroy(channel->queue);
    }
    if (channel->channel)
        grpc_channel_destroy(channel->channel);
    for (int i = 0; i < CIX_IDENTITY_FILES; i++)
        free(channel->paths[i]);
    free(channel->address);
    free(channel->server_name);
    pthread_mutex_destroy(&channel->lock);
    free(channel);
    grpc_shutdown();
}

/* ---- Unary calls ---- */

/* Packs straight into the slice that is sent. */
static grpc_byte_buffer *pack(const ProtobufCMessage *message)
{
    grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(message));

    protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

static void start_unary(grpc_call *call, grpc_byte_buffer *sent, struct receipt *receipt, void *tag)
{
    grpc_op ops[UNARY_OPS] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},
        {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = sent},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
        {.op = GRPC_OP_RECV_INITIAL_METADATA,
         .data.recv_initial_metadata.recv_initial_metadata = &receipt->initial},
        {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &receipt->payload},
        {.op = GRPC_OP_RECV_STATUS_ON_CLIENT,
         .data.recv_status_on_client = {.trailing_metadata = &receipt->trailing,
                                        .status = &receipt->status,
                                        .status_details = &receipt->message}},
    };

    grpc_metadata_array_init(&receipt->initial);
    grpc_metadata_array_init(&receipt->trailing);
    CHECK(grpc_call_start_batch(call, ops, UNARY_OPS, tag, NULL) == GRPC_CALL_OK);
}

struct bytes transport_bytes(struct arena *arena, grpc_slice slice)
{
    size_t size = GRPC_SLICE_LENGTH(slice);

    return (struct bytes){.data = arena_copy(arena, GRPC_SLICE_START_PTR(slice), size),
                          .size = size};
}

static struct bytes copy_buffer(struct arena *arena, grpc_byte_buffer *buffer)
{
    size_t size = grpc_byte_buffer_length(buffer);
    uint8_t *data = arena_alloc(arena, size + 1);
    grpc_byte_buffer_reader reader;
    grpc_slice *slice;
    size_t at = 0;

    CHECK(grpc_byte_buffer_reader_init(&reader, buffer));
    while (grpc_byte_buffer_reader_peek(&reader, &slice)) {
        memcpy(data + at, GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
        at += GRPC_SLICE_LENGTH(*slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    return (struct bytes){.data = data, .size = size};
}

struct bytes transport_details(struct arena *arena, const grpc_metadata_array *trailing)
{
    for (size_t i = 0; i < trailing->count; i++) {
        if (!grpc_slice_str_cmp(trailing->metadata[i].key, "grpc-status-details-bin"))
            return transport_bytes(arena, trailing->metadata[i].value);
    }
    return (struct bytes){.data = NULL};
}

/* Moves what was received into the arena and releases the rest. */
static void take_receipt(struct receipt *receipt, struct arena *arena, struct cix_reply *reply)
{
    *reply = (struct cix_reply){.status = (enum cix_status)receipt->status,
                                .message = transport_bytes(arena, receipt->message)};
    if (receipt->status != GRPC_STATUS_OK)
        reply->details = transport_details(arena, &receipt->trailing);
    else if (receipt->payload)
        reply->payload = copy_buffer(arena, receipt->payload);
    if (receipt->payload)
        grpc_byte_buffer_destroy(receipt->payload);
    grpc_slice_unref(receipt->message);
    grpc_metadata_array_destroy(&receipt->initial);
    grpc_metadata_array_destroy(&receipt->trailing);
}

void cix_channel_call(struct cix_channel *channel, const struct cix_request *request,
                      struct arena *arena, struct cix_reply *reply)
{
    grpc_completion_queue *queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_call *call = transport_call(channel, queue, request->method, request->deadline_ms);
    grpc_byte_buffer *sent = pack(request->message);
    struct receipt receipt = {.status = GRPC_STATUS_UNKNOWN};

    start_unary(call, sent, &receipt, &receipt);
    grpc_completion_queue_pluck(queue, &receipt, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    grpc_byte_buffer_destroy(sent);
    take_receipt(&receipt, arena, reply);
    grpc_call_unref(call);
    grpc_completion_queue_shutdown(queue);
    grpc_completion_queue_destroy(queue);
}

/* ---- Pauses ---- */

/* Drives the connection until its state changes or the time is up. True: it is ready. */
static bool watch_once(struct cix_channel *channel, grpc_completion_queue *queue,
                       gpr_timespec deadline)
{
    grpc_connectivity_state state;

    pthread_mutex_lock(&channel->lock);
    state = grpc_channel_check_connectivity_state(channel->channel, 1);
    if (state != GRPC_CHANNEL_READY)
        grpc_channel_watch_connectivity_state(channel->channel, state, deadline, queue, NULL);
    pthread_mutex_unlock(&channel->lock);
    if (state == GRPC_CHANNEL_READY)
        return true;
    grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    return false;
}

void cix_channel_pause(struct cix_channel *channel, int ms)
{
    gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
    grpc_completion_queue *queue = grpc_completion_queue_create_for_next(NULL);
    bool is_ready = false;

    while (!is_ready && gpr_time_cmp(gpr_now(GPR_CLOCK_MONOTONIC), deadline) < 0)
        is_ready = watch_once(channel, queue, deadline);
    grpc_completion_queue_shutdown(queue);
    while (grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
           GRPC_QUEUE_SHUTDOWN)
        continue;
    grpc_completion_queue_destroy(queue);
    if (is_ready)
        gpr_sleep_until(deadline);
}

/* ---- Calls that were begun ---- */

static void finish_begun(struct begun *begun, struct arena *arena)
{
    struct cix_reply reply;

    take_receipt(&begun->receipt, arena, &reply);
    grpc_byte_buffer_destroy(begun->sent);
    grpc_call_unref(begun->call);
    begun->replied(begun->user, arena, &reply);
    free(begun);
}

static void *run_completions(void *argument)
{
    struct cix_channel *channel = argument;
    struct arena arena;

    arena_init(&arena, 0);
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(channel->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type != GRPC_OP_COMPLETE)
            break;
        finish_begun(event.tag, &arena);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return NULL;
}

/* Threads are started by the first call that needs them. */
static void start_threads(struct cix_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    if (!channel->queue)
        channel->queue = grpc_completion_queue_create_for_next(NULL);
    while (channel->thread_count < channel->thread_max) {
        CHECK(!pthread_create(&channel->threads[channel->thread_count], NULL, run_completions,
                              channel));
        channel->thread_count++;
    }
    pthread_mutex_unlock(&channel->lock);
}

void cix_channel_begin(struct cix_channel *channel, const struct cix_request *request,
                       cix_replied *replied, void *user)
{
    struct begun *begun = calloc(1, sizeof(*begun));

    CHECK(begun);
    start_threads(channel);
    begun->call = transport_call(channel, channel->queue, request->method, request->deadline_ms);
    begun->sent = pack(request->message);
    begun->replied = replied;
    begun->user = user;
    start_unary(begun->call, begun->sent, &begun->receipt, begun);
}
