#include "support/bridge.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/check.h"

enum { ROOM = 65536, WAIT_MS = 50 };

/* Bytes on their way in one direction. */
struct flow {
    uint8_t data[ROOM];
    size_t begin;
    size_t end;
};

struct bridge {
    struct tls_client client;
    int plain;
    pthread_t thread;
    struct flow out; /* plain to TLS */
    struct flow in;
    bool is_over; /* the plain side was closed */
    atomic_bool is_cut;
};

static bool is_empty(const struct flow *flow)
{
    return flow->begin == flow->end;
}

static void fill(struct flow *flow, size_t size)
{
    flow->begin = 0;
    flow->end = size;
}

/* Each step: true when bytes moved. */

static bool read_plain(struct bridge *bridge)
{
    ssize_t size;

    if (!is_empty(&bridge->out))
        return false;
    size = recv(bridge->plain, bridge->out.data, ROOM, MSG_DONTWAIT);
    bridge->is_over |= size == 0;
    if (size > 0)
        fill(&bridge->out, (size_t)size);
    return size > 0;
}

static bool write_plain(struct bridge *bridge)
{
    struct flow *in = &bridge->in;
    ssize_t size;

    if (is_empty(in))
        return false;
    size =
        send(bridge->plain, in->data + in->begin, in->end - in->begin, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size > 0)
        in->begin += (size_t)size;
    return size > 0;
}

static void note_end(struct bridge *bridge, int result)
{
    int why = SSL_get_error(bridge->client.ssl, result);

    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        bridge->is_cut = true;
}

static bool read_tls(struct bridge *bridge)
{
    size_t size = 0;
    int result;

    if (!is_empty(&bridge->in) || bridge->is_cut)
        return false;
    ERR_clear_error();
    result = SSL_read_ex(bridge->client.ssl, bridge->in.data, ROOM, &size);
    if (result != 1)
        note_end(bridge, result);
    else
        fill(&bridge->in, size);
    return result == 1;
}

static bool write_tls(struct bridge *bridge)
{
    struct flow *out = &bridge->out;
    size_t size = 0;
    int result;

    if (is_empty(out) || bridge->is_cut)
        return false;
    ERR_clear_error();
    result = SSL_write_ex(bridge->client.ssl, out->data + out->begin, out->end - out->begin, &size);
    if (result != 1)
        note_end(bridge, result);
    else
        out->begin += size;
    return result == 1;
}

static void wait_for_bytes(struct bridge *bridge)
{
    struct pollfd ends[2] = {{.fd = bridge->plain}, {.fd = bridge->client.fd}};

    ends[0].events =
        (short)((is_empty(&bridge->out) ? POLLIN : 0) | (is_empty(&bridge->in) ? 0 : POLLOUT));
    ends[1].events =
        (short)((is_empty(&bridge->in) ? POLLIN : 0) | (is_empty(&bridge->out) ? 0 : POLLOUT));
    poll(ends, 2, WAIT_MS);
}

static void *carry(void *argument)
{
    struct bridge *bridge = argument;

    while (!bridge->is_over && !(bridge->is_cut && is_empty(&bridge->in))) {
        bool has_moved = read_plain(bridge);
        has_moved |= write_tls(bridge);
        has_moved |= read_tls(bridge);
        has_moved |= write_plain(bridge);
        if (!has_moved)
            wait_for_bytes(bridge);
    }
    shutdown(bridge->plain, SHUT_RDWR);
    return NULL;
}

bool bridge_open(const struct tls_client_options *options, struct bridge **bridge, int *fd)
{
    struct bridge *made = calloc(1, sizeof(*made));
    int ends[2];

    CHECK(made);
    if (!tls_client_open(&made->client, options)) {
        tls_client_close(&made->client);
        free(made);
        return false;
    }
    SSL_set_mode(made->client.ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
    CHECK(fcntl(made->client.fd, F_SETFL, O_NONBLOCK) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    made->plain = ends[0];
    *fd = ends[1];
    CHECK(pthread_create(&made->thread, NULL, carry, made) == 0);
    *bridge = made;
    return true;
}

bool bridge_is_cut(const struct bridge *bridge)
{
    return bridge->is_cut;
}

void bridge_close(struct bridge *bridge)
{
    pthread_join(bridge->thread, NULL);
    close(bridge->plain);
    tls_client_close(&bridge->client);
    free(bridge);
}
