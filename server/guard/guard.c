#include "guard/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "guard/inside.h"

enum {
    CONNECTIONS_MOST = 12000,
    MEMBER_CONNECTIONS_STANDARD = 16,
    HANDSHAKE_TIMEOUT_MS_STANDARD = 5000,
    IDLE_TIMEOUT_MS_STANDARD = 900000,
    DESCRIPTORS_FOR_OTHERS = 256, /* database, log, files, admin port */
    DESCRIPTORS_PER_LINK = 3      /* the client, both ends of the pair */
};

/* Options */

static char *copy_of(const char *text)
{
    char *copy = text ? strdup(text) : NULL;

    CHECK(copy || !text);
    return copy;
}

static int connections_standard(void)
{
    struct rlimit limit;
    rlim_t count;

    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur <= DESCRIPTORS_FOR_OTHERS + DESCRIPTORS_PER_LINK)
        return 1;
    count = (limit.rlim_cur - DESCRIPTORS_FOR_OTHERS) / DESCRIPTORS_PER_LINK;
    return count > CONNECTIONS_MOST ? CONNECTIONS_MOST : (int)count;
}

static int pumps_standard(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 8 ? 1 : (int)(processors / 4);
}

static int value_or(int given, int standard)
{
    return given > 0 ? given : standard;
}

static int at_most(int value, int most)
{
    return value < most ? value : most;
}

static void options_take(struct guard_options *own, const struct guard_options *given)
{
    struct guard_limits *limits = &own->limits;

    *own = *given;
    own->address = copy_of(given->address);
    own->certificate_file = copy_of(given->certificate_file);
    own->key_file = copy_of(given->key_file);
    own->ca_file = copy_of(given->ca_file);
    own->crl_file = copy_of(given->crl_file);
    own->trust_domain = copy_of(given->trust_domain);
    own->pumps = at_most(value_or(given->pumps, pumps_standard()), PUMPS_MAX);
    limits->idle_timeout_ms = value_or(limits->idle_timeout_ms, IDLE_TIMEOUT_MS_STANDARD);
}

void guard_limit(struct guard *guard, const struct guard_limits *limits)
{
    guard->connections = value_or(limits->connections, connections_standard());
    guard->member_connections = value_or(limits->member_connections, MEMBER_CONNECTIONS_STANDARD);
    guard->handshakes = at_most(value_or(limits->handshakes, HANDSHAKES_MAX), HANDSHAKES_MAX);
    guard->handshake_timeout_ms =
        value_or(limits->handshake_timeout_ms, HANDSHAKE_TIMEOUT_MS_STANDARD);
}

static void options_done(struct guard_options *own)
{
    free((char *)own->address);
    free((char *)own->certificate_file);
    free((char *)own->key_file);
    free((char *)own->ca_file);
    free((char *)own->crl_file);
    free((char *)own->trust_domain);
}

/* Start and end */

bool guard_thread_start(pthread_t *thread, void *(*body)(void *), void *argument)
{
    sigset_t all, before;

    /* Signals belong to main; and OpenSSL writes without MSG_NOSIGNAL, so SIGPIPE stays blocked. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

static struct guard *guard_new(const struct guard_options *options)
{
    struct guard *guard = calloc(1, sizeof(*guard));

    CHECK(guard && pthread_mutex_init(&guard->lock, NULL) == 0);
    identity_init(&guard->identities);
    options_take(&guard->options, options);
    guard_limit(guard, &guard->options.limits);
    guard->listen_fd = -1;
    guard->accept_wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return guard;
}

static bool threads_start(struct ctx *ctx, struct guard *guard)
{
    for (int i = 0; i < guard->options.pumps; i++) {
        struct pump *pump = pump_new(guard);
        if (!pump)
            return fail(ctx, ERR_INTERNAL, "GUARD_THREAD", "no memory or thread for the guard");
        guard->pumps[guard->pump_count++] = pump;
    }
    guard->is_accept_running = guard_thread_start(&guard->accept_thread, accept_main, guard);
    if (!guard->is_accept_running)
        return fail(ctx, ERR_INTERNAL, "GUARD_THREAD", "no memory or thread for the guard");
    return true;
}

bool guard_start(struct ctx *ctx, const struct guard_options *options, struct guard **result)
{
    struct guard *guard = guard_new(options);
    const struct guard_options *own = &guard->options;
    const struct tls_files files = {own->certificate_file, own->key_file, own->ca_file,
                                    own->crl_file};

    CHECK(own->certificate_file && own->key_file && own->ca_file && own->adopt);
    CHECK(own->trust_domain && own->trust_domain[0]);
    if (!tls_new(ctx, &files, &guard->tls) || !accept_listen(ctx, guard) ||
        !threads_start(ctx, guard)) {
        guard_free(guard);
        return false;
    }
    *result = guard;
    return true;
}

static void accept_wake(struct guard *guard)
{
    uint64_t one = 1;

    /* A full counter means that it will wake anyway. */
    if (write(guard->accept_wake_fd, &one, sizeof(one)) < 0)
        CHECK(errno == EAGAIN);
}

void guard_drain(struct guard *guard)
{
    atomic_store(&guard->is_draining, true);
    accept_wake(guard);
}

void guard_free(struct guard *guard)
{
    if (!guard)
        return;
    atomic_store(&guard->is_stopping, true);
    if (guard->is_accept_running) {
        accept_wake(guard);
        pthread_join(guard->accept_thread, NULL);
    }
    for (int i = 0; i < guard->pump_count; i++)
        pump_free(guard->pumps[i]);
    if (guard->listen_fd >= 0)
        close(guard->listen_fd);
    if (guard->accept_wake_fd >= 0)
        close(guard->accept_wake_fd);
    tls_free(guard->tls);
    identity_done(&guard->identities);
    pthread_mutex_destroy(&guard->lock);
    options_done(&guard->options);
    free(guard);
}

int guard_port(const struct guard *guard)
{
    return guard->port;
}

bool guard_peer_of(struct guard *guard, int fd, struct guard_peer *peer)
{
    return identity_get(&guard->identities, fd, peer);
}

/* Admission */

/* Under guard->lock. */
static enum guard_reason caps_check(const struct guard *guard, const struct guard_peer *peer)
{
    int count = 0;

    if (ban_left_us(&guard->bans, peer->fingerprint, clock_monotonic_us()) > 0)
        return GUARD_BANNED;
    if (guard->link_count >= guard->connections)
        return GUARD_CONNECTION_LIMIT;
    for (const struct link *link = guard->links; link; link = link->next)
        count += strcmp(link->peer.member_code, peer->member_code) == 0;
    return count < guard->member_connections ? GUARD_OK : GUARD_MEMBER_CONNECTION_LIMIT;
}

static bool is_admitted(const struct guard *guard, const struct guard_peer *peer)
{
    return !guard->options.admit || guard->options.admit(guard->options.user, peer);
}

enum guard_reason guard_judge(void *user, const struct guard_peer *peer)
{
    struct guard *guard = user;

    pthread_mutex_lock(&guard->lock);
    enum guard_reason reason = caps_check(guard, peer);
    pthread_mutex_unlock(&guard->lock);
    if (reason != GUARD_OK)
        return reason;
    return is_admitted(guard, peer) ? GUARD_OK : GUARD_NOT_ADMITTED;
}

enum guard_reason guard_link_add(struct guard *guard, struct link *link)
{
    pthread_mutex_lock(&guard->lock);
    enum guard_reason reason = caps_check(guard, &link->peer); /* others came since the handshake */
    if (reason == GUARD_OK) {
        link->peer.generation = ++guard->generation;
        link->next = guard->links;
        if (link->next)
            link->next->previous = link;
        guard->links = link;
        guard->link_count++;
        guard->adopted_count++;
    }
    pthread_mutex_unlock(&guard->lock);
    return reason;
}

void guard_link_remove(struct guard *guard, struct link *link)
{
    pthread_mutex_lock(&guard->lock);
    if (link->previous)
        link->previous->next = link->next;
    else
        guard->links = link->next;
    if (link->next)
        link->next->previous = link->previous;
    guard->link_count--;
    pthread_mutex_unlock(&guard->lock);
}

/* Withdrawal */

/* What a look at all links needs of each, copied so that no lock is held while others are asked. */
struct suspect {
    struct guard_peer peer;
    STACK_OF(X509) * chain;
    enum guard_reason sentence;
};

static struct suspect *suspects_list(struct guard *guard, int *count)
{
    struct suspect *suspects;
    int i = 0;

    pthread_mutex_lock(&guard->lock);
    suspects = calloc((size_t)guard->link_count + 1, sizeof(*suspects));
    CHECK(suspects);
    for (const struct link *link = guard->links; link; link = link->next, i++) {
        suspects[i].peer = link->peer;
        suspects[i].chain = X509_chain_up_ref(link->chain);
    }
    *count = guard->link_count;
    pthread_mutex_unlock(&guard->lock);
    return suspects;
}

static void sentence_carry_out(struct guard *guard, const struct suspect *suspect)
{
    if (suspect->sentence == GUARD_OK)
        return;
    pthread_mutex_lock(&guard->lock);
    for (struct link *link = guard->links; link; link = link->next) {
        if (link->peer.generation != suspect->peer.generation)
            continue;
        pump_sentence(link, suspect->sentence);
        break;
    }
    pthread_mutex_unlock(&guard->lock);
}

static void suspects_end(struct guard *guard, struct suspect *suspects, int count)
{
    for (int i = 0; i < count; i++) {
        sentence_carry_out(guard, &suspects[i]);
        tls_chain_free(suspects[i].chain);
    }
    free(suspects);
}

void guard_sweep(struct guard *guard)
{
    int count;
    struct suspect *suspects = suspects_list(guard, &count);
    int64_t now_us = clock_now_us();

    for (int i = 0; i < count; i++) {
        if (suspects[i].peer.not_after_us <= now_us)
            suspects[i].sentence = GUARD_CERTIFICATE_EXPIRED;
        else if (!is_admitted(guard, &suspects[i].peer))
            suspects[i].sentence = GUARD_WITHDRAWN;
    }
    suspects_end(guard, suspects, count);
}

void guard_close_member(struct guard *guard, const char *member_code)
{
    pthread_mutex_lock(&guard->lock);
    for (struct link *link = guard->links; link; link = link->next) {
        if (strcmp(link->peer.member_code, member_code) == 0)
            pump_sentence(link, GUARD_WITHDRAWN);
    }
    pthread_mutex_unlock(&guard->lock);
}

static void recheck_all(struct guard *guard)
{
    int count;
    struct suspect *suspects = suspects_list(guard, &count);

    for (int i = 0; i < count; i++)
        suspects[i].sentence = tls_recheck(guard->tls, suspects[i].chain);
    suspects_end(guard, suspects, count);
}

bool guard_reload(struct ctx *ctx, struct guard *guard)
{
    struct guard_event event = {
        .kind = GUARD_EVENT_RELOADED, .member_code = "", .address = "", .count = 1, .message = ""};
    bool is_reloaded = tls_reload(ctx, guard->tls);

    if (is_reloaded) {
        recheck_all(guard);
    } else {
        event.kind = GUARD_EVENT_RELOAD_FAILED;
        event.message = ctx->error.message;
    }
    if (guard->options.event)
        guard->options.event(guard->options.user, &event);
    return is_reloaded;
}

void guard_look_at_files(struct guard *guard)
{
    struct arena arena;
    struct ctx ctx;

    if (!tls_is_stale(guard->tls))
        return;
    arena_init(&arena, 0);
    ctx_init(&ctx, &arena);
    if (!guard_reload(&ctx, guard))
        ctx_clear(&ctx); /* the event has told it */
    arena_done(&arena);
}

/* Events */

static void tell(struct guard *guard, const struct guard_event *event)
{
    if (guard->options.event)
        guard->options.event(guard->options.user, event);
}

/* Takes what is untold of a reason, if its second is over. Under guard->lock. */
static bool fold_take(struct guard *guard, enum guard_reason reason, int64_t now_us,
                      struct event_fold *taken)
{
    struct event_fold *fold = &guard->folds[reason];

    if (fold->untold_count == 0 || (fold->told_us && now_us - fold->told_us < 1000000))
        return false;
    *taken = *fold;
    fold->untold_count = 0;
    fold->told_us = now_us;
    return true;
}

static void fold_tell(struct guard *guard, enum guard_reason reason, const struct event_fold *fold)
{
    tell(guard, &(struct guard_event){.kind = GUARD_EVENT_REFUSED,
                                      .reason = reason,
                                      .member_code = fold->member_code,
                                      .address = fold->address,
                                      .count = fold->untold_count,
                                      .message = ""});
}

void guard_refused(struct guard *guard, enum guard_reason reason, const struct guard_peer *peer)
{
    struct event_fold *fold = &guard->folds[reason];
    struct event_fold taken;

    pthread_mutex_lock(&guard->lock);
    guard->reason_counts[reason]++;
    fold->untold_count++;
    memcpy(fold->address, peer->address, sizeof(fold->address));
    memcpy(fold->member_code, peer->member_code, sizeof(fold->member_code));
    bool is_due = fold_take(guard, reason, clock_monotonic_us(), &taken);
    pthread_mutex_unlock(&guard->lock);
    if (is_due)
        fold_tell(guard, reason, &taken);
}

void guard_tell_refused(struct guard *guard, int64_t now_us)
{
    for (int reason = 0; reason < GUARD_REASON_COUNT; reason++) {
        struct event_fold taken;

        pthread_mutex_lock(&guard->lock);
        bool is_due = fold_take(guard, (enum guard_reason)reason, now_us, &taken);
        pthread_mutex_unlock(&guard->lock);
        if (is_due)
            fold_tell(guard, (enum guard_reason)reason, &taken);
    }
}

void guard_ended(struct guard *guard, enum guard_reason reason, const struct guard_peer *peer)
{
    bool is_violation = guard_reason_is_violation(reason);
    int64_t ban_us = 0;

    pthread_mutex_lock(&guard->lock);
    guard->reason_counts[reason]++;
    if (is_violation)
        ban_us = ban_add(&guard->bans, peer->fingerprint, clock_monotonic_us());
    pthread_mutex_unlock(&guard->lock);
    tell(guard,
         &(struct guard_event){.kind = is_violation ? GUARD_EVENT_VIOLATION : GUARD_EVENT_CLOSED,
                               .reason = reason,
                               .member_code = peer->member_code,
                               .address = peer->address,
                               .count = 1,
                               .ban_ms = ban_us / 1000,
                               .message = ""});
}

void guard_stats(struct guard *guard, struct guard_stats *stats)
{
    *stats = (struct guard_stats){0};
    stats->handshake_count = atomic_load(&guard->handshake_count);
    stats->certificate_ends_us = tls_certificate_ends_us(guard->tls);
    for (int i = 0; i < guard->pump_count; i++) {
        stats->received_bytes += atomic_load(&guard->pumps[i]->received_bytes);
        stats->sent_bytes += atomic_load(&guard->pumps[i]->sent_bytes);
    }
    pthread_mutex_lock(&guard->lock);
    stats->accepted_count = guard->accepted_count;
    stats->adopted_count = guard->adopted_count;
    stats->open_count = guard->link_count;
    stats->banned_count = ban_count(&guard->bans, clock_monotonic_us());
    memcpy(stats->reason_counts, guard->reason_counts, sizeof(stats->reason_counts));
    pthread_mutex_unlock(&guard->lock);
}
