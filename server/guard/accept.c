/*
 * The accept and handshake thread: it alone meets strangers.
 *
 * It runs at lower priority and holds at most a fixed number of unauthenticated connections, so a
 * flood of them costs members nothing but the time of their own handshakes.
 */
#include "guard/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    BACKLOG = 1024,
    ACCEPTS_PER_ROUND = 16, /* then handshakes go on */
    EVENTS_PER_ROUND = 32,
    NICE = 5,
    EXHAUSTED_PAUSE_MS = 50, /* without any descriptor: wait for one to be freed */
    SILENCE_MS = 20000,      /* unacknowledged bytes, unanswered probes */
    PROBE_AFTER_S = 30,
    PROBE_EVERY_S = 10,
    PROBE_COUNT = 3,

    TAG_LISTEN = HANDSHAKES_MAX,
    TAG_WAKE
};

struct slot {
    int fd;               /* -1: free */
    SSL *ssl;             /* NULL until the first bytes come: who only connects costs nothing */
    struct in6_addr from; /* IPv4 mapped */
    struct tls_handshake handshake;
    int64_t begun_us;
    uint64_t number; /* orders slots that began in the same microsecond */
};

struct acceptor {
    struct guard *guard;
    int epoll_fd;
    int reserve_fd; /* given up to accept and refuse when no descriptor is left; -1: given up */
    struct slot slots[HANDSHAKES_MAX];
    int slot_count;
    uint64_t number;
    int64_t ticked_us;
    int next_pump;
};

/* Listening */

static bool fail_address(struct ctx *ctx, const struct guard_options *options, const char *what)
{
    return fail(ctx, ERR_PRECONDITION, "GUARD_ADDRESS", "%s port %d: %s",
                options->address ? options->address : "*", options->port, what);
}

static int socket_listen(const struct addrinfo *info, bool is_any)
{
    int yes = 1, no = 0;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, is_any ? &no : &yes, sizeof(no));
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

bool accept_listen(struct ctx *ctx, struct guard *guard)
{
    const struct guard_options *options = &guard->options;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *info;
    char port[16];

    snprintf(port, sizeof(port), "%d", options->port);
    int error = getaddrinfo(options->address ? options->address : "::", port, &hints, &info);
    if (error)
        return fail_address(ctx, options, gai_strerror(error));
    guard->listen_fd = socket_listen(info, !options->address);
    error = errno;
    freeaddrinfo(info);
    if (guard->listen_fd < 0 && !options->address && error == EAFNOSUPPORT) {
        /* a machine without IPv6 */
        struct sockaddr_in any = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options->port)};
        struct addrinfo plain = {
            .ai_family = AF_INET, .ai_addr = (struct sockaddr *)&any, .ai_addrlen = sizeof(any)};
        guard->listen_fd = socket_listen(&plain, true);
        error = errno;
    }
    if (guard->listen_fd < 0)
        return fail_address(ctx, options, strerror(error));
    guard->port = port_of(guard->listen_fd);
    return true;
}

/* Slots */

static void slot_end(struct acceptor *acceptor, struct slot *slot)
{
    SSL_free(slot->ssl);
    if (slot->fd >= 0)
        close(slot->fd); /* leaves the epoll set by that */
    slot->ssl = NULL;
    slot->fd = -1;
    acceptor->slot_count--;
    atomic_store(&acceptor->guard->handshake_count, acceptor->slot_count);
}

static void slot_refuse(struct acceptor *acceptor, struct slot *slot, enum guard_reason reason)
{
    guard_refused(acceptor->guard, reason, &slot->handshake.peer);
    slot_end(acceptor, slot);
}

static int slots_from(const struct acceptor *acceptor, const struct in6_addr *from)
{
    int count = 0;

    for (int i = 0; i < HANDSHAKES_MAX; i++)
        count += acceptor->slots[i].fd >= 0 &&
                 memcmp(&acceptor->slots[i].from, from, sizeof(*from)) == 0;
    return count;
}

/* The oldest slot of the address that holds most of them: a flood evicts itself. */
static struct slot *slot_to_evict(struct acceptor *acceptor)
{
    struct slot *worst = NULL;
    int worst_count = 0;

    for (int i = 0; i < HANDSHAKES_MAX; i++) {
        struct slot *slot = &acceptor->slots[i];
        if (slot->fd < 0)
            continue;
        int count = slots_from(acceptor, &slot->from);
        if (!worst || count > worst_count ||
            (count == worst_count && slot->number < worst->number)) {
            worst = slot;
            worst_count = count;
        }
    }
    return worst;
}

static struct slot *slot_take(struct acceptor *acceptor)
{
    if (acceptor->slot_count >= acceptor->guard->handshakes)
        slot_refuse(acceptor, slot_to_evict(acceptor), GUARD_HANDSHAKE_EVICTED);
    for (int i = 0; i < HANDSHAKES_MAX; i++)
        if (acceptor->slots[i].fd < 0)
            return &acceptor->slots[i];
    return NULL;
}

static bool slot_watch(struct acceptor *acceptor, struct slot *slot, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)(slot - acceptor->slots)};

    return epoll_ctl(acceptor->epoll_fd, operation, slot->fd, &event) == 0;
}

/* Sockets */

static void socket_tune(int fd)
{
    static const struct {
        int level;
        int name;
        int value;
    } settings[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY_S},
        {IPPROTO_TCP, TCP_KEEPCNT, PROBE_COUNT},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, SILENCE_MS},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
        setsockopt(fd, settings[i].level, settings[i].name, &settings[i].value, sizeof(int));
}

static void address_take(const struct sockaddr_storage *from, struct slot *slot)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
    const struct sockaddr_in *four = (const struct sockaddr_in *)from;
    char *text = slot->handshake.peer.address;
    const socklen_t size = sizeof(slot->handshake.peer.address);

    if (from->ss_family == AF_INET6) {
        slot->from = six->sin6_addr;
    } else {
        slot->from.s6_addr[10] = slot->from.s6_addr[11] = 0xff;
        memcpy(slot->from.s6_addr + 12, &four->sin_addr, 4);
    }
    if (IN6_IS_ADDR_V4MAPPED(&slot->from))
        inet_ntop(AF_INET, slot->from.s6_addr + 12, text, size);
    else
        inet_ntop(AF_INET6, &slot->from, text, size);
}

/* Handing over */

static struct link *link_of(struct acceptor *acceptor, struct slot *slot)
{
    struct guard *guard = acceptor->guard;
    struct link *link = calloc(1, sizeof(*link));

    CHECK(link);
    link->peer = slot->handshake.peer;
    link->chain = tls_chain(slot->ssl);
    link->ssl = slot->ssl;
    link->client_fd = slot->fd;
    link->pump = guard->pumps[acceptor->next_pump];
    acceptor->next_pump = (acceptor->next_pump + 1) % guard->pump_count;
    link->client_end = (struct link_end){link, true};
    link->pair_end = (struct link_end){link, false};
    return link;
}

static void hand_over(struct acceptor *acceptor, struct slot *slot)
{
    struct guard *guard = acceptor->guard;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        slot_refuse(acceptor, slot, GUARD_DESCRIPTORS_EXHAUSTED);
        return;
    }
    struct link *link = link_of(acceptor, slot);
    enum guard_reason reason = guard_link_add(guard, link);
    if (reason != GUARD_OK) {
        close(pair[0]);
        close(pair[1]);
        tls_chain_free(link->chain);
        free(link);
        slot_refuse(acceptor, slot, reason);
        return;
    }
    epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_DEL, slot->fd, NULL);
    slot->fd = -1;
    slot->ssl = NULL;
    slot_end(acceptor, slot);
    link->pair_fd = pair[0];
    /* In this order: who is behind the descriptor is known before anybody can read from it. */
    identity_put(&guard->identities, pair[1], &link->peer);
    guard->options.adopt(guard->options.user, pair[1]);
    pump_give(link->pump, link);
}

static void slot_step(struct acceptor *acceptor, struct slot *slot)
{
    if (!slot->ssl)
        slot->ssl = tls_begin(acceptor->guard->tls, slot->fd, &slot->handshake);
    if (!slot->ssl) {
        slot_refuse(acceptor, slot, GUARD_TLS_FAILED);
        return;
    }
    switch (tls_step(slot->ssl, &slot->handshake)) {
    case TLS_DONE:
        hand_over(acceptor, slot);
        break;
    case TLS_WANT_READ:
        slot_watch(acceptor, slot, EPOLL_CTL_MOD, EPOLLIN);
        break;
    case TLS_WANT_WRITE:
        slot_watch(acceptor, slot, EPOLL_CTL_MOD, EPOLLOUT);
        break;
    case TLS_REFUSED:
        slot_refuse(acceptor, slot, slot->handshake.reason);
        break;
    }
}

/* Accepting */

static void count_accepted(struct guard *guard)
{
    pthread_mutex_lock(&guard->lock);
    guard->accepted_count++;
    pthread_mutex_unlock(&guard->lock);
}

static void connection_begin(struct acceptor *acceptor, int fd, const struct sockaddr_storage *from)
{
    struct guard *guard = acceptor->guard;
    struct slot *slot = slot_take(acceptor);

    CHECK(slot);
    *slot = (struct slot){.fd = fd, .begun_us = clock_monotonic_us(), .number = ++acceptor->number};
    slot->handshake = (struct tls_handshake){
        .trust_domain = guard->options.trust_domain, .judge = guard_judge, .user = guard};
    acceptor->slot_count++;
    atomic_store(&guard->handshake_count, acceptor->slot_count);
    address_take(from, slot);
    count_accepted(guard);
    socket_tune(fd);
    if (!slot_watch(acceptor, slot, EPOLL_CTL_ADD, EPOLLIN))
        slot_refuse(acceptor, slot, GUARD_TLS_FAILED);
}

static void reserve_take(struct acceptor *acceptor)
{
    if (acceptor->reserve_fd < 0)
        acceptor->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * No descriptor is left: frees one of a stranger's, or answers one caller by closing, so that the
 * queue moves and the listener never spins or dies.
 */
static void exhausted(struct acceptor *acceptor)
{
    struct guard_peer nobody = {.address = ""};

    guard_refused(acceptor->guard, GUARD_DESCRIPTORS_EXHAUSTED, &nobody);
    if (acceptor->slot_count > 0) {
        slot_refuse(acceptor, slot_to_evict(acceptor), GUARD_HANDSHAKE_EVICTED);
        return;
    }
    if (acceptor->reserve_fd >= 0) {
        close(acceptor->reserve_fd);
        int fd = accept4(acceptor->guard->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            close(fd);
        acceptor->reserve_fd = -1;
        reserve_take(acceptor);
    }
    usleep(EXHAUSTED_PAUSE_MS * 1000);
}

static void accept_some(struct acceptor *acceptor)
{
    for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof(from);
        int fd = accept4(acceptor->guard->listen_fd, (struct sockaddr *)&from, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            connection_begin(acceptor, fd, &from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            exhausted(acceptor);
            return;
        } else if (errno == EAGAIN) {
            return;
        } /* else one connection failed before we took it; the next may be fine */
    }
}

/* The thread */

static void listen_end(struct acceptor *acceptor)
{
    struct guard *guard = acceptor->guard;

    if (guard->listen_fd < 0)
        return;
    close(guard->listen_fd);
    guard->listen_fd = -1;
    for (int i = 0; i < HANDSHAKES_MAX; i++)
        if (acceptor->slots[i].fd >= 0)
            slot_refuse(acceptor, &acceptor->slots[i], GUARD_STOPPED);
}

static void tick(struct acceptor *acceptor, int64_t now_us)
{
    int64_t timeout_us = (int64_t)acceptor->guard->handshake_timeout_ms * 1000;

    for (int i = 0; i < HANDSHAKES_MAX; i++) {
        struct slot *slot = &acceptor->slots[i];
        if (slot->fd >= 0 && now_us - slot->begun_us >= timeout_us)
            slot_refuse(acceptor, slot, GUARD_HANDSHAKE_TIMEOUT);
    }
    if (now_us - acceptor->ticked_us < TICK_MS * 1000)
        return;
    acceptor->ticked_us = now_us;
    reserve_take(acceptor);
    guard_tell_refused(acceptor->guard, now_us);
    guard_look_at_files(acceptor->guard);
}

/* Until the first handshake runs out of time, or the next tick. */
static int wait_ms(const struct acceptor *acceptor, int64_t now_us)
{
    int64_t timeout_us = (int64_t)acceptor->guard->handshake_timeout_ms * 1000;
    int64_t until_us = acceptor->ticked_us + TICK_MS * 1000;

    for (int i = 0; i < HANDSHAKES_MAX; i++) {
        const struct slot *slot = &acceptor->slots[i];
        if (slot->fd >= 0 && slot->begun_us + timeout_us < until_us)
            until_us = slot->begun_us + timeout_us;
    }
    return until_us <= now_us ? 0 : (int)((until_us - now_us) / 1000) + 1;
}

static void on_event(struct acceptor *acceptor, uint32_t tag)
{
    uint64_t count;

    if (tag == TAG_LISTEN) {
        if (acceptor->guard->listen_fd >= 0)
            accept_some(acceptor);
    } else if (tag == TAG_WAKE) {
        if (read(acceptor->guard->accept_wake_fd, &count, sizeof(count)) < 0)
            CHECK(errno == EAGAIN);
    } else if (acceptor->slots[tag].fd >= 0) {
        /* A slot that changed hands within the round just finds nothing to do. */
        slot_step(acceptor, &acceptor->slots[tag]);
    }
}

static void watch(struct acceptor *acceptor, int fd, uint32_t tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = tag};

    CHECK(epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void acceptor_init(struct acceptor *acceptor, struct guard *guard)
{
    acceptor->guard = guard;
    acceptor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    CHECK(acceptor->epoll_fd >= 0);
    acceptor->reserve_fd = -1;
    reserve_take(acceptor);
    for (int i = 0; i < HANDSHAKES_MAX; i++)
        acceptor->slots[i].fd = -1;
    acceptor->ticked_us = clock_monotonic_us();
    watch(acceptor, guard->listen_fd, TAG_LISTEN);
    watch(acceptor, guard->accept_wake_fd, TAG_WAKE);
}

void *accept_main(void *argument)
{
    struct guard *guard = argument;
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));

    CHECK(acceptor);
    acceptor_init(acceptor, guard);
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    while (!atomic_load(&guard->is_stopping)) {
        struct epoll_event events[EVENTS_PER_ROUND];
        int count = epoll_wait(acceptor->epoll_fd, events, EVENTS_PER_ROUND,
                               wait_ms(acceptor, clock_monotonic_us()));

        for (int i = 0; i < count; i++)
            on_event(acceptor, events[i].data.u32);
        if (atomic_load(&guard->is_draining))
            listen_end(acceptor);
        tick(acceptor, clock_monotonic_us());
    }
    listen_end(acceptor);
    if (acceptor->reserve_fd >= 0)
        close(acceptor->reserve_fd);
    close(acceptor->epoll_fd);
    free(acceptor);
    return NULL;
}
