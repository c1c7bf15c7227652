/*
 * A data thread: moves the bytes of its links both ways, and polices them on the way.
 *
 * Edge-triggered epoll with four ready flags a link. A piece is read only when the piece before has
 * been taken by the other side, so a slow reader stops the writer and nothing piles up here.
 */
#include "guard/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/clock.h"

enum {
    EVENTS_PER_ROUND = 64,
    PIECES_PER_TURN = 16, /* then the next link, so that one busy link starves none */
    LINGER_MS = 1000,     /* for the client to take the last bytes and close */
    LINGER_VIOLATION_MS = 200,
    LINGER_LOOK_MS = 50
};

/* Bytes that wait */

static bool rest_is_empty(const struct rest *rest)
{
    return !rest->data;
}

static void rest_keep(struct rest *rest, const uint8_t *data, size_t size)
{
    rest->data = malloc(size);
    CHECK(rest->data);
    memcpy(rest->data, data, size);
    rest->start = 0;
    rest->end = size;
}

static void rest_take(struct rest *rest, size_t size)
{
    rest->start += size;
    if (rest->start < rest->end)
        return;
    free(rest->data);
    *rest = (struct rest){0};
}

/* The four movements; each takes or gives what it can and clears its flag when it must wait */

static size_t client_read(struct link *link, uint8_t *data, size_t room)
{
    size_t have = 0;

    while (have < room) {
        size_t size = 0;

        ERR_clear_error();
        if (SSL_read_ex(link->ssl, data + have, room - have, &size)) {
            have += size;
            continue;
        }
        int error = SSL_get_error(link->ssl, 0);
        if (error == SSL_ERROR_WANT_WRITE) /* answers a key update first */
            link->client_can_write = false;
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            link->is_client_ended = true;
        link->client_can_read = false;
        break;
    }
    return have;
}

static size_t client_write(struct link *link, const uint8_t *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        size_t written = 0;

        ERR_clear_error();
        if (SSL_write_ex(link->ssl, data + done, size - done, &written)) {
            done += written;
            continue;
        }
        int error = SSL_get_error(link->ssl, 0);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            link->is_client_ended = true;
        link->client_can_write = false;
        break;
    }
    return done;
}

static size_t pair_read(struct link *link, uint8_t *data, size_t room)
{
    ssize_t size = recv(link->pair_fd, data, room, 0);

    if (size > 0)
        return (size_t)size;
    link->pair_can_read = false;
    if (size == 0 || (errno != EAGAIN && errno != EINTR))
        link->is_pair_ended = true;
    return 0;
}

static size_t pair_write(struct link *link, const uint8_t *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t written = send(link->pair_fd, data + done, size - done, MSG_NOSIGNAL);

        if (written < 0) {
            link->pair_can_write = false;
            /* When the adopter has closed, what it said before is still to be delivered: the end
               is seen by reading. */
            break;
        }
        done += (size_t)written;
    }
    return done;
}

/* The life of a link */

static void link_ready(struct pump *pump, struct link *link)
{
    if (link->is_ready)
        return;
    link->is_ready = true;
    link->ready_next = NULL;
    if (pump->ready_last)
        pump->ready_last->ready_next = link;
    else
        pump->ready_first = link;
    pump->ready_last = link;
}

static void link_die(struct pump *pump, struct link *link)
{
    if (link->state == LINK_LINGERING)
        pump->lingering_count--;
    if (link->state != LINK_DEAD)
        pump->dead_count++;
    link->state = LINK_DEAD;
}

static void pair_close(struct link *link)
{
    if (link->pair_fd >= 0)
        close(link->pair_fd);
    link->pair_fd = -1;
}

/* Says goodbye and lets the client read it before the socket closes. */
static void link_linger(struct pump *pump, struct link *link, int linger_ms)
{
    pair_close(link);
    ERR_clear_error();
    SSL_shutdown(link->ssl);
    shutdown(link->client_fd, SHUT_WR);
    link->state = LINK_LINGERING;
    link->deadline_us = clock_monotonic_us() + (int64_t)linger_ms * 1000;
    pump->lingering_count++;
    if (link->is_discarding)
        link_ready(pump, link);
}

/* Ends a link by our decision. The client is told by a GOAWAY where one can be put. */
static void link_sentence(struct pump *pump, struct link *link, enum guard_reason reason)
{
    uint8_t goaway[FRAME_GOAWAY_MAX];

    guard_ended(pump->guard, reason, &link->peer);
    if (rest_is_empty(&link->down) && frame_is_answer_at_boundary(&link->walk) &&
        !link->is_client_ended)
        client_write(link, goaway, frame_goaway(&link->walk, reason, goaway));
    if (link->is_client_ended) {
        link_die(pump, link);
        return;
    }
    /* What an offender still sends is not read: its window fills and it waits for the close. */
    link->is_discarding = !guard_reason_is_violation(reason);
    link_linger(pump, link, link->is_discarding ? LINGER_MS : LINGER_VIOLATION_MS);
}

/* Reads and forgets what a client sends after our goodbye, a bounded amount a turn. */
static void link_discard(struct pump *pump, struct link *link)
{
    for (int i = 0; i < PIECES_PER_TURN; i++) {
        ssize_t size = recv(link->client_fd, pump->scratch, sizeof(pump->scratch), 0);

        if (size > 0)
            continue;
        if (size == 0 || errno != EAGAIN)
            link_die(pump, link);
        return;
    }
}

/* Bytes have moved: silence is counted anew. Before the first SETTINGS they do not count. */
static void link_touch(struct pump *pump, struct link *link, int64_t now_us)
{
    if (frame_is_open(&link->walk))
        link->deadline_us = now_us + (int64_t)pump->guard->options.limits.idle_timeout_ms * 1000;
}

/* One piece from client to adopter; false when nothing can move. */
static bool move_up(struct pump *pump, struct link *link)
{
    if (!rest_is_empty(&link->up)) {
        if (!link->pair_can_write)
            return false;
        rest_take(&link->up,
                  pair_write(link, link->up.data + link->up.start, link->up.end - link->up.start));
        return true;
    }
    if (!link->client_can_read || link->is_client_ended || !link->pair_can_write)
        return false;
    size_t size = client_read(link, pump->scratch, sizeof(pump->scratch));
    if (size == 0)
        return false;
    atomic_fetch_add_explicit(&pump->received_bytes, size, memory_order_relaxed);
    int64_t now_us = clock_monotonic_us();
    enum guard_reason reason = frame_check(&link->walk, pump->scratch, size, now_us);
    if (reason != GUARD_OK) {
        link_sentence(pump, link, reason);
        return false;
    }
    link_touch(pump, link, now_us);
    size_t done = pair_write(link, pump->scratch, size);
    if (done < size)
        rest_keep(&link->up, pump->scratch + done, size - done);
    return true;
}

/* One piece from adopter to client; false when nothing can move. */
static bool move_down(struct pump *pump, struct link *link)
{
    if (!rest_is_empty(&link->down)) {
        if (!link->client_can_write)
            return false;
        rest_take(&link->down, client_write(link, link->down.data + link->down.start,
                                            link->down.end - link->down.start));
        return true;
    }
    if (!link->pair_can_read || link->is_pair_ended || !link->client_can_write)
        return false;
    size_t size = pair_read(link, pump->scratch, sizeof(pump->scratch));
    if (size == 0)
        return false;
    atomic_fetch_add_explicit(&pump->sent_bytes, size, memory_order_relaxed);
    int64_t now_us = clock_monotonic_us();
    enum guard_reason reason = frame_check_answer(&link->walk, pump->scratch, size, now_us);
    if (reason != GUARD_OK) {
        link_sentence(pump, link, reason);
        return false;
    }
    link_touch(pump, link, now_us);
    size_t done = client_write(link, pump->scratch, size);
    if (done < size)
        rest_keep(&link->down, pump->scratch + done, size - done);
    return true;
}

/* Ends a link whose one side has gone. */
static void link_look_for_end(struct pump *pump, struct link *link)
{
    if (link->is_client_ended) {
        link_die(pump, link);
    } else if (link->is_pair_ended && rest_is_empty(&link->down)) {
        link->is_discarding = true;
        link_linger(pump, link, LINGER_MS);
    }
}

static void link_turn(struct pump *pump, struct link *link)
{
    bool has_moved = true;

    for (int i = 0; i < PIECES_PER_TURN && has_moved && link->state == LINK_OPEN; i++) {
        has_moved = move_up(pump, link);
        if (link->state == LINK_OPEN)
            has_moved |= move_down(pump, link);
        if (link->state == LINK_OPEN)
            link_look_for_end(pump, link);
    }
    if (link->state == LINK_OPEN && has_moved)
        link_ready(pump, link);
    if (link->state == LINK_LINGERING && link->is_discarding)
        link_discard(pump, link);
}

static void link_free(struct pump *pump, struct link *link)
{
    guard_link_remove(pump->guard, link);
    pair_close(link);
    SSL_free(link->ssl);
    close(link->client_fd);
    tls_chain_free(link->chain);
    free(link->up.data);
    free(link->down.data);
    free(link);
}

/* The thread */

static bool link_watch(struct pump *pump, struct link *link)
{
    struct epoll_event client = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = &link->client_end};
    struct epoll_event pair = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                               .data.ptr = &link->pair_end};

    return epoll_ctl(pump->epoll_fd, EPOLL_CTL_ADD, link->client_fd, &client) == 0 &&
           epoll_ctl(pump->epoll_fd, EPOLL_CTL_ADD, link->pair_fd, &pair) == 0;
}

static void inbox_take(struct pump *pump)
{
    int64_t now_us = clock_monotonic_us();

    pthread_mutex_lock(&pump->lock);
    struct link *link = pump->inbox;
    pump->inbox = NULL;
    pthread_mutex_unlock(&pump->lock);
    while (link) {
        struct link *next = link->pump_next;

        link->pump_next = pump->links;
        pump->links = link;
        frame_walk_init(&link->walk, &pump->guard->options.limits.frames, now_us);
        link->deadline_us = now_us + (int64_t)pump->guard->handshake_timeout_ms * 1000;
        /* TLS may have read ahead what the socket will not announce again. */
        link->client_can_read = link->client_can_write = true;
        link->pair_can_read = link->pair_can_write = true;
        if (link_watch(pump, link))
            link_ready(pump, link);
        else
            link_die(pump, link);
        link = next;
    }
}

static void on_wake(struct pump *pump)
{
    uint64_t count;

    if (read(pump->wake_fd, &count, sizeof(count)) < 0)
        CHECK(errno == EAGAIN);
    inbox_take(pump);
    if (!atomic_exchange(&pump->has_sentences, false))
        return;
    for (struct link *link = pump->links; link; link = link->pump_next) {
        int sentence = atomic_load(&link->sentence);
        if (sentence != GUARD_OK && link->state == LINK_OPEN)
            link_sentence(pump, link, (enum guard_reason)sentence);
    }
}

static void on_event(struct pump *pump, const struct epoll_event *event)
{
    struct link_end *end = event->data.ptr;

    if (!end) {
        on_wake(pump);
        return;
    }
    bool can_read = event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    bool can_write = event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
    if (end->is_client) {
        end->link->client_can_read |= can_read || can_write; /* a read may have waited to write */
        end->link->client_can_write |= can_write;
    } else {
        end->link->pair_can_read |= can_read;
        end->link->pair_can_write |= can_write;
    }
    link_ready(pump, end->link);
}

static void turns(struct pump *pump)
{
    struct link *link = pump->ready_first;

    pump->ready_first = pump->ready_last = NULL; /* who has more work queues up anew */
    while (link) {
        struct link *next = link->ready_next;

        link->is_ready = false;
        link_turn(pump, link);
        link = next;
    }
}

static void tick(struct pump *pump, int64_t now_us)
{
    const int64_t every_us = (pump->lingering_count ? LINGER_LOOK_MS : TICK_MS) * 1000;

    if (now_us - pump->ticked_us < every_us)
        return;
    pump->ticked_us = now_us;
    for (struct link *link = pump->links; link; link = link->pump_next) {
        if (now_us < link->deadline_us)
            continue;
        if (link->state == LINK_LINGERING)
            link_die(pump, link);
        else if (link->state == LINK_OPEN)
            link_sentence(pump, link,
                          frame_is_open(&link->walk) ? GUARD_IDLE : GUARD_PREFACE_TIMEOUT);
    }
}

/* Dead links are freed only here, when no event and no list of this round can name them. */
static void bury(struct pump *pump)
{
    struct link **place = &pump->links;

    while (*place && pump->dead_count > 0) {
        struct link *link = *place;

        if (link->state != LINK_DEAD || link->is_ready) {
            place = &link->pump_next;
            continue;
        }
        *place = link->pump_next;
        pump->dead_count--;
        link_free(pump, link);
    }
}

static int wait_ms(const struct pump *pump)
{
    if (pump->ready_first)
        return 0;
    return pump->lingering_count ? LINGER_LOOK_MS : TICK_MS;
}

static void *pump_main(void *argument)
{
    struct pump *pump = argument;

    while (!atomic_load(&pump->is_stopping)) {
        struct epoll_event events[EVENTS_PER_ROUND];
        int count = epoll_wait(pump->epoll_fd, events, EVENTS_PER_ROUND, wait_ms(pump));

        for (int i = 0; i < count; i++)
            on_event(pump, &events[i]);
        turns(pump);
        tick(pump, clock_monotonic_us());
        bury(pump);
    }
    return NULL;
}

static void wake(struct pump *pump)
{
    uint64_t one = 1;

    if (write(pump->wake_fd, &one, sizeof(one)) < 0)
        CHECK(errno == EAGAIN); /* a full counter wakes too */
}

struct pump *pump_new(struct guard *guard)
{
    struct pump *pump = calloc(1, sizeof(*pump));
    struct epoll_event event = {.events = EPOLLIN};

    CHECK(pump && pthread_mutex_init(&pump->lock, NULL) == 0);
    pump->guard = guard;
    pump->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    pump->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (pump->epoll_fd >= 0 && pump->wake_fd >= 0 &&
        epoll_ctl(pump->epoll_fd, EPOLL_CTL_ADD, pump->wake_fd, &event) == 0 &&
        guard_thread_start(&pump->thread, pump_main, pump))
        return pump;
    if (pump->epoll_fd >= 0)
        close(pump->epoll_fd);
    if (pump->wake_fd >= 0)
        close(pump->wake_fd);
    free(pump);
    return NULL;
}

void pump_free(struct pump *pump)
{
    atomic_store(&pump->is_stopping, true);
    wake(pump);
    pthread_join(pump->thread, NULL);
    inbox_take(pump);
    for (struct link *link = pump->links; link; link = link->pump_next) {
        link->is_ready = false;
        link_die(pump, link);
    }
    bury(pump);
    close(pump->epoll_fd);
    close(pump->wake_fd);
    pthread_mutex_destroy(&pump->lock);
    free(pump);
}

void pump_give(struct pump *pump, struct link *link)
{
    pthread_mutex_lock(&pump->lock);
    link->pump_next = pump->inbox;
    pump->inbox = link;
    pthread_mutex_unlock(&pump->lock);
    /* It may have been sentenced between being listed and being given. */
    atomic_store(&pump->has_sentences, true);
    wake(pump);
}

void pump_sentence(struct link *link, enum guard_reason reason)
{
    atomic_store(&link->sentence, (int)reason);
    atomic_store(&link->pump->has_sentences, true);
    wake(link->pump);
}
