#include "rpc/server.h"

#include <errno.h>
#include <fcntl.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/call.h"

enum {
    SLOTS = 32,        /* put up for each method, over all queues: a burst that one wakeup finds */
    OURS = 4,          /* Check and Watch of health, reflection v1 and v1alpha */
    STREAMS_MAX = 256, /* a connection, unless the options say otherwise */
    MESSAGE_SLACK = 1024,      /* so that a message a little too large is refused with details */
    METADATA_MAX = 16 * 1024,  /* bytes a call, as HTTP/2 counts them; the guard allows less */
    WINDOW_BYTES = 256 * 1024, /* a stream may send this much unread; a message under way: more */
    FRAME_MAX = 64 * 1024,
    KEEPALIVE_MS = 2 * 60 * 1000, /* our PING on a silent connection */
    KEEPALIVE_TIMEOUT_MS = 20 * 1000,
    PING_INTERVAL_MS = 10 * 1000, /* callers may PING this often */
    STANDING_MS = 1000,           /* who watches health or reflects gets to read that it ends */
    CANCELLED_MS = 30 * 1000,     /* what cancelled calls have to be answered in */
    ARGUMENT_MAX = 16,
};

static uint32_t largest_request(const struct rpc_options *options)
{
    uint32_t largest = 0;

    for (int i = 0; i < options->method_count; i++)
        if (options->methods[i].request_max > largest)
            largest = options->methods[i].request_max;
    return largest;
}

static void put(grpc_channel_args *arguments, const char *key, int value)
{
    grpc_arg *arg = &arguments->args[arguments->num_args++];

    CHECK(arguments->num_args <= ARGUMENT_MAX);
    *arg = (grpc_arg){.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)key};
    arg->value.integer = value;
}

static grpc_server *create_core(const struct rpc_options *options)
{
    grpc_arg room[ARGUMENT_MAX];
    grpc_channel_args args = {.args = room};

    put(&args, GRPC_ARG_MAX_CONCURRENT_STREAMS,
        options->streams_max ? (int)options->streams_max : STREAMS_MAX);
    put(&args, GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, (int)largest_request(options) + MESSAGE_SLACK);
    put(&args, GRPC_ARG_MAX_METADATA_SIZE, METADATA_MAX);
    /* By itself gRPC offers 4 MiB of window a stream, read or not, and frames of 4 MiB. */
    put(&args, GRPC_ARG_HTTP2_BDP_PROBE, 0);
    put(&args, GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, WINDOW_BYTES);
    put(&args, GRPC_ARG_HTTP2_MAX_FRAME_SIZE, FRAME_MAX);
    put(&args, GRPC_ARG_KEEPALIVE_TIME_MS, KEEPALIVE_MS);
    put(&args, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, KEEPALIVE_TIMEOUT_MS);
    put(&args, GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    put(&args, GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, PING_INTERVAL_MS);
    /* A few compressed bytes may become gigabytes: no compression, refused with UNIMPLEMENTED. */
    put(&args, GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
    put(&args, GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
    put(&args, GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    put(&args, GRPC_ARG_ENABLE_CHANNELZ, 0);
    if (options->connection_idle_ms)
        put(&args, GRPC_ARG_MAX_CONNECTION_IDLE_MS, options->connection_idle_ms);
    if (options->connection_age_ms)
        put(&args, GRPC_ARG_MAX_CONNECTION_AGE_MS, options->connection_age_ms);
    return grpc_server_create(&args, NULL);
}

/* --- methods --- */

static void hand_over(struct live_call *live)
{
    const struct rpc_options *options = &live->server->options;

    options->arrived(options->user, &live->open);
}

static bool register_entry(struct ctx *ctx, struct rpc_server *server, struct call_entry entry)
{
    entry.handle = grpc_server_register_method(
        server->core, entry.method.path, NULL,
        entry.method.is_stream ? GRPC_SRM_PAYLOAD_NONE : GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER,
        0);
    if (!entry.handle)
        return fail(ctx, ERR_INTERNAL, "METHOD_TWICE", "method %s cannot be registered",
                    entry.method.path);
    server->entries[server->entry_count++] = entry;
    return true;
}

static bool register_methods(struct ctx *ctx, struct rpc_server *server)
{
    const struct rpc_options *options = &server->options;

    server->entries = calloc((size_t)options->method_count + OURS, sizeof(*server->entries));
    CHECK(server->entries);
    for (int i = 0; i < options->method_count; i++) {
        const struct rpc_method *method = &options->methods[i];
        struct call_entry entry = {.method = *method, .own = method, .serve = hand_over};

        if (!register_entry(ctx, server, entry))
            return false;
    }
    return register_entry(ctx, server, health_check_entry()) &&
           register_entry(ctx, server, health_watch_entry()) &&
           register_entry(
               ctx, server,
               reflection_entry("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")) &&
           register_entry(
               ctx, server,
               reflection_entry("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"));
}

static void put_up_slots(struct rpc_server *server)
{
    for (int slot = 0; slot < SLOTS; slot++) {
        grpc_completion_queue *queue = server->queues[slot % server->thread_count];

        call_await(server, NULL, queue);
        for (int i = 0; i < server->entry_count; i++)
            call_await(server, &server->entries[i], queue);
    }
}

/* --- threads --- */

static void *complete(void *data)
{
    grpc_completion_queue *queue = data;

    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);

        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return NULL;
        struct call_event *tag = event.tag;
        tag->done(tag->live, event.success);
    }
}

/* Signals are for the thread that waits for them. */
static void start_threads(struct rpc_server *server)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < server->thread_count; i++)
        CHECK(pthread_create(&server->threads[i], NULL, complete, server->queues[i]) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int thread_count_of(const struct rpc_options *options)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->threads > 0)
        return options->threads;
    return cores >= 4 ? (int)(cores / 2) : 1;
}

/* gRPC writes to stderr what any peer can cause; ours is the log. GRPC_VERBOSITY brings it back. */
static void silence(gpr_log_func_args *args)
{
    (void)args;
}

static struct rpc_server *server_new(const struct rpc_options *options)
{
    struct rpc_server *server = calloc(1, sizeof(*server));
    pthread_condattr_t attributes;

    CHECK(server);
    if (!getenv("GRPC_VERBOSITY"))
        gpr_set_log_function(silence);
    grpc_init();
    server->options = *options;
    server->thread_count = thread_count_of(options);
    server->queues = calloc((size_t)server->thread_count, sizeof(server->queues[0]));
    server->threads = calloc((size_t)server->thread_count, sizeof(server->threads[0]));
    CHECK(server->queues && server->threads);
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->standing_lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    server->credentials = grpc_insecure_server_credentials_create();
    server->core = create_core(options);
    CHECK(server->credentials && server->core);
    for (int i = 0; i < server->thread_count; i++) {
        server->queues[i] = grpc_completion_queue_create_for_next(NULL);
        grpc_server_register_completion_queue(server->core, server->queues[i], NULL);
    }
    return server;
}

bool rpc_start(struct ctx *ctx, const struct rpc_options *options, struct rpc_server **server)
{
    struct rpc_server *started = server_new(options);
    bool is_good = register_methods(ctx, started);

    grpc_server_start(started->core);
    start_threads(started);
    if (!is_good) {
        rpc_free(started);
        return false;
    }
    put_up_slots(started);
    *server = started;
    return true;
}

void rpc_adopt(struct rpc_server *server, int fd)
{
    int flags = fcntl(fd, F_GETFL);

    /* gRPC takes for granted that reads do not block; a thread would be lost otherwise. */
    CHECK(flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    pthread_mutex_lock(&server->lock);
    if (atomic_load(&server->is_draining))
        close(fd);
    else
        grpc_server_add_channel_from_fd(server->core, fd, server->credentials);
    pthread_mutex_unlock(&server->lock);
}

/* --- the end --- */

/* The event's live call is none: the server comes with it. */
static struct rpc_server *server_of_down(struct live_call *live)
{
    return (struct rpc_server *)(void *)live;
}

static void on_down(struct live_call *live, bool is_ok)
{
    struct rpc_server *server = server_of_down(live);

    (void)is_ok;
    pthread_mutex_lock(&server->lock);
    server->is_down = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

static bool wait_down(struct rpc_server *server, int wait_ms)
{
    int64_t end_us = clock_monotonic_us() + wait_ms * INT64_C(1000);
    struct timespec end = {.tv_sec = end_us / 1000000, .tv_nsec = end_us % 1000000 * 1000};

    pthread_mutex_lock(&server->lock);
    while (!server->is_down)
        if (pthread_cond_timedwait(&server->changed, &server->lock, &end) == ETIMEDOUT)
            break;
    bool is_down = server->is_down;
    pthread_mutex_unlock(&server->lock);
    return is_down;
}

void rpc_drain(struct rpc_server *server, int grace_ms)
{
    pthread_mutex_lock(&server->lock);
    if (!atomic_load(&server->is_draining))
        server->streams_end_us = clock_monotonic_us() + grace_ms * INT64_C(1000) / 2;
    bool is_first = !atomic_exchange(&server->is_draining, true);
    pthread_mutex_unlock(&server->lock);
    if (is_first) {
        server->down = (struct call_event){(struct live_call *)(void *)server, on_down};
        grpc_server_shutdown_and_notify(server->core, server->queues[0], &server->down);
    }
    rpc_tell_health(server);
    if (wait_down(server, grace_ms < STANDING_MS ? grace_ms : STANDING_MS))
        return;
    standing_cut_off(server);
    if (wait_down(server, grace_ms - STANDING_MS))
        return;
    grpc_server_cancel_all_calls(server->core);
    wait_down(server, CANCELLED_MS);
}

/* gRPC has let go, but an event of a call may still be looked at, and begin an operation. */
static bool wait_calls(const struct rpc_server *server)
{
    for (int waited_ms = 0; atomic_load(&server->calls) > 0; waited_ms++) {
        if (waited_ms == CANCELLED_MS)
            return false;
        usleep(1000);
    }
    return true;
}

void rpc_free(struct rpc_server *server)
{
    if (!server)
        return;
    rpc_drain(server, 0);
    if (!wait_down(server, 0) || !wait_calls(server))
        return; /* somebody still holds a call: its memory must stay, and so must the threads */
    for (int i = 0; i < server->thread_count; i++)
        grpc_completion_queue_shutdown(server->queues[i]);
    for (int i = 0; i < server->thread_count; i++) {
        pthread_join(server->threads[i], NULL);
        grpc_completion_queue_destroy(server->queues[i]);
    }
    grpc_server_destroy(server->core);
    grpc_server_credentials_release(server->credentials);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->standing_lock);
    pthread_mutex_destroy(&server->lock);
    free(server->entries);
    free(server->queues);
    free(server->threads);
    free(server);
    grpc_shutdown_blocking();
}
