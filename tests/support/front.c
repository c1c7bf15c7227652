#include "support/front.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/wire.h"

static const uint8_t answer[ANSWER_SIZE] = {0, 0, 0, WIRE_SETTINGS, 0, 0, 0, 0, 0};

struct front front;

static struct wire wire;

/* The adopter */

static void echo_once(int index)
{
    uint8_t data[65536];
    int fd = atomic_load(&front.fds[index]);
    ssize_t size = fd < 0 ? -1 : recv(fd, data, sizeof(data), MSG_DONTWAIT);

    if (size > 0)
        send(fd, answer, sizeof(answer), MSG_NOSIGNAL);
    if (size == 0 && atomic_compare_exchange_strong(&front.fds[index], &fd, -1))
        close(fd);
}

static void *echo_main(void *unused)
{
    (void)unused;
    while (!atomic_load(&front.is_ending)) {
        for (int i = 0; i < atomic_load(&front.adopted) && !atomic_load(&front.is_silent); i++)
            echo_once(i % ADOPTED_MAX);
        usleep(500);
    }
    return NULL;
}

static void on_adopt(void *user, int fd)
{
    int index = atomic_load(&front.adopted);
    struct guard_peer peer;

    (void)user;
    CHECK(guard_peer_of(front.guard, fd, &peer)); /* known before it is handed over */
    CHECK(index < ADOPTED_MAX);
    atomic_store(&front.fds[index], fd);
    atomic_store(&front.adopted, index + 1);
}

static bool on_admit(void *user, const struct guard_peer *peer)
{
    (void)user;
    return !(atomic_load(&front.is_suspended) && strcmp(peer->member_code, "bank-a") == 0);
}

static void on_event(void *user, const struct guard_event *event)
{
    (void)user;
    if (event->kind == GUARD_EVENT_RELOADED)
        atomic_fetch_add(&front.reloads, 1);
    else if (event->kind == GUARD_EVENT_RELOAD_FAILED)
        atomic_fetch_add(&front.failed_reloads, 1);
    else
        atomic_fetch_add(&front.events[event->reason], (int)event->count);
    if (event->kind == GUARD_EVENT_VIOLATION)
        atomic_store(&front.ban_ms, event->ban_ms);
}

/* Fixture */

const char *front_path(const char *name, const char *suffix)
{
    static char paths[8][PKI_PATH_MAX];
    static int next;

    return pki_path(front.pki, name, suffix, paths[next = (next + 1) % 8]);
}

struct guard_options front_options(void)
{
    struct guard_options options = {.address = "127.0.0.1",
                                    .certificate_file = front_path("server", ".pem"),
                                    .key_file = front_path("server", ".key"),
                                    .ca_file = front_path("ca", ".pem"),
                                    .crl_file = front_path("ca", "-crl.pem"),
                                    .trust_domain = PKI_TRUST_DOMAIN,
                                    .admit = on_admit,
                                    .adopt = on_adopt,
                                    .event = on_event};

    options.limits.handshake_timeout_ms = 1000;
    return options;
}

void front_start(const struct guard_options *options)
{
    assert_true(guard_start(&front.ctx, options, &front.guard));
    front.port = guard_port(front.guard);
    assert_int_equal(pthread_create(&front.echo, NULL, echo_main, NULL), 0);
}

int front_setup_stopped(void **state)
{
    (void)state;
    memset(&front, 0, sizeof(front));
    snprintf(front.folder, sizeof(front.folder), "/tmp/guard_test.XXXXXX");
    if (!mkdtemp(front.folder))
        return -1;
    for (int i = 0; i < ADOPTED_MAX; i++)
        atomic_store(&front.fds[i], -1);
    arena_init(&front.arena, 0);
    ctx_init(&front.ctx, &front.arena);
    front.pki = pki_new(front.folder, "ca");
    front.other = pki_new(front.folder, "other");
    pki_server(front.pki, "server");
    pki_member(front.pki, "bank-a");
    pki_member(front.pki, "bank-b");
    wire.size = 0;
    return 0;
}

int front_setup(void **state)
{
    struct guard_options options;

    if (front_setup_stopped(state) != 0)
        return -1;
    options = front_options();
    front_start(&options);
    return 0;
}

int front_teardown(void **state)
{
    char command[128];

    (void)state;
    guard_free(front.guard);
    atomic_store(&front.is_ending, true);
    if (front.guard)
        pthread_join(front.echo, NULL);
    for (int i = 0; i < ADOPTED_MAX; i++)
        if (atomic_load(&front.fds[i]) >= 0)
            close(atomic_load(&front.fds[i]));
    pki_free(front.pki);
    pki_free(front.other);
    arena_done(&front.arena);
    snprintf(command, sizeof(command), "rm -r %s", front.folder);
    return system(command) == 0 ? 0 : -1;
}

/* Steps */

struct tls_client_options front_as(const char *name)
{
    return (struct tls_client_options){.port = front.port,
                                       .certificate_file = name ? front_path(name, ".pem") : NULL,
                                       .key_file = name ? front_path(name, ".key") : NULL,
                                       .ca_file = front_path("ca", ".pem")};
}

bool front_talk(struct tls_client *client)
{
    uint8_t data[ANSWER_SIZE];

    wire.size = 0;
    wire_open(&wire);
    return tls_client_write(client, wire.data, wire.size) &&
           tls_client_read(client, data, sizeof(data)) == sizeof(data) &&
           memcmp(data, answer, sizeof(answer)) == 0;
}

bool front_serves(const struct tls_client_options *options)
{
    struct tls_client client;
    bool is_answered = tls_client_open(&client, options) && front_talk(&client);

    tls_client_close(&client);
    return is_answered;
}

bool front_serves_member(const char *name)
{
    struct tls_client_options options = front_as(name);

    return front_serves(&options);
}

int front_events(enum guard_reason reason)
{
    return atomic_load(&front.events[reason]);
}

struct guard_stats front_stats(void)
{
    struct guard_stats stats;

    guard_stats(front.guard, &stats);
    return stats;
}

bool front_is_closed(struct tls_client *client)
{
    uint8_t data[4096];

    while (tls_client_read(client, data, sizeof(data)) > 0)
        continue;
    struct pollfd poll_fd = {.fd = client->fd, .events = POLLIN | POLLRDHUP};
    return poll(&poll_fd, 1, 5000) == 1; /* the end of TLS comes a moment before that of TCP */
}

void front_open(struct tls_client *client, const char *name)
{
    struct tls_client_options options = front_as(name);

    assert_true(tls_client_open(client, &options));
    assert_true(front_talk(client));
}
